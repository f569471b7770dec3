import fc from 'fast-check';
import { expect, it } from 'vitest';
import { legacyCheckpoint, zipCheckpoint } from './checkpoint-writer.js';
import { open } from './open-bytes.js';
import { dict, integer, storage, tensor } from './pickle/pickle-writer.js';

/** A view of one of three storages: axes with strides, from an offset. */
interface View {
  readonly storage: number;
  readonly offset: number;
  readonly axes: readonly { readonly size: number; readonly stride: number }[];
}

const LENGTH = 200;
/** Element i of storage s holds 1000 s + i. */
const STORAGES = [0, 1, 2].map((s) =>
  Float64Array.from({ length: LENGTH }, (_, i) => 1000 * s + i),
);

const view = fc.record({
  storage: fc.nat({ max: 2 }),
  offset: fc.nat({ max: 20 }),
  axes: fc.array(fc.record({ size: fc.nat({ max: 4 }), stride: fc.nat({ max: 12 }) }), {
    maxLength: 4,
  }),
});

/** Values in row-major order, one axis after the other from the outermost. */
function valuesOf({ storage: s, offset, axes }: View): number[] {
  const positions = axes.reduce<number[]>(
    (starts, { size, stride }) =>
      starts.flatMap((start) => Array.from({ length: size }, (_, i) => start + i * stride)),
    [offset],
  );
  return positions.map((position) => 1000 * s + position);
}

const name = fc.stringMatching(/^[a-z0-9_]{1,8}$/);
const stateDict = fc.dictionary(name, fc.dictionary(name, view, { maxKeys: 4 }), { maxKeys: 4 });

it('any nested dictionary of any views is read in both formats', () => {
  fc.assert(
    fc.property(stateDict, fc.constantFrom('zip', 'legacy'), (modules, format) => {
      const tensorOf = ({ storage: s, offset, axes }: View): Buffer =>
        tensor(
          storage('DoubleStorage', String(s), LENGTH),
          offset,
          axes.map(({ size }) => size),
          axes.map(({ stride }) => stride),
        );
      const nested = Object.entries(modules).map(([module, views]): [string, Buffer] => [
        module,
        dict(
          ...Object.entries(views).map(([key, each]): [string, Buffer] => [key, tensorOf(each)]),
        ),
      ]);
      const all = Object.entries(modules).flatMap(([module, views]) =>
        Object.entries(views).map(([key, each]) => [`${module}.${key}`, each] as const),
      );
      const used = new Set(all.map(([, each]) => each.storage));
      const data = STORAGES.flatMap((values, s) =>
        used.has(s) ? [[String(s), new Uint8Array(values.buffer)] as const] : [],
      );
      const body = dict(['epoch', integer(7)], ['state_dict', dict(...nested)]);
      const opened = open(
        format === 'zip' ? zipCheckpoint(body, data) : legacyCheckpoint(body, data, 8),
      );
      const prefix = all.length === 0 ? 'state_dict.' : '';
      expect(opened.metadata).toEqual({ epoch: 7 });
      expect([...opened.entries.keys()].sort()).toEqual(all.map(([key]) => prefix + key).sort());
      for (const [key, each] of all) {
        expect(opened.entries.get(key)!.shape).toEqual(each.axes.map(({ size }) => size));
        expect([...opened.read(key)]).toEqual(valuesOf(each));
      }
    }),
    { numRuns: 100 },
  );
});
