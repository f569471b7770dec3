/** A classifier's map and logits of normalised pictures. */
import { timmCatalogue, loadTraceableBackbone } from '../../src/backbones/index.js';
import { countFlops } from '../../src/graph/flops.js';
import { input, sizeOf } from '../../src/graph/index.js';
import { Random } from '../../src/random.js';
import { backboneWeights } from '../hashed-weights.js';
import type { WorkSpec } from '../protocol.js';
import { timed, type Workload } from './workload.js';

export interface ExtractionSpec extends WorkSpec {
  readonly kind: 'extraction';
  /** Shipped, or known by its timm name and then filled with hashed weights. */
  readonly backbone: string;
  /** What timm calls the architecture, for the peer. */
  readonly timm: string;
  readonly size: number;
  readonly batch: number;
}

export async function openExtraction(spec: ExtractionSpec, threads: number): Promise<Workload> {
  const { backbone: name, size, batch } = spec;
  const weights = timmCatalogue.has(name) ? `=${await backboneWeights(name)}` : '';
  const backbone = await loadTraceableBackbone(name + weights);
  const shape = [batch, 3, size, size];
  const { taps, logits } = backbone.trace(input('images', shape));
  const session = await backbone.open({ batch, threads });
  const images = new Random('pictures').fillNormal(new Float32Array(sizeOf(shape)));
  return {
    run: timed(() => session.run(images)),
    flops: countFlops([taps.get(backbone.defaultLayer)!, logits]),
    dispose: () => session.dispose(),
  };
}
