// Pictures made while nobody waits: jobs that are asked after, in memory, until their time is over (spec inference.md 8).
import { randomUUID } from "node:crypto";
import { sameAddress } from "../../domain/ids.js";
import { HttpError } from "../loopback.js";
import type { Provider } from "../providers/provider.js";

export interface JobResult {
  /** A JSON text. */
  readonly body: Buffer;
  /** Key of its signature. */
  readonly key: string;
}

interface Job {
  readonly id: string;
  readonly user: string;
  readonly createdAt: number;
  updatedAt: number;
  status: "pending" | "processing" | "completed" | "failed";
  errorMessage?: string;
  result?: JobResult;
}

const mostOpen = 5;
const lifetimeMs = 3_600_000;
/** Seconds that a client is told to wait before it asks again. */
const retryAfter = "5";

export class Jobs {
  private readonly jobs = new Map<string, Job>();

  constructor(private readonly provider: Provider) {}

  /** Starts at once; throws HttpError when jobs are off or too many wait. */
  add(user: string, work: () => JobResult): { readonly jobId: string; readonly status: string } {
    if (this.provider.strikes("no-async"))
      throw new HttpError(503, { error: "async processing is not enabled" });
    this.forget();
    const open = [...this.jobs.values()].filter(
      ({ status }) => status === "pending" || status === "processing",
    );
    if (open.length >= mostOpen)
      throw new HttpError(400, { error: "async job queue is full, please try again later" });
    const now = this.provider.world.now();
    const job: Job = { id: randomUUID(), user, createdAt: now, updatedAt: now, status: "pending" };
    this.jobs.set(job.id, job);
    void this.work(job, work);
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
    const isOpen = status === "pending" || status === "processing";
    const head = JSON.stringify(facts);
    return {
      headers: isOpen ? { "Retry-After": retryAfter } : result ? { "ZG-Res-Key": result.key } : {},
      // The answer as it was made, byte for byte.
      body: result ? `${head.slice(0, -1)},"data":${result.body.toString("utf8")}}` : head,
    };
  }

  private async work(job: Job, work: () => JobResult): Promise<void> {
    const { provider } = this;
    const move = (change: Partial<Job>) => Object.assign(job, change, { updatedAt: provider.world.now() });
    try {
      const slow = provider.takes("slow-job");
      await provider.sleep(slow ? Number(slow.value ?? 1000) : 0, provider.signal);
      move({ status: "processing" });
      if (provider.strikes("fail-job")) throw new Error("the model gave up");
      move({ status: "completed", result: work() });
    } catch (error) {
      move({ status: "failed", errorMessage: error instanceof Error ? error.message : String(error) });
    }
  }

  private forget(): void {
    const since = this.provider.world.now() - lifetimeMs;
    for (const [id, { updatedAt }] of this.jobs) if (updatedAt <= since) this.jobs.delete(id);
  }
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
