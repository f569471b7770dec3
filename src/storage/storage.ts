/** A place that several machines reach: where the inputs of shared work lie and where its results go. */

/**
 * Objects by key, such as `evaluations/3f…/00012.safetensors`. An object is there whole or not at all, and writing
 * the same one twice does no harm. Methods throw InputError for keys that are not there, and WorkError where the
 * place itself fails.
 */
export interface Storage {
  /** As the user named it; holds no credentials. */
  readonly url: string;
  has(key: string): Promise<boolean>;
  /** All keys below a folder, which ends in `/`, in no order. */
  list(folder: string): Promise<string[]>;
  read(key: string): Promise<Uint8Array>;
  write(key: string, bytes: Uint8Array | string): Promise<void>;
  /** Copies a local file here. */
  upload(key: string, file: string): Promise<void>;
  /** Removes an object; one that is not there is no error. */
  remove(key: string): Promise<void>;
  /** A local file with the object's bytes, for those who need a path; not to be changed. */
  localFile(key: string): Promise<string>;
}
