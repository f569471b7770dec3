import type { DemoPage } from './demo-page-data.js';
import type { Html } from './html.js';
import { html } from './html.js';

/** Every photograph and model with its measures, one row each. */
export function numbersTable({ photographs, models }: DemoPage): Html {
  const labels = new Map(models.map(({ id, label }) => [id, label]));
  const rows = photographs.flatMap(({ name, top5: original, reconstructions }) =>
    reconstructions.map(
      ({ model, cosine, top5, top5Match, seconds }, i) =>
        html`<tr class="${i === 0 ? 'first' : undefined}">
          ${i === 0 ? rowHeading(name, reconstructions.length) : undefined}
          <td>${labels.get(model) ?? model}</td>
          <td class="number">${cosine.mean.toFixed(3)}</td>
          <td class="number">${cosine.median.toFixed(3)}</td>
          <td>${original[0]?.label ?? '–'}</td>
          <td>${top5[0]?.label ?? '–'}</td>
          <td>${top5Match ? 'yes' : 'no'}</td>
          <td class="number">${seconds.toFixed(1)}</td>
        </tr>`,
    ),
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="numbers">
    <table>
      <caption>
        Cosine is over channels per position; mean and median are over positions, for the first
        seed.
      </caption>
      <thead>
        <tr>
          <th scope="col">Photograph</th>
          <th scope="col">Model</th>
          <th scope="col" class="number">Cosine mean</th>
          <th scope="col" class="number">Median</th>
          <th scope="col">Photograph seen as</th>
          <th scope="col">Reconstruction seen as</th>
          <th scope="col">Top-5 match</th>
          <th scope="col" class="number">Seconds</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

const rowHeading = (name: string, rows: number): Html =>
  html`<th scope="rowgroup" rowspan="${rows}">${name}</th>`;
