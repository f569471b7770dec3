/** What can be timed: one file and one line here for each `kind`. */
import { InputError } from '../../src/errors.js';
import type { WorkSpec } from '../protocol.js';
import { openDenoising } from './denoising.js';
import { openExtraction } from './extraction.js';
import { openFirstImage } from './first-image.js';
import { openOp } from './op.js';
import { openSampling } from './sampling.js';
import { openThroughput } from './throughput.js';
import { openTraining } from './training.js';
import type { Workload } from './workload.js';

const openers: Readonly<Record<string, (spec: never, threads: number) => Promise<Workload>>> = {
  op: openOp,
  extraction: openExtraction,
  denoising: openDenoising,
  sampling: openSampling,
  training: openTraining,
  throughput: openThroughput,
  'first image': openFirstImage,
};

export async function openWorkload(spec: WorkSpec, threads: number): Promise<Workload> {
  const open = openers[spec.kind];
  if (open === undefined) throw new InputError(`there is no work of kind "${spec.kind}"`);
  return open(spec as never, threads);
}
