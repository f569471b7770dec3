// Splits the logit of a picture's first class among the concepts of the last layer: exactly.
//   node examples/why-this-class.mjs [PICTURE]
import { fitConcepts, listImages, loadInverter, loadTraceableBackbone } from 'featinv';
import { classify, readImage, relevance, vectorsOfMap } from 'featinv';

const [picture = 'photos/coffee.jpg'] = process.argv.slice(2);
const inverter = await loadInverter('lite0-7x7');
const backbone = await loadTraceableBackbone(inverter.config.backbone);
const fitted = await fitConcepts(inverter, await listImages('photos'), { method: 'pca', count: 6 });

const [{ index, label }] = await classify(backbone, await readImage(picture));
const head = backbone.classWeights();
const vectors = vectorsOfMap(await inverter.features(picture));
const parts = relevance(fitted.model, vectors, head, index);

const sum = (values) => values.reduce((total, value) => total + value, 0);
console.log(`${picture}, ${label}: logit − bias = ${parts.total.toFixed(3)}, of which`);
parts.concepts.forEach((values, k) => console.log(`  concept ${k}: ${sum(values).toFixed(3)}`));
console.log(`  mean of all pictures: ${sum(parts.offset).toFixed(3)}`);
console.log(`  rest: ${sum(parts.rest).toFixed(3)}`);
await inverter.dispose();
