import { InputError } from '../errors.js';

/** Keys come from other machines: none may lead out of the storage. */
export function checkKey(key: string): string {
  const parts = key.split('/');
  const isSafe = parts.every((part) => part !== '' && part !== '.' && part !== '..');
  if (isSafe && !/[\\\0]/.test(key)) return key;
  throw new InputError(
    `"${key}" is no key of a storage: it must be names separated by /, without . and ..`,
  );
}
