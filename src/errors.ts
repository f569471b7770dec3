/** The input or the usage is wrong: the command line exits with code 2. */
export class InputError extends Error {
  override name = 'InputError';
}

/** The input was fine but the work failed: the command line exits with code 1. */
export class WorkError extends Error {
  override name = 'WorkError';
}

/** The message of anything that can be thrown, on one line. */
export function errorMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, ' ').trim();
}

/** The system error code (`ENOENT`, `EACCES`, …) of a thrown value, if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
