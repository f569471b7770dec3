import { DICT_STEPS, type PickleMachine } from './machine.js';
import type { Opcodes } from './scalar-opcodes.js';
import {
  describe,
  dict,
  isKind,
  sequence,
  type PickleSequence,
  type PickleValue,
} from './values.js';

/** The stack itself, the memo, lists, tuples, sets and dictionaries. */
export const CONTAINER_OPCODES: Opcodes = {
  '(': (m) => m.mark(),
  '0': (m) => void (m.atMark() ? m.popToMark() : m.pop()),
  '1': (m) => void m.popToMark(),
  '2': (m) => m.push(m.top()),
  g: (m) => m.recall(index(m, m.cursor.line())),
  h: (m) => m.recall(m.cursor.byte()),
  j: (m) => m.recall(m.cursor.take(4).readUInt32LE()),
  p: (m) => m.remember(index(m, m.cursor.line())),
  q: (m) => m.remember(m.cursor.byte()),
  r: (m) => m.remember(m.cursor.take(4).readUInt32LE()),
  '\x94': (m) => m.rememberNext(),

  ')': (m) => m.push(sequence('tuple', [])),
  t: (m) => m.push(sequence('tuple', m.popToMark())),
  '\x85': (m) => m.push(sequence('tuple', popped(m, 1))),
  '\x86': (m) => m.push(sequence('tuple', popped(m, 2))),
  '\x87': (m) => m.push(sequence('tuple', popped(m, 3))),
  ']': (m) => m.push(sequence('list', [])),
  l: (m) => m.push(sequence('list', m.popToMark())),
  a: (m) => add(m, 'list', [m.pop()]),
  e: (m) => add(m, 'list', m.popToMark()),
  '\x8f': (m) => m.push(sequence('set', [])),
  '\x90': (m) => add(m, 'set', m.popToMark()),
  '\x91': (m) => m.push(sequence('set', m.popToMark())),
  '}': (m) => pushDict(m),
  d: (m) => {
    const pairs = m.popToMark();
    pushDict(m);
    assign(m, pairs);
  },
  s: (m) => assign(m, popped(m, 2)),
  u: (m) => assign(m, m.popToMark()),
};

/** The topmost values, the deepest first. */
function popped(m: PickleMachine, count: number): PickleValue[] {
  return Array.from({ length: count }, () => m.pop()).reverse();
}

function index(m: PickleMachine, line: string): number {
  if (/^\d{1,10}$/.test(line)) return Number(line);
  throw m.cursor.fail(`its pickle has "${line.slice(0, 60)}" for a place in its memo`);
}

function pushDict(m: PickleMachine): void {
  m.spend(DICT_STEPS);
  m.push(dict());
}

/** Appends to the list or set on top of the stack. */
function add(m: PickleMachine, kind: PickleSequence['kind'], items: PickleValue[]): void {
  const target = m.top();
  if (!isKind(target, kind)) throw m.cursor.fail(`its pickle appends to ${describe(target)}`);
  for (const item of items) target.items.push(item);
}

/** Sets keys, each followed by its value, of the dictionary on top of the stack. */
function assign(m: PickleMachine, pairs: readonly PickleValue[]): void {
  const target = m.top();
  if (!isKind(target, 'dict')) throw m.cursor.fail(`its pickle sets keys of ${describe(target)}`);
  if (pairs.length % 2 === 1) throw m.cursor.fail('its pickle has a key without a value');
  for (let i = 0; i < pairs.length; i += 2) target.entries.set(pairs[i]!, pairs[i + 1]!);
}
