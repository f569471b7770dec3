/** Folders and buckets that several machines share. Knows nothing of what lies in them. */
export { openStorage } from './open-storage.js';
export type { Storage } from './storage.js';
