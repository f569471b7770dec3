import type { SteeredScale, SteeringResult } from '../../concepts/steer.js';
import type { SteeringSummary } from '../../concepts/steering-summary.js';
import { contourSegments } from '../../images/contours.js';
import { encodePng } from '../../images/png.js';
import type { RgbImage } from '../../images/rgb-image.js';
import type { ActivationGrid, SteeredColumn, SteerPage } from '../../report/steer-page-data.js';
import { shortLabel } from '../short-label.js';

export interface SteerPageContext {
  /** Name of the picture, for people. */
  readonly name: string;
  readonly differences: readonly RgbImage[];
  readonly differenceRange: number;
  readonly settings: SteerPage['settings'];
  readonly commands: SteerPage['commands'];
}

/** The page of a steering and its summary; `differences` are the pictures of its scales' differences. */
export async function steerPageOf(
  result: SteeringResult,
  summary: readonly SteeringSummary[],
  context: SteerPageContext,
): Promise<SteerPage> {
  const { photograph, activation, weights, scales, seeds } = result;
  const [, height, width] = scales[0]!.map.shape;
  const found = scales.map(meanActivationMap);
  const strongest = Math.max(
    ...[activation, ...scales.map((one) => one.activation), ...found].map((map) =>
      map.reduce((most, value) => Math.max(most, value), 0),
    ),
  );
  const grid = (map: Float32Array): ActivationGrid =>
    Array.from({ length: height }, (_, y) =>
      Array.from(map.subarray(y * width, (y + 1) * width), (value) =>
        strongest === 0 ? 0 : value / strongest,
      ),
    );
  const column = async (one: SteeredScale, i: number): Promise<SteeredColumn> => ({
    scale: one.scale,
    pictures: await Promise.all(one.samples.map(({ image }) => encodePng(image))),
    activation: { steered: grid(one.activation), reconstructions: grid(found[i]!) },
    difference: {
      png: await encodePng(context.differences[i]!),
      outline: outlineOf(one, photograph.width),
    },
    numbers: {
      ...summary[i]!,
      classes: summary[i]!.classes.map((one) => ({ ...one, label: shortLabel(one.label) })),
    },
  });
  return {
    title: `Concept ${result.concept} in ${context.name}`,
    concept: conceptName(result),
    photograph: {
      name: context.name,
      png: await encodePng(photograph),
      activation: grid(activation),
      region: weights && contourSegments(weights, width, height, 0.5),
    },
    seeds,
    differenceRange: context.differenceRange,
    scales: await Promise.all(scales.map(column)),
    settings: context.settings,
    commands: context.commands,
  };
}

function outlineOf(
  { difference }: SteeredScale,
  side: number,
): SteeredColumn['difference']['outline'] {
  const { significance } = difference;
  if (significance === null) return null;
  return { side, lines: contourSegments(significance.significant, side, side, 0.5) };
}

/** The concept's activation in the drawn pictures, mean over seeds per position. */
function meanActivationMap({ samples }: SteeredScale): Float32Array {
  return samples[0]!.activation.map(
    (_, i) => samples.reduce((sum, { activation }) => sum + activation[i]!, 0) / samples.length,
  );
}

/** Methods without names of their own call a concept by its number. */
function conceptName({ concept, name }: SteeringResult): string {
  const numbered = `concept ${concept}`;
  return name === numbered ? numbered : `${numbered} (${name})`;
}
