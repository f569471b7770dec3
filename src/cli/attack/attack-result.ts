import { topPredictions, type Backbone, type Prediction } from '../../backbones/index.js';
import type { RgbImage } from '../../images/rgb-image.js';
import type { ComparedReconstruction } from '../../inversion/reconstruct-picture.js';
import type { Attacked } from '../../robustness/adversary.js';
import { shortLabel } from '../short-label.js';
import { formatTable } from '../table.js';

/** Who is attacked, and whose maps are drawn where that is another classifier. */
export interface AttackParties {
  readonly classifier: Backbone;
  readonly viewer: Backbone | undefined;
}

export interface AttackResult {
  readonly image: string;
  readonly original: RgbImage;
  readonly attacked: Attacked;
  readonly output: string;
  /** Cosine per position between the maps of the original and of the attacked picture, over positions. */
  readonly mapCosine: { readonly mean: number; readonly median: number };
  /** The inverter's classifier's logits of both pictures. */
  readonly viewed: Readonly<Record<'original' | 'attacked', Float32Array>>;
  /** What is drawn from each map, from the same noise. */
  readonly drawn: Readonly<Record<'original' | 'attacked', ComparedReconstruction>>;
}

/** The first five classes of both pictures. */
export function bothTop5(
  { labels }: Backbone,
  logits: Readonly<Record<'original' | 'attacked', Float32Array>>,
): Record<'original' | 'attacked', Prediction[]> {
  return {
    original: topPredictions(logits.original, labels),
    attacked: topPredictions(logits.attacked, labels),
  };
}

/** One picture of the JSON report. */
export function attackRecord(
  { classifier, viewer }: AttackParties,
  { image, attacked, output, mapCosine, viewed, drawn }: AttackResult,
): Record<string, unknown> {
  return {
    image,
    output,
    succeeded: attacked.succeeded,
    distance: attacked.distance,
    top5: bothTop5(classifier, attacked.logits),
    ...(viewer && { viewerTop5: bothTop5(viewer, viewed) }),
    mapCosine,
    reconstructions: {
      original: { cosine: drawn.original.cosine, top5: drawn.original.top5 },
      attacked: { cosine: drawn.attacked.cosine, top5: drawn.attacked.top5 },
    },
  };
}

export function attackTable(
  { classifier, viewer }: AttackParties,
  results: readonly AttackResult[],
): string {
  const first = ({ labels }: Backbone, logits: Float32Array): string =>
    shortLabel(topPredictions(logits, labels, 1)[0]!.label);
  const rows = results.map(({ image, attacked, viewed, mapCosine, drawn }) => [
    image,
    first(classifier, attacked.logits.original),
    first(classifier, attacked.logits.attacked),
    attacked.succeeded ? 'yes' : 'no',
    ...(viewer ? [first(viewer, viewed.original), first(viewer, viewed.attacked)] : []),
    mapCosine.mean.toFixed(3),
    drawn.original.cosine.mean.toFixed(3),
    drawn.attacked.cosine.mean.toFixed(3),
  ]);
  const header = [
    ...['picture', 'seen as', 'attacked: seen as', 'succeeded'],
    ...(viewer ? [`${viewer.id} sees`, `attacked: ${viewer.id} sees`] : []),
    ...['cosine of the maps', 'drawn', 'drawn attacked'],
  ];
  return formatTable(header, rows);
}
