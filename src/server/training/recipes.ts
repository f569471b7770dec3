/** What a run of the studio can begin with: the shipped configurations of inverters whose base is here. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { InputError } from '../../errors.js';
import { packageRoot } from '../../package-root.js';
import { parseConfig, readJsonFile } from '../../parse-config.js';
import type { TrainingRecipe } from '../api.js';

/** What of a configuration is shown; the rest is checked when it is used. */
const shownSchema = z.looseObject({
  type: z.string(),
  base: z.string(),
  backbone: z.string(),
  layer: z.string(),
  pooled: z.boolean().default(false),
  release: z.looseObject({ name: z.string(), description: z.string() }),
  startFrom: z.string().optional(),
  trainer: z.looseObject({
    learningRate: z.number(),
    warmupSteps: z.number().default(0),
    finalLearningRate: z.number().default(0),
  }),
});

export interface Recipe {
  readonly info: TrainingRecipe;
  /** The configuration, with paths that hold wherever the studio was started. */
  readonly config: z.output<typeof shownSchema>;
}

/** Where they lie. */
export const recipesFolder = (): string => path.join(packageRoot(), 'training');

export async function readRecipes(folder: string): Promise<readonly Recipe[]> {
  const names = (await readdir(folder))
    .flatMap((name) => /^(.*)\.json$/.exec(name)?.[1] ?? [])
    .sort();
  const recipes: Recipe[] = [];
  for (const name of names) {
    const file = path.join(folder, `${name}.json`);
    const value = await readJsonFile(file);
    if (!isInverter(value)) continue;
    const config = parseConfig(shownSchema, value, file);
    const base = path.resolve(packageRoot(), config.base);
    if (!existsSync(base)) continue;
    // Refinements of another recipe release under its name.
    if (config.release.name !== name) continue;
    recipes.push({
      info: {
        name,
        description: config.release.description,
        ...{ backbone: config.backbone, layer: config.layer, pooled: config.pooled },
        learningRate: config.trainer.learningRate,
      },
      config: { ...config, base },
    });
  }
  return recipes;
}

const isInverter = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'inverter';

export function findByName<Item extends { readonly info: { readonly name: string } }>(
  items: readonly Item[],
  name: string,
  what: string,
): Item {
  const found = items.find(({ info }) => info.name === name);
  if (found) return found;
  throw new InputError(
    `there is no ${what} "${name}": there are ${items.map(({ info }) => info.name).join(', ')}`,
  );
}
