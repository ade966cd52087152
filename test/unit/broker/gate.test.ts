import assert from "node:assert/strict";
import { isComputeError } from "../../../src/domain/error.js";
import { Gate } from "../../../src/broker/inference/gate.js";

/** A turn of the queue of promises; giving up and being let in take several, and meet at some of them. */
async function ticks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) await Promise.resolve();
}

describe("The gate before a provider", () => {
  for (const isLetInFirst of [true, false])
    it(`keeps its places when one that waits gives up just ${isLetInFirst ? "after" : "before"} it is let in`, async () => {
      for (let between = 0; between < 12; between++) {
        const gate = new Gate(1);
        const abort = new AbortController();
        let finish = (): void => undefined;
        const first = gate.run("a", undefined, () => new Promise<void>((resolve) => (finish = resolve)));
        const second = gate.run("a", abort.signal, async () => undefined).catch((error: unknown) => error);
        const steps = [finish, () => abort.abort()];
        if (!isLetInFirst) steps.reverse();
        steps[0]!();
        await ticks(between);
        steps[1]!();
        const [, outcome] = await Promise.all([first, second]);
        assert.ok(outcome === undefined || isComputeError(outcome, "cancelled"));
        let isIn = false;
        void gate.run("a", undefined, async () => void (isIn = true));
        await ticks(5);
        assert.ok(isIn, `the place was lost, ${between} ticks between the two`);
      }
    });
});
