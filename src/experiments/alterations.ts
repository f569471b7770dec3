/** Pictures corrupted or attacked before they are measured. */
import { z } from 'zod';
import type { Backbone } from '../backbones/index.js';
import type { Alteration, EvaluationImage, EvaluationImages } from '../evaluation/index.js';
import type { RgbPixels } from '../metrics/index.js';
import { Adversary, type AttackOptions } from '../robustness/adversary.js';
import {
  corrupt,
  CORRUPTION_KINDS,
  SEVERITIES,
  type CorruptionKind,
  type Severity,
} from '../robustness/corruptions/index.js';
import { NORMS } from '../robustness/norm-ball.js';
import { parseConfig } from '../parse-config.js';
import type { SessionOptions } from '../runtime/session.js';
import type { AlterationSpec } from './experiment-file.js';
import type { Coordinates } from './measures.js';

/** What is done to the pictures. */
export type Change =
  | { readonly type: 'none' }
  | { readonly type: 'corruption'; readonly kind: CorruptionKind; readonly severity: Severity }
  | { readonly type: 'attack'; readonly attack: AttackOptions };

/** One alteration of the grid. */
export type AlterationCell = { readonly coordinates: Coordinates } & Change;

/** What an alteration puts into the settings of its evaluation. */
const settingsSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('corruption'),
    kind: z.enum(CORRUPTION_KINDS),
    severity: z.literal([...SEVERITIES]),
  }),
  z.strictObject({
    type: z.literal('attack'),
    norm: z.enum(NORMS),
    epsilon: z.number(),
    steps: z.int().min(1),
    stepSize: z.number().optional(),
  }),
]);

/** The change that an evaluation's settings tell of. Throws InputError for what is none. */
export function changeOf(settings: unknown): Change {
  if (settings === undefined) return { type: 'none' };
  const found = parseConfig(settingsSchema, settings, 'the alteration of the evaluation');
  if (found.type === 'corruption') return found;
  const { type, ...attack } = found;
  return { type, attack };
}

/** Lists in the file stand for one alteration each. */
export function expandAlterations(specs: readonly AlterationSpec[]): AlterationCell[] {
  return specs.flatMap((spec): AlterationCell[] => {
    switch (spec.type) {
      case 'none':
        return [{ type: 'none', coordinates: { alteration: 'none' } }];
      case 'corruption': {
        const kinds = spec.kinds.flatMap((kind) => (kind === 'all' ? CORRUPTION_KINDS : kind));
        return kinds.flatMap((kind) =>
          spec.severities.map((severity): AlterationCell => ({
            ...{ type: 'corruption', kind, severity },
            coordinates: { alteration: kind, severity },
          })),
        );
      }
      case 'attack':
        return spec.epsilons.map((epsilon): AlterationCell => {
          const { norm, steps } = spec;
          const name = steps === 1 ? 'FGSM' : `PGD ${steps}`;
          return {
            type: 'attack',
            attack: { norm, epsilon, steps, ...(steps === 1 && { stepSize: epsilon }) },
            coordinates: { alteration: `${name} ${norm === 'linf' ? 'L∞' : 'L2'}`, epsilon },
          };
        });
    }
  });
}

/** An alteration ready for use; dispose it. */
export interface OpenAlteration extends Alteration {
  dispose(): Promise<void>;
}

/** `size` is the side of the pictures; `seed` decides what is random in a corruption. */
export async function openAlteration(
  change: Change,
  backbone: Backbone,
  size: number,
  seed: number,
  session: SessionOptions,
): Promise<OpenAlteration | undefined> {
  switch (change.type) {
    case 'none':
      return undefined;
    case 'corruption': {
      const { type, kind, severity } = change;
      const corrupted = (image: RgbPixels, index: number): Promise<RgbPixels> =>
        corrupt(image, kind, severity, { seed: `${seed}, image ${index}` });
      return {
        settings: { type, kind, severity },
        apply: (images) => altered(images, corrupted),
        dispose: async () => undefined,
      };
    }
    case 'attack': {
      const adversary = await Adversary.open(backbone, size, session);
      const attacked = async (image: RgbPixels): Promise<RgbPixels> =>
        (await adversary.attack(image, change.attack)).image;
      return {
        settings: { type: change.type, ...change.attack },
        apply: (images) => altered(images, attacked),
        dispose: () => adversary.dispose(),
      };
    }
  }
}

/** Altered pictures that are kept, since they serve others' floors as well. */
const KEPT = 256;

function altered(
  images: EvaluationImages,
  change: (image: RgbPixels, index: number) => Promise<RgbPixels>,
): EvaluationImages {
  const kept = new Map<number, Promise<EvaluationImage>>();
  const read = async (index: number): Promise<EvaluationImage> => {
    const { name, image } = await images.read(index);
    return { name, image: await change(image, index), clean: image };
  };
  return {
    ...images,
    read: (index) => {
      const known = kept.get(index) ?? read(index);
      kept.set(index, known);
      if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
      return known;
    },
  };
}
