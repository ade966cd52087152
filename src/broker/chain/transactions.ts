// Sending. A transaction is signed once and its bytes are kept: when an answer is lost, its hash is looked up on every URL and the very same
// bytes are sent again, which can never pay twice, because its nonce is used once.
import type { TransactionResult } from "../../domain/account.js";
import { cancelled, ComputeError } from "../../domain/error.js";
import type { TransactionHash } from "../../domain/ids.js";
import { neuron, type Neuron } from "../../domain/money.js";
import type { Signer } from "../api.js";
import { requireSigner, signTransaction, type SignedTransaction } from "../wallet/signer.js";
import type { ContractCall, SendOptions, Simulation } from "./access.js";
import { isNonceUsed, revertError, toChainError, type CallFacts } from "./errors.js";
import { Follower, type Receipt } from "./follow.js";
import { inNonceOrder, type IsMyTurn } from "./nonceQueue.js";
import { untilAborted } from "./pool.js";
import { contractLabel, factsOf, type RpcChain } from "./rpcChain.js";
import { smallQuantity } from "./values.js";

const maxNonceTries = 8;
const noncePauseMs = 500;

/** Simulates, signs, sends, follows to the receipt. Once it is out, an abort only ends the waiting. */
export async function sendTransaction(
  chain: RpcChain,
  call: ContractCall,
  options: SendOptions,
): Promise<TransactionResult> {
  const signer = requireSigner(chain.options);
  const { network, clock, closing } = chain.options;
  const signal = options.signal ? AbortSignal.any([options.signal, closing]) : closing;
  const queue = {
    chainId: network.chainId,
    address: signer.address,
    locks: chain.options.locks,
    clock,
    signal,
  };
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
  const simulation = withinFee(await chain.simulate(call, signer.address, { signal }), options.maxFee);
  const block = await chain.latestBlock({ signal });
  const nonce = await nextNonce(chain, signer, signal);
  if (!(await isMyTurn())) return undefined;
  const signed = await sign(chain, signer, call, simulation, nonce, block.baseFee !== undefined);
  if (signal.aborted) throw cancelled();
  chain.options.log.info(`${contractLabel(call.contract)}.${call.method}: sending ${signed.hash}`);
  await options.onSent?.(signed.hash as TransactionHash); // written down first: killed after this, it may be out
  const follower = new Follower(chain, signed, nonce, signer.address, signal);
  const rejection = await follower.deliver();
  // A used nonce may have been used by these very bytes, taken in by another node behind the same URL.
  if (rejection && !(isNonceUsed(rejection) && (await follower.isKnown())))
    throw toChainError(rejection, simulatedFacts(call, simulation));
  const receipt = await follower.receipt();
  chain.minedNonces.set(signer.address, nonce);
  return finish(chain, signer, call, simulation, receipt);
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
 * The node's count, pending transactions included. After a transaction of ours was mined a node behind the same URL may lag: it is given some
 * seconds to catch up, then believed (the chain may have been reset).
 */
async function nextNonce(chain: RpcChain, signer: Signer, signal: AbortSignal): Promise<number> {
  const { clock } = chain.options;
  const mined = chain.minedNonces.get(signer.address) ?? -1;
  for (let tries = 0; ; tries++) {
    const params = [signer.address, "pending"];
    const count = await chain.pool.read("eth_getTransactionCount", params, smallQuantity, signal);
    if (count > mined || tries >= maxNonceTries) return count;
    await clock.sleep(noncePauseMs, signal);
  }
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
  receipt: Receipt,
): Promise<TransactionResult> {
  const { hash, blockNumber, gasUsed } = receipt;
  if (!receipt.isSuccess) throw await whyReverted(chain, signer, call, simulation, receipt);
  return {
    hash: hash as TransactionHash,
    blockNumber,
    fee: neuron(gasUsed * (receipt.gasPrice ?? simulation.gasPrice)),
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
