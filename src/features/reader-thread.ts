/** A thread that decodes pictures, one after another. */
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { errorMessage, InputError, WorkError } from '../errors.js';
import type { ReaderAnswer, ReaderRequest } from './picture-reader.js';
import { hashPicture, preparePicture, type Preparation } from './prepare-picture.js';

const port = parentPort;
if (port === null) throw new WorkError('reader-thread runs as a thread only');
const preparation = workerData as Preparation;
// There are as many of these threads as shall compute.
sharp.concurrency(1);

let turn = Promise.resolve();
port.on('message', (request: ReaderRequest) => {
  turn = turn.then(() => answer(request));
});

async function answer({ id, what, entry }: ReaderRequest): Promise<void> {
  try {
    if (what === 'hash') return send({ id, result: await hashPicture(entry) });
    const result = await preparePicture(entry, preparation);
    send({ id, result }, [result.pixels.buffer as ArrayBuffer]);
  } catch (error) {
    send({ id, error: errorMessage(error), isInput: error instanceof InputError });
  }
}

function send(message: ReaderAnswer, moved: ArrayBuffer[] = []): void {
  port!.postMessage(message, moved);
}
