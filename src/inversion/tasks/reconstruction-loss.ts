/** How far decoded pictures are from their originals, for training autoencoders. */
import { z } from 'zod';
import { findLayer, loadTraceableBackbone } from '../../backbones/index.js';
import { abs, add, mean, mul, slice, sub, type Tensor } from '../../graph/index.js';
import { mapCosine } from './map-cosine.js';

const weight = z.number().min(0);

export const reconstructionLossSchema = z.strictObject({
  /** Weights of the mean absolute, mean squared and gradient-difference errors. */
  l1: weight,
  l2: weight,
  gradient: weight,
  /** 1 - cosine per position of a frozen classifier's maps, averaged over layers. */
  perceptual: z
    .strictObject({
      backbone: z.string(),
      layers: z.array(z.string()).min(1),
      weight: z.number().positive(),
    })
    .optional(),
});

export type ReconstructionLossConfig = z.infer<typeof reconstructionLossSchema>;

/** The weighted loss and its parts, for pictures [N, 3, H, W] in [-1, 1]. */
export interface ReconstructionLoss {
  readonly loss: Tensor;
  readonly parts: Readonly<Record<string, Tensor>>;
}

export async function reconstructionLoss(
  decoded: Tensor,
  images: Tensor,
  config: ReconstructionLossConfig,
): Promise<ReconstructionLoss> {
  const error = sub(decoded, images);
  const l1 = mean(abs(error));
  const pixels = [
    mul(l1, config.l1),
    mul(mean(mul(error, error)), config.l2),
    mul(gradientDifference(error), config.gradient),
  ].reduce((a, b) => add(a, b));
  if (config.perceptual === undefined) return { loss: pixels, parts: { l1 } };
  const perceptual = await perceptualDistance(decoded, images, config.perceptual);
  const loss = add(pixels, mul(perceptual, config.perceptual.weight));
  return { loss, parts: { l1, perceptual } };
}

/** Mean absolute difference of the pictures' horizontal and vertical differences: keeps edges sharp. */
function gradientDifference(error: Tensor): Tensor {
  const along = (axis: number): Tensor => {
    const n = error.dim(axis);
    const next = slice(error, [{ axis, start: 1, end: n }]);
    return mean(abs(sub(next, slice(error, [{ axis, start: 0, end: n - 1 }]))));
  };
  return add(along(2), along(3));
}

async function perceptualDistance(
  decoded: Tensor,
  images: Tensor,
  { backbone, layers }: NonNullable<ReconstructionLossConfig['perceptual']>,
): Promise<Tensor> {
  const classifier = await loadTraceableBackbone(backbone);
  const ours = classifier.traceImages(decoded).taps;
  const theirs = classifier.traceImages(images).taps;
  const distances = layers.map((layer) => {
    const { name } = findLayer(classifier, layer);
    return sub(1, mean(mapCosine(ours.get(name)!, theirs.get(name)!)));
  });
  return mul(
    distances.reduce((a, b) => add(a, b)),
    1 / layers.length,
  );
}
