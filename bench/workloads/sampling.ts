/** Reconstructions by the default inverter, from feature maps to pictures. */
import path from 'node:path';
import { loadInverter } from '../../src/inversion/inverter.js';
import { packageRoot } from '../../src/package-root.js';
import type { NetworkSpec } from '../network-spec.js';
import type { WorkSpec } from '../protocol.js';
import { timed, type Workload } from './workload.js';

export interface SamplingSpec extends WorkSpec {
  readonly kind: 'sampling';
  readonly inverter: string;
  readonly network: NetworkSpec;
  readonly batch: number;
  readonly steps: number;
  readonly sampler: string;
  readonly guidance: number;
}

export async function openSampling(spec: SamplingSpec, threads: number): Promise<Workload> {
  const { batch } = spec;
  const inverter = await loadInverter(spec.inverter, { threads });
  const { data } = await inverter.features(path.join(packageRoot(), 'photos', 'cat.jpg'));
  const maps = Array.from({ length: batch }, () => data);
  const seeds = maps.map((_, i) => i);
  return {
    run: timed(() => inverter.sample(maps, seeds)),
    dispose: () => inverter.dispose(),
  };
}
