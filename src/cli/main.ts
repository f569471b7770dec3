import { errorCode } from '../errors.js';
import { runCli } from './program.js';

// A reader that has gone (`featinv … | head`) is no reason to stop writing files.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (errorCode(error) !== 'EPIPE' && errorCode(error) !== 'ERR_STREAM_DESTROYED') throw error;
  });
}

process.exitCode = await runCli(process.argv.slice(2));
