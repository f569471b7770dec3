/** What the page of one result shows, from the result and its pictures. */
import type { ResultFigure, ResultSection } from '../../report/index.js';
import { toRows } from '../to-rows.js';
import type {
  LookResult,
  MixRequest,
  MixResult,
  Prediction,
  SteerRequest,
  SteerResult,
} from '../api.js';

/** PNG of a picture that the result names. */
export type PictureOf = (name: string) => Uint8Array;

export function lookSections(result: LookResult, pictureOf: PictureOf): ResultSection[] {
  const { original, outputs, top5 } = result;
  return [
    {
      title: 'The photograph and what was drawn',
      note: 'Cosine of the photograph’s map to that of each picture, over channels, mean over positions.',
      figures: [
        { caption: 'photograph', png: pictureOf(original) },
        ...outputs.map(({ seed, image, cosine }) => ({
          caption: `seed ${seed} · ${cosine.mean.toFixed(3)}`,
          png: pictureOf(image),
        })),
      ],
    },
    {
      title: 'Where they agree',
      note: 'The same cosine at each position of the map.',
      figures: outputs.map(({ seed, cosineMap }) => ({ caption: `seed ${seed}`, map: cosineMap })),
    },
    {
      title: 'What the classifier says',
      classes: [
        { heading: 'Photograph', classes: top5 },
        ...outputs.map((output) => ({
          heading: `Seed ${output.seed}`,
          classes: output.top5,
          marked: top5[0]?.label,
        })),
      ],
    },
  ];
}

export function steerSections(
  result: SteerResult,
  { scale, region }: SteerRequest,
  pictureOf: PictureOf,
): ResultSection[] {
  const { original, name, activation, outputs, difference, strength, classes } = result;
  const most = Math.max(1e-9, ...activation.flat());
  const pairs = outputs.flatMap(({ seed, before, after }): ResultFigure[] => [
    { caption: `seed ${seed}, before`, png: pictureOf(before) },
    { caption: `seed ${seed}, × ${scale}`, png: pictureOf(after) },
  ]);
  const points = (value: number): string => `${(100 * value).toFixed(1)} %`;
  return [
    {
      title: 'The photograph and the concept',
      note:
        `Activation of ${name} at each position of the photograph’s map, as a share of the strongest` +
        (region ? ', and where it was steered.' : '.'),
      figures: [
        { caption: 'photograph', png: pictureOf(original) },
        { caption: name, map: activation.map((row) => row.map((value) => value / most)) },
        ...(region ? [{ caption: 'where', map: toRows(region, activation[0]!.length) }] : []),
      ],
    },
    {
      title: 'Before and after',
      note:
        'Pictures of one seed start from the same noise. In the difference, grey is where nothing changes and ' +
        `full colour is ${Math.round(difference.range)} of 255 levels` +
        (difference.significantShare === null
          ? '.'
          : `; ${points(difference.significantShare)} of the pixels change more than the noise explains.`),
      figures: [...pairs, { caption: 'difference, mean', png: pictureOf(difference.image) }],
    },
    {
      title: 'How strong the concept is',
      table: {
        columns: ['Map', 'Mean activation'],
        rows: [
          ['of the photograph', strength.original.toFixed(3)],
          ['asked for', strength.steered.toFixed(3)],
          ['of the pictures before', strength.before.toFixed(3)],
          ['of the pictures after', strength.after.toFixed(3)],
        ],
      },
    },
    {
      title: 'What the classifier makes of it',
      table: {
        columns: ['Class', 'Before', 'After', 'Map before', 'Map after'],
        rows: classes.map(({ label, measured, predicted }) => [
          label,
          points(measured.before),
          points(measured.after),
          predicted ? points(predicted.before) : '–',
          predicted ? points(predicted.after) : '–',
        ]),
      },
    },
  ];
}

export function mixSections(
  result: MixResult,
  { operation, alpha }: MixRequest,
  pictureOf: PictureOf,
): ResultSection[] {
  const { parents, predicted, outputs } = result;
  const [a, b] = parents as [MixResult['parents'][number], MixResult['parents'][number]];
  const bars = (heading: string, classes: readonly Prediction[]) => ({ heading, classes });
  return [
    {
      title: 'The photographs and what was drawn',
      note: `Their maps were composed by ${operation} at α = ${alpha}.`,
      figures: [
        { caption: 'A', png: pictureOf(a.image) },
        ...outputs.map(({ seed, image }) => ({ caption: `seed ${seed}`, png: pictureOf(image) })),
        { caption: 'B', png: pictureOf(b.image) },
      ],
    },
    {
      title: 'Whose map they have',
      note: 'Cosine of the picture’s own map over channels, mean over positions.',
      table: {
        columns: ['Picture', 'To the mixed map', 'To A’s', 'To B’s'],
        rows: outputs.map(({ seed, cosine: { composed, parents: to } }) => [
          `seed ${seed}`,
          ...[composed, ...to].map((value) => value.toFixed(3)),
        ]),
      },
    },
    {
      title: 'What the classifier says',
      classes: [
        bars('A', a.top5),
        ...outputs.map(({ seed, top5 }) => bars(`Seed ${seed}`, top5)),
        ...(predicted ? [bars('The mixed map itself', predicted)] : []),
        bars('B', b.top5),
      ],
    },
  ];
}
