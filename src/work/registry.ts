import { InputError } from '../errors.js';
import type { WorkKind } from './work-kind.js';

/** By name; loaded when asked for. */
const KINDS: Readonly<Record<string, () => Promise<WorkKind>>> = {
  evaluation: async () => (await import('./evaluation-work.js')).evaluationWork,
  features: async () => (await import('./features-work.js')).featuresWork,
  reconstruction: async () => (await import('./reconstruction-work.js')).reconstructionWork,
  training: async () => (await import('./training-work.js')).trainingWork,
};

export async function findWorkKind(name: string): Promise<WorkKind> {
  const load = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (load) return load();
  throw new InputError(
    `this version of featinv knows no work called "${name}" (it knows ${Object.keys(KINDS).join(', ')}): update it`,
  );
}
