import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { InputError, WorkError } from '../../src/errors.js';
import { findPulled, pull, pullCatalogue, type PullPlan } from '../../src/hub/index.js';
import { sha256 } from './fake-hub.js';
import {
  cdnRequests,
  classifier,
  freshHub,
  home,
  hub,
  NAME,
  read,
  REPOSITORY,
  weights,
} from './fresh-hub.js';

freshHub();

describe('pull from Hugging Face', () => {
  it('fetches what a classifier needs, in its folder, and nothing else', async () => {
    hub.repositories.set(REPOSITORY, classifier);
    const plans: PullPlan[] = [];
    const heard: number[] = [];
    const pulled = await pull(NAME, {
      settings: hub.settings(),
      onPlan: (plan) => plans.push(plan),
      onProgress: (here) => heard.push(here),
    });
    const folder = join(home, 'backbones', NAME);
    expect(pulled).toEqual({
      ...{ name: NAME, page: `${hub.endpoint}/${REPOSITORY}`, licence: 'Apache-2.0' },
      ...{ folder, alreadyHere: false },
      files: [
        { path: 'config.json', bytes: 27, digest: expect.stringMatching(/^git-sha1:/) as string },
        { path: 'model.safetensors', bytes: 300_000, digest: `sha256:${sha256(weights)}` },
      ],
    });
    expect(read('backbones', NAME, 'model.safetensors').equals(weights)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual([
      expect.stringMatching(/^\.pulled-\w+\.json$/),
      'config.json',
      'model.safetensors',
    ]);
    expect(plans).toHaveLength(1);
    expect(heard.at(-1)).toBe(300_027);
    expect(heard).toEqual([...heard].sort((a, b) => a - b));
  });

  it('asks nobody when everything is here, and again when something is missing', async () => {
    hub.repositories.set(REPOSITORY, classifier);
    await pull(NAME, { settings: hub.settings() });
    const before = hub.seen.length;
    expect(await pull(NAME, { settings: hub.settings({ offline: true }) })).toMatchObject({
      alreadyHere: true,
    });
    expect(await pull(REPOSITORY, { settings: hub.settings() })).toMatchObject({ name: NAME });
    expect(await findPulled(NAME)).toMatchObject({ folder: join(home, 'backbones', NAME) });
    expect(hub.seen.length).toBe(before);

    rmSync(join(home, 'backbones', NAME, 'config.json'));
    expect(await findPulled(NAME)).toBeUndefined();
    const first = cdnRequests().length;
    expect(await pull(NAME, { settings: hub.settings() })).toMatchObject({ alreadyHere: false });
    expect(
      cdnRequests()
        .slice(first)
        .map(({ path }) => path),
    ).toEqual([expect.stringContaining('config.json')]);
  });

  it('takes files that were put there by hand, when they are the right ones', async () => {
    hub.repositories.set(REPOSITORY, classifier);
    const folder = join(home, 'backbones', NAME);
    mkdirSync(folder, { recursive: true });
    for (const file of ['config.json', 'model.safetensors'] as const) {
      writeFileSync(join(folder, file), classifier.files[file]);
    }
    expect(await pull(NAME, { settings: hub.settings() })).toMatchObject({ alreadyHere: true });
    expect(cdnRequests()).toEqual([]);
  });

  it('does not overwrite a file that it has not brought', async () => {
    hub.repositories.set(REPOSITORY, classifier);
    writeFileSync(join(home, 'config.json'), 'mine');
    const refused = pull(NAME, { settings: hub.settings(), folder: home });
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(/config\.json is in the way: it is not timm\/resnet18/);
    expect(read('config.json').toString()).toBe('mine');
  });

  it('chooses the parts of a diffusion model in full precision, safetensors before pickles', async () => {
    const big = (name: string): Buffer => Buffer.from(name.repeat(200));
    const files = Object.fromEntries(
      [
        'model_index.json',
        'v1-5-pruned.ckpt',
        'safety_checker/model.safetensors',
        'scheduler/scheduler_config.json',
        'text_encoder/config.json',
        'text_encoder/model.fp16.safetensors',
        'text_encoder/pytorch_model.bin',
        'unet/config.json',
        'unet/diffusion_pytorch_model.bin',
        'unet/diffusion_pytorch_model.safetensors',
        'vae/config.json',
        'vae/diffusion_pytorch_model.safetensors',
      ].map((path) => [path, big(path)]),
    );
    hub.repositories.set('lambdalabs/miniSD-diffusers', { files });
    hub.repositories.set('someone/else', { files, licence: 'mit' });
    const pulled = await pull('minisd', { settings: hub.settings() });
    expect(pulled.licence).toContain('OpenRAIL');
    expect(pulled.files.map(({ path }) => path)).toEqual([
      'model_index.json',
      'scheduler/scheduler_config.json',
      'unet/config.json',
      'unet/diffusion_pytorch_model.safetensors',
      'vae/config.json',
      'vae/diffusion_pytorch_model.safetensors',
      'text_encoder/config.json',
      'text_encoder/pytorch_model.bin',
    ]);
    expect(existsSync(join(home, 'bases', 'minisd', 'unet', 'config.json'))).toBe(true);
    expect(await pull('someone/else', { settings: hub.settings() })).toMatchObject({
      ...{ folder: join(home, 'bases', 'else'), licence: 'mit' },
    });
  });

  it('fetches one file of any repository, and an inverter as a whole', async () => {
    hub.repositories.set('some.one/things', { files: { 'a b/c.bin': weights } });
    const one = await pull('some.one/things:a b/c.bin', { settings: hub.settings() });
    expect(one.licence).toContain('unknown');
    expect(read('downloads', 'some.one', 'things', 'a b', 'c.bin').equals(weights)).toBe(true);
    hub.repositories.set('some.one/inverter', {
      files: { 'featinv.json': Buffer.from('{}'), 'controlnet.safetensors': weights },
    });
    const inverter = await pull('some.one/inverter', { settings: hub.settings() });
    expect(inverter.folder).toBe(join(home, 'inverters', 'inverter'));
  });

  it.each([
    ['some.one/things', /neither a diffusers model nor an inverter: .*some\.one\/things:c\.bin/],
    ['some.one/things:d.bin', /has no d\.bin; it holds c\.bin/],
    [
      'some.one/none',
      /repository some\.one\/none does not exist, or is only for those who are signed/,
    ],
    [
      'resnet18.a1_in1',
      /there is no model "resnet18.a1_in1" to fetch, did you mean "resnet18.a1_in1k"\?/,
    ],
    ['../..', /there is no model/],
    ['http://127.0.0.1/', /must end in the name of a file/],
    ['http://127.0.0.1/x.bin', /give --sha256/],
  ])('says what is wrong with %s', async (reference, message) => {
    hub.repositories.set('some.one/things', { files: { 'c.bin': weights } });
    const refused = pull(reference, { settings: hub.settings() });
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(message);
  });

  it('refuses names of files that lead out of the folder', async () => {
    hub.repositories.set('some.one/bad', { files: { '../../escaped': weights } });
    await expect(pull('some.one/bad:x', { settings: hub.settings() })).rejects.toThrow(
      /would not stay in the folder/,
    );
  });
});

describe('access', () => {
  beforeEach(() => void hub.repositories.set(REPOSITORY, { ...classifier, closed: 403 }));

  it('shows the token to Hugging Face and not to where it redirects', async () => {
    await pull(NAME, { settings: hub.settings({ token: hub.token }) });
    expect(hub.seen.length).toBeGreaterThan(4);
    for (const { server, authorization } of hub.seen) {
      expect(authorization).toBe(server === 'hub' ? `Bearer ${hub.token}` : undefined);
    }
  });

  it.each([
    [401, undefined, /does not exist, or is only for those who are signed in.*HF_TOKEN/],
    [401, 'hf_wrong', /refuses your access token/],
    [403, 'hf_wrong', /access to repository timm.* is restricted: accept its conditions at http/],
  ] as const)(
    'tells what to do at %i with token %s, without the token',
    async (closed, token, message) => {
      hub.repositories.set(REPOSITORY, { ...classifier, closed });
      const error = await pull(NAME, { settings: hub.settings({ token }) }).catch(
        (e: unknown) => e,
      );
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toMatch(message);
      expect((error as Error).message).not.toContain('hf_wrong');
    },
  );

  it('says that a model is not here when offline', async () => {
    const refused = pull(NAME, { settings: hub.settings({ offline: true }) });
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(/is not here.*--offline/);
    expect(hub.seen).toEqual([]);
  });

  it('says when nobody answers', async () => {
    const settings = hub.settings({ endpoint: 'http://127.0.0.1:9' });
    const refused = pull(NAME, { settings });
    await expect(refused).rejects.toThrow(WorkError);
    await expect(refused).rejects.toThrow('cannot reach 127.0.0.1:9');
  });

  it('says when something else answers', async () => {
    const article = { page: 'a login page' };
    hub.articles.set(30801191, article);
    await expect(pull('featinv-convnext', { settings: hub.settings() })).rejects.toThrow(
      /does not answer as figshare's API should/,
    );
  });
});

describe('other sources', () => {
  it('fetches the files of an article on figshare by their MD5', async () => {
    hub.files.set('/files/1', weights);
    const md5 = createHash('md5').update(weights).digest('hex');
    const file = { name: 'featinv.ckpt', size: 300_000, is_link_only: false };
    hub.articles.set(30801191, {
      license: { value: 1, name: 'CC BY 4.0', url: 'https://example.org' },
      files: [{ ...file, id: 1, download_url: `${hub.cdnAddress}/files/1`, computed_md5: md5 }],
    });
    expect(await pull('featinv-convnext', { settings: hub.settings() })).toMatchObject({
      licence: 'CC BY 4.0',
      folder: join(home, 'inverters', 'featinv-convnext'),
      files: [{ path: 'featinv.ckpt', digest: `md5:${md5}` }],
    });
  });

  it('checks --sha256 of a single file against what Hugging Face says', async () => {
    hub.repositories.set('a/b', { files: { 'c.bin': weights } });
    const settings = hub.settings();
    await expect(pull('a/b:c.bin', { settings, sha256: 'ab'.repeat(32) })).rejects.toThrow(
      /--sha256 is abab.*it is another file/,
    );
    await expect(pull('a/b:c.bin', { settings, sha256: 'abc' })).rejects.toThrow(/64 hexadecimal/);
    const hash = sha256(weights);
    expect(await pull('a/b:c.bin', { settings, sha256: hash.toUpperCase() })).toMatchObject({
      files: [{ digest: `sha256:${hash}` }],
    });
  });
});

describe('pullCatalogue', () => {
  it('has a licence, a size and an address of everything but what figshare alone tells', () => {
    expect(pullCatalogue.size).toBeGreaterThan(30);
    for (const { name, licence, bytes, source } of pullCatalogue.values()) {
      if (source.type === 'figshare') continue;
      expect(licence, name).toMatch(/\w/);
      expect(bytes, name).toBeGreaterThan(1e7);
    }
    expect(pullCatalogue.get('convnext_base.fb_in22k_ft_in1k')).toMatchObject({
      kind: 'backbones',
      source: { repository: 'timm/convnext_base.fb_in22k_ft_in1k' },
    });
  });
});
