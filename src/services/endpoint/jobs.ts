// Jobs that programs ordered, on disk before a program knows their numbers: each is paid for, and can be asked after when the editor was closed
// meanwhile.
import type { ImageJob } from "../../broker/media/api.js";
import { isAmount, neuron, type Neuron } from "../../domain/money.js";
import { isAddressText, type ProviderId } from "../../domain/ids.js";
import type { Clock } from "../../domain/clock.js";
import type { Folder } from "../ports.js";
import { record } from "./asked.js";

export interface KeptJob {
  /** Who ordered it: nobody else is told of it. */
  readonly key: string;
  readonly provider: ProviderId;
  readonly serviceType: string;
  readonly job: ImageJob;
  readonly cost: Neuron;
}

type Stored = Omit<KeptJob, "cost"> & { readonly cost: string };

const fileName = "jobs.json";
/** No provider keeps the pictures for longer. */
const lifetimeMs = 48 * 3_600_000;
const mostJobs = 1_000;

export class EndpointJobs {
  /** Of this window: a disk that is full keeps nobody from what was paid for. */
  private readonly own: KeptJob[] = [];

  constructor(
    private readonly folder: Folder,
    private readonly clock: Clock,
  ) {}

  async add(made: KeptJob): Promise<void> {
    const { cost, ...more } = made;
    if (this.own.push(made) > mostJobs) this.own.shift();
    await this.folder.exclusively(async () => {
      const since = this.clock.now() - lifetimeMs;
      const young = (await this.read()).filter(({ job }) => job.sentAt > since).slice(1 - mostJobs);
      const all = [...young, { ...more, cost: cost.toString() }];
      await this.folder.write(fileName, new TextEncoder().encode(JSON.stringify(all)));
    });
  }

  async find(key: string, jobId: string): Promise<KeptJob | undefined> {
    const isIt = (one: Pick<KeptJob, "key" | "job">) => one.key === key && one.job.jobId === jobId;
    const own = this.own.findLast(isIt);
    if (own) return own;
    const found = (await this.read()).findLast(isIt);
    return found && { ...found, cost: neuron(BigInt(found.cost)) };
  }

  /** What cannot be read is none of ours. */
  private async read(): Promise<readonly Stored[]> {
    const bytes = await this.folder.read(fileName);
    try {
      const all: unknown = JSON.parse(new TextDecoder().decode(bytes));
      return Array.isArray(all) ? all.filter(isStored) : [];
    } catch {
      return [];
    }
  }
}

function isStored(value: unknown): value is Stored {
  const { key, provider, serviceType, job, cost } = record(value) ?? {};
  const { model, jobId, requestHash, requestLength, sentAt } = record(job) ?? {};
  return (
    [key, serviceType, model, jobId].every((text) => typeof text === "string") &&
    [requestLength, sentAt].every((count) => typeof count === "number") &&
    typeof provider === "string" &&
    isAddressText(provider) &&
    typeof requestHash === "string" &&
    /^[0-9a-f]{64}$/.test(requestHash) &&
    isAmount(cost)
  );
}
