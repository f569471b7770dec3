import { DEFAULT_BACKBONE } from '../../backbones/index.js';
import { DEFAULT_INVERTER } from '../../inversion/inverter-catalogue.js';
import {
  listModels,
  type BackboneEntry,
  type ModelEntry,
  type ModelList,
} from '../../inversion/list-models.js';
import { defineCommand } from '../command.js';
import { formatTable } from '../table.js';

export const command = defineCommand({
  description:
    'Lists the classifiers (--backbone), the base models (--base of `featinv init`) and the inverters ' +
    '(--model), with sizes, licences, and whether all their files are here. A star marks what is used ' +
    'when nothing is asked for. Classifiers with timm’s names need weights: `featinv pull NAME` fetches ' +
    'them, and `--backbone NAME=FILE` takes a file of your own.',
  examples: ['featinv models', 'featinv models --json'],
  async run({ context }) {
    const models = await listModels();
    context.report({ ...models, default: defaults(models) }, () =>
      [
        section('Backbones', backbonesFrom(models, 'shipped'), { standard: DEFAULT_BACKBONE }),
        section('Backbones by timm name', backbonesFrom(models, 'timm'), { absent: 'not here' }),
        section('Base models', models.bases),
        section('Inverters', models.inverters, { standard: DEFAULT_INVERTER }),
      ].join('\n\n'),
    );
  },
});

function defaults({ backbones, inverters }: ModelList): Record<string, string | null> {
  const known = (list: readonly ModelEntry[], id: string): string | null =>
    list.some((entry) => entry.id === id) ? id : null;
  return {
    backbone: known(backbones, DEFAULT_BACKBONE),
    inverter: known(inverters, DEFAULT_INVERTER),
  };
}

const backbonesFrom = (
  { backbones }: ModelList,
  source: BackboneEntry['source'],
): readonly BackboneEntry[] => backbones.filter((entry) => entry.source === source);

interface SectionOptions {
  /** What is used when nothing is asked for. */
  readonly standard?: string;
  /** What is said of entries that are not here; default: their folder, which lacks files. */
  readonly absent?: string;
}

function section(
  title: string,
  entries: readonly ModelEntry[],
  { standard, absent }: SectionOptions = {},
): string {
  if (entries.length === 0) return `${title}: none`;
  const rows = entries.map(({ id, megabytes, licence, here, description, path }) => [
    `${id === standard ? '*' : ' '} ${id}`,
    `${megabytes.toFixed(1)} MB`,
    licence,
    here ? path : (absent ?? `${path} (incomplete)`),
    description,
  ]);
  return formatTable([title, 'size', 'licence', 'where', 'what'], rows);
}
