import { constant, input, sizeOf, type Shape, type Tensor } from '../../src/graph/index.js';
import {
  inputGradient,
  weightGradient,
  type InputForm,
  type WeightForm,
} from '../../src/graph/ops/conv-gradients.js';
import { Random } from '../../src/random.js';
import { Session } from '../../src/runtime/session.js';
import type { GradientWork } from './gradient-works.js';

const TURNS = 15;

/** The least milliseconds of each form, which take turns: what comes on top is other work of the machine. */
export async function measureForms(
  work: GradientWork,
  threads: number,
): Promise<Map<string, number>> {
  const random = new Random('forms');
  const noise = (shape: Shape): Float32Array => random.fillNormal(new Float32Array(sizeOf(shape)));
  const feeds = { x: noise(work.x.shape), w: noise(work.w.shape), dy: noise(work.y.shape) };
  const x = input('x', work.x.shape);
  const w = work.isTrained ? input('w', work.w.shape) : constant(feeds.w, work.w.shape);
  const dy = input('dy', work.y.shape);
  const trace = (form: string): Tensor =>
    work.by === 'weight'
      ? weightGradient(x, w, dy, work.attributes, form as WeightForm)
      : inputGradient(x, w, dy, work.attributes, form as InputForm)!;
  const sessions = new Map<string, Session>();
  for (const form of work.forms)
    sessions.set(form, await Session.compile({ out: trace(form) }, { threads }));
  const times = new Map(work.forms.map((form) => [form as string, [] as number[]]));
  for (let turn = -1; turn < TURNS; turn++) {
    for (const [form, session] of sessions) {
      const started = performance.now();
      await session.run(feeds);
      // The first turn warms up.
      if (turn >= 0) times.get(form)!.push(performance.now() - started);
    }
  }
  for (const session of sessions.values()) await session.dispose();
  return new Map([...times].map(([form, each]) => [form, Math.min(...each)]));
}
