import { InputError } from '../../errors.js';

/** An error that says why `path` cannot be used as a checkpoint of PyTorch. */
export function invalidCheckpoint(path: string, reason: string): InputError {
  return new InputError(
    `${path} is not a valid PyTorch checkpoint: ${reason}; fetch it or save it again`,
  );
}

/** An error that names something which a file wants to have called. */
export function refusedCall(path: string, name: string): InputError {
  return new InputError(
    `${path} asks for ${name}, which is not among the few constructors that a state dict needs; ` +
      'nothing of it was run. If you trust its source, save the state_dict() alone with PyTorch and give that file',
  );
}
