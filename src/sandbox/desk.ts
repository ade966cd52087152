// What the control API does beyond faults: money, pace, and the look inside.
import type { Accounts } from "./accounts.js";
import type { Chain } from "./chain/chain.js";
import type { Faults } from "./faults.js";
import type { FineTuning } from "./fineTuning/fineTuning.js";
import type { Marketplace } from "./marketplace.js";
import type { Backends } from "./providers/backends.js";
import type { Provider } from "./providers/provider.js";
import type { Storage } from "./storage/storage.js";

export interface DeskOptions {
  readonly chain: Chain;
  readonly market: Marketplace;
  readonly accounts: Accounts;
  readonly faults: Faults;
  readonly providers: readonly Provider[];
  readonly backends: Backends;
  readonly fineTuning: FineTuning;
  readonly storage: Storage;
}

const oneOg = 10n ** 18n;

export class Desk {
  constructor(private readonly options: DeskOptions) {}

  /** From the owner, as anybody would pay, in neuron; when it runs out of money it gets new. */
  async fund(address: string, amount: bigint): Promise<void> {
    const { chain, market, accounts } = this.options;
    const owner = accounts.owner();
    const balance = BigInt(String(await chain.request("eth_getBalance", [owner.address, "latest"])));
    if (balance < amount + oneOg) await chain.setBalance(owner.address, amount + 100n * oneOg);
    await market.send([{ from: owner, to: address, value: amount }]);
  }

  /** The answer of `GET /state`. */
  state(): object {
    const { chain, faults, providers, backends, fineTuning, storage } = this.options;
    const ofProviders = <T>(of: (provider: Provider) => T) =>
      Object.fromEntries(providers.map((provider) => [provider.address, of(provider)]));
    return {
      head: chain.head(),
      tasks: fineTuning.tasks(),
      faults: faults.list(),
      counters: {
        chain: chain.counters(),
        providers: ofProviders(({ counters }) => counters),
        storage: storage.counters(),
      },
      left: ofProviders(({ left }) => left),
      unsettled: ofProviders(({ fees }) => fees.all()),
      fineTuning: fineTuning.pace.current,
      upstream: backends.describe(),
    };
  }
}
