// The one place where what nodes and contracts say becomes a ComputeError. Texts of nodes are matched here and nowhere else.
import type { Interface } from "ethers";
import { ComputeError } from "../../domain/error.js";
import { exactOg, neuron } from "../../domain/money.js";
import { decodeRevert, type Revert } from "../contracts/reverts.js";
import type { RpcRejection } from "./rpc.js";

/** What the caller knows about the refused call: facts a revert itself does not carry. */
export interface CallFacts {
  /** Name of the contract's function. */
  readonly method?: string;
  readonly args?: readonly unknown[];
  /** Of a contract that is none of the network's three. */
  readonly interface?: Interface;
  /** Set when the transaction was mined and reverted. */
  readonly hash?: string;
  /** Available in the ledger; asked for when `InsufficientBalance` needs it. */
  readonly ledgerAvailable?: bigint;
  readonly walletBalance?: bigint;
  /** Value and, where known, the highest fee. */
  readonly walletNeed?: bigint;
}

const maxText = 200;

export function networkError(host: string, detail: string, hash?: string): ComputeError<"network"> {
  return new ComputeError("network", {
    what: "rpc",
    url: host,
    detail: detail.slice(0, maxText),
    ...(hash ? { hash } : {}),
  });
}

/** True for reverts that `toChainError` can only explain with `ledgerAvailable`. */
export function needsLedger(rejection: RpcRejection): boolean {
  const revert = rejection.data === undefined ? undefined : decodeRevert(rejection.data);
  return revert?.kind === "custom" && revert.name === "InsufficientBalance";
}

/** A node's refusal of a call, an estimate or a transaction. */
export function toChainError(rejection: RpcRejection, facts: CallFacts): ComputeError {
  if (rejection.data !== undefined && rejection.data.length >= 10)
    return revertError(decodeRevert(rejection.data, facts.interface), facts);
  if (isWalletShort(rejection))
    return new ComputeError("insufficientFunds", {
      account: "wallet",
      have: facts.walletBalance ?? 0n,
      need: facts.walletNeed ?? 0n,
    });
  if (/revert/i.test(rejection.message)) return rejected("reverted", [], facts);
  if (/underpriced|fee too low|less than block base fee|below minimum/i.test(rejection.message))
    return rejected("feeTooLow", [], facts);
  if (/nonce too (?:low|high)|replacement/i.test(rejection.message)) return rejected("nonceTaken", [], facts);
  return networkError(rejection.host, `the node refused: ${rejection.message}`, facts.hash);
}

/** Nodes say "gas required exceeds allowance" when the balance does not pay for the gas. */
function isWalletShort(rejection: RpcRejection): boolean {
  return /insufficient funds|insufficient balance for transfer|gas required exceeds allowance/i.test(
    rejection.message,
  );
}

/** The node has had these very bytes before. */
export function isAlreadyKnown(rejection: RpcRejection): boolean {
  return /already known|known transaction|already imported|already exists/i.test(rejection.message);
}

/** Another transaction, or this one, has used the nonce. */
export function isNonceUsed(rejection: RpcRejection): boolean {
  return /nonce too low|nonce has already been used|old nonce/i.test(rejection.message);
}

/** A decoded revert as what it means to the user; what has no meaning of its own is `rejectedByChain` with name and arguments. */
export function revertError(revert: Revert, facts: CallFacts): ComputeError {
  switch (revert.kind) {
    case "custom":
      return meaningOf(revert.name, revert.args, facts) ?? rejected(revert.name, revert.args, facts);
    case "text":
      return rejected("Error", [revert.text], facts);
    case "panic":
      return rejected("Panic", [String(revert.code)], facts);
    case "unknown":
      return rejected("unknown", revert.data === "0x" ? [] : [revert.data], facts);
  }
}

function rejected(
  reason: string,
  args: readonly string[],
  facts: CallFacts,
): ComputeError<"rejectedByChain"> {
  return new ComputeError("rejectedByChain", {
    reason,
    args: args.map((arg) => arg.slice(0, maxText)),
    ...(facts.hash ? { hash: facts.hash } : {}),
  });
}

function meaningOf(name: string, args: readonly string[], facts: CallFacts): ComputeError | undefined {
  const integer = (index: number) => BigInt(args[index] ?? "0");
  switch (name) {
    case "InsufficientAvailableBalance":
      return new ComputeError("insufficientFunds", { account: "ledger", have: integer(0), need: integer(1) });
    case "InsufficientBalance":
      return new ComputeError("insufficientFunds", {
        account: "ledger",
        have: facts.ledgerAvailable ?? 0n,
        need: firstArgument(facts),
      });
    case "MinimumDepositRequired":
      return facts.method === "refund"
        ? badRemainder(firstArgument(facts), integer(0), integer(1))
        : new ComputeError("badAmount", {
            text: exactOg(neuron(integer(0))),
            why: "tooSmall",
            min: integer(1),
          });
    case "ZeroAmountNotAllowed":
      return new ComputeError("badAmount", { text: "0", why: "zero" });
    case "LedgerNotExists":
      return new ComputeError("noLedger", {});
    case "ServiceNotExist":
      return new ComputeError("unknownProvider", { provider: args[0] ?? "" });
    default:
      return undefined;
  }
}

/** `refund` leaves nothing, or at least the minimum (spec 5.5): says which amounts were possible. */
function badRemainder(wanted: bigint, remaining: bigint, minLedger: bigint): ComputeError<"badAmount"> {
  const available = wanted + remaining;
  const text = exactOg(neuron(wanted));
  return available > minLedger
    ? new ComputeError("badAmount", { text, why: "tooLarge", max: available - minLedger })
    : new ComputeError("badAmount", { text, why: "tooSmall", min: available, max: available });
}

function firstArgument(facts: CallFacts): bigint {
  const value = facts.args?.[0];
  return typeof value === "bigint" ? value : 0n;
}
