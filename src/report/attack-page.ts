/** Clean and attacked pictures beside what is drawn from their maps. */
import type { ClassProbability } from './demo-page-data.js';
import type { Html } from './html.js';
import { html } from './html.js';
import { picture, renderPage, type Page } from './page.js';
import { top5Bars } from './top5-bars.js';

export interface AttackPage extends Pick<Page, 'title' | 'settings' | 'commands'> {
  readonly backbone: string;
  /** How far the pictures may be changed. */
  readonly change: string;
  readonly pictures: readonly AttackedPicture[];
}

export interface AttackedPicture {
  readonly name: string;
  /** Mean cosine per position between the two maps. */
  readonly mapCosine: number;
  readonly clean: SeenPicture;
  readonly attacked: SeenPicture;
}

export interface SeenPicture {
  readonly picture: Uint8Array;
  /** Reconstruction of its map. */
  readonly drawn: Uint8Array;
  readonly top5: readonly ClassProbability[];
}

export function renderAttackPage(page: AttackPage): string {
  const { title, backbone, change, pictures, settings, commands } = page;
  const header = html`<h1>${title}</h1>
    <p class="lead">
      Each picture was changed so little that it looks the same (${change}), and yet ${backbone}
      sees something else. The reconstructions are drawn from its feature maps of the two pictures,
      from the same noise: their difference is what the attack did to the features.
    </p>`;
  const main = html`<section aria-labelledby="pictures">
    <h2 id="pictures">Pictures</h2>
    ${pictures.map(section)}
  </section>`;
  return renderPage({ title, header, main, settings, commands });
}

function section({ name, mapCosine, clean, attacked }: AttackedPicture): Html {
  const first = clean.top5[0]?.label;
  return html`<article>
    <div class="original">
      <h3>${name}</h3>
      <p class="quiet">cosine of the two maps ${mapCosine.toFixed(2)}</p>
    </div>
    <div class="tracks">${column(name, 'clean', clean)} ${column(name, 'attacked', attacked)}</div>
    <div class="classes">
      ${top5Bars('What the classifier says of the clean picture', clean.top5, first)}
      ${top5Bars('… and of the attacked one', attacked.top5, first)}
    </div>
  </article>`;
}

function column(name: string, kind: string, seen: SeenPicture): Html {
  return html`<div class="pair">
    <figure>
      ${picture(seen.picture, `${name}, ${kind}`)}
      <figcaption>${kind}</figcaption>
    </figure>
    <figure>
      ${picture(seen.drawn, `Reconstruction of ${name}, ${kind}`)}
      <figcaption>what was seen</figcaption>
    </figure>
  </div>`;
}
