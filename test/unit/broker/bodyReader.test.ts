// How long a body may keep us waiting, on a clock that the test moves.
import assert from "node:assert/strict";
import { BodyReader } from "../../../src/broker/inference/bodyReader.js";
import { settled, TestClock } from "../../support/ports.js";

const limits = { maxBytes: 100, firstByteMs: 290_000, idleMs: 60_000 };

/** A body whose pieces the test hands out, and the reader of it. */
function aBody(clock = new TestClock(), signal = new AbortController().signal) {
  let feed!: ReadableStreamDefaultController<Uint8Array>;
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => void (feed = controller),
    cancel: () => void (isCancelled = true),
  });
  const reader = new BodyReader(body, signal, limits, clock);
  const give = (length: number) => feed.enqueue(new Uint8Array(length));
  return { clock, reader, give, close: () => feed.close(), isCancelled: () => isCancelled };
}

describe("a body that comes piece by piece", () => {
  it("may be slow to begin and then has the shorter time for each piece", async () => {
    const { clock, reader, give, isCancelled } = aBody();
    const first = reader.next();
    await clock.advance(280_000);
    give(3);
    assert.equal((await first)?.length, 3);
    const second = reader.next();
    await clock.advance(59_000);
    give(4);
    assert.equal((await second)?.length, 4);
    const third = reader.next();
    await clock.advance(59_999);
    assert.equal(reader.end, undefined);
    await clock.advance(1);
    assert.equal(await third, undefined);
    assert.deepEqual([reader.end, reader.detail], ["cut", "nothing more came for 60 s"]);
    assert.deepEqual([reader.bytes.length, isCancelled()], [7, true]);
  });

  it("never has more than one timer, and none when it has ended", async () => {
    const { clock, reader, give, close } = aBody();
    for (let piece = 0; piece < 20; piece++) {
      const next = reader.next();
      await clock.advance(20_000);
      give(1);
      await next;
      assert.equal(clock.sleepers, 1);
    }
    const last = reader.next();
    close();
    assert.equal(await last, undefined);
    assert.deepEqual([reader.end, clock.sleepers], ["whole", 0]);
  });

  it("is given the time it has by a clock that is set back", async () => {
    const real = new TestClock();
    let shift = 0;
    const clock = Object.assign(real, { now: () => TestClock.prototype.now.call(real) + shift });
    const { reader, give } = aBody(clock);
    const first = reader.next();
    give(1);
    await first;
    const second = reader.next();
    shift = -86_400_000;
    await clock.advance(60_000 + limits.firstByteMs);
    assert.equal(await second, undefined);
    assert.equal(reader.end, "cut");
  });

  it("ends at once when it is stopped, while waiting and before", async () => {
    const stop = new AbortController();
    const { clock, reader } = aBody(new TestClock(), stop.signal);
    const waiting = reader.next();
    await settled();
    stop.abort();
    assert.equal(await waiting, undefined);
    assert.deepEqual([reader.end, clock.sleepers], ["stopped", 0]);
    const late = aBody(new TestClock(), stop.signal).reader;
    assert.equal(await late.next(), undefined);
    assert.equal(late.end, "stopped");
  });
});
