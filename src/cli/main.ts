import { errorCode } from '../errors.js';
import { calledCommand } from './called-command.js';
import { COMMANDS } from './registry.js';
import { supervise } from './supervise.js';
import { hasSupervisor } from './supervisor.js';

// A reader that has gone (`featinv … | head`) is no reason to stop writing files.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (errorCode(error) !== 'EPIPE' && errorCode(error) !== 'ERR_STREAM_DESTROYED') throw error;
  });
}

const args = process.argv.slice(2);
const isLong = calledCommand(args, COMMANDS)?.isLong === true && !args.includes('--help');
if (isLong && !hasSupervisor()) {
  process.exitCode = await supervise(args);
} else {
  const { runCli } = await import('./program.js');
  process.exitCode = await runCli(args);
}
