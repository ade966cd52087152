import assert from "node:assert/strict";
import { address, aService, og } from "../../support/builders.js";
import { TestClock } from "../../support/ports.js";
import { checkAccount, type PayingOptions } from "../../../src/services/money/paying.js";

describe("An account with a provider, before something is asked there", () => {
  it("is looked at on the chain where the overview is old, or was read before the clock was put back", async () => {
    const clock = new TestClock();
    const provider = address("a");
    const account = { balance: og("5"), pendingRefund: og("0"), unsettled: og("0"), isAcknowledged: true };
    let looks = 0;
    const getSubAccount = async () => {
      looks++;
      return account;
    };
    const options = {
      clock,
      accounts: { state: { readAt: clock.now(), isStale: false }, subAccount: () => account },
      session: { broker: async () => ({ ledger: { getSubAccount } }) },
    } as unknown as Pick<PayingOptions, "session" | "accounts" | "clock">;
    const check = () => checkAccount(options, aService({ provider }), new AbortController().signal);
    await check();
    assert.equal(looks, 0);
    await clock.advance(60_000);
    await check();
    assert.equal(looks, 1);
    clock.putBack(3_600_000);
    await check();
    assert.equal(looks, 2);
  });
});
