/** Checkpoints of the same networks that name their tensors as wrappers or the authors' own code do. */

/** For each timm key the key under which a checkpoint holds the tensor. */
export function storedByTimmKey(stored: readonly string[]): Map<string, string> {
  const plain = stored.map(withoutWrapper);
  const keys = new Set(plain);
  const translate = keys.has('layers.0.downsample.reduction.weight')
    ? swinKey
    : keys.has('downsample_layers.0.0.weight')
      ? convNextKey
      : (key: string) => key;
  return new Map(plain.map((key, i) => [translate(key), stored[i]!]));
}

/** A key without what DataParallel, Lightning and others put before it. */
function withoutWrapper(key: string): string {
  return key.replace(/^(state_dict\.|model\.|module\.)+/, '');
}

/** Microsoft's Swin merges patches at the end of a stage, timm at the beginning of the next one. */
function swinKey(key: string): string {
  return key
    .replace(
      /^layers\.(\d+)\.downsample\./,
      (_, stage) => `layers.${Number(stage) + 1}.downsample.`,
    )
    .replace(/^head\./, 'head.fc.');
}

/** Facebook's ConvNeXt. */
function convNextKey(key: string): string {
  return key
    .replace(/^stages\.(\d+)\.(\d+)\./, 'stages.$1.blocks.$2.')
    .replace(/^downsample_layers\.0\./, 'stem.')
    .replace(/^downsample_layers\.(\d+)\./, 'stages.$1.downsample.')
    .replace('.dwconv.', '.conv_dw.')
    .replace('.pwconv', '.mlp.fc')
    .replace(/^head\./, 'head.fc.')
    .replace(/^norm\./, 'head.norm.');
}
