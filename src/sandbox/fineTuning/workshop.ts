// What the trainer's routes and workers share: its books, its contract, its clock.
import type { Outgoing } from "../marketplace.js";
import type { Provider } from "../providers/provider.js";
import { Adapters } from "./adapters.js";
import { baseModelName, pricePerToken } from "./baseModel.js";
import type { Files } from "./files.js";
import { TaskLogs } from "./log.js";
import type { FineTuningMarket, TrainingService } from "./market.js";
import type { Pace } from "./pace.js";
import { TaskBook } from "./tasks.js";
import type { WorkshopOptions } from "./workshopOptions.js";

/** Between two looks at a contract while no block is mined. */
const quietMs = 2000;

export class Workshop {
  readonly tasks: TaskBook;
  readonly logs: TaskLogs;
  readonly adapters: Adapters;
  private isOccupied = false;
  private lastLook = { head: -1, at: 0 };

  constructor(readonly options: WorkshopOptions) {
    const { files, now } = options;
    this.tasks = new TaskBook(files, now);
    this.logs = new TaskLogs(files, now);
    this.adapters = new Adapters(options, () => options.pace.wake());
  }

  get files(): Files {
    return this.options.files;
  }

  get market(): FineTuningMarket {
    return this.options.market;
  }

  get pace(): Pace {
    return this.options.pace;
  }

  /** Unix seconds by the wall clock, as users sign them. */
  seconds(): number {
    return Math.floor(this.options.now() / 1000);
  }

  /** Tasks that are waiting or being trained, with those that the fault `queue` makes up. */
  countPending(provider: Provider): number {
    const madeUp = Number(provider.world.faults.peek(provider.address, "queue")?.value ?? 0);
    return this.tasks.countPending() + (Number.isSafeInteger(madeUp) && madeUp > 0 ? madeUp : 0);
  }

  /** Whether it is worth looking at the contract again: models may wait for days, and every look costs a little. */
  hasNews(): boolean {
    const { chainHead, now } = this.options;
    const [head, at] = [chainHead(), now()];
    if (head === this.lastLook.head && Math.abs(at - this.lastLook.at) < quietMs) return false;
    this.lastLook = { head, at };
    return true;
  }

  /** What the contract is to say of the trainer now. */
  service(provider: Provider): TrainingService {
    return {
      url: provider.url,
      pricePerToken,
      isOccupied: this.isOccupied,
      models: [baseModelName],
      teeSignerAddress: provider.enclave.teeSigner().address,
    };
  }

  registration(provider: Provider): Promise<Outgoing[]> {
    return this.market.registration(provider.world.accounts.owner(), this.service(provider));
  }

  /** Tells the chain whether a container is running. */
  async occupy(provider: Provider, isOccupied: boolean): Promise<void> {
    if (this.isOccupied === isOccupied) return;
    this.isOccupied = isOccupied;
    await this.market.send(await this.registration(provider));
  }
}
