/** Pieces of pickles, protocol 2 where they differ: enough to write what PyTorch writes, and worse. */

export const op = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A whole pickle: its body, which leaves one value, between protocol and stop. */
export const pickle = (...body: Buffer[]): Buffer =>
  Buffer.concat([op('\x80\x02'), ...body, op('.')]);

const uint32 = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
};

export const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([op('X'), uint32(bytes.length), bytes]);
};

/** A whole number of up to eight bytes. */
export const integer = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return Buffer.concat([op('\x8a\x08'), bytes]);
};

export const tuple = (...items: Buffer[]): Buffer => Buffer.concat([op('('), ...items, op('t')]);
export const list = (...items: Buffer[]): Buffer => Buffer.concat([op(']('), ...items, op('e')]);

export const dict = (...pairs: [string | Buffer, Buffer][]): Buffer =>
  Buffer.concat([
    op('}('),
    ...pairs.flatMap(([key, value]) => [typeof key === 'string' ? text(key) : key, value]),
    op('u'),
  ]);

/** `torch.FloatStorage` and the like. */
export const reference = (module: string, name: string): Buffer => op(`c${module}\n${name}\n`);

export const call = (callee: Buffer, ...args: Buffer[]): Buffer =>
  Buffer.concat([callee, tuple(...args), op('R')]);

/** What follows is value `index` of the memo, and recalling it. */
export const put = (index: number): Buffer => Buffer.concat([op('r'), uint32(index)]);
export const get = (index: number): Buffer => Buffer.concat([op('j'), uint32(index)]);

export const storage = (type: string, key: string, length: number): Buffer =>
  Buffer.concat([
    tuple(text('storage'), reference('torch', type), text(key), text('cpu'), integer(length)),
    op('Q'),
  ]);

export const tensor = (
  stored: Buffer,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
): Buffer =>
  call(
    reference('torch._utils', '_rebuild_tensor_v2'),
    stored,
    integer(offset),
    tuple(...shape.map(integer)),
    tuple(...strides.map(integer)),
    op('\x89'),
    call(reference('collections', 'OrderedDict')),
  );
