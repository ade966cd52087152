// The pace at which a provider's file routes are asked.
import assert from "node:assert/strict";
import { FilePace } from "../../../src/broker/fineTuning/filePace.js";
import { IdleWatch } from "../../../src/broker/inference/idleWatch.js";
import type { ProviderId } from "../../../src/domain/ids.js";
import { address } from "../../support/builders.js";
import { SteppedClock } from "../../support/steppedClock.js";

const provider: ProviderId = address("a");

function desk() {
  const clock = new SteppedClock(1_000_000);
  const pace = new FilePace(clock);
  const entered: string[] = [];
  const enter = (name: string, to: ProviderId = provider, signal?: AbortSignal) =>
    pace.enter(to, signal).then(
      () => void entered.push(`${name} ${Math.round((clock.now() - 1_000_000) / 1000)}`),
      () => void entered.push(`${name} gave up`),
    );
  return { clock, pace, entered, enter };
}

describe("the pace of file requests", () => {
  it("lets two go at once and the others every ten seconds, in their order", async () => {
    const { clock, entered, enter } = desk();
    for (const name of ["a", "b", "c", "d"]) void enter(name);
    await clock.advance(60_000);
    assert.deepEqual(entered, ["a 0", "b 0", "c 10", "d 21"]);
  });

  it("never sends more than a bucket of two with a tenth a second would let through", async () => {
    const { clock, enter, entered } = desk();
    for (let i = 0; i < 12; i++) {
      void enter(String(i));
      await clock.advance(i % 3 === 0 ? 3_000 : 11_000);
    }
    await clock.advance(200_000);
    assert.equal(entered.length, 12);
    let [tokens, last] = [2, 0];
    for (const entry of entered) {
      const at = Number(entry.split(" ")[1]);
      tokens = Math.min(2, tokens + (at - last) * 0.1) - 1;
      last = at;
      assert.ok(tokens > -0.2, `${entry} came too early`);
    }
  });

  it("counts each provider for itself, however its address is spelled", async () => {
    const { clock, entered, enter } = desk();
    for (const name of ["a", "b"]) void enter(name);
    void enter("other", address("b"));
    void enter("upper", provider.toUpperCase().replace("0X", "0x") as ProviderId);
    await clock.advance(0);
    assert.deepEqual(entered, ["a 0", "b 0", "other 0"]);
  });

  it("waits as long as the provider says once its bucket is empty", async () => {
    const { clock, pace, entered, enter } = desk();
    pace.empty(provider, 15_000);
    void enter("a");
    void enter("b");
    await clock.advance(60_000);
    assert.deepEqual(entered, ["a 15", "b 25"]);
  });

  it("gives the place of one who gave up to the next", async () => {
    const { clock, entered, enter } = desk();
    const stop = new AbortController();
    await Promise.all([enter("a"), enter("b")]);
    void enter("c", provider, stop.signal);
    await clock.advance(1_000);
    stop.abort();
    await clock.advance(0);
    void enter("d");
    await clock.advance(60_000);
    assert.deepEqual(entered, ["a 0", "b 0", "c gave up", "d 10"]);
  });

  it("does not wait for hours because the clock was set back", async () => {
    const { clock, entered, enter } = desk();
    await Promise.all([enter("a"), enter("b"), enter("a2", address("c"))]);
    clock.set(1_000_000 - 3_600_000);
    void enter("c");
    await clock.advance(1);
    assert.equal(entered.length, 4);
  });
});

describe("watching a transfer", () => {
  it("ends what has not moved for so long, and only that", async () => {
    const clock = new SteppedClock();
    const watch = new IdleWatch(clock, 60_000);
    for (let i = 0; i < 10; i++) {
      await clock.advance(50_000);
      watch.moved();
    }
    await clock.advance(59_000);
    assert.equal(watch.isIdle, false);
    await clock.advance(2_000);
    assert.equal(watch.isIdle, true);
    assert.equal(watch.signal.aborted, true);
  });

  it("can give the next step more time, and stops when told", async () => {
    const clock = new SteppedClock();
    const watch = new IdleWatch(clock, 60_000);
    await clock.advance(10_000);
    watch.moved(120_000);
    await clock.advance(100_000);
    assert.equal(watch.isIdle, false);
    watch.stop();
    await clock.advance(1_000_000);
    assert.equal(watch.isIdle, false);
    assert.deepEqual(clock.waking, []);
  });
});
