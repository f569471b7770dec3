/** Reads parameters of an address: what cannot be used is named, not passed over. */
export class UrlReader {
  /** Sentences about values that were replaced by their defaults. */
  readonly problems: string[] = [];

  constructor(private readonly search: URLSearchParams) {}

  text(name: string): string | null {
    return this.search.get(name);
  }

  has(name: string): boolean {
    return this.search.has(name);
  }

  number(name: string, range: NumberRange): number | undefined {
    const text = this.search.get(name);
    if (text === null) return undefined;
    const value = text.trim() === '' ? NaN : Number(text);
    const { from, to, whole = false } = range;
    if (value >= from && value <= to && (!whole || Number.isInteger(value))) return value;
    this.problems.push(
      `The address says ${name} = “${text}”: it must be ${whole ? 'a whole number' : 'a number'} from ${from} to ${to}.`,
    );
    return undefined;
  }

  oneOf<Name extends string>(name: string, names: readonly Name[]): Name | undefined {
    const text = this.search.get(name);
    if (text === null) return undefined;
    const found = names.find((one) => one === text);
    if (found === undefined) {
      this.problems.push(
        `The address says ${name} = “${text}”, which this studio does not have: there are ${names.join(', ')}.`,
      );
    }
    return found;
  }
}

export interface NumberRange {
  readonly from: number;
  readonly to: number;
  readonly whole?: boolean;
}

/** An address's parameters; those that are undefined are left out. */
export function writeSearch(values: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
