/** The frame of every report: one HTML document that needs no other file, network or script. */
import { Html, html } from './html.js';
import { pageStyle } from './page-style.js';

export interface Page {
  readonly title: string;
  /** Heading, lead and key. */
  readonly header: Html;
  /** Sections. */
  readonly main: Html;
  /** How the page was made: names and values. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  /** Command lines that make the page again. */
  readonly commands: readonly string[];
}

/** Pictures are data URIs, and a content security policy forbids everything else. */
export function renderPage(page: Page): string {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        />
        <title>${page.title}</title>
        <style>
          ${new Html(pageStyle)}
        </style>
      </head>
      <body>
        <header>${page.header}</header>
        <main>${page.main}</main>
        ${footer(page)}
      </body>
    </html> `;
  return document.markup;
}

/** A square picture, embedded. */
export function picture(png: Uint8Array, description: string): Html {
  const data = Buffer.from(png).toString('base64');
  return html`<img src="data:image/png;base64,${data}" alt="${description}" />`;
}

function footer({ settings, commands }: Page): Html {
  return html`<footer>
    <section aria-labelledby="settings">
      <h2 id="settings">How this page was made</h2>
      <dl class="facts">
        ${settings.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>
    </section>
    <section aria-labelledby="again">
      <h2 id="again">Make it again</h2>
      <pre><code>${commands.join('\n')}</code></pre>
    </section>
  </footer>`;
}
