import type { ByteCursor } from './byte-cursor.js';
import { CALL_OPCODES } from './call-opcodes.js';
import { CONTAINER_OPCODES } from './container-opcodes.js';
import { PickleMachine } from './machine.js';
import { SCALAR_OPCODES, type Opcodes } from './scalar-opcodes.js';
import type { PickleValue } from './values.js';

const HIGHEST_PROTOCOL = 5;

const FRAMING_OPCODES: Opcodes = {
  '\x80': ({ cursor }) => {
    const protocol = cursor.byte();
    if (protocol > HIGHEST_PROTOCOL) throw cursor.fail(`its pickle has protocol ${protocol}`);
  },
  // The length of a frame only helps to read ahead.
  '\x95': ({ cursor }) => void cursor.take(8),
};

const STOP = 0x2e;

/** By byte, so that a file's bytes never name a property. */
const OPCODES = new Map(
  Object.entries({
    ...FRAMING_OPCODES,
    ...SCALAR_OPCODES,
    ...CONTAINER_OPCODES,
    ...CALL_OPCODES,
  }).map(([character, run]) => [character.charCodeAt(0), run]),
);

/**
 * Reads one pickle (protocols 0 to 5) as plain data and leaves the cursor after it. Nothing of the file
 * is run: a call is answered by a constructor of our own or refused by its name. Time and memory are
 * bounded by the length of the pickle and by fixed limits. Throws InputError.
 */
export function readPickle(
  path: string,
  cursor: ByteCursor,
  persistent: (id: PickleValue) => PickleValue,
): PickleValue {
  const machine = new PickleMachine(path, cursor, persistent);
  for (;;) {
    machine.spend(1);
    const position = cursor.position;
    const opcode = cursor.byte();
    if (opcode === STOP) return machine.pop();
    const run = OPCODES.get(opcode);
    if (run === undefined) {
      throw cursor.fail(`byte ${position} of it, ${opcode}, is no step of a pickle of tensors`);
    }
    run(machine);
  }
}
