import path from 'node:path';
import { InputError } from '../../errors.js';
import { imageGrid } from '../../images/grid.js';
import { listImages } from '../../images/list-images.js';
import { writePng } from '../../images/png.js';
import { readImage } from '../../images/read-image.js';
import { centreSquare, resizeBox } from '../../images/resize.js';
import type { RgbImage } from '../../images/rgb-image.js';
import {
  corrupt,
  CORRUPTION_KINDS,
  CORRUPTIONS,
  MIN_CORRUPTED_SIDE,
  readFrostTextures,
  SEVERITIES,
  type CorruptionKind,
  type Severity,
} from '../../robustness/corruptions/index.js';
import { defineCommand, optional, type Parser } from '../command.js';
import { choice, integer, list, text } from '../option-parsers.js';
import { uniqueStems } from '../output-names.js';

const ALL = 'all';
/** Longest side of a picture on a contact sheet, in pixels. */
const SHEET_CELL = 128;

interface Output {
  readonly kind: CorruptionKind;
  readonly severity: Severity;
  readonly file: string;
}

interface Sheet {
  readonly file: string;
  /** From top to bottom. */
  readonly rows: readonly CorruptionKind[];
  /** From left to right; `clean` is the picture itself. */
  readonly columns: readonly ('clean' | Severity)[];
}

export const command = defineCommand({
  description:
    'Corrupts pictures as the benchmark ImageNet-C does, by noise, blur, weather and digital damage at ' +
    'five severities. Writes OUT/<name>.<kind>.<severity>.png and, for all kinds, a contact sheet ' +
    'OUT/<name>.sheet.png (rows: kinds; columns: the picture itself, then the severities; default OUT: ' +
    `out/corrupt). Kinds: ${describeKinds()}.`,
  positionals: '<images...>',
  options: {
    kind: optional(
      '--kind <names>',
      'kinds of corruption, or all (default: all)',
      allOr(CORRUPTION_KINDS),
    ),
    severity: optional(
      '--severity <list>',
      'severities from 1 to 5, or all (default: all)',
      severities,
    ),
    size: optional(
      '--size <pixels>',
      'take the middle square at this size (default: the picture as it is)',
      integer(MIN_CORRUPTED_SIDE, 4096),
    ),
    frostTextures: optional(
      '--frost-textures <dir>',
      'pictures of ice for the kind frost (default: drawn ones)',
      text,
    ),
  },
  writes: 'directory',
  examples: [
    'featinv corrupt photos/cat.jpg',
    'featinv corrupt photos --kind fog,motion_blur --severity 3 --size 64',
  ],
  async run({ args, options, context }) {
    const { kind: kinds = CORRUPTION_KINDS, severity: levels = SEVERITIES, size } = options;
    const seed = context.common.seed ?? 0;
    const frostTextures =
      options.frostTextures === undefined
        ? undefined
        : await readFrostTextures(options.frostTextures);
    const directory = await context.outputDirectory(path.join('out', 'corrupt'));
    const files = (await context.eachInput(args, listImages)).flat();
    const stems = uniqueStems(files);
    const total = files.length * kinds.length * levels.length;
    const progress = context.progress('corrupt', { total, unit: 'pictures' });
    context.keepDone(0, files.length, directory);
    const results = await context.eachInput(files, async (file, i) => {
      const image = await readPicture(file, size);
      const outputs: Output[] = [];
      const cells: RgbImage[] = [];
      for (const kind of kinds) {
        cells.push(sheetCell(image));
        for (const severity of levels) {
          const corrupted = await corrupt(image, kind, severity, {
            // Pictures beside each other do not share their noise.
            seed: `${seed}/${stems[i]!}`,
            ...(frostTextures && { frostTextures }),
          });
          const output = path.join(directory, `${stems[i]!}.${kind}.${severity}.png`);
          await writePng(output, corrupted);
          outputs.push({ kind, severity, file: output });
          cells.push(sheetCell(corrupted));
          progress.update(i * kinds.length * levels.length + outputs.length);
        }
      }
      let sheet: Sheet | null = null;
      if (kinds.length === CORRUPTION_KINDS.length) {
        const columns = ['clean', ...levels] as const;
        sheet = { file: path.join(directory, `${stems[i]!}.sheet.png`), rows: kinds, columns };
        await writePng(sheet.file, imageGrid(cells, columns.length));
      }
      context.keepDone(i + 1, files.length, directory);
      return { image: file, outputs, sheet };
    });
    progress.finish();
    context.report(results, () =>
      results
        .map(({ image, outputs, sheet }) => {
          const written = sheet === null ? outputs : [...outputs, sheet];
          return [image, ...written.map(({ file }) => `  ${file}`)].join('\n');
        })
        .join('\n'),
    );
  },
});

function describeKinds(): string {
  return CORRUPTION_KINDS.map((kind, i) =>
    CORRUPTIONS[i]!.group === 'extra' ? `${kind} (extra)` : kind,
  ).join(', ');
}

/** A comma-separated list of words, or `all` of them; in the order of `words`, each once. */
function allOr<const Word extends string>(words: readonly Word[]): Parser<readonly Word[]> {
  const parse = list(choice([ALL, ...words]));
  return (value, flag) => {
    const chosen = parse(value, flag);
    return chosen.includes(ALL) ? words : words.filter((word) => chosen.includes(word));
  };
}

function severities(value: string, flag: string): readonly Severity[] {
  const chosen = allOr(SEVERITIES.map(String))(value, flag);
  return SEVERITIES.filter((severity) => chosen.includes(String(severity)));
}

async function readPicture(file: string, size: number | undefined): Promise<RgbImage> {
  const image = await readImage(file);
  if (size !== undefined) return centreSquare(image, size);
  if (Math.min(image.width, image.height) >= MIN_CORRUPTED_SIDE) return image;
  throw new InputError(
    `${file} has ${image.width}x${image.height} pixels; ` +
      `corruptions need at least ${MIN_CORRUPTED_SIDE} on each side: enlarge it, such as with --size 64`,
  );
}

/** The picture, shrunk to fit the contact sheet. */
function sheetCell(image: RgbImage): RgbImage {
  const { width, height } = image;
  const scale = SHEET_CELL / Math.max(width, height);
  if (scale >= 1) return image;
  const [w, h] = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
  return resizeBox(image, { left: 0, top: 0, width, height }, w!, h!);
}
