/** What random kinds change, over many seeds, against the same numbers of the package imagecorruptions. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RgbImage } from '../../../src/images/rgb-image.js';
import {
  corrupt,
  SEVERITIES,
  type CorruptionKind,
  type Severity,
} from '../../../src/robustness/corruptions/index.js';
import { describeChange, MEASURES, type Measure } from './describe-change.js';
import { FIXTURES, fixturePicture } from './package-outputs.js';

interface Spread {
  readonly mean: number;
  readonly deviation: number;
}
interface Statistics {
  readonly seeds: number;
  readonly kinds: Record<string, Record<Measure, Spread>[]>;
}

const statistics = JSON.parse(
  readFileSync(path.join(FIXTURES, 'statistics.json'), 'utf8'),
) as Statistics;
/** Means over seeds agree within this many standard errors of their difference. */
const STANDARD_ERRORS = 4;
/** Drawn ice differs from the five photographs by less than this many of their standard deviations. */
const FROST_DEVIATIONS = 1.5;
/** Rounding of the stored numbers. */
const ROUNDING = 1e-4;

let image: RgbImage;
beforeAll(async () => {
  image = await fixturePicture('square');
});

const kinds = Object.keys(statistics.kinds) as CorruptionKind[];

describe('what chance decides', () => {
  it.each(kinds.filter((kind) => kind !== 'frost'))(
    'is spread as in the package: %s',
    async (kind) => {
      for (const severity of SEVERITIES) {
        const own = await measure(kind, severity);
        for (const name of MEASURES) {
          const theirs = statistics.kinds[kind]![severity - 1]![name];
          const error = Math.hypot(own[name].deviation, theirs.deviation);
          const allowed = (STANDARD_ERRORS * error) / Math.sqrt(statistics.seeds) + ROUNDING;
          expect(
            Math.abs(own[name].mean - theirs.mean),
            `${name} at severity ${severity}: ${own[name].mean} for ${theirs.mean}`,
          ).toBeLessThanOrEqual(allowed);
        }
      }
    },
  );

  it('is alike where textures are drawn: frost hides and brightens as much', async () => {
    for (const severity of SEVERITIES) {
      const own = await measure('frost', severity);
      for (const name of MEASURES) {
        const theirs = statistics.kinds.frost![severity - 1]![name];
        expect(
          Math.abs(own[name].mean - theirs.mean) / theirs.deviation,
          `${name} at severity ${severity}: ${own[name].mean} for ${theirs.mean}`,
        ).toBeLessThanOrEqual(FROST_DEVIATIONS);
      }
    }
  });
});

async function measure(kind: CorruptionKind, severity: Severity): Promise<Record<Measure, Spread>> {
  const described: Record<Measure, number>[] = [];
  for (let seed = 0; seed < statistics.seeds; seed++) {
    described.push(describeChange(image, await corrupt(image, kind, severity, { seed })));
  }
  return Object.fromEntries(
    MEASURES.map((name) => [name, spread(described.map((numbers) => numbers[name]))]),
  ) as Record<Measure, Spread>;
}

function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
