import { contourLines } from './contour-lines.js';
import { heatMap, heatMapLegend } from './heat-map.js';
import type { Html } from './html.js';
import { html } from './html.js';
import { picture, renderPage } from './page.js';
import type { SteeredColumn, SteerPage } from './steer-page-data.js';
import { classChangesTable, factor, steeringNumbersTable } from './steer-tables.js';

/** One concept of one picture, weaker and stronger: pictures, differences, activations, classes. */
export function renderSteerPage(page: SteerPage): string {
  const { title, settings, commands } = page;
  const main = html`<section aria-labelledby="photograph">
      <h2 id="photograph">The photograph</h2>
      ${photographFigures(page)}
    </section>
    <section aria-labelledby="pictures">
      <h2 id="pictures">The concept, weaker and stronger</h2>
      ${matrix(page)}
    </section>
    <section aria-labelledby="numbers">
      <h2 id="numbers">The numbers</h2>
      ${steeringNumbersTable(page)}
    </section>
    <section aria-labelledby="classes">
      <h2 id="classes">What the classifier makes of it</h2>
      ${classChangesTable(page)}
    </section>`;
  return renderPage({ title, header: header(page), main, settings, commands });
}

function header({ title, concept, photograph, seeds, scales, differenceRange }: SteerPage): Html {
  const hasOutlines = scales.some(({ difference }) => difference.outline !== null);
  const where = photograph.region === null ? 'at every position' : 'inside the outlined region';
  return html`<h1>${title}</h1>
    <p class="lead">
      The feature map of “${photograph.name}” was taken apart into concepts, ${concept} was scaled
      ${where}, and pictures were drawn from each map. ×1 is the map as it is, ×0 is the map without
      the concept.
    </p>
    <dl class="key">
      <div>
        <dt>Rows</dt>
        <dd>Pictures of a row start from the same noise: only the concept tells them apart.</dd>
      </div>
      <div>
        <dt>Activation</dt>
        <dd>
          Length of the concept’s part of the map, as a share of the strongest on this page
          ${heatMapLegend()}
        </dd>
      </div>
      <div>
        <dt>Difference</dt>
        <dd>
          ${seeds.length === 1 ? 'Against ×1' : `Against ×1, mean over ${seeds.length} seeds`}: grey
          where nothing changes, full colour at ${Math.round(differenceRange)} of 255 levels. What
          appears shows in its own colour, what goes in the opposite one.
        </dd>
      </div>
      <div>
        <dt>Outline</dt>
        <dd>
          ${
            hasOutlines
              ? 'Around the pixels that change more than the seeds explain: paired t test of each channel, 5 % false discoveries (Benjamini and Hochberg).'
              : 'One seed shows no variation, so nothing is said of significance; draw two or more.'
          }
        </dd>
      </div>
    </dl>`;
}

function photographFigures({ photograph, concept }: SteerPage): Html {
  const { name, png, activation, region } = photograph;
  const grid = { width: activation[0]!.length, height: activation.length };
  return html`<div class="strip">
    <figure>
      <div class="overlay">
        ${picture(png, `Photograph: ${name}`)}
        ${region === null ? undefined : contourLines(region, grid, 'Region that is steered')}
      </div>
      <figcaption>${region === null ? 'photograph' : 'photograph and region'}</figcaption>
    </figure>
    <figure>
      ${heatMap(activation, `Activation of ${concept} in ${name}`)}
      <figcaption>activation of the concept</figcaption>
    </figure>
  </div>`;
}

function matrix(page: SteerPage): Html {
  const { seeds, scales, concept } = page;
  const row = (heading: string, cell: (column: SteeredColumn) => Html): Html =>
    html`<tr>
      <th scope="row">${heading}</th>
      ${scales.map((column) => html`<td>${cell(column)}</td>`)}
    </tr>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="pictures">
    <table class="matrix">
      <thead>
        <tr>
          <td></td>
          ${scales.map(({ scale }) => html`<th scope="col">${factor(scale)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${row('difference', differenceFigure)}
        ${row('activation asked for', ({ scale, activation }) =>
          heatMap(activation.steered, `Activation of ${concept} in the map ${factor(scale)}`),
        )}
        ${row('activation found', ({ scale, activation }) =>
          heatMap(
            activation.reconstructions,
            `Activation of ${concept} in the pictures of ${factor(scale)}, mean over seeds`,
          ),
        )}
        ${seeds.map((seed, k) =>
          row(`seed ${seed}`, ({ scale, pictures }) =>
            picture(pictures[k]!, `${factor(scale)}, seed ${seed}`),
          ),
        )}
      </tbody>
    </table>
  </div>`;
}

function differenceFigure({ scale, difference }: SteeredColumn): Html {
  const { png, outline } = difference;
  const image = picture(png, `Mean difference of ${factor(scale)} to ×1`);
  if (outline === null) return image;
  const grid = { width: outline.side, height: outline.side };
  const description = `Pixels of ${factor(scale)} that change significantly`;
  return html`<div class="overlay">
    ${image} ${contourLines(outline.lines, grid, description)}
  </div>`;
}
