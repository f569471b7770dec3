import type { Html } from './html.js';
import { html } from './html.js';
import type { NumberOverSeeds, SteeredProbability, SteerPage } from './steer-page-data.js';

/** `×0.25` */
export const factor = (scale: number): string => `×${String(scale).replace('-', '−')}`;

/** Activation, likeness and change of every scale, one row each. */
export function steeringNumbersTable({ scales, seeds, photograph }: SteerPage): Html {
  const rows = scales.map(
    ({ scale, numbers: { activation, gain, cosine, difference } }) =>
      html`<tr>
        <th scope="row">${factor(scale)}</th>
        <td class="number">${activation.original.toFixed(2)}</td>
        <td class="number">${activation.steered.toFixed(2)}</td>
        <td class="number">${overSeeds(activation.reconstructions, 2)}</td>
        <td class="number">${gain === null ? 'unknown' : overSeeds(gain.reconstructions, 2)}</td>
        <td class="number">${overSeeds(cosine, 3)}</td>
        <td class="number">${difference.meanAbsolute.toFixed(1)}</td>
        <td class="number">${percentOrUnknown(difference.significantShare)}</td>
      </tr>`,
  );
  const positions = photograph.region === null ? 'all positions' : 'the region’s positions';
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="numbers">
    <table>
      <caption>
        Activation is the mean over
        ${positions}${seeds.length > 1 ? '; ± is the standard deviation over seeds' : undefined}.
        The gain is how much of the photograph’s own part of the concept the reconstructions hold:
        the scale itself if they followed the map entirely. The cosine is that of the
        reconstruction’s map to the steered one, the change that of the mean difference in levels of
        255.
      </caption>
      <thead>
        <tr>
          <th scope="col">Scale</th>
          <th scope="col" class="number">Activation, photograph</th>
          <th scope="col" class="number">Asked for</th>
          <th scope="col" class="number">Found in reconstructions</th>
          <th scope="col" class="number">Gain</th>
          <th scope="col" class="number">Cosine</th>
          <th scope="col" class="number">Change</th>
          <th scope="col" class="number">Pixels changed</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** For every scale the classes that change most. ×1, where nothing changes, is left out. */
export function classChangesTable({ scales }: SteerPage): Html {
  const rows = scales
    .filter(({ scale }) => scale !== 1)
    .flatMap(({ scale, numbers: { classes } }) =>
      classes.map(
        ({ label, predicted, measured }, i) =>
          html`<tr class="${i === 0 ? 'first' : undefined}">
            ${
              i === 0
                ? html`<th scope="rowgroup" rowspan="${classes.length}">${factor(scale)}</th>`
                : undefined
            }
            <td>${label}</td>
            ${probabilityCells(predicted)} ${probabilityCells(measured)}
          </tr>`,
      ),
    );
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="classes">
    <table>
      <caption>
        Probabilities of the classes that change most. Predicted: by the rest of the classifier,
        straight from the steered map. Measured: by the whole classifier in the reconstructions,
        mean over seeds.
      </caption>
      <thead>
        <tr>
          <th scope="col">Scale</th>
          <th scope="col">Class</th>
          <th scope="col" class="number">Predicted ×1</th>
          <th scope="col" class="number">Steered</th>
          <th scope="col" class="number">Measured ×1</th>
          <th scope="col" class="number">Steered</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function probabilityCells(change: SteeredProbability | null): Html {
  const texts =
    change === null ? ['unknown', 'unknown'] : [percent(change.unsteered), percent(change.steered)];
  return html`${texts.map((text) => html`<td class="number">${text}</td>`)}`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const percentOrUnknown = (share: number | null): string =>
  share === null ? 'one seed cannot tell' : percent(share);

const overSeeds = ({ mean, deviation }: NumberOverSeeds, digits: number): string =>
  mean.toFixed(digits) + (deviation === null ? '' : ` ± ${deviation.toFixed(digits)}`);
