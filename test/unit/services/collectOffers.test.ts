import assert from "node:assert/strict";
import { networks } from "../../../src/domain/networks.js";
import { CollectOffers } from "../../../src/services/money/collectOffers.js";
import { loaded, nothingLoaded } from "../../../src/services/loaded.js";
import type { AccountsState } from "../../../src/services/money/accounts.js";
import { scopeOf } from "../../../src/services/wallets/scope.js";
import { address, anOverview, aSubAccount, noon, og } from "../../support/builders.js";
import { memoryLog, MemoryState, TestClock } from "../../support/ports.js";

const day = 86_400;
const scope = scopeOf(networks.testnet, address("c"));

/** What outlives a window, and the chain. */
class Chain {
  readonly state = new MemoryState();
  readonly clock = new TestClock(noon);
  readonly offered: string[] = [];
  reads = 0;
  /** Seconds that the chain's clock is behind this machine's. */
  behind = 0;
  requests: { amount: string; createdAt: number }[] = [];
  readonly start = anOverview().blockTimestamp;

  overview() {
    const refunds = this.requests.map(({ amount, createdAt }) => ({ amount: og(amount), createdAt }));
    const pendingRefund = og(String(this.requests.reduce((sum, { amount }) => sum + Number(amount), 0)));
    const passed = Math.floor((this.clock.now() - noon) / 1000);
    return anOverview({
      subAccounts: [aSubAccount({ balance: pendingRefund, pendingRefund, refunds })],
      blockTimestamp: this.start + passed - this.behind,
      readAt: this.clock.now(),
    });
  }

  /** A window that opens; it has read nothing yet. */
  window() {
    const accounts = {
      state: nothingLoaded as AccountsState,
      refresh: async () => {
        this.reads++;
        accounts.state = loaded(this.overview(), this.clock.now());
      },
    };
    const offers = new CollectOffers({
      ...{
        session: { tryScope: () => scope },
        accounts,
        state: this.state,
        clock: this.clock,
        log: memoryLog(),
      },
      notifier: { canCollect: ({ amount }) => void this.offered.push(String(amount)) },
    });
    return { accounts, offers };
  }
}

describe("Collecting", () => {
  it("is offered once when the lock is over, by whichever window there is then, without reading before", async () => {
    const chain = new Chain();
    chain.requests = [{ amount: "2", createdAt: chain.start }];
    const first = chain.window();
    await first.accounts.refresh();
    await first.offers.look();
    const second = chain.window();
    await chain.clock.advance((day - 60) * 1000);
    await second.offers.look();
    assert.deepEqual([chain.offered, chain.reads], [[], 1]);
    await chain.clock.advance(60_000);
    await second.offers.look();
    assert.deepEqual([chain.offered, chain.reads], [[String(og("2"))], 2]);
    for (const window of [second, chain.window()]) {
      await window.accounts.refresh();
      await window.offers.look();
    }
    assert.equal(chain.offered.length, 1);
  });

  it("goes by the chain's clock: with one that is behind it is looked at again, and offered later", async () => {
    const chain = new Chain();
    chain.requests = [{ amount: "2", createdAt: chain.start }];
    const { accounts, offers } = chain.window();
    await accounts.refresh();
    await offers.look();
    chain.behind = 600;
    await chain.clock.advance(day * 1000);
    await offers.look();
    assert.deepEqual(chain.offered, []);
    await chain.clock.advance(600_000);
    await offers.look();
    assert.equal(chain.offered.length, 1);
  });

  it("is offered again for a request that is new", async () => {
    const chain = new Chain();
    chain.requests = [{ amount: "2", createdAt: chain.start - day }];
    const { accounts, offers } = chain.window();
    await accounts.refresh();
    await offers.look();
    chain.requests = [{ amount: "1", createdAt: chain.start - day + 5 }];
    await chain.clock.advance(10_000);
    await accounts.refresh();
    await offers.look();
    assert.deepEqual(chain.offered, [String(og("2")), String(og("1"))]);
    assert.doesNotMatch([...chain.state.kept.values()].join(), new RegExp(String(chain.start - day) + '"'));
  });
});
