// Pictures that were ordered and are not saved yet, each as a journal: written before the order goes out, so that none is paid for twice.
import type { ImageJob } from "../../broker/media/api.js";
import { isAmount, neuron, type Neuron } from "../../domain/money.js";
import type { InferenceService } from "../../domain/provider.js";
import type { OperationLock, OperationLogs, Random } from "../ports.js";
import { randomId } from "../randomId.js";
import { scopeKey, type Scope } from "../wallets/scope.js";
import { entryOfKept, entryToKeep } from "./keptEntry.js";

/** What is to become of the pictures, known from the beginning. */
export interface OrderFacts {
  /** As it was when everything was looked at and agreed to: who is asked for them. */
  readonly service: InferenceService;
  readonly count: number;
  /** Of all of them, at the price that was agreed to. */
  readonly cost: Neuron;
  /** Without an ending; others may be there by then. */
  readonly name: string;
  /** Address of the folder they are saved in. */
  readonly folder: string;
  /** Address of the workspace's folder that it is in, which no link leads them out of. Absent: the user named a folder elsewhere. */
  readonly root?: string;
}

export interface KeptOrder extends OrderFacts {
  readonly id: string;
  readonly scope: string;
  /** Absent: nobody knows whether the provider took it. */
  readonly job?: ImageJob;
}

/** One that this window is at, until it lets the lock go. */
export interface OpenOrder {
  readonly order: KeptOrder;
  readonly lock: OperationLock;
}

const prefix = "images-";

export class ImageJobs {
  constructor(
    private readonly logs: OperationLogs,
    private readonly random: Random,
  ) {}

  /** Before the order goes out. The lock is held for as long as this window waits. */
  async begin(scope: Scope, facts: OrderFacts): Promise<OpenOrder> {
    const id = randomId(this.random);
    const lock = await this.logs.lock(prefix + id);
    if (!lock) throw new Error("a new name is locked already");
    const order = { ...facts, id, scope: scopeKey(scope) };
    const kept = { service: entryToKeep(facts.service), cost: String(facts.cost) };
    await this.logs.append(prefix + id, { ...order, ...kept });
    return { order, lock };
  }

  async taken(order: KeptOrder, job: ImageJob): Promise<void> {
    await this.logs.append(prefix + order.id, { job });
  }

  /** The user has looked at another entry of the provider: from now on that one is asked. */
  async moved(order: KeptOrder, service: InferenceService): Promise<void> {
    await this.logs.append(prefix + order.id, { service: entryToKeep(service) });
  }

  async end({ id }: Pick<KeptOrder, "id">): Promise<void> {
    await this.logs.remove(prefix + id);
  }

  /** False: somebody is at it. */
  async forget(id: string): Promise<boolean> {
    const lock = await this.logs.lock(prefix + id);
    if (!lock) return false;
    try {
      await this.end({ id });
      return true;
    } finally {
      await lock.release();
    }
  }

  /** Of that wallet and network, and of no window that is at it. Those that cannot be read are left alone. */
  async *open(scope: Scope): AsyncGenerator<OpenOrder> {
    for (const name of await this.names()) {
      const open = await this.take(name.slice(prefix.length), scope);
      if (open) yield open;
    }
  }

  /** Undefined: there is none of that wallet and network, or somebody is at it. */
  async take(id: string, scope: Scope): Promise<OpenOrder | undefined> {
    const lock = await this.logs.lock(prefix + id);
    if (!lock) return undefined;
    const order = await this.read(prefix + id);
    if (order?.scope === scopeKey(scope)) return { order, lock };
    await lock.release();
    return undefined;
  }

  /** Whoever is at them. */
  async all(scope: Scope): Promise<KeptOrder[]> {
    const orders = await Promise.all((await this.names()).map((name) => this.read(name)));
    return orders.filter((order) => order !== undefined && order.scope === scopeKey(scope)) as KeptOrder[];
  }

  private async names(): Promise<string[]> {
    return (await this.logs.list()).filter((name) => name.startsWith(prefix));
  }

  private async read(name: string): Promise<KeptOrder | undefined> {
    return orderOf(await this.logs.read(name));
  }
}

/** Our own file, and yet one that anybody may have changed. */
function orderOf(records: readonly unknown[] | undefined): KeptOrder | undefined {
  const { cost, ...order } = Object.assign({}, ...(records ?? [])) as Partial<Omit<KeptOrder, "cost">> & {
    readonly cost?: unknown;
  };
  const service = entryOfKept(order.service);
  const texts = [order.id, order.scope, order.name, order.folder];
  if (!texts.every((text) => typeof text === "string") || typeof order.count !== "number") return undefined;
  if (order.root !== undefined && typeof order.root !== "string") return undefined;
  if (order.job !== undefined && typeof order.job.jobId !== "string") return undefined;
  if (!isAmount(cost)) return undefined;
  return service && ({ ...order, service, cost: neuron(BigInt(cost)) } as KeptOrder);
}
