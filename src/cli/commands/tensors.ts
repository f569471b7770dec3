import { elementCount } from '../../checkpoints/dtypes.js';
import { openCheckpoint, type OpenedCheckpoint } from '../../checkpoints/open-checkpoint.js';
import { defineCommand, flag } from '../command.js';
import { formatTable } from '../table.js';

interface TensorList {
  readonly file: string;
  readonly format: string;
  readonly wrappers: readonly string[];
  readonly tensors: readonly TensorRow[];
  /** Elements of all tensors. */
  readonly parameters: number;
  readonly bytes: number;
  readonly outside: number;
  readonly metadata: OpenedCheckpoint['metadata'];
}

interface TensorRow {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

export const command = defineCommand({
  description:
    'Lists names, element types and shapes of the tensors in a checkpoint: safetensors, an index of ' +
    'them, or PyTorch’s .ckpt, .pt, .pth and .bin. PyTorch files are read as data: nothing in them is ' +
    'run, and one that asks for anything but tensors is refused.',
  positionals: '<file>',
  options: {
    all: flag('--all', 'also list what stands beside the state dict, such as an optimiser'),
  },
  examples: ['featinv tensors sd-v1-5.ckpt', 'featinv tensors model.safetensors --json'],
  async run({ args, options, context }) {
    const [path] = args as [string];
    const list = listTensors(openCheckpoint(path, { unwrap: !options.all }));
    context.report(list, () => `${tableOf(list)}\n\n${summaryOf(list)}`);
  },
});

function listTensors(file: OpenedCheckpoint): TensorList {
  const tensors = [...file.entries].map(([name, { dtype, shape, byteLength }]) => ({
    name,
    dtype,
    shape,
    bytes: byteLength,
  }));
  return {
    file: file.path,
    format: file.format,
    wrappers: file.wrappers,
    tensors,
    parameters: tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    bytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0),
    outside: file.outside,
    metadata: file.metadata,
  };
}

function tableOf({ tensors }: TensorList): string {
  const rows = tensors.map(({ name, dtype, shape }) => [
    printable(name),
    dtype,
    `[${shape.join(', ')}]`,
  ]);
  return formatTable(['tensor', 'dtype', 'shape'], rows);
}

function summaryOf(list: TensorList): string {
  const { format, wrappers, tensors, parameters, bytes, outside } = list;
  const sentences = [
    `${tensors.length} tensors, ${parameters.toLocaleString('en')} parameters, ` +
      `${(bytes / 1e6).toFixed(1)} MB, ${format}`,
  ];
  if (wrappers.length > 0) sentences.push(`the state dict stands under ${wrappers.join('.')}`);
  if (outside > 0) sentences.push(`${outside} more tensors stand beside it: list them with --all`);
  return sentences.join('\n');
}

/** A name from a file must not be able to move the cursor of a terminal. */
function printable(name: string): string {
  return name.replace(/\p{C}/gu, '\ufffd');
}
