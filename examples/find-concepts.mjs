// Finds the concepts of a layer in a folder of pictures and says how much of it they explain.
//   node examples/find-concepts.mjs [FOLDER] [OUT]
import { fitConcepts, listImages, loadInverter, vectorsOfMap, writeConcepts } from 'featinv';
import { encode, rSquared, sparsity } from 'featinv';

const [folder = 'photos', out = 'out/example-concepts'] = process.argv.slice(2);
const inverter = await loadInverter();
const files = await listImages(folder);
const fitted = await fitConcepts(inverter, files, { method: 'kmeans', count: 8 });
await writeConcepts(out, fitted);

const vectors = vectorsOfMap(await inverter.features(files[0]));
const codes = encode(fitted.model, vectors);
console.log(`${fitted.model.concepts.length} concepts of ${fitted.backbone}, ${fitted.layer}`);
console.log(`${files[0]}: R² ${rSquared(fitted.model, vectors).toFixed(3)}`);
console.log(`codes that are zero: ${(100 * sparsity(codes).zeroShare).toFixed(0)} %`);
console.log(`written to ${out}; look at them with: npx featinv concepts show ${out}`);
await inverter.dispose();
