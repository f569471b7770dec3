import path from 'node:path';
import { InputError } from '../errors.js';
import { checkpointFile, type CheckpointEntry, type CheckpointFile } from './checkpoint-file.js';
import { withFile } from './open-file.js';

/** More than the names of any model's tensors need. */
const MAX_INDEX_BYTES = 2 ** 26;

/**
 * Opens a checkpoint in several files from its index (`….safetensors.index.json`, `….bin.index.json`),
 * which says which file beside it holds which tensor; `openShard` opens one of them. Throws InputError
 * where they disagree.
 */
export function openCheckpointIndex(
  indexPath: string,
  openShard: (path: string) => CheckpointFile,
): CheckpointFile {
  const weightMap = readWeightMap(indexPath);
  const folder = path.dirname(indexPath);
  const shards = new Map<string, CheckpointFile>();
  const entries = new Map<string, CheckpointEntry>();
  const holders = new Map<string, CheckpointFile>();
  for (const [name, shardName] of weightMap) {
    const shard = shards.get(shardName) ?? openShard(path.join(folder, shardName));
    shards.set(shardName, shard);
    const entry = shard.entries.get(name);
    if (entry === undefined) {
      throw invalidIndex(indexPath, `tensor "${name}" is not in ${shardName}`);
    }
    entries.set(name, { ...entry, path: shard.path });
    holders.set(name, shard);
  }
  return checkpointFile(indexPath, entries, {}, (_, name) => holders.get(name)!.readBytes(name));
}

function invalidIndex(indexPath: string, reason: string): InputError {
  return new InputError(
    `${indexPath} is not a valid index of a checkpoint’s files: ${reason}; fetch it again`,
  );
}

/** File names by tensor names. */
function readWeightMap(indexPath: string): Map<string, string> {
  const text = withFile(indexPath, (file) => {
    if (file.byteLength > MAX_INDEX_BYTES) {
      throw invalidIndex(indexPath, `it has ${file.byteLength} bytes`);
    }
    return file.read(0, file.byteLength).toString('utf8');
  });
  const weightMap = member(parseJson(indexPath, text), 'weight_map');
  if (typeof weightMap !== 'object' || weightMap === null || Array.isArray(weightMap)) {
    throw invalidIndex(indexPath, 'it has no "weight_map" from tensors to files');
  }
  const entries = Object.entries(weightMap);
  for (const [name, shard] of entries) {
    // Only files beside the index: a name must not lead elsewhere.
    if (typeof shard !== 'string' || !/^[^/\\\0]+$/.test(shard) || shard.startsWith('..')) {
      throw invalidIndex(indexPath, `tensor "${name}" is in no file beside it`);
    }
  }
  return new Map(entries as [string, string][]);
}

function parseJson(indexPath: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${indexPath} must be valid JSON`, { cause: error });
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
