import type { DemoEvaluation } from './demo-page-data.js';
import type { Html } from './html.js';
import { html } from './html.js';

/** Where a model's cosine lies between a random picture's and the autoencoder's round trip. */
export function gapBar({ images, cosine, floor, ceiling, gapClosed }: DemoEvaluation): Html {
  const percent = (value: number): string => `${Math.round(100 * value)} %`;
  const place = (value: number): string => `${(100 * Math.min(1, Math.max(0, value))).toFixed(1)}%`;
  const span = Math.max(0, Math.min(1, gapClosed.high) - Math.max(0, gapClosed.low));
  const end = (name: string, value: number): Html =>
    html`<span>${name}<br />${value.toFixed(2)}</span>`;
  return html`<div class="gap">
    <p><strong>${percent(gapClosed.value)}</strong> of the gap closed</p>
    <p class="quiet">
      95 % interval ${percent(gapClosed.low)} to ${percent(gapClosed.high)}, ${images} held-out
      crops
    </p>
    <div class="scale" aria-hidden="true">
      <span class="filled" style="width: ${place(gapClosed.value)}"></span>
      <span class="interval" style="left: ${place(gapClosed.low)}; width: ${place(span)}"></span>
    </div>
    <p class="ends quiet">
      ${end('unrelated', floor)}${end('model', cosine)}${end('autoencoder', ceiling)}
    </p>
  </div>`;
}
