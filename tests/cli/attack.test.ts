import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadBackbone, type Prediction } from '../../src/backbones/index.js';
import { readImage } from '../../src/images/read-image.js';
import { toBatch } from '../../src/inversion/planar.js';
import { topIndices } from '../../src/metrics/index.js';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { featinv } from './in-process.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

interface OtherReport {
  readonly backbone: string;
  readonly results: readonly [
    {
      readonly output: string;
      readonly top5: Record<'original' | 'attacked', Prediction[]>;
      readonly viewerTop5: Record<'original' | 'attacked', Prediction[]>;
    },
  ];
}

let micro: MicroModels;

beforeAll(async () => {
  micro = await makeMicroModels();
});

afterAll(() => micro.remove());

const attack = (...args: string[]) =>
  featinv('attack', '--model', micro.inverter, '--threads', '1', ...args);

describe('featinv attack', () => {
  it('writes the attacked picture, both reconstructions and a page, the same each time', async () => {
    const picture = path.join(micro.photographs, '0.png');
    const run = async (name: string): Promise<string> => {
      const out = path.join(micro.directory, name);
      const result = await attack(picture, '--attack-steps', '3', '--out', out, '--json');
      expect(result.code, result.stderr).toBe(0);
      const report = JSON.parse(result.stdout) as { images: number; results: { output: string }[] };
      expect(report.images).toBe(1);
      expect(report.results[0]!.output).toBe(path.join(out, '0.attacked.png'));
      return out;
    };
    const [first, second] = [await run('first'), await run('second')];
    const files = ['0.attacked.png', '0.attacked.seen.png', '0.original.seen.png', 'attack.html'];
    expect(readdirSync(first).sort()).toEqual(files);
    for (const name of files.slice(0, 3)) {
      expect(readFileSync(path.join(first, name))).toEqual(readFileSync(path.join(second, name)));
    }
  });

  it('attacks another classifier and shows what the inverter’s own makes of it', async () => {
    const picture = path.join(micro.photographs, '1.png');
    const out = path.join(micro.directory, 'other');
    const other = ['--backbone', 'efficientnet_lite0', '--attack-steps', '2'];
    const result = await attack(picture, ...other, '--out', out, '--json');
    expect(result.code, result.stderr).toBe(0);
    const report = JSON.parse(result.stdout) as OtherReport;
    expect(report.backbone).toBe('efficientnet_lite0');
    const [{ output, top5, viewerTop5 }] = report.results;
    const firstClass = async (id: string): Promise<number> => {
      const session = await (await loadBackbone(id)).open({ imageSize: [64, 64] });
      const { logits } = await session.run(toBatch([await readImage(output)]));
      await session.dispose();
      return topIndices(logits, 1)[0]!;
    };
    expect(top5.attacked[0]!.index).toBe(await firstClass('efficientnet_lite0'));
    expect(viewerTop5.attacked[0]!.index).toBe(await firstClass('mobilenet_v1_025'));
    const page = readFileSync(path.join(out, 'attack.html'), 'utf8');
    expect(page).toContain('not drawn from maps of efficientnet_lite0');
    expect(page).toContain('--backbone efficientnet_lite0');
  });

  it('takes the inverter’s own classifier by name as by default', async () => {
    const picture = path.join(micro.photographs, '0.png');
    const out = path.join(micro.directory, 'own');
    const own = ['--backbone', 'mobilenet_v1_025', '--attack-steps', '1'];
    const result = await attack(picture, ...own, '--out', out, '--json');
    expect(result.code, result.stderr).toBe(0);
    expect(result.stdout).not.toContain('viewerTop5');
    expect(readFileSync(path.join(out, 'attack.html'), 'utf8')).toContain('its feature maps');
  });

  it.each([
    [['--backbone', 'efficientnet_lite9'], 'did you mean "efficientnet_lite0"?'],
    [['--epsilon', 'much'], '--epsilon must be a number or a fraction such as 8/255'],
    [['--target', 'no such thing'], 'no class is called "no such thing"'],
    [['--norm', 'l1'], '--norm must be one of linf, l2'],
    [['--attack-steps', '0'], '--attack-steps must be an integer'],
  ])('refuses %j', async (args, sentence) => {
    const run = await attack(path.join(micro.photographs, '0.png'), ...args);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(sentence);
  });
});
