import { realpathSync } from 'node:fs';
import type { CheckpointFile } from '../checkpoints/checkpoint-file.js';
import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { InputError } from '../errors.js';
import {
  castFloat,
  constant,
  fileTensor,
  input,
  sameShape,
  show,
  sizeOf,
  type DType,
  type Shape,
  type Tensor,
} from '../graph/index.js';
import { Random } from '../random.js';
import type { Initialiser } from './initialisers.js';

/**
 * Where a model's weights come from while it is traced. The same model code is traced with trained
 * parameters (fed at every run), with frozen ones (embedded or mapped from a file), or both.
 */
export interface Parameters {
  /** The float32 tensor called `name` in this scope. `initialise` is used only for new parameters. */
  tensor(name: string, shape: Shape, initialise: Initialiser): Tensor;
  /** The parameters below `name`, as in `down_blocks.0`. */
  scope(name: string): Parameters;
}

/** The same parameters under other names: `translate` maps a model's name to the stored one. */
export function renamedParameters(p: Parameters, translate: (name: string) => string): Parameters {
  return scoped('', (name, shape, initialise) => p.tensor(translate(name), shape, initialise));
}

type Resolve = (name: string, shape: Shape, initialise: Initialiser) => Tensor;

function scoped(prefix: string, resolve: Resolve): Parameters {
  return {
    tensor: (name, shape, initialise) => resolve(prefix + name, shape, initialise),
    scope: (name) => scoped(`${prefix}${name}.`, resolve),
  };
}

function memoised(resolve: Resolve): Resolve {
  const known = new Map<string, Tensor>();
  return (name, shape, initialise) => {
    const tensor = known.get(name) ?? resolve(name, shape, initialise);
    known.set(name, tensor);
    return tensor;
  };
}

/** Trained parameters and their graph inputs, by name. */
export interface TrainableParameters extends Parameters {
  readonly values: NamedTensors;
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/**
 * Parameters that are graph inputs. Names that `values` lacks are initialised from `seed` and their own
 * name, so that adding a layer does not change the others' starting values.
 */
export function trainableParameters(values: NamedTensors, seed: number): TrainableParameters {
  const inputs = new Map<string, Tensor>();
  const random = new Random(seed);
  const resolve = memoised((name, shape, initialise) => {
    const known = values.get(name);
    if (known === undefined) {
      values.set(name, { shape, data: initialise(shape, random.fork(name)) });
    } else {
      checkShape(name, known.shape, shape, 'the parameters to train');
    }
    const tensor = input(name, shape);
    inputs.set(name, tensor);
    return tensor;
  });
  return { ...scoped('', resolve), values, inputs };
}

/** Frozen weights held in memory, embedded in the model. */
export function frozenParameters(values: NamedTensors, origin: string): Parameters {
  return scoped(
    '',
    memoised((name, shape) => {
      const known = values.get(name) ?? missing(name, shape, origin);
      checkShape(name, known.shape, shape, origin);
      return constant(known.data, shape);
    }),
  );
}

const STORED: Partial<Record<string, DType>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
};

/** A model with more than 2 GiB inside is none for ONNX Runtime; some of it is for the graph. */
const MOST_EMBEDDED_BYTES = 1.9e9;

/**
 * Frozen weights mapped straight from a checkpoint; half precision is widened at load time. What cannot
 * be mapped, such as a strided view or another element type, is read and embedded. Throws InputError where
 * that is more than a model can hold.
 */
export function mappedParameters(file: CheckpointFile): Parameters {
  const realPaths = new Map<string, string>();
  let embedded = 0;
  const embed = (name: string, shape: Shape): Tensor => {
    embedded += 4 * sizeOf(shape);
    if (embedded > MOST_EMBEDDED_BYTES) {
      throw new InputError(
        `${file.path} holds more than ${MOST_EMBEDDED_BYTES / 1e9} GB of weights in a form that cannot be mapped: ` +
          `"featinv convert ${file.path} --out FILE.safetensors" makes a file in which they can`,
      );
    }
    return constant(file.read(name), shape);
  };
  return scoped(
    '',
    memoised((name, shape) => {
      const entry = file.entries.get(name) ?? missing(name, shape, file.path);
      checkShape(name, entry.shape, shape, file.path);
      const { offset, byteLength, path = file.path } = entry;
      const dtype = STORED[entry.dtype];
      if (dtype === undefined || offset === undefined) return embed(name, shape);
      // The runtime follows links only inside the folder of the model: it is given the file itself.
      const real = realPaths.get(path) ?? realpathSync(path);
      realPaths.set(path, real);
      return castFloat(fileTensor(name, shape, dtype, { path: real, offset, byteLength }));
    }),
  );
}

function missing(name: string, shape: Shape, origin: string): never {
  throw new InputError(`${origin} lacks the tensor "${name}" of shape ${show(shape)}`);
}

function checkShape(name: string, found: Shape, expected: Shape, origin: string): void {
  if (sameShape(found, expected)) return;
  throw new InputError(
    `${origin}: tensor "${name}" has shape ${show(found)}, the model needs ${show(expected)}`,
  );
}
