import { html } from '../../report/html.js';

/** A refusal for someone who opens an address: it must do without the studio's own files. */
export function refusalPage(message: string): string {
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>featinv studio</title>
      </head>
      <body>
        <main>
          <h1>The studio does not open here</h1>
          <p>${sentence}</p>
        </main>
      </body>
    </html>`.markup;
}
