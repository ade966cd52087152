import assert from "node:assert/strict";
import { ReadCache } from "../../../src/broker/inference/cache.js";
import { isFresh } from "../../../src/domain/clock.js";
import { TestClock } from "../../support/ports.js";

describe("What was read from far away", () => {
  it("is kept for its time, and not for longer where the clock was put back since", async () => {
    const clock = new TestClock();
    const cache = new ReadCache<number>(clock, 60_000);
    cache.set("a", 1);
    assert.equal(cache.get("a", 10_000), 1);
    await clock.advance(10_000);
    assert.deepEqual([cache.get("a"), cache.get("a", 10_000)], [1, undefined]);
    clock.putBack(7_200_000);
    assert.equal(cache.get("a"), undefined);
  });

  it("is fresh for less than the time it is good, and never where it was not read", () => {
    assert.deepEqual(
      [isFresh(undefined, 5, 10), isFresh(5, 4, 10), isFresh(5, 5, 0), isFresh(5, 5, 1), isFresh(5, 15, 10)],
      [false, false, false, true, false],
    );
  });
});
