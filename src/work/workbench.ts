import type { Storage } from '../storage/index.js';
import type { SessionOptions } from '../runtime/session.js';
import { readSharedPlan, type SharedPlan } from './shared-plan.js';
import type { Workshop } from './work-kind.js';

interface OpenPlan {
  readonly shared: SharedPlan;
  readonly workshop: Workshop;
}

/** Does units of work one after another and keeps the models of the last plan open. */
export class Workbench {
  private current: OpenPlan | undefined;

  constructor(
    private readonly storage: Storage,
    private readonly session: SessionOptions,
  ) {}

  /** Does a unit unless its result is there. Says whether there was something to do. */
  async do(address: string, unit: number): Promise<boolean> {
    const shared = await this.planAt(address);
    const { kind, plan, results } = shared;
    if (await this.storage.has(`${results}/${kind.resultName(plan, unit)}`)) return false;
    const { workshop } = await this.openWorkshop(shared);
    await workshop.run(unit);
    return true;
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
    const { storage, session } = this;
    const workshop = await kind.open(plan, { storage, results, session });
    return (this.current = { shared, workshop });
  }
}
