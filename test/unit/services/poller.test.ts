import assert from "node:assert/strict";
import { Poller } from "../../../src/services/poller.js";
import { settled, TestClock } from "../../support/ports.js";

describe("A poller", () => {
  const setUp = () => {
    const clock = new TestClock();
    const state = { polls: 0, fails: false };
    const poller = new Poller({
      clock,
      everyMs: 1_000,
      poll: async () => {
        state.polls++;
      },
      hasFailed: () => state.fails,
    });
    return { clock, state, poller };
  };

  it("reads at once, then in its rhythm, and rests while nobody looks", async () => {
    const { clock, state, poller } = setUp();
    await clock.advance(10_000);
    assert.equal(state.polls, 0);
    poller.setActive(true);
    await settled();
    assert.equal(state.polls, 1);
    await clock.advance(3_000);
    assert.equal(state.polls, 4);
    poller.setActive(false);
    await clock.advance(10_000);
    assert.equal(state.polls, 4);
    assert.equal(clock.sleepers, 0);
    poller.dispose();
  });

  it("does not read again for a window that lost the focus for a moment", async () => {
    const { clock, state, poller } = setUp();
    poller.setActive(true);
    await settled();
    poller.setActive(false);
    poller.setActive(true);
    await settled();
    assert.equal(state.polls, 1);
    await clock.advance(1_000);
    assert.equal(state.polls, 2);
    poller.dispose();
  });

  it("waits longer after each failure, and not for ever", async () => {
    const { clock, state, poller } = setUp();
    state.fails = true;
    poller.setActive(true);
    await settled();
    await clock.advance(2_000 + 4_000 + 8_000 + 8_000);
    assert.equal(state.polls, 5);
    state.fails = false;
    await clock.advance(8_000 + 1_000 + 1_000);
    assert.equal(state.polls, 8);
    poller.dispose();
  });

  it("keeps its rhythm when the clock is put back", async () => {
    const { clock, state, poller } = setUp();
    poller.setActive(true);
    await settled();
    poller.setActive(false);
    clock.putBack(3_600_000);
    poller.setActive(true);
    await clock.advance(1_000);
    assert.equal(state.polls, 2);
    poller.dispose();
  });

  it("reads at once when what it reads became another", async () => {
    const { state, poller } = setUp();
    poller.setActive(true);
    await settled();
    poller.now();
    await settled();
    assert.equal(state.polls, 2);
    poller.dispose();
  });
});
