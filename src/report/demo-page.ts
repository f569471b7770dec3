import type { DemoModel, DemoPage, DemoPhotograph, DemoReconstruction } from './demo-page-data.js';
import { gapBar } from './gap-bar.js';
import { heatMap, heatMapLegend } from './heat-map.js';
import type { Html } from './html.js';
import { html } from './html.js';
import { numbersTable } from './numbers-table.js';
import { picture, renderPage } from './page.js';
import { top5Bars } from './top5-bars.js';

/** The demo's page: photographs beside what each inverter drew of them. */
export function renderDemoPage(page: DemoPage): string {
  const { title, settings, commands } = page;
  const main = html`<section aria-labelledby="photographs">
      <h2 id="photographs">Photographs and reconstructions</h2>
      ${page.photographs.map((photograph) => photographSection(photograph, page))}
    </section>
    <section aria-labelledby="models">
      <h2 id="models">The models</h2>
      ${page.models.some(({ evaluation }) => evaluation) ? gapNote : undefined}
      <div class="cards">${page.models.map((model) => modelCard(model, page))}</div>
    </section>
    <section aria-labelledby="numbers">
      <h2 id="numbers">The numbers</h2>
      ${numbersTable(page)}
    </section>`;
  return renderPage({ title, header: header(page), main, settings, commands });
}

const gapNote = html`<p class="note">
  The gap runs from the cosine of an unrelated photograph (0 %) to that of the autoencoder’s copy of
  the same photograph (100 %), which is the best that the decoder can draw.
</p>`;

const pooledKey = html`<div>
  <dt>Pooled</dt>
  <dd>The baseline: the map is averaged first, so the network’s sense of place is gone.</dd>
</div>`;

function header({ title, backbone, models }: DemoPage): Html {
  return html`<h1>${title}</h1>
    <p class="lead">
      An image classifier, ${backbone}, looked at each photograph below; the pictures beside it were
      drawn from nothing but the map of features that the network computed inside. What they share
      with the photograph is what the network kept of it, and what changes from one to the next is
      what it let go.
    </p>
    <dl class="key">
      <div>
        <dt>Seeds</dt>
        <dd>The same feature map, drawn again from different random noise.</dd>
      </div>
      <div>
        <dt>Match</dt>
        <dd>
          How well the first reconstruction’s own features agree with the photograph’s, place by
          place: cosine similarity ${heatMapLegend()}
        </dd>
      </div>
      ${models.some(({ pooled }) => pooled) ? pooledKey : undefined}
    </dl>`;
}

function photographSection(photograph: DemoPhotograph, page: DemoPage): Html {
  const { name, original, top5, reconstructions } = photograph;
  const tracks = reconstructions.map((reconstruction, i) => {
    const model = page.models.find(({ id }) => id === reconstruction.model);
    return track(name, reconstruction, model?.label ?? reconstruction.model, i === 0);
  });
  const leading = reconstructions[0];
  const first = top5[0]?.label;
  return html`<article>
    <div class="original">
      <h3>${name}</h3>
      ${picture(original, `Photograph: ${name}`)}
      <p class="quiet">photograph</p>
    </div>
    <div class="tracks">${tracks}</div>
    <div class="classes">
      ${top5Bars('What the classifier says of the photograph', top5, first)}
      ${leading && top5Bars('… and of the first reconstruction', leading.top5, first)}
    </div>
  </article>`;
}

function track(
  name: string,
  { samples, cosineMap, cosine }: DemoReconstruction,
  label: string,
  isLeading: boolean,
): Html {
  const values = cosineMap.flat();
  const range = `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
  const description = `Cosine per position of ${name}, ${label}: mean ${cosine.mean.toFixed(2)}, from ${range}`;
  const figures = samples.map(
    ({ png, seed }) =>
      html`<figure>
        ${picture(png, `Reconstruction of ${name} by ${label}, seed ${seed}`)}
        <figcaption>seed ${seed}</figcaption>
      </figure>`,
  );
  return html`<section class="track-row${isLeading ? ' leading' : undefined}">
    <h4>${label}</h4>
    <div class="strip">
      ${figures}
      <figure class="match">
        ${heatMap(cosineMap, description)}
        <figcaption>match <strong>${cosine.mean.toFixed(2)}</strong></figcaption>
      </figure>
    </div>
  </section>`;
}

function modelCard(model: DemoModel, page: DemoPage): Html {
  const results = page.photographs.flatMap(({ reconstructions }) =>
    reconstructions.filter((reconstruction) => reconstruction.model === model.id),
  );
  const [channels, height, width] = model.mapShape;
  return html`<article class="card">
    <h3>${model.label}</h3>
    <p>${model.summary}</p>
    ${model.evaluation && gapBar(model.evaluation)}
    <dl class="facts">
      <div>
        <dt>Feature map</dt>
        <dd>${channels} channels on ${height} × ${width}</dd>
      </div>
      <div>
        <dt>Sampling</dt>
        <dd>${model.sampling}</dd>
      </div>
      ${results.length > 0 ? onThisPage(results) : undefined}
    </dl>
  </article>`;
}

function onThisPage(results: readonly DemoReconstruction[]): Html {
  const mean = results.reduce((sum, { cosine }) => sum + cosine.mean, 0) / results.length;
  const hits = results.filter(({ top5Match }) => top5Match).length;
  return html`<div>
    <dt>On this page</dt>
    <dd>
      mean cosine ${mean.toFixed(2)}; first class kept among the top five for ${hits} of
      ${results.length}
    </dd>
  </div>`;
}
