// Goes from one picture to another through a classifier's feature space.
//   node examples/mix-two-pictures.mjs [A] [B] [OUT.gif]
import { loadInverter, mix, writeAnimation } from 'featinv';

const [a = 'photos/cat.jpg', b = 'photos/red-panda.jpg', out = 'out/example-mix.gif'] =
  process.argv.slice(2);
const inverter = await loadInverter();
const { frames } = await mix(inverter, [a, b], { op: 'slerp', alphas: [0, 0.25, 0.5, 0.75, 1] });
for (const { alpha, samples } of frames) {
  const [toA, toB] = samples[0].cosine.parents;
  console.log(`α ${alpha}: cosine ${toA.toFixed(3)} to ${a}, ${toB.toFixed(3)} to ${b}`);
}
const pictures = frames.map(({ samples }) => samples[0].image);
await writeAnimation(out, pictures, { rate: 4, side: 256, thereAndBack: true });
console.log(`written to ${out}`);
await inverter.dispose();
