import path from 'node:path';
import { writeSafetensors } from '../../checkpoints/safetensors.js';
import { InputError } from '../../errors.js';
import {
  featureSet,
  listPictures,
  lookAtPictures,
  openFeatureSession,
  openPictureReader,
  type FeatureSet,
} from '../../features/index.js';
import { ensureWritableDirectory } from '../../files.js';
import { BACKBONE_OPTIONS, backboneOf } from '../backbone-options.js';
import { defineCommand, optional } from '../command.js';
import type { CommandContext } from '../context.js';
import { CACHE_OPTIONS, cachedFeatures, type CacheChoice } from '../features/cached-features.js';
import { integer, text } from '../option-parsers.js';
import { QUEUE_OPTIONS } from '../queue-options.js';
import { withHelpers, type Helpers } from '../submit-work.js';

export const command = defineCommand({
  description:
    'Writes the feature map of one picture at one layer: the tensor `features`, [1, channels, height, ' +
    'width], which `featinv reconstruct --features` takes. The tiny inverters see pictures of 64 ' +
    'pixels: give --size 64 to make maps for them. With --cache the maps of any number of pictures, folders and ' +
    'tar archives (WebDataset: a picture, .cls and .json of one key) are kept in shards; a picture whose ' +
    'map is there is not looked at again.',
  positionals: '<images...>',
  options: {
    ...BACKBONE_OPTIONS,
    layer: optional('--layer <name>', 'layer of the map (default: the last one)', text),
    size: optional(
      '--size <pixels>',
      'shrink the middle square to this side first (default: the classifier’s own crop)',
      integer(16, 4096),
    ),
    ...CACHE_OPTIONS,
    ...QUEUE_OPTIONS,
  },
  writes: 'file',
  examples: [
    'featinv features photos/cat.jpg --out chelsea.safetensors',
    'featinv features photos/cat.jpg --layer blocks.10 --size 64 --out chelsea.safetensors',
    'featinv features imagenet/val --cache features --layer blocks.10',
    'featinv features "shards/train-{0000..0099}.tar" --cache features --batch 16',
    'featinv features imagenet/val --cache features --queue redis://queue:6379 --storage /mnt/shared',
  ],
  async run({ args, options, context }) {
    const { out } = context.common;
    const { cache } = options;
    if ((out === undefined) === (cache === undefined)) {
      throw new InputError(
        '--out must name the .safetensors file for the map of one picture, such as --out map.safetensors, ' +
          'or --cache the folder for those of many',
      );
    }
    if (options.size !== undefined && options.preprocessing !== 'own') {
      throw new InputError(
        '--preprocessing says how the classifier’s own crop is made, which --size replaces: give one of them',
      );
    }
    if (out !== undefined) await ensureWritableDirectory(path.dirname(out), '--out');
    const set = await featureSet(await backboneOf(options), options);
    if (cache !== undefined) {
      await withHelpers(options, context, (helpers) =>
        fillCache(set, cache, args, options, context, helpers),
      );
      return;
    }
    if (options.queue !== undefined) {
      throw new InputError('--queue shares many pictures among workers: give --cache, not --out');
    }
    await writeMap(set, args, out!, context);
  },
});

/** The map of the only picture, as a file of its own. */
async function writeMap(
  set: FeatureSet,
  images: readonly string[],
  out: string,
  context: CommandContext,
): Promise<void> {
  const [image] = images as [string];
  context.keep('nothing is written yet; give the command again');
  if (images.length > 1) {
    throw new InputError(
      `--out takes the map of one picture, got ${images.length}; maps of many go to a --cache`,
    );
  }
  const { backbone, layer, preparation } = set;
  const data = await lookAtOne(set, image, context);
  const shape = [1, ...set.shape];
  await writeSafetensors(out, new Map([['features', { shape, data }]]), {
    metadata: {
      backbone: backbone.id,
      layer,
      image: path.basename(image),
      ...(preparation.kind === 'square' && { size: String(preparation.size) }),
    },
  });
  const result = { image, backbone: backbone.id, layer, shape, out };
  context.report(result, `${out}: features [${shape.join(',')}] of ${image} at ${layer}`);
}

async function lookAtOne(
  set: FeatureSet,
  image: string,
  context: CommandContext,
): Promise<Float32Array> {
  const entries = await listPictures([image], (error) => {
    throw error;
  });
  if (entries.length > 1) {
    throw new InputError(
      `${image} holds ${entries.length} pictures: give --cache DIR in place of --out`,
    );
  }
  const reader = openPictureReader(set.preparation, 0);
  const session = await openFeatureSession(set, 1, context.session);
  try {
    for await (const seen of lookAtPictures(entries, reader, session, { batch: 1 })) {
      if (seen.state === 'unreadable') throw seen.error;
      if (seen.state === 'new') return seen.features.map;
    }
  } finally {
    await session.dispose();
  }
  throw new InputError(`${image} holds no picture`);
}

async function fillCache(
  set: FeatureSet,
  folder: string,
  images: readonly string[],
  choice: CacheChoice,
  context: CommandContext,
  helpers: Helpers | undefined,
): Promise<void> {
  const collected = await cachedFeatures(set, folder, images, choice, context, helpers);
  const { cache, computed, known, unreadable, seconds, isStopped } = collected;
  if (isStopped) return;
  const { backbone, layer, shape } = set;
  const result = {
    ...{ backbone: backbone.id, layer, shape, cache: cache.directory, pictures: computed + known },
    ...{ computed, known, unreadable, seconds },
  };
  const rate = computed === 0 ? '' : `, ${(computed / seconds).toFixed(1)} pictures/s`;
  context.report(
    result,
    `${cache.directory}: [${shape.join(',')}] at ${layer} of ${computed + known} pictures ` +
      `(${computed} looked at now, ${known} known${rate})`,
  );
}
