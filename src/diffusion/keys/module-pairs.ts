/** Renaming of tensors between diffusers' layout and the original's (LDM), module by module. */

/** One module in diffusers' names and in the original's; what lies below keeps its name. */
export type ModulePair = readonly [diffusers: string, original: string];

/** Translates the name of a tensor; undefined where it belongs to none of the modules. */
export type Translate = (name: string) => string | undefined;

/** From diffusers' names to the original's. */
export function toOriginal(pairs: readonly ModulePair[]): Translate {
  return (name) => {
    const pair = pairs.find(([module]) => name.startsWith(`${module}.`));
    return pair && pair[1] + name.slice(pair[0].length);
  };
}

/** Pairs whose modules lie below `diffusers` and `original`. */
export function below(
  diffusers: string,
  original: string,
  pairs: readonly ModulePair[],
): ModulePair[] {
  return pairs.map(([own, theirs]) => [`${diffusers}.${own}`, `${original}.${theirs}`]);
}
