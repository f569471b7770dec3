/** Protocol-buffer wire format, as much as a ModelProto needs. */

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** Collects the fields of one message. Fields appear in the order of the calls. */
export class MessageWriter {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  /** A signed or unsigned integer field; negative values take ten bytes, as the format says. */
  integer(field: number, value: number | bigint): this {
    this.push(tag(field, VARINT));
    return this.push(varint(value));
  }

  float(field: number, value: number): this {
    this.push(tag(field, FIXED32));
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.push(bytes);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.push(tag(field, LENGTH_DELIMITED));
    this.push(varint(value.length));
    return this.push(value);
  }

  message(field: number, value: MessageWriter): this {
    this.push(tag(field, LENGTH_DELIMITED));
    this.push(varint(value.length));
    for (const chunk of value.chunks) this.push(chunk);
    return this;
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }

  private push(bytes: Uint8Array): this {
    this.chunks.push(bytes);
    this.length += bytes.length;
    return this;
  }
}

/** Not by shifting: field numbers go up to 2²⁹ − 1, and numbers shift in 32 bits. */
function tag(field: number, wire: number): Uint8Array {
  return varint(field * 8 + wire);
}

function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
