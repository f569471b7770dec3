/** One page of cards: what each concept of a layer looks for, and what it adds to a picture. */
import { contourLines, type Line } from './contour-lines.js';
import type { Html } from './html.js';
import { html } from './html.js';
import { picture, renderPage, type Page } from './page.js';

export interface ConceptCardsPage extends Pick<Page, 'title' | 'settings' | 'commands'> {
  readonly lead: string;
  readonly cards: readonly ConceptCardData[];
}

export interface ConceptCardData {
  readonly name: string;
  /** Short facts, such as `energy` and `12 %`. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly patches: readonly { readonly png: Uint8Array; readonly from: string }[];
  readonly overlays: readonly ConceptOverlay[];
  readonly drawings: readonly { readonly png: Uint8Array; readonly caption: string }[];
}

/** A picture with the contours of a concept's activation. */
export interface ConceptOverlay {
  readonly png: Uint8Array;
  readonly from: string;
  readonly lines: readonly Line[];
  readonly grid: { readonly width: number; readonly height: number };
}

export function renderConceptCards(page: ConceptCardsPage): string {
  const { title, lead, settings, commands } = page;
  const header = html`<h1>${title}</h1>
    <p class="lead">${lead}</p>
    <dl class="key">
      <div>
        <dt>Patches</dt>
        <dd>Where the concept is strongest, one patch of each picture.</dd>
      </div>
      <div>
        <dt>Contours</dt>
        <dd>Where the concept reaches half of its strength in these pictures.</dd>
      </div>
      <div>
        <dt>Alone and removed</dt>
        <dd>
          Pictures sampled from the first picture’s map, from the concept’s part of it, and from the
          map without that part: all from the same noise.
        </dd>
      </div>
    </dl>`;
  const main = html`<section aria-labelledby="concepts">
    <h2 id="concepts">Concepts</h2>
    <div class="concepts">${page.cards.map(card)}</div>
  </section>`;
  return renderPage({ title, header, main, settings, commands });
}

function card({ name, facts, patches, overlays, drawings }: ConceptCardData): Html {
  return html`<article class="card concept">
    <h3>${name}</h3>
    <dl class="facts">
      ${facts.map(
        ([fact, value]) =>
          html`<div>
            <dt>${fact}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <h4>Strongest patches</h4>
    <div class="patches">
      ${patches.map(({ png, from }) => picture(png, `Patch of ${from} with ${name}`))}
    </div>
    <h4>Where it is active</h4>
    <div class="triple">
      ${overlays.map(
        ({ png, from, lines, grid }) =>
          html`<figure>
            <div class="overlay">
              ${picture(png, from)} ${contourLines(lines, grid, `${name} in ${from}`)}
            </div>
            <figcaption>${from}</figcaption>
          </figure>`,
      )}
    </div>
    <h4>What it adds</h4>
    <div class="triple">
      ${drawings.map(
        ({ png, caption }) =>
          html`<figure>
            ${picture(png, `${name}: ${caption}`)}
            <figcaption>${caption}</figcaption>
          </figure>`,
      )}
    </div>
  </article>`;
}
