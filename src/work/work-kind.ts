import type { z } from 'zod';
import type { SessionOptions } from '../runtime/session.js';
import type { Storage } from '../storage/index.js';

/**
 * A kind of work that falls into units which any machine can do, in any order (but see `stages`) and any number of
 * times: a unit's result depends on the plan and its number alone. To add a kind, write a file and a line in registry.ts.
 */
export interface WorkKind<Plan = unknown> {
  readonly name: string;
  /** Everything that decides the results; plans come from other machines and are checked. */
  readonly schema: z.ZodType<Plan>;
  /** Units of a plan: 0 … n − 1. */
  units(plan: Plan): number;
  /**
   * All units in order, where they need one another's results: those of a stage need the stage before, and the last of a
   * stage needs its others.
   */
  stages?(plan: Plan): readonly (readonly number[])[];
  /** The object that a unit writes last, in the plan's folder: where it is, the unit is done. */
  resultName(plan: Plan, unit: number): string;
  /** Opens models and data. Throws InputError where this machine lacks what the plan asks for. */
  open(plan: Plan, site: WorkSite): Promise<Workshop>;
}

/** What a machine that works has. */
export interface WorkSite {
  readonly storage: Storage;
  /** Key of the folder for the plan's results, without a slash at the end. */
  readonly results: string;
  readonly session: SessionOptions;
  /** Tells a person something. */
  readonly note: (line: string) => void;
}

export interface Workshop {
  /** Does a unit and writes its result. */
  run(unit: number): Promise<void>;
  dispose(): Promise<void>;
}

/** The kind with its plans' type settled inside. */
export const workKind = <Plan>(kind: WorkKind<Plan>): WorkKind => kind;
