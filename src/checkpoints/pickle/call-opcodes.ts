import { CONSTRUCTORS } from './constructors.js';
import { refusedCall } from './invalid-checkpoint.js';
import type { PickleMachine } from './machine.js';
import type { Opcodes } from './scalar-opcodes.js';
import { describe, isKind, type PickleReference, type PickleValue } from './values.js';

/** References, and calls: only the listed constructors are known, all else is refused by its name. */
export const CALL_OPCODES: Opcodes = {
  c: (m) => m.push(lineReference(m)),
  '\x93': (m) => {
    const name = m.pop();
    const module = m.pop();
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw m.cursor.fail(`its pickle names ${describe(module)} and ${describe(name)} as a class`);
    }
    m.push(reference(m, module, name));
  },
  R: (m) => {
    const args = m.pop();
    call(m, m.pop(), args);
  },
  '\x81': (m) => {
    const args = m.pop();
    call(m, m.pop(), args);
  },
  '\x92': (m) => {
    const keywords = m.pop();
    const args = m.pop();
    const callee = m.pop();
    if (!isKind(keywords, 'dict') || keywords.entries.size > 0) {
      throw m.cursor.fail(`its pickle gives named arguments to ${describe(callee)}`);
    }
    call(m, callee, args);
  },
  i: (m) => {
    const callee = lineReference(m);
    call(m, callee, { kind: 'tuple', items: m.popToMark() });
  },
  o: (m) => {
    const [callee, ...items] = m.popToMark();
    call(m, callee, { kind: 'tuple', items });
  },
  b: (m) => {
    const state = m.pop();
    setState(m, m.top(), state);
  },
  Q: (m) => m.push(m.persistent(m.pop())),
};

function lineReference(m: PickleMachine): PickleReference {
  const module = m.cursor.line();
  return reference(m, module, m.cursor.line());
}

function reference(m: PickleMachine, module: string, name: string): PickleReference {
  // Messages quote it: it must not be able to draw over a terminal or fill it.
  const full = `${module}.${name}`;
  if (!/^[\w.<>$-]{1,300}$/u.test(full)) {
    throw m.cursor.fail(`its pickle names a class ${JSON.stringify(full.slice(0, 60))}`);
  }
  return { kind: 'reference', name: full };
}

function call(m: PickleMachine, callee: PickleValue | undefined, args: PickleValue): void {
  if (!isKind(callee, 'reference')) throw m.cursor.fail(`its pickle calls ${describe(callee)}`);
  const construct = CONSTRUCTORS.get(callee.name);
  if (construct === undefined) throw refusedCall(m.path, callee.name);
  if (!isKind(args, 'tuple')) {
    throw m.cursor.fail(`its pickle calls ${callee.name} with ${describe(args)}`);
  }
  const wrong = (found: PickleValue | undefined): Error =>
    m.cursor.fail(
      `its pickle calls ${callee.name} with wrong arguments, such as ${describe(found)}`,
    );
  m.push(construct(args.items, { wrong, spend: (steps) => m.spend(steps) }));
}

/** What BUILD does to the few kinds of objects that have a state. */
function setState(m: PickleMachine, target: PickleValue, state: PickleValue): void {
  if (isKind(target, 'reference')) throw refusedCall(m.path, target.name);
  if (isKind(target, 'dict')) {
    if (!target.namespace) return;
    if (!isKind(state, 'dict')) {
      throw m.cursor.fail(`its pickle makes a Namespace of ${describe(state)}`);
    }
    m.spend(state.entries.size);
    for (const [key, value] of state.entries) target.entries.set(key, value);
  } else if (isKind(target, 'numpy dtype')) {
    // (version, byte order, …): '<' and '|' are little-endian or one byte, '=' is the writer's own.
    const order = isKind(state, 'tuple') ? state.items[1] : undefined;
    if (order !== '<' && order !== '>' && order !== '|' && order !== '=') {
      throw m.cursor.fail(`its pickle has a number of byte order ${describe(order)}`);
    }
    target.littleEndian = order !== '>';
  } else {
    throw m.cursor.fail(`its pickle sets the state of ${describe(target)}`);
  }
}
