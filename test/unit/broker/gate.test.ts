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
        const first = gate.run("a", {}, () => new Promise<void>((resolve) => (finish = resolve)));
        const second = gate
          .run("a", { signal: abort.signal }, async () => undefined)
          .catch((error: unknown) => error);
        const steps = [finish, () => abort.abort()];
        if (!isLetInFirst) steps.reverse();
        steps[0]!();
        await ticks(between);
        steps[1]!();
        const [, outcome] = await Promise.all([first, second]);
        assert.ok(outcome === undefined || isComputeError(outcome, "cancelled"));
        let isIn = false;
        void gate.run("a", {}, async () => void (isIn = true));
        await ticks(5);
        assert.ok(isIn, `the place was lost, ${between} ticks between the two`);
      }
    });

  it("leaves the user a place however many programs ask, and programs the others", async () => {
    const gate = new Gate(3);
    const seen: string[] = [];
    const leave: (() => void)[] = [];
    const enter = (name: string, isByProgram: boolean) => {
      seen.push(`${name} asks`);
      void gate.run("a", { isByProgram }, () => {
        seen.push(`${name} is in`);
        return new Promise<void>((resolve) => leave.push(resolve));
      });
    };
    for (const name of ["p1", "p2", "p3", "p4"]) enter(name, true);
    for (const name of ["u1", "u2"]) enter(name, false);
    assert.deepEqual(
      seen.join(),
      "p1 asks,p1 is in,p2 asks,p2 is in,p3 asks,p4 asks,u1 asks,u1 is in,u2 asks",
    );
    const next = async () => {
      seen.length = 0;
      leave.shift()?.();
      await ticks(5);
      return seen.join();
    };
    assert.equal(await next(), "u2 is in", "for a program");
    assert.equal(await next(), "p3 is in", "for the other program");
    assert.equal(await next(), "p4 is in", "for the user");
    assert.equal(await next(), "", "for the user: the place stays free");
  });

  it("lets the user's own questions in before those of programs, each in their order", async () => {
    const gate = new Gate(2);
    void gate.run("a", {}, () => new Promise(() => undefined));
    const seen: string[] = [];
    let finish = (): void => undefined;
    const enter = (name: string, isByProgram: boolean, signal?: AbortSignal) =>
      gate.run("a", { isByProgram, ...(signal ? { signal } : {}) }, async () => void seen.push(name));
    const first = gate.run("a", {}, () => new Promise<void>((resolve) => (finish = resolve)));
    const leaving = new AbortController();
    const left = enter("left", true, leaving.signal).catch(() => undefined);
    const all = [enter("b1", true), enter("b2", true), enter("u1", false), enter("u2", false)];
    leaving.abort();
    await left;
    finish();
    await Promise.all([first, ...all]);
    assert.deepEqual(seen, ["u1", "u2", "b1", "b2"]);
  });

  it("admits again who waited, and nobody else, and gives the place on where that fails", async () => {
    const gate = new Gate(1);
    const seen: string[] = [];
    let finish = (): void => undefined;
    const enter = (
      name: string,
      admitAgain: () => Promise<void>,
      work = async (): Promise<void> => void seen.push(name),
    ) => gate.run("a", { admitAgain: () => (seen.push(`${name} again`), admitAgain()) }, work);
    const first = enter(
      "first",
      async () => undefined,
      () => new Promise<void>((resolve) => (finish = resolve)),
    );
    const second = enter("second", () => Promise.reject(new Error("no more")));
    const third = enter("third", async () => undefined);
    finish();
    await assert.rejects(second, /no more/);
    await Promise.all([first, third]);
    assert.deepEqual(seen, ["second again", "third again", "third"]);
  });
});
