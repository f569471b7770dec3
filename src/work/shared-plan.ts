/** Plans in the storage, under the hash of what they say: the same work has the same address everywhere. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { parseConfig } from '../parse-config.js';
import type { Storage } from '../storage/index.js';
import { findWorkKind } from './registry.js';
import type { WorkKind } from './work-kind.js';

const planFileSchema = z.strictObject({ kind: z.string(), plan: z.unknown() });

/** A plan with its kind and its place. */
export interface SharedPlan {
  /** SHA-256 of kind and plan, in hexadecimal. */
  readonly address: string;
  readonly kind: WorkKind;
  readonly plan: unknown;
  readonly units: number;
  /** See `WorkKind`; undefined where no unit needs another's result. */
  readonly stages: readonly (readonly number[])[] | undefined;
  /** Folder of the results, without a slash at the end. */
  readonly results: string;
}

/** Puts a plan where workers find it. */
export async function sharePlan(
  storage: Storage,
  name: string,
  plan: unknown,
): Promise<SharedPlan> {
  const kind = await findWorkKind(name);
  // Parsed first: the order of fields, and so the hash, is the schema's.
  const text = JSON.stringify({ kind: name, plan: kind.schema.parse(plan) });
  const shared = place(sha256(text), kind, plan);
  if (!(await storage.has(keyOf(shared.address)))) await storage.write(keyOf(shared.address), text);
  return shared;
}

/** Throws InputError for a plan that is missing, damaged, or of another version. */
export async function readSharedPlan(storage: Storage, address: string): Promise<SharedPlan> {
  if (!/^[0-9a-f]{64}$/.test(address)) throw new InputError(`"${address}" is no plan's address`);
  const text = new TextDecoder().decode(await storage.read(keyOf(address)));
  const source = `${keyOf(address)} in ${storage.url}`;
  if (sha256(text) !== address) throw new InputError(`${source} is damaged: submit the work again`);
  const { kind: name, plan } = parseConfig(planFileSchema, JSON.parse(text), source);
  const kind = await findWorkKind(name);
  return place(address, kind, parseConfig(kind.schema, plan, source));
}

function place(address: string, kind: WorkKind, plan: unknown): SharedPlan {
  const results = `results/${kind.name}-${address.slice(0, 32)}`;
  return { address, kind, plan, units: kind.units(plan), stages: kind.stages?.(plan), results };
}

/** The units whose results are not there yet, in order. */
export async function missingUnits(
  storage: Storage,
  { kind, plan, units, results }: SharedPlan,
): Promise<number[]> {
  const present = new Set(await storage.list(`${results}/`));
  const all = Array.from({ length: units }, (_, unit) => unit);
  return all.filter((unit) => !present.has(`${results}/${kind.resultName(plan, unit)}`));
}

/** Of the units that are missing those that wait for no other's result, and the stage that they are of. */
export function readyUnits(
  { stages }: SharedPlan,
  missing: readonly number[],
): { ready: readonly number[]; stage: readonly number[] } {
  if (stages === undefined) return { ready: missing, stage: missing };
  const absent = new Set(missing);
  const stage = stages.find((units) => units.some((unit) => absent.has(unit))) ?? [];
  const others = stage.slice(0, -1).filter((unit) => absent.has(unit));
  return { ready: others.length > 0 ? others : stage.slice(-1), stage };
}

/** The stage that the last unit of another one opens; empty after other units. */
export function stageAfter({ stages = [] }: SharedPlan, unit: number): readonly number[] {
  const ended = stages.findIndex((units) => units.at(-1) === unit);
  return ended === -1 ? [] : (stages[ended + 1] ?? []);
}

const keyOf = (address: string): string => `plans/${address}.json`;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
