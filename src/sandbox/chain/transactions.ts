// Raw signed transactions: parsing them, and the checks a node makes before it lets one in.
import type { Common } from "@ethereumjs/common";
import { Capability, createTxFromRLP, getCalldataFloorGas, type TypedTransaction } from "@ethereumjs/tx";
import { bytesToHex, createAddressFromString, hexToBytes } from "@ethereumjs/util";
import { type Hex, parseAddress, parseData } from "./hex.js";
import { RpcError, errorCodes, refused } from "./rpcError.js";
import { baseFeePerGas, blockGasLimit, chainId } from "./rules.js";

/** A signed transaction with what the pool and the blocks ask of it. */
export interface SignedTx {
  tx: TypedTransaction;
  raw: Hex;
  hash: Hex;
  from: Hex;
  nonce: bigint;
  maxFee: bigint;
  maxTip: bigint;
  /** The most it can take from the sender: gas limit x highest price + value. */
  cost: bigint;
}

const maxRawBytes = 128 * 1024;

/**
 * Parses and recovers the sender; throws RpcError for what no node would take, another chain's signature first of all. `sender`: whoever
 * signed it in this process, which spares half of a transaction's time.
 */
export function parseTransaction(rawText: unknown, rules: Common, sender?: string): SignedTx {
  const raw = parseData(rawText, "transaction");
  const bytes = hexToBytes(raw);
  if (bytes.length > maxRawBytes) throw refused(`oversized data: transaction size ${bytes.length}`);
  const tx = decode(bytes, rules, sender === undefined);
  if (sender !== undefined) {
    tx.getSenderAddress = () => createAddressFromString(parseAddress(sender));
    Object.freeze(tx); // as all others are: only frozen ones remember their hash
  }
  if (tx.type === 3) throw refused("transaction type not supported");
  if (tx.type === 0 && !tx.supports(Capability.EIP155ReplayProtection))
    throw refused("only replay-protected (EIP-155) transactions allowed over RPC");
  const maxFee = "maxFeePerGas" in tx ? tx.maxFeePerGas : tx.gasPrice;
  const maxTip = "maxPriorityFeePerGas" in tx ? tx.maxPriorityFeePerGas : tx.gasPrice;
  return {
    tx,
    raw,
    hash: bytesToHex(tx.hash()),
    from: senderOf(tx),
    nonce: tx.nonce,
    maxFee,
    maxTip,
    cost: tx.gasLimit * maxFee + tx.value,
  };
}

/** The rules that look at the transaction and its sender's account, but not at the pool. */
export function checkTransaction(signed: SignedTx, nonce: bigint, balance: bigint): void {
  const { tx, maxFee, maxTip, cost } = signed;
  const intrinsic = tx.getIntrinsicGas();
  const floor = getCalldataFloorGas(tx);
  const needed = floor > intrinsic ? floor : intrinsic;
  if (signed.nonce < nonce)
    throw refused(`nonce too low: address ${signed.from}, tx: ${signed.nonce} state: ${nonce}`);
  if (tx.gasLimit > blockGasLimit) throw refused("exceeds block gas limit");
  if (tx.gasLimit < needed)
    throw refused(`intrinsic gas too low: gas ${tx.gasLimit}, minimum needed ${needed}`);
  if (maxTip > maxFee) throw refused("max priority fee per gas higher than max fee per gas");
  if (maxFee < baseFeePerGas)
    throw refused(`transaction underpriced: max fee per gas ${maxFee}, minimum needed ${baseFeePerGas}`);
  if (cost > balance)
    throw refused(
      `insufficient funds for gas * price + value: balance ${balance}, tx cost ${cost}, overshot ${cost - balance}`,
    );
}

/** What one unit of gas costs this transaction in a block. */
export function effectiveGasPrice({ maxFee, maxTip }: { maxFee: bigint; maxTip: bigint }): bigint {
  const wanted = baseFeePerGas + maxTip;
  return wanted < maxFee ? wanted : maxFee;
}

function decode(bytes: Uint8Array, rules: Common, freeze: boolean): TypedTransaction {
  try {
    return createTxFromRLP(bytes, { common: rules, freeze });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (/chain ?id/i.test(why))
      throw refused(`invalid sender: invalid chain id for signer: want ${chainId} (${firstLine(why)})`);
    throw new RpcError(errorCodes.invalidParams, `transaction could not be decoded: ${firstLine(why)}`);
  }
}

function senderOf(tx: TypedTransaction): Hex {
  try {
    return tx.getSenderAddress().toString();
  } catch {
    throw refused("invalid sender: the signature does not recover");
  }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]?.slice(0, 200) ?? "";
}
