import { DEFAULT_BACKBONE } from '../../backbones/index.js';
import { DEFAULT_INVERTER } from '../../inversion/inverter-catalogue.js';
import { listModels, type ModelEntry, type ModelList } from '../../inversion/list-models.js';
import { defineCommand } from '../command.js';
import { formatTable } from '../table.js';

export const command = defineCommand({
  description:
    'Lists what is shipped: the classifiers (--backbone), the base models (--base of `featinv init`) ' +
    'and the inverters (--model), with sizes, licences, and whether all their files are here. A star ' +
    'marks what is used when nothing is asked for.',
  examples: ['featinv models', 'featinv models --json'],
  async run({ context }) {
    const models = await listModels();
    context.report({ ...models, default: defaults(models) }, () =>
      [
        section('Backbones', models.backbones, DEFAULT_BACKBONE),
        section('Base models', models.bases, undefined),
        section('Inverters', models.inverters, DEFAULT_INVERTER),
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

function section(title: string, entries: readonly ModelEntry[], standard?: string): string {
  if (entries.length === 0) return `${title}: none`;
  const rows = entries.map(({ id, megabytes, licence, here, description, path }) => [
    `${id === standard ? '*' : ' '} ${id}`,
    `${megabytes.toFixed(1)} MB`,
    licence,
    here ? path : `${path} (incomplete)`,
    description,
  ]);
  return formatTable([title, 'size', 'licence', 'where', 'what'], rows);
}
