import type { Storage } from '../storage/index.js';
import type { SessionOptions } from '../runtime/session.js';
import { readSharedPlan, stageAfter, type SharedPlan } from './shared-plan.js';
import type { Workshop } from './work-kind.js';

interface OpenPlan {
  readonly shared: SharedPlan;
  readonly workshop: Workshop;
}

/** What became of a unit. */
export interface WorkDone {
  /** False where its result was there already. */
  readonly didSomething: boolean;
  /** The stage that can begin now. */
  readonly next: readonly number[];
}

/** Does units of work one after another and keeps the models of the last plan open. */
export class Workbench {
  private current: OpenPlan | undefined;

  constructor(
    private readonly storage: Storage,
    private readonly session: SessionOptions,
    private readonly note: (line: string) => void,
  ) {}

  /** Does a unit unless its result is there. */
  async do(address: string, unit: number): Promise<WorkDone> {
    const shared = await this.planAt(address);
    const { kind, plan, results } = shared;
    const isThere = await this.storage.has(`${results}/${kind.resultName(plan, unit)}`);
    if (!isThere) await (await this.openWorkshop(shared)).workshop.run(unit);
    return { didSomething: !isThere, next: stageAfter(shared, unit) };
  }

  async dispose(): Promise<void> {
    const workshop = this.current?.workshop;
    this.current = undefined;
    await workshop?.dispose();
  }

  private async planAt(address: string): Promise<SharedPlan> {
    if (this.current?.shared.address === address) return this.current.shared;
    return readSharedPlan(this.storage, address);
  }

  private async openWorkshop(shared: SharedPlan): Promise<OpenPlan> {
    if (this.current?.shared === shared) return this.current;
    await this.dispose();
    const { kind, plan, results } = shared;
    const { storage, session, note } = this;
    const workshop = await kind.open(plan, { storage, results, session, note });
    return (this.current = { shared, workshop });
  }
}
