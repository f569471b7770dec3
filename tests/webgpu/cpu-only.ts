import { quantisedConvOp, quantisedMatmulOp } from '../../src/graph/ops/quantised-ops.js';

/** Sampling in 8 bits is for the CPU: `--precision int8` is refused on other devices. */
export const cpuOnly: ReadonlySet<string> = new Set([quantisedMatmulOp.name, quantisedConvOp.name]);
