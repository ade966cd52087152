// What was sent, looked after beyond the call that sent it: by another window, or after a restart.
import { ComputeError, isComputeError } from "../../domain/error.js";
import type { TransactionHash } from "../../domain/ids.js";
import type { TransactionEnd } from "../../domain/transaction.js";
import type { TransactionsBroker } from "./api.js";
import { Follower } from "./follow.js";
import { planReplacement, replace } from "./replace.js";
import type { RpcChain } from "./rpcChain.js";

export function createTransactions(chain: RpcChain): TransactionsBroker {
  const followers = new Map<TransactionHash, Follower>();

  const endOf = async <E extends TransactionEnd | undefined>(
    id: TransactionHash,
    work: (follower: Follower) => Promise<E>,
  ): Promise<E | TransactionEnd> => {
    const sent = (await chain.book.read()).find((one) => one.id === id);
    if (!sent) throw new ComputeError("internal", { detail: `transaction ${id} was never written down` });
    if (sent.end) return sent.end;
    const follower = followers.get(id) ?? new Follower(chain, sent, chain.confirmations(), false);
    followers.set(id, follower);
    try {
      const end = await work(follower);
      if (end) followers.delete(id);
      return end;
    } catch (error) {
      if (!isComputeError(error, "rejectedByChain") || error.facts.reason !== "replaced") throw error;
      followers.delete(id);
      return { kind: "replaced" } as const;
    }
  };
  const joined = (signal: AbortSignal | undefined) =>
    signal ? AbortSignal.any([signal, chain.options.closing]) : chain.options.closing;

  return {
    look: (id, { signal } = {}) =>
      endOf(id, async (follower) =>
        chain.sending.has(id) ? undefined : (await follower.look(joined(signal)))?.end,
      ),
    planReplacement: (id, kind, options) => planReplacement(chain, id, kind, options),
    replace: (plan, options) => replace(chain, plan, options),
    isDoubtful: async (id, { signal } = {}) => {
      let isDoubtful = false;
      await endOf(id, async (follower) => {
        isDoubtful = await follower.isInDoubt(joined(signal));
        return undefined;
      });
      return isDoubtful;
    },
    giveUp: (id, { signal } = {}) => endOf(id, (follower) => follower.giveUp(joined(signal))),
  };
}
