import { invalidCheckpoint, refusedCall } from './invalid-checkpoint.js';
import { STORAGE_TYPES } from './storage-types.js';
import { describe, isCount, isKind, type PickleStorage, type PickleValue } from './values.js';

/** The storages that a pickle names, by their keys. */
export class Storages {
  readonly byKey = new Map<string, PickleStorage>();

  constructor(private readonly path: string) {}

  /** The storage of a persistent id: ('storage', class, key, device, length[, view]). */
  resolve(id: PickleValue): PickleStorage {
    const fail = (reason: string): Error => invalidCheckpoint(this.path, reason);
    if (!isKind(id, 'tuple') || id.items[0] !== 'storage') {
      const what = isKind(id, 'tuple') ? id.items[0] : id;
      throw fail(`it refers to ${describe(what)} outside its pickle where only storages may be`);
    }
    const [, type, key, , length, view = null] = id.items;
    if (!isKind(type, 'reference')) throw fail(`a storage has ${describe(type)} for a class`);
    const dtype = STORAGE_TYPES.get(type.name);
    if (dtype === undefined) throw refusedCall(this.path, type.name);
    if (typeof key !== 'string') throw fail(`a storage has the key ${describe(key)}`);
    if (!isCount(length)) throw fail(`storage ${describe(key)} has the length ${describe(length)}`);
    if (view !== null) {
      throw fail(`storage ${describe(key)} is a view of another, as PyTorch before 0.4 wrote them`);
    }
    const known = this.byKey.get(key);
    if (known === undefined) {
      const storage: PickleStorage = { kind: 'storage', key, dtype, length };
      this.byKey.set(key, storage);
      return storage;
    }
    if (known.dtype !== dtype || known.length !== length) {
      throw fail(`storage ${describe(key)} is described twice and differently`);
    }
    return known;
  }
}
