import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';

/** The number of a class: given as such, or as a part of exactly one class name, in any case. */
export function findClass(labels: readonly string[], wanted: string): number {
  if (/^\d+$/.test(wanted)) {
    const index = Number(wanted);
    if (index < labels.length) return index;
    throw new InputError(`there is no class ${wanted}: they go from 0 to ${labels.length - 1}`);
  }
  const lower = wanted.toLowerCase();
  const names = labels.map((label) => label.toLowerCase().split(/,\s*/));
  const exact = names.findIndex((own) => own.includes(lower));
  if (exact >= 0) return exact;
  const found = [...labels.keys()].filter((i) => labels[i]!.toLowerCase().includes(lower));
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    const some = found.slice(0, 4).map((i) => `${i} ${labels[i]}`);
    throw new InputError(
      `"${wanted}" is a part of ${found.length} class names (${some.join('; ')}, …): give a number`,
    );
  }
  const near = nearest(lower, names.flat());
  throw new InputError(
    `no class is called "${wanted}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
  );
}
