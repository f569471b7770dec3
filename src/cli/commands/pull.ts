import { InputError } from '../../errors.js';
import { featinvHome } from '../../featinv-home.js';
import {
  findPulled,
  hubSettings,
  pull,
  pullCatalogue,
  type Pulled,
  type PullPlan,
} from '../../hub/index.js';
import { defineCommand, flag, optional } from '../command.js';
import type { CommandContext } from '../context.js';
import { text } from '../option-parsers.js';
import type { Progress } from '../progress.js';
import { formatTable } from '../table.js';

export const command = defineCommand({
  description:
    'Fetches pretrained models into FEATINV_HOME (default: .cache/featinv in your home): names that it ' +
    'lists when called without one, owner/repository or owner/repository:FILE on Hugging Face, or the ' +
    'address of a file with its --sha256. Every file is checked against its published hash; a broken ' +
    'download is gone on from when the command is called again. HF_TOKEN (or the sign-in of Hugging Face’s ' +
    'tools), HF_ENDPOINT and HF_HUB_OFFLINE are honoured.',
  positionals: '[names...]',
  options: {
    sha256: optional('--sha256 <hex>', 'hash that the one file must have', text),
    offline: flag('--offline', 'use no network: only say whether it is here'),
  },
  writes: 'directory',
  examples: [
    'featinv pull',
    'featinv pull convnext_base.fb_in22k_ft_in1k minisd inception',
    'featinv pull stabilityai/sd-vae-ft-mse:diffusion_pytorch_model.safetensors --out models/vae',
  ],
  async run({ args, options, context }) {
    if (args.length === 0) return listCatalogue(context);
    const { out } = context.common;
    for (const [flag, value] of [
      ['--out', out],
      ['--sha256', options.sha256],
    ] as const) {
      if (value !== undefined && args.length > 1) {
        throw new InputError(`${flag} is for one model, got ${args.length}: ${args.join(', ')}`);
      }
    }
    const settings = hubSettings();
    const pulled = await context.eachInput(args, (name) =>
      withProgress(context, name, (listeners) =>
        pull(name, {
          ...listeners,
          settings: { ...settings, offline: settings.offline || Boolean(options.offline) },
          ...(out !== undefined && { folder: out }),
          ...(options.sha256 !== undefined && { sha256: options.sha256 }),
        }),
      ),
    );
    context.report(pulled, () => pulled.map(describe).join('\n'));
  },
});

interface Listeners {
  readonly onPlan: (plan: PullPlan) => void;
  readonly onProgress: (here: number) => void;
}

/** Licence, size and source first, then the megabytes as they come. */
async function withProgress(
  context: CommandContext,
  name: string,
  work: (listeners: Listeners) => Promise<Pulled>,
): Promise<Pulled> {
  let total: number | undefined;
  let progress: Progress | undefined;
  const result = await work({
    onPlan: (plan) => {
      const sizes = plan.files.map(({ bytes }) => bytes);
      total = sizes.reduce<number | undefined>(
        (sum, bytes) => (sum === undefined || bytes === undefined ? undefined : sum + bytes),
        0,
      );
      context.note(`${name}: ${total === undefined ? '' : `${size(total)} `}from ${plan.page}`);
      context.note(`licence: ${plan.licence}${plan.terms === undefined ? '' : ` (${plan.terms})`}`);
    },
    onProgress: (here) => {
      progress ??= context.progress(name, {
        unit: 'MB',
        start: megabytes(here),
        ...(total !== undefined && { total: megabytes(total) }),
      });
      progress.update(megabytes(here));
    },
  });
  progress?.finish();
  return result;
}

function describe({ name, folder, files, alreadyHere }: Pulled): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const what = `${files.length} ${files.length === 1 ? 'file' : 'files'}, ${size(bytes)}`;
  return `${name}: ${what}, ${alreadyHere ? 'already in' : 'fetched into'} ${folder}`;
}

async function listCatalogue(context: CommandContext): Promise<void> {
  const entries = await Promise.all(
    [...pullCatalogue.values()].map(async ({ name, kind, description, licence, bytes }) => {
      const found = await findPulled(name);
      return {
        ...{ name, kind, description },
        licence: found?.licence ?? licence ?? null,
        bytes: found?.files.reduce((sum, file) => sum + file.bytes, 0) ?? bytes ?? null,
        folder: found?.folder ?? null,
      };
    }),
  );
  context.report(entries, () =>
    [
      formatTable(
        ['name', 'size', 'here', 'licence', 'what'],
        entries.map(({ name, bytes, folder, licence, description }) => [
          name,
          bytes === null ? '' : `${(bytes / 1e6).toFixed(0)} MB`,
          folder === null ? 'no' : 'yes',
          licence?.replace(/ \(.*/, '') ?? 'told when fetched',
          description,
        ]),
      ),
      `They are kept in ${featinvHome()}.`,
    ].join('\n\n'),
  );
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;

const size = (bytes: number): string =>
  bytes < 1e9 ? `${megabytes(bytes)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
