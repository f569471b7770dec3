import { InputError } from '../errors.js';
import { show } from '../graph/index.js';
import type { Inverter } from '../inversion/inverter.js';
import type { FittedConcepts } from './concept-files.js';

/** Throws InputError unless the concepts belong to the layer that the inverter reads. */
export function checkFits({ config }: Inverter, fitted: FittedConcepts): void {
  const same =
    fitted.backbone === config.backbone &&
    fitted.layer === config.layer &&
    show(fitted.mapShape) === show(config.mapShape);
  if (same) return;
  const layer = (of: { backbone: string; layer: string; mapShape: readonly number[] }): string =>
    `layer ${of.layer} of ${of.backbone} ${show(of.mapShape)}`;
  throw new InputError(
    `the concepts belong to ${layer(fitted)}, the inverter ${config.name} reads ${layer(config)}; ` +
      'fit them with `featinv concepts fit --model`, or give the --model that they belong to',
  );
}
