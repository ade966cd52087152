// Pictures made while nobody waits: jobs that are asked after until their time is over, in this life of the sandbox or the next
// (spec inference.md 8).
import { randomUUID } from "node:crypto";
import { sameAddress } from "../../domain/ids.js";
import { HttpError } from "../loopback.js";
import type { Provider } from "../providers/provider.js";
import { isOpen, jobOfKept, jobToKeep, type Job, type JobOrder, type JobResult } from "./keptJob.js";

/** Makes what was ordered, and signs it. */
export interface JobWork {
  readonly result: JobResult;
  /** To be called once the result is kept. */
  readonly bill: () => void;
}

const mostOpen = 5;
const mostKept = 20;
const lifetimeMs = 3_600_000;
/** Seconds that a client is told to wait before it asks again. */
const retryAfter = "5";

export class Jobs {
  private readonly jobs = new Map<string, Job>();

  constructor(
    private readonly provider: Provider,
    private readonly make: (order: JobOrder) => JobWork,
  ) {
    const kept = (provider.stores.jobs?.read() ?? []).map(jobOfKept).filter((job) => job !== undefined);
    for (const job of kept.sort((a, b) => a.createdAt - b.createdAt)) this.jobs.set(job.id, job);
    // Links in a result begin with the provider's address.
    provider.onDidListen(() => {
      for (const job of this.jobs.values()) if (isOpen(job)) void this.work(job);
    });
  }

  /** Starts at once; throws HttpError when jobs are off or too many wait. */
  add(order: JobOrder): { readonly jobId: string; readonly status: string } {
    if (this.provider.strikes("no-async"))
      throw new HttpError(503, { error: "async processing is not enabled" });
    this.forget();
    if ([...this.jobs.values()].filter(isOpen).length >= mostOpen)
      throw new HttpError(400, { error: "async job queue is full, please try again later" });
    this.makeRoom();
    const now = this.provider.world.now();
    const slow = this.provider.takes("slow-job");
    const dueAt = now + (slow ? Number(slow.value ?? 1000) : 0);
    const { user } = order;
    const job: Job = {
      id: randomUUID(),
      user,
      createdAt: now,
      updatedAt: now,
      dueAt,
      status: "pending",
      order,
    };
    this.jobs.set(job.id, job);
    this.keep(job);
    void this.work(job);
    return { jobId: job.id, status: "pending" };
  }

  /** The answer to a question after one. Throws HttpError. */
  look(id: string, user: string): { readonly headers: Record<string, string>; readonly body: string } {
    this.forget();
    const job = this.jobs.get(id);
    if (!job) throw new HttpError(404, { error: "job not found" });
    if (!sameAddress(job.user, user))
      throw new HttpError(403, { error: "access denied: not the owner of this job" });
    const { createdAt, updatedAt, status, errorMessage, result } = job;
    const facts = { jobId: id, status, createdAt: iso(createdAt), updatedAt: iso(updatedAt), errorMessage };
    const head = JSON.stringify(facts);
    return {
      headers: isOpen(job) ? { "Retry-After": retryAfter } : result ? { "ZG-Res-Key": result.key } : {},
      // The answer as it was made, byte for byte.
      body: result ? `${head.slice(0, -1)},"data":${result.body.toString("utf8")}}` : head,
    };
  }

  /** The picture that a result links to. */
  linked(key: string, index: string): Buffer | undefined {
    const job = [...this.jobs.values()].find(({ result }) => result?.key === key);
    return job?.result?.linked[Number(index)];
  }

  private async work(job: Job): Promise<void> {
    const { provider } = this;
    try {
      await provider.sleep(Math.max(0, job.dueAt - provider.world.now()), provider.signal);
      if (!job.order || !this.jobs.has(job.id)) return; // its time was over before
      this.move(job, { status: "processing" });
      if (provider.strikes("fail-job")) throw new Error("the model gave up");
      const { result, bill } = this.make(job.order);
      // Kept before it is billed: killed in between, it is not billed, where it would be made and billed a second time.
      this.move(job, { status: "completed", result, order: undefined });
      bill();
    } catch (error) {
      if (provider.signal.aborted) return; // it goes on in the next life
      const errorMessage = error instanceof Error ? error.message : String(error);
      this.move(job, { status: "failed", errorMessage, result: undefined, order: undefined });
    }
  }

  private move(job: Job, change: Partial<Job>): void {
    Object.assign(job, change, { updatedAt: this.provider.world.now() });
    this.keep(job);
  }

  private keep(job: Job): void {
    try {
      this.provider.stores.jobs?.write(job.id, jobToKeep(job));
    } catch (error) {
      this.provider.log(`a job will not survive a restart: ${String(error)}`);
    }
  }

  private forget(): void {
    const since = this.provider.world.now() - lifetimeMs;
    for (const { id, updatedAt } of this.jobs.values()) if (updatedAt <= since) this.drop(id);
  }

  /** For one more; the oldest go first, and none that is open. */
  private makeRoom(): void {
    for (const job of this.jobs.values()) if (this.jobs.size >= mostKept && !isOpen(job)) this.drop(job.id);
  }

  private drop(id: string): void {
    this.jobs.delete(id);
    this.provider.stores.jobs?.remove(id);
  }
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
