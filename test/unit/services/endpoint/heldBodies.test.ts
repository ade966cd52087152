import assert from "node:assert/strict";
import { HeldBodies } from "../../../../src/services/endpoint/heldBodies.js";
import { refusalForm, RefusalError } from "../../../../src/services/endpoint/refusal.js";
import type { HttpCall } from "../../../../src/system/loopbackHttp.js";

describe("The bodies that the local endpoint holds at once", () => {
  let reads = 0;
  beforeEach(() => (reads = 0));
  const call = (size: number, isTold = true) =>
    ({
      header: (name: string) => (isTold && name === "content-length" ? String(size) : undefined),
      body: async (most: number) => {
        reads++;
        return size > most ? undefined : new Uint8Array(size);
      },
    }) as unknown as HttpCall;
  const refuses = (kind: string) => (error: unknown) =>
    error instanceof RefusalError && error.refusal.kind === kind;

  it("are bounded together, before one is read, and free their place at the end", async () => {
    const bodies = new HeldBodies(10, 20);
    const ends: (() => void)[] = [];
    const hold = (size: number) =>
      bodies.during(call(size), () => new Promise<void>((resolve) => ends.push(resolve)));
    const [first, second] = [hold(10), hold(8)];
    await assert.rejects(
      bodies.during(call(3), async () => undefined),
      refuses("tooManyBodies"),
    );
    assert.equal(reads, 2);
    await assert.rejects(
      bodies.during(call(3, false), async () => undefined),
      refuses("tooManyBodies"),
    );
    assert.equal(reads, 2);
    assert.equal(await bodies.during(call(2), async (body) => body.length), 2);
    ends[0]?.();
    await first;
    await assert.rejects(
      bodies.during(call(3), () => Promise.reject(new Error("failed"))),
      /failed/,
    );
    assert.equal(await bodies.during(call(10), async (body) => body.length), 10);
    ends[1]?.();
    await second;
  });

  it("count as the longest there may be while they are read, where they do not tell their length, and then as what they are", async () => {
    const bodies = new HeldBodies(10, 20);
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const slow = { ...call(3, false), body: () => arrived.then(() => new Uint8Array(3)) } as HttpCall;
    for (const one of [slow, slow]) void bodies.during(one, () => new Promise(() => undefined));
    const third = () => bodies.during(call(10), async (body) => body.length);
    await assert.rejects(third(), refuses("tooManyBodies"));
    assert.equal(reads, 0);
    arrive();
    await new Promise(setImmediate);
    assert.equal(await third(), 10);
  });

  it("are each as long as a provider takes, and a program is told when to come again", async () => {
    const bodies = new HeldBodies(10, 20);
    for (const isTold of [true, false])
      await assert.rejects(
        bodies.during(call(11, isTold), async () => undefined),
        refuses("bodyTooLarge"),
      );
    assert.deepEqual(refusalForm({ kind: "tooManyBodies" }), {
      status: 429,
      type: "rate_limit_error",
      code: "too_many_bodies",
      retryAfterSeconds: 5,
    });
  });
});
