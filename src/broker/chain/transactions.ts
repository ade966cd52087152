// Sending. A transaction is signed once and its bytes are kept: when an answer is lost, its hash is looked up on every URL and the very same
// bytes are sent again, which can never pay twice, because its nonce is used once.
import type { TransactionResult } from "../../domain/account.js";
import { cancelled, ComputeError } from "../../domain/error.js";
import type { TransactionHash } from "../../domain/ids.js";
import { neuron, type Neuron } from "../../domain/money.js";
import { isPending, type SentTransaction } from "../../domain/transaction.js";
import type { Signer } from "../wallet/api.js";
import { requireSigner, type SignedTransaction, signTransaction } from "../wallet/signer.js";
import type { ContractCall, SendOptions, Simulation } from "./access.js";
import { freeNonce, lastMined } from "./book.js";
import { contractLabel, factsOf } from "./contractCall.js";
import { deliver } from "./delivery.js";
import { type CallFacts, isNonceUsed, revertError, toChainError } from "./errors.js";
import { Follower, type Mined, type Receipt } from "./follow.js";
import { lookUp } from "./lookUp.js";
import { nonceOwner } from "./nonceOwner.js";
import { inNonceOrder, type IsMyTurn } from "./nonceQueue.js";
import { untilAborted } from "./pool.js";
import { RpcRejection } from "./rpc.js";
import type { RpcChain } from "./rpcChain.js";
import { smallQuantity } from "./values.js";

const maxNonceTries = 8;
const noncePauseMs = 500;
const lagsAtMostMs = 600_000;

/** Simulates, signs, sends, follows to the receipt. Once it is out, an abort only ends the waiting. */
export async function sendTransaction(
  chain: RpcChain,
  call: ContractCall,
  options: SendOptions,
): Promise<TransactionResult> {
  const signer = requireSigner(chain.options);
  const { clock, closing } = chain.options;
  const signal = options.signal ? AbortSignal.any([options.signal, closing]) : closing;
  const queue = { ...chain.queue, clock, signal };
  for (;;) {
    const sending = inNonceOrder(queue, (isMyTurn) =>
      sendInOrder(chain, signer, call, { ...options, signal }, isMyTurn),
    );
    const result = await untilAborted(sending, signal);
    if (result) return result;
  }
}

/** Undefined when the turn was lost to another process before anything was signed. */
async function sendInOrder(
  chain: RpcChain,
  signer: Signer,
  call: ContractCall,
  options: SendOptions & { readonly signal: AbortSignal },
  isMyTurn: IsMyTurn,
): Promise<TransactionResult | undefined> {
  const { signal } = options;
  if (signal.aborted) throw cancelled();
  const depth = chain.confirmations(); // a setting that cannot be used is to be known before anything is signed
  const simulation = withinFee(await chain.simulate(call, signer.address, { signal }), options.maxFee);
  const block = await chain.latestBlock({ signal });
  const nonce = await nextNonce(chain, signer, signal);
  if (!(await isMyTurn())) return undefined;
  const signed = await sign(chain, signer, call, simulation, nonce, block.baseFee !== undefined);
  if (signal.aborted) throw cancelled();
  const id = signed.hash as TransactionHash;
  chain.options.log.info(`${contractLabel(call.contract)}.${call.method}: sending ${id}`);
  const sent: SentTransaction = {
    ...{ id, nonce, purpose: chain.purposeOf(call), sentAt: chain.options.clock.now() },
    isOut: false,
    versions: [{ kind: "original", hash: id, raw: signed.raw, maxFee: simulation.maxFee }],
  };
  // Written down first: killed after this, it may be out. Whoever asked goes first, so that nothing is sent later that he knows nothing of.
  await options.onSent?.(id);
  chain.sending.add(id);
  try {
    await chain.book.change(id, () => sent);
    const facts = simulatedFacts(call, simulation);
    const follower = new Follower(chain, sent, depth, true);
    await handOver(chain, sent, signed.raw, follower, facts, signal);
    return await finish(chain, signer, call, simulation, await follower.mined(signal));
  } finally {
    chain.sending.delete(id);
  }
}

/** Throws when it certainly is not out, and forgets it then. */
async function handOver(
  chain: RpcChain,
  sent: SentTransaction,
  raw: string,
  follower: Follower,
  facts: CallFacts,
  signal: AbortSignal,
): Promise<void> {
  const { id } = sent;
  const outcome = await deliver(chain, raw, signal);
  const isRejection = outcome instanceof RpcRejection;
  const isKnown =
    isRejection && isNonceUsed(outcome) && (await isOursAfterAll(chain, sent, follower, signal));
  if (outcome === "accepted" || outcome === "lost" || isKnown) return markOut(chain, id);
  await chain.book.change(id, () => undefined);
  throw isRejection ? toChainError(outcome, facts) : outcome;
}

/**
 * A used nonce may have been used by these very bytes, taken in by another node behind the same URL: one that lags is given the time to know
 * them, unless a block shows whose the nonce is.
 */
async function isOursAfterAll(
  chain: RpcChain,
  { id, nonce }: SentTransaction,
  follower: Follower,
  signal: AbortSignal,
): Promise<boolean> {
  for (let tries = 0; tries < maxNonceTries; tries++) {
    if (await follower.isKnown(signal)) return true;
    const owner = await nonceOwner(chain, nonce, 1, signal);
    if (owner !== undefined) return owner === id;
    await chain.options.clock.sleep(noncePauseMs, signal);
  }
  return false;
}

/** From now on every window may send it again. Not written down, they find that out by themselves once our turn is over. */
async function markOut(chain: RpcChain, id: TransactionHash): Promise<void> {
  await chain.book.change(id, (sent) => sent && { ...sent, isOut: true }).catch(() => undefined);
}

/** The node names the price anew, and it may be another than the user saw: the margin above it gives way first, then nothing is signed. */
function withinFee(simulation: Simulation, maxFee: Neuron | undefined): Simulation {
  if (maxFee === undefined || simulation.maxFee <= maxFee) return simulation;
  const gasPrice = neuron(maxFee / simulation.gasLimit);
  if (gasPrice < simulation.askedGasPrice)
    throw new ComputeError("rejectedByChain", { reason: "feeRose", args: [] });
  return { ...simulation, gasPrice, maxFee: neuron(gasPrice * simulation.gasLimit) };
}

/**
 * The node's count, pending transactions included, and past those of ours that still wait: the node may have forgotten them. After a
 * transaction of ours was mined a node may lag: then our own knowledge counts, unless nobody has that one any more (the chain was reset).
 */
async function nextNonce(chain: RpcChain, signer: Signer, signal: AbortSignal): Promise<number> {
  const { clock } = chain.options;
  const all = await chain.book.read();
  // It is our turn, so that nobody hands these over any more: whoever did was killed. The next nonce waits for theirs.
  for (const { id } of all.filter((one) => isPending(one) && !one.isOut)) await markOut(chain, id);
  const last = lastMined(all, clock.now() - lagsAtMostMs);
  for (let tries = 0; ; tries++) {
    const params = [signer.address, "pending"];
    const count = await chain.pool.read("eth_getTransactionCount", params, smallQuantity, signal);
    if (!last || count > last.nonce || tries >= maxNonceTries) return freeNonce(all, count);
    if (await isMined(chain, last, signal)) return freeNonce(all, last.nonce + 1);
    await clock.sleep(noncePauseMs, signal);
  }
}

async function isMined(chain: RpcChain, { end }: SentTransaction, signal: AbortSignal): Promise<boolean> {
  return end?.kind === "mined" && (await lookUp(chain.pool, end.hash, signal)).kind === "mined";
}

async function sign(
  chain: RpcChain,
  signer: Signer,
  call: ContractCall,
  simulation: Simulation,
  nonce: number,
  hasBaseFee: boolean,
): Promise<SignedTransaction> {
  const { to, data } = chain.request(call);
  const { gasPrice, askedGasPrice, gasLimit } = simulation;
  // The tip is the whole price the node asks for, as with the official client: nodes of the network want a minimum tip (spec 10).
  const fees = hasBaseFee
    ? { type: 2, maxFeePerGas: gasPrice, maxPriorityFeePerGas: askedGasPrice }
    : { type: 0, gasPrice };
  const { chainId } = chain.options.network;
  return signTransaction(signer, { ...fees, chainId, nonce, to, data, gasLimit, value: call.value ?? 0n });
}

async function finish(
  chain: RpcChain,
  signer: Signer,
  call: ContractCall,
  simulation: Simulation,
  { receipt, end }: Mined,
): Promise<TransactionResult> {
  const { hash, version } = end;
  if (version === "cancel")
    throw new ComputeError("rejectedByChain", { reason: "cancelled", args: [], hash });
  if (!receipt.isSuccess) throw await whyReverted(chain, signer, call, simulation, receipt);
  return {
    hash,
    blockNumber: receipt.blockNumber,
    fee: neuron(receipt.gasUsed * (receipt.gasPrice ?? simulation.gasPrice)),
  };
}

/** Receipts do not say why: the same call is made again and asked (spec 10). */
async function whyReverted(
  chain: RpcChain,
  signer: Signer,
  call: ContractCall,
  simulation: Simulation,
  receipt: Receipt,
): Promise<unknown> {
  const facts = { ...simulatedFacts(call, simulation), hash: receipt.hash };
  try {
    await chain.call(chain.request(call, signer.address), facts);
  } catch (error) {
    if (!(error instanceof ComputeError && error.code === "network")) return error;
  }
  // It would succeed now, or nobody can be asked: all that is known is that it failed.
  const isOutOfGas = receipt.gasUsed >= simulation.gasLimit;
  return revertError(
    { kind: "custom", name: isOutOfGas ? "outOfGas" : "reverted", signature: "", args: [] },
    facts,
  );
}

function simulatedFacts(call: ContractCall, simulation: Simulation): CallFacts {
  return {
    ...factsOf(call),
    walletBalance: simulation.walletBalance,
    walletNeed: (call.value ?? 0n) + simulation.maxFee,
  };
}
