import type { StoredDType } from '../dtypes.js';

/** Classes of storages, and the type of their elements. */
export const STORAGE_TYPES: ReadonlyMap<string, StoredDType> = new Map<string, StoredDType>([
  ['torch.FloatStorage', 'F32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.DoubleStorage', 'F64'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
  ['torch.storage.UntypedStorage', 'U8'],
  ['torch.UntypedStorage', 'U8'],
]);

/** Element types that tensors of plain bytes name by themselves. */
export const DTYPES: ReadonlyMap<string, StoredDType> = new Map<string, StoredDType>([
  ['torch.float8_e4m3fn', 'F8_E4M3'],
  ['torch.float8_e5m2', 'F8_E5M2'],
  ['torch.uint16', 'U16'],
  ['torch.uint32', 'U32'],
  ['torch.uint64', 'U64'],
]);
