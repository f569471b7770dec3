// Takes the strongest concept out of a picture, and doubles it.
//   node examples/steer-a-concept.mjs [PICTURE] [OUT.png]
import { fitConcepts, imageGrid, listImages, loadInverter, steer, writePng } from 'featinv';
import { activation, encode, vectorsOfMap } from 'featinv';

const [picture = 'photos/macaw.jpg', out = 'out/example-steering.png'] = process.argv.slice(2);
const inverter = await loadInverter();
const fitted = await fitConcepts(inverter, await listImages('photos'), { method: 'pca', count: 5 });

const codes = encode(fitted.model, vectorsOfMap(await inverter.features(picture)));
const strengths = fitted.model.concepts.map((_, k) =>
  activation(fitted.model, codes, k).reduce((sum, value) => sum + value, 0),
);
const concept = strengths.indexOf(Math.max(...strengths));

const scales = [0, 1, 2];
const result = await steer(inverter, picture, fitted, { concept, scales, seeds: 2 });
for (const { scale, activation: asked, samples, difference } of result.scales) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const found = mean(samples.map((sample) => mean(sample.activation)));
  const share = 100 * (difference.significance?.share ?? 0);
  console.log(
    `concept ${concept} × ${scale}: asked ${mean(asked).toFixed(2)}, found ${found.toFixed(2)}, ` +
      `${share.toFixed(0)} % of the pixels changed significantly`,
  );
}
const rows = result.seeds.flatMap((_, k) => result.scales.map(({ samples }) => samples[k].image));
await writePng(out, imageGrid(rows, scales.length));
console.log(`rows: seeds, columns: scales ${scales.join(', ')}: ${out}`);
await inverter.dispose();
