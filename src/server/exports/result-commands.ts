/** Command lines that give a result again, away from the studio. */
import type { Sampling } from '../api.js';
import type { DrawnJob } from './job-exports.js';

/** `nameOf` gives the file name of a picture by its id; `method` and `count` are those of the concepts. */
export interface CommandContext {
  readonly nameOf: (picture: string) => string;
  readonly concepts?: { readonly method: string; readonly count: number } | undefined;
}

export function resultCommands(request: DrawnJob['request'], context: CommandContext): string[] {
  const { seed, samples, sampling } = request;
  const file = (picture: string): string => quoted(context.nameOf(picture));
  const from = `--model ${quoted(request.inverter)}`;
  const drawn = (count: string): string =>
    `${from} ${count} ${samples} --seed ${seed} ${samplingOptions(sampling)}`;
  switch (request.kind) {
    case 'look':
      return [`featinv reconstruct ${file(request.picture)} ${drawn('--samples')}`];
    case 'mix': {
      const { a, b, operation, alpha, region } = request;
      const place = region
        ? ` --region ${[region.x, region.y, region.width, region.height].join()}`
        : '';
      const way = `--op ${operation} --alpha ${alpha}:${alpha}:1${place}`;
      return [`featinv mix ${file(a)} ${file(b)} ${way} ${drawn('--samples')}`];
    }
    case 'steer': {
      const { picture, concept, scale, region } = request;
      const { method = 'METHOD', count = 'COUNT' } = context.concepts ?? {};
      const where = region ? ' --region MASK.png' : '';
      return [
        `featinv concepts fit --images photos --method ${method} --count ${count} ${from} --out concepts`,
        `featinv steer ${file(picture)} --concepts concepts --concept ${concept} --scale 1,${scale}${where} ${drawn('--seeds')}`,
        ...(region ? ['# MASK.png: white where the region was painted in the studio'] : []),
      ];
    }
  }
}

function samplingOptions({ sampler, steps, eta, guidance, guidanceMode }: Sampling): string {
  return [
    ...[`--sampler ${sampler}`, `--steps ${steps}`],
    ...(eta > 0 ? [`--eta ${eta}`] : []),
    ...[`--guidance ${guidance}`, `--guidance-mode ${guidanceMode}`],
  ].join(' ');
}

const quoted = (text: string): string =>
  /^[\w./+@%-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
