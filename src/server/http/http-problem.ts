/** A refusal with its status: becomes `{ error: message }`. The message is one whole sentence. */
export class HttpProblem extends Error {
  override name = 'HttpProblem';

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 408 | 413 | 415 | 429 | 503,
    message: string,
  ) {
    super(message);
  }
}
