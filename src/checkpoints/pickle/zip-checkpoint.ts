import { InputError } from '../../errors.js';
import type { OpenFile } from '../open-file.js';
import { readZipDirectory, storedOffset, type ZipMember } from '../zip-directory.js';
import { ByteCursor } from './byte-cursor.js';
import { invalidCheckpoint } from './invalid-checkpoint.js';
import type { PickledCheckpoint } from './pickled-checkpoint.js';
import { readPickle } from './read-pickle.js';
import { Storages } from './storages.js';

/** More than any description of tensors needs. */
const MAX_PICKLE_BYTES = 2 ** 28;

/** Reads the format of PyTorch 1.6 and later: `data.pkl` and `data/0`, `data/1`, … in a zip archive. */
export function readZipCheckpoint(file: OpenFile): PickledCheckpoint {
  const { path } = file;
  const members = readZipDirectory(file);
  const description = findDescription(path, members);
  const folder = description.name.slice(0, -'data.pkl'.length);
  if (members.has(`${folder}constants.pkl`)) {
    throw new InputError(
      `${path} is a TorchScript program, not a state dict; load it with torch.jit.load and save its state_dict()`,
    );
  }
  if (description.byteLength > MAX_PICKLE_BYTES) {
    throw invalidCheckpoint(path, `its data.pkl has ${description.byteLength} bytes`);
  }
  const start = storedOffset(file, description);
  const cursor = new ByteCursor(file, start, start + description.byteLength);
  const storages = new Storages(path);
  const root = readPickle(path, cursor, (id) => storages.resolve(id));
  return {
    root,
    pickleBytes: description.byteLength,
    littleEndian: isLittleEndian(file, members.get(`${folder}byteorder`)),
    locate: ({ key }) => {
      const member = members.get(`${folder}data/${key}`);
      if (member === undefined) return undefined;
      return { offset: storedOffset(file, member), byteLength: member.byteLength };
    },
  };
}

function findDescription(path: string, members: ReadonlyMap<string, ZipMember>): ZipMember {
  const found = [...members.values()].filter(({ name }) => /^([^/]*\/)?data\.pkl$/.test(name));
  if (found.length === 1) return found[0]!;
  throw new InputError(
    `${path} is a zip archive but no PyTorch checkpoint: it holds ${found.length} files data.pkl where one should be`,
  );
}

/** Files without the member were written on little-endian machines or before others were supported. */
function isLittleEndian(file: OpenFile, member: ZipMember | undefined): boolean {
  if (member === undefined) return true;
  const order =
    member.byteLength > 10
      ? ''
      : file.read(storedOffset(file, member), member.byteLength).toString();
  if (order === 'little' || order === 'big') return order === 'little';
  throw invalidCheckpoint(file.path, 'its byteorder is neither little nor big');
}
