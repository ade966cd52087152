// The wallet's past on the chain.
import type { ChainHistory } from "../../domain/activity.js";
import type { TransactionHash } from "../../domain/ids.js";
import type { CallOptions } from "../call.js";

export interface ActivityBroker {
  /**
   * The wallet's history, from `kept` on or from the contracts' first block: yields after each step a state that can be kept and gone on
   * from. Throws `network` when no node tells more. `own` are transactions the caller knows to be the wallet's: looked for where no node
   * has the states that lead to them.
   */
  scan(
    kept: ChainHistory | undefined,
    options?: CallOptions & { own?: readonly TransactionHash[] },
  ): AsyncIterable<ChainHistory>;
}
