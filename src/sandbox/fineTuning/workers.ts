// The trainer's workers: one for each part of a task's way (spec fine-tuning.md 8.1), each looking for the oldest task that is its.
import { deliver } from "./delivery.js";
import { type Post, reasonOf } from "./post.js";
import { setUp } from "./setUp.js";
import { settle } from "./settlement.js";
import { train } from "./training.js";

type Work = (post: Post) => Promise<void>;

const works: readonly Work[] = [setUp, train, deliver, settle, advanceAdapters];

/** Begins to work. The promise resolves when all of it has ended, which the provider's signal brings about. */
export async function startWorkers(post: Post): Promise<void> {
  await Promise.all(works.map((work) => workOn(post, work)));
}

async function workOn(post: Post, work: Work): Promise<void> {
  const { provider, workshop } = post;
  const { pace, tasks, adapters } = workshop;
  while (!provider.signal.aborted) {
    try {
      if (tasks.isIdle() && !adapters.isBusy()) await pace.rest();
      await pace.pause();
      await work(post);
    } catch (error) {
      if (!provider.signal.aborted) provider.log(`fine-tuning: ${reasonOf(error)}`);
    }
  }
}

/** An adapter is fetched from 0G Storage and nowhere else, as on the network (spec 14): what is not there fails. */
async function advanceAdapters({ workshop }: Post): Promise<void> {
  const { storage } = workshop.options;
  await workshop.adapters.advance(
    async ({ storageRootHash }) => (await storage.sizeOf(storageRootHash)) !== undefined,
  );
}
