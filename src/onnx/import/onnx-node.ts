import { InputError } from '../../errors.js';
import type { Tensor } from '../../graph/index.js';
import { asTensor, isHost, type HostArray, type Value } from './host-array.js';

/** An attribute as the model holds it. */
export type Attribute = number | string | readonly number[] | HostArray;

/** A node with its operands, as translations see it. */
export class OnnxNode {
  constructor(
    readonly opType: string,
    /** The node's own name, or its first output's. */
    readonly name: string,
    /** Version of the operator set. */
    readonly opset: number,
    readonly outputCount: number,
    private readonly operands: readonly (Value | undefined)[],
    private readonly attributes: ReadonlyMap<string, Attribute>,
  ) {}

  get inputCount(): number {
    return this.operands.length;
  }

  /** Operand `index`, which must be there. */
  value(index: number): Value {
    return this.operands[index] ?? this.fail(`operand ${index} is missing`);
  }

  optional(index: number): Value | undefined {
    return this.operands[index];
  }

  tensor(index: number): Tensor {
    return asTensor(this.value(index));
  }

  /** All operands, each of which must be there. */
  get values(): Value[] {
    return this.operands.map((_, index) => this.value(index));
  }

  /** An operand that must be known at import. */
  host(index: number): HostArray {
    const value = this.value(index);
    return isHost(value) ? value : this.fail(`operand ${index} is not known before the run`);
  }

  /** Known whole numbers: an operand, or in older models the attribute; undefined without either. */
  integers(index: number, attribute?: string): number[] | undefined {
    const operand = this.operands[index];
    if (operand === undefined) return attribute === undefined ? undefined : this.list(attribute);
    return Array.from(this.host(index).data);
  }

  has(name: string): boolean {
    return this.attributes.has(name);
  }

  number(name: string, fallback: number): number {
    const value = this.attributes.get(name) ?? fallback;
    return typeof value === 'number' ? value : this.fail(`${name} must be a number`);
  }

  text(name: string, fallback: string): string {
    const value = this.attributes.get(name) ?? fallback;
    return typeof value === 'string' ? value : this.fail(`${name} must be a text`);
  }

  list(name: string): number[] | undefined {
    const value = this.attributes.get(name);
    if (value === undefined) return undefined;
    return Array.isArray(value)
      ? [...(value as readonly number[])]
      : this.fail(`${name} must be a list`);
  }

  array(name: string): HostArray | undefined {
    const value = this.attributes.get(name);
    if (value === undefined) return undefined;
    if (typeof value === 'object' && 'kind' in value) return value;
    return this.fail(`${name} must be a tensor`);
  }

  /** A non-negative axis of a value of some rank. */
  axis(axis: number, rank: number): number {
    const resolved = axis < 0 ? axis + rank : axis;
    if (Number.isInteger(resolved) && resolved >= 0 && resolved < rank) return resolved;
    return this.fail(`axis ${axis} is outside of ${rank} axes`);
  }

  /** Says what this node asks for that cannot be differentiated or built here. */
  fail(reason: string): never {
    throw new InputError(`${this.opType} node "${this.name}": ${reason}`);
  }
}

/** Builds what one node computes: its outputs in order, or the only one. */
export type Translation = (node: OnnxNode) => Value | readonly Value[];

export type Translations = Readonly<Record<string, Translation>>;
