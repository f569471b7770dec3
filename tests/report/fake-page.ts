import type { DemoPage, DemoReconstruction } from '../../src/report/demo-page-data.js';

/** Not a picture: the page carries the bytes as they are. */
const png = Uint8Array.of(1, 2, 3);

const classes = (...labels: string[]): { label: string; probability: number }[] =>
  labels.map((label, i) => ({ label, probability: 0.5 / (i + 1) ** 3 }));

const reconstruction = (model: string, label: string): DemoReconstruction => ({
  model,
  samples: [
    { png, seed: 1 },
    { png, seed: 2 },
  ],
  cosineMap: [
    [0.1, 0.9],
    [0.5, -0.2],
  ],
  cosine: { mean: 0.325, median: 0.3 },
  top5: classes(label, 'fox', 'wolf', 'cat', 'hen'),
  top5Match: label === 'dog',
  seconds: 1.25,
});

/** One photograph, two models, with text that would be markup if it were not escaped. */
export const fakePage: DemoPage = {
  title: 'Seen & <b>drawn</b>',
  backbone: '"Net"',
  models: [
    {
      id: 'fine',
      label: '14×14 <unpooled>',
      summary: 'Keeps shapes.',
      mapShape: [112, 14, 14],
      pooled: false,
      sampling: 'DDIM, 20 steps',
      evaluation: {
        images: 64,
        cosine: 0.87,
        floor: 0.8,
        ceiling: 0.94,
        gapClosed: { value: 0.5, low: 0.41, high: 0.6 },
      },
    },
    {
      id: 'pooled',
      label: '7×7 pooled',
      summary: 'Keeps colours.',
      mapShape: [1280, 7, 7],
      pooled: true,
      sampling: 'DDIM, 20 steps',
    },
  ],
  photographs: [
    {
      name: '<script>alert("x")</script>',
      original: png,
      top5: classes('dog', 'fox', 'wolf', 'cat', 'hen'),
      reconstructions: [reconstruction('fine', 'dog'), reconstruction('pooled', 'goldfish')],
    },
  ],
  settings: [['Seed', '1 & only']],
  commands: ['featinv reconstruct "a b.jpg" && echo <done>'],
};
