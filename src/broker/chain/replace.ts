// Signing a nonce anew at a higher price: the same call, or nothing at all in its place. Only one of them can be mined.
import { Transaction } from "ethers";
import { ComputeError } from "../../domain/error.js";
import { sameAddress, type TransactionHash } from "../../domain/ids.js";
import { neuron } from "../../domain/money.js";
import { isPending, type SentTransaction, type SignedVersion } from "../../domain/transaction.js";
import type { CallOptions } from "../call.js";
import { requireSigner, signTransaction } from "../wallet/signer.js";
import type { Replacement } from "./api.js";
import { deliver } from "./delivery.js";
import { isNonceUsed, toChainError } from "./errors.js";
import { RpcRejection } from "./rpc.js";
import type { RpcChain } from "./rpcChain.js";
import { quantity } from "./values.js";

/** A transfer without data. */
const cancelGas = 21_000n;

/** What it would cost at most. Throws `rejectedByChain` "ended" when there is nothing to replace any more, `insufficientFunds`. */
export async function planReplacement(
  chain: RpcChain,
  id: TransactionHash,
  asking: Replacement["kind"],
  { signal }: CallOptions = {},
): Promise<Replacement> {
  const { address } = requireSigner(chain.options);
  const before = await signedBefore(chain, id);
  const [walletBalance, asked] = await Promise.all([
    chain.balance(address, { signal }),
    chain.pool.read("eth_gasPrice", [], quantity, signal),
  ]);
  const price = largest([...before.map((signed) => raised(signed.price)), asked]);
  const tip = largest([...before.map((signed) => raised(signed.tip)), asked]);
  // Sped up, a cancellation is still one.
  const kind = before.some((signed) => signed.kind === "cancel") ? "cancel" : asking;
  const { gasLimit, value } = callOf(before, kind);
  const maxFee = neuron(gasLimit * price);
  const need = value + maxFee;
  if (walletBalance < need)
    throw new ComputeError("insufficientFunds", { account: "wallet", have: walletBalance, need });
  return { id, kind, maxFee, price: neuron(price), tip: neuron(tip), walletBalance };
}

/** Signs it as planned, writes it down beside the others, and hands it over. Its end is that of the transaction. */
export async function replace(
  chain: RpcChain,
  { id, kind, maxFee, price, tip }: Replacement,
  { signal = chain.options.closing }: CallOptions = {},
): Promise<TransactionHash> {
  const signer = requireSigner(chain.options);
  const before = await signedBefore(chain, id);
  const { to, data, value, gasLimit, nonce, type } = callOf(before, kind);
  const fees =
    type === 2 ? { type, maxFeePerGas: price, maxPriorityFeePerGas: tip } : { type: 0, gasPrice: price };
  const { chainId } = chain.options.network;
  const signed = await signTransaction(signer, { ...fees, chainId, nonce, to, data, gasLimit, value });
  const hash = signed.hash as TransactionHash;
  chain.options.log.info(`${kind} of transaction ${id}: sending ${hash}`);
  await change(chain, id, (versions) => [...versions, { kind, hash, raw: signed.raw, maxFee }]);
  const outcome = await deliver(chain, signed.raw, signal);
  if (outcome === "accepted" || outcome === "lost") return hash;
  await change(chain, id, (versions) =>
    versions.map((one) => (one.hash === hash ? { kind, hash, maxFee } : one)),
  );
  if (!(outcome instanceof RpcRejection)) throw outcome;
  throw isNonceUsed(outcome) ? ended(id) : toChainError(outcome, {});
}

interface Signed {
  readonly kind: SignedVersion["kind"];
  readonly transaction: Transaction;
  readonly price: bigint;
  readonly tip: bigint;
}

/** What this wallet has signed for that nonce, read from the bytes: a file on disk must not put another call into the user's hand. */
async function signedBefore(chain: RpcChain, id: TransactionHash): Promise<readonly [Signed, ...Signed[]]> {
  const sent = (await chain.book.read()).find((one) => one.id === id);
  if (!sent || !isPending(sent)) throw ended(id);
  const [first, ...more] = sent.versions.flatMap((version) => signedOf(chain, sent, version));
  if (!first)
    throw new ComputeError("internal", { detail: `the bytes of transaction ${id} are not its own` });
  return [first, ...more];
}

function signedOf(chain: RpcChain, sent: SentTransaction, { kind, raw, hash }: SignedVersion): Signed[] {
  const transaction = raw === undefined ? undefined : parse(raw);
  const isOurs =
    transaction?.hash === hash &&
    transaction.nonce === sent.nonce &&
    Number(transaction.chainId) === chain.options.network.chainId &&
    sameAddress(transaction.from ?? "", chain.signerAddress);
  if (!isOurs) return [];
  const { maxFeePerGas, maxPriorityFeePerGas, gasPrice } = transaction;
  const price = maxFeePerGas ?? gasPrice ?? 0n;
  return [{ kind, transaction, price, tip: maxPriorityFeePerGas ?? price }];
}

function parse(raw: string): Transaction | undefined {
  try {
    return Transaction.from(raw);
  } catch {
    return undefined;
  }
}

interface Call {
  readonly to: string;
  readonly data: string;
  readonly value: bigint;
  readonly gasLimit: bigint;
  readonly nonce: number;
  readonly type: number | null;
}

function callOf([{ transaction }]: readonly [Signed, ...Signed[]], kind: Replacement["kind"]): Call {
  const { to, data, value, gasLimit, nonce, type, from } = transaction;
  return kind === "speedUp"
    ? { to: to ?? "", data, value, gasLimit, nonce, type }
    : { to: from ?? "", data: "0x", value: 0n, gasLimit: cancelGas, nonce, type };
}

async function change(
  chain: RpcChain,
  id: TransactionHash,
  make: (versions: readonly SignedVersion[]) => readonly SignedVersion[],
): Promise<void> {
  await chain.book.change(id, (sent) =>
    sent && isPending(sent) ? { ...sent, versions: make(sent.versions) } : sent,
  );
}

/** Nodes ask for a tenth more, some for an eighth. */
function raised(price: bigint): bigint {
  return (price * 1125n + 999n) / 1000n;
}

function largest(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (b > a ? b : a), 0n);
}

function ended(id: TransactionHash): ComputeError<"rejectedByChain"> {
  return new ComputeError("rejectedByChain", { reason: "ended", args: [], hash: id });
}
