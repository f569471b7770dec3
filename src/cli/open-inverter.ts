/** The inverter of a command, and what it will need told beforehand. */
import { InputError } from '../errors.js';
import { loadInverter, type Inverter } from '../inversion/inverter.js';
import type { SamplingDefaults } from '../inversion/inverter-config.js';
import type { MemoryMode } from '../runtime/memory-mode.js';
import type { MemoryNeed } from '../runtime/memory-need.js';
import type { CommandContext } from './context.js';
import { machineBytes, showBytes } from './machine-memory.js';

/** Less is not worth a line. */
const TOLD_FROM_BYTES = 1e9;

/** `--model` as the common options say. */
export function openInverter(context: CommandContext): Promise<Inverter> {
  return loadInverter(context.common.model, context.session);
}

/**
 * Says on stderr how much memory sampling pictures of `samples` seeds will take. Throws InputError where this
 * machine has less.
 */
export function tellMemory(
  context: CommandContext,
  inverter: Inverter,
  samples: number,
  sampling: Partial<SamplingDefaults> = {},
): void {
  const need = inverter.memoryNeed(samples, sampling);
  const total = need.total + process.memoryUsage.rss();
  if (total < TOLD_FROM_BYTES) return;
  context.note(memoryLine({ ...need, total }, inverter.memory, machineBytes()));
}

/** The line; throws InputError for a machine that is too small. `need.total` includes the process itself. */
export function memoryLine(need: MemoryNeed, memory: MemoryMode, machine: number): string {
  const own = need.total - need.weights;
  const help = memory === 'fast' ? 'give --memory low, or fewer --samples' : 'give fewer --samples';
  if (own > machine) {
    throw new InputError(
      `this needs about ${showBytes(own)} of memory beside the weights' files, the machine has ${showBytes(machine)}; ${help}`,
    );
  }
  const parts = `${showBytes(need.weights)} of it weights that stay in their files (--memory ${memory})`;
  const line = `needs about ${showBytes(need.total)} of memory, ${parts}`;
  return need.total > machine
    ? `${line}; the machine has ${showBytes(machine)}: weights will be read again and again, which is slow`
    : line;
}
