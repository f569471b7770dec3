/** Clean and attacked pictures beside what is drawn from their maps. */
import type { ClassProbability } from './demo-page-data.js';
import type { Html } from './html.js';
import { html } from './html.js';
import { picture, renderPage, type Page } from './page.js';
import { top5Bars } from './top5-bars.js';

export interface AttackPage extends Pick<Page, 'title' | 'settings' | 'commands'> {
  /** The classifier that is attacked. */
  readonly backbone: string;
  /** The classifier whose maps are drawn, where it is another one. */
  readonly viewer: string | undefined;
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
  /** What the attacked classifier says. */
  readonly top5: readonly ClassProbability[];
  /** What the viewer says, where it is another classifier. */
  readonly viewerTop5: readonly ClassProbability[] | undefined;
}

export function renderAttackPage(page: AttackPage): string {
  const { title, backbone, viewer, change, pictures, settings, commands } = page;
  const header = html`<h1>${title}</h1>
    <p class="lead">
      Each picture was changed so little that it looks the same (${change}), and yet ${backbone}
      sees something else. ${viewer === undefined ? OWN_MAPS : otherMaps(backbone, viewer)}
    </p>`;
  const main = html`<section aria-labelledby="pictures">
    <h2 id="pictures">Pictures</h2>
    ${pictures.map((each) => section(each, viewer))}
  </section>`;
  return renderPage({ title, header, main, settings, commands });
}

const OWN_MAPS =
  'The reconstructions are drawn from its feature maps of the two pictures, from the same noise: their difference is what the attack did to the features.';

const otherMaps = (attacked: string, viewer: string): string =>
  `The reconstructions are not drawn from maps of ${attacked}: they show what ${viewer}, the inverter’s own classifier, sees in the two pictures, from the same noise. They differ as far as the attack carries over.`;

function section(
  { name, mapCosine, clean, attacked }: AttackedPicture,
  viewer: string | undefined,
): Html {
  const first = clean.top5[0]?.label;
  return html`<article>
    <div class="original">
      <h3>${name}</h3>
      <p class="quiet">cosine of the two maps ${mapCosine.toFixed(2)}</p>
    </div>
    <div class="tracks">
      ${column(name, 'clean', clean, viewer)} ${column(name, 'attacked', attacked, viewer)}
    </div>
    <div class="classes">
      ${top5Bars('What the classifier says of the clean picture', clean.top5, first)}
      ${top5Bars('… and of the attacked one', attacked.top5, first)}
    </div>
    ${viewer === undefined ? [] : viewerClasses(viewer, clean, attacked)}
  </article>`;
}

function viewerClasses(viewer: string, clean: SeenPicture, attacked: SeenPicture): Html {
  const [before, after] = [clean.viewerTop5 ?? [], attacked.viewerTop5 ?? []];
  const first = before[0]?.label;
  return html`<div class="classes">
    ${top5Bars(`What ${viewer} says of the clean picture`, before, first)}
    ${top5Bars('… and of the attacked one', after, first)}
  </div>`;
}

function column(name: string, kind: string, seen: SeenPicture, viewer: string | undefined): Html {
  return html`<div class="pair">
    <figure>
      ${picture(seen.picture, `${name}, ${kind}`)}
      <figcaption>${kind}</figcaption>
    </figure>
    <figure>
      ${picture(seen.drawn, `Reconstruction of ${name}, ${kind}`)}
      <figcaption>${viewer === undefined ? 'what was seen' : `what ${viewer} sees`}</figcaption>
    </figure>
  </div>`;
}
