// The contracts as the sandbox's providers and their owner use them: register, acknowledge, read accounts, settle (spec contracts.md 6).
import { SigningKey, Transaction, type Result } from "ethers";
import { type ContractName, contractInterface } from "../broker/contracts/interfaces.js";
import { decodeRevert } from "../broker/contracts/reverts.js";
import { settlementDigest } from "../broker/contracts/settlement.js";
import type { Address } from "../domain/ids.js";
import type { Key } from "./accounts.js";
import type { Chain } from "./chain/chain.js";
import { RpcError } from "./chain/rpcError.js";

export interface Contracts {
  readonly ledger: string;
  readonly inference: string;
  readonly fineTuning: string;
}

/** A provider's service as the contract takes it. Prices in neuron. */
export interface ServiceParams {
  readonly serviceType: string;
  readonly url: string;
  readonly model: string;
  readonly verifiability: string;
  readonly inputPrice: bigint;
  readonly outputPrice: bigint;
  readonly additionalInfo: string;
  readonly teeSignerAddress: string;
}

export interface RegisteredService extends ServiceParams {
  readonly teeSignerAcknowledged: boolean;
}

/** What a provider looks at before it serves a user. Amounts in neuron. */
export interface AccountState {
  readonly balance: bigint;
  readonly pendingRefund: bigint;
  readonly nonce: bigint;
  readonly isAcknowledged: boolean;
  readonly generation: number;
  readonly revokedBitmap: bigint;
}

export interface Settlement {
  readonly user: string;
  readonly totalFee: bigint;
  readonly requestsHash: string;
  readonly nonce: bigint;
}

/** What the contract made of a settlement (spec contracts.md 6.5): 0 and 1 took money, `unsettled` is what is left. */
export interface SettlementResult {
  readonly user: string;
  readonly status: number;
  readonly unsettled: bigint;
}

/** A transaction to be signed and sent; amounts in neuron. */
export interface Outgoing {
  readonly from: Key;
  readonly to: string;
  readonly data?: string;
  readonly value?: bigint;
}

/** A transaction that the chain took in, but did not mine yet (the fault `no-mining`). */
export class NotMined extends Error {}

/** A contract said no. */
export class Reverted extends Error {
  constructor(
    /** Name of the custom error, or the text of `require`. */
    readonly reason: string,
    readonly args: readonly string[],
  ) {
    super(`${reason}(${args.join(", ")})`);
  }
}

/** What a provider puts down for each service, once. */
export const stake = 100n * 10n ** 18n;
const gasLimit = 3_000_000n;
const gwei = 10n ** 9n;

interface Receipt {
  readonly status: string;
  readonly logs: readonly { readonly topics: readonly string[]; readonly data: string }[];
}

export class Marketplace {
  private readonly inference = contractInterface("inference");
  // Nonces are read before signing, so only one batch may be on its way.
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly chain: Chain,
    readonly contracts: Contracts,
  ) {}

  get chainId(): number {
    return this.chain.chainId;
  }

  /** A view of a contract; undefined when it reverts with one of the errors that are named. */
  async view(
    contract: ContractName,
    name: string,
    args: readonly unknown[],
    absentErrors: readonly string[] = [],
  ): Promise<Result | undefined> {
    const methods = contractInterface(contract);
    const data = methods.encodeFunctionData(name, args);
    try {
      return methods.decodeFunctionResult(name, await this.call({ to: this.contracts[contract], data }));
    } catch (error) {
      if (error instanceof Reverted && absentErrors.includes(error.reason)) return undefined;
      throw error;
    }
  }

  /** Sends one transaction after trying it out, so that a refusal is known by its name. Throws Reverted and NotMined. */
  async act(outgoing: Outgoing): Promise<void> {
    const { from, to, data, value = 0n } = outgoing;
    await this.call({ from: from.address, to, data, value: `0x${value.toString(16)}` });
    await this.send([outgoing]);
  }

  /** Neuron in a wallet. */
  async getBalance(address: string): Promise<bigint> {
    return BigInt(String(await this.chain.request("eth_getBalance", [address, "latest"])));
  }

  private async call(request: object): Promise<string> {
    try {
      return String(await this.chain.request("eth_call", [request, "latest"]));
    } catch (error) {
      const revert = decodeRevert(error instanceof RpcError ? (error.data ?? "") : "");
      if (revert.kind === "custom") throw new Reverted(revert.name, revert.args);
      if (revert.kind === "text") throw new Reverted(revert.text, []);
      throw error;
    }
  }

  async getService(provider: string): Promise<RegisteredService | undefined> {
    const result = await this.view("inference", "getService", [provider], ["ServiceNotExist"]);
    if (!result) return undefined;
    const service = result[0] as Result;
    const field = (name: string): unknown => service.getValue(name);
    return {
      serviceType: String(field("serviceType")),
      url: String(field("url")),
      model: String(field("model")),
      verifiability: String(field("verifiability")),
      inputPrice: field("inputPrice") as bigint,
      outputPrice: field("outputPrice") as bigint,
      additionalInfo: String(field("additionalInfo")),
      teeSignerAddress: String(field("teeSignerAddress")),
      teeSignerAcknowledged: field("teeSignerAcknowledged") === true,
    };
  }

  /** Undefined when there is no such sub-account. */
  async getAccount(user: string, provider: string): Promise<AccountState | undefined> {
    const result = await this.view("inference", "getAccount", [user, provider], ["AccountNotExists"]);
    if (!result) return undefined;
    const account = result[0] as Result;
    const field = (name: string): unknown => account.getValue(name);
    return {
      balance: field("balance") as bigint,
      pendingRefund: field("pendingRefund") as bigint,
      nonce: field("nonce") as bigint,
      isAcknowledged: field("acknowledged") === true,
      generation: Number(field("generation")),
      revokedBitmap: field("revokedBitmap") as bigint,
    };
  }

  /** The transactions that bring the chain to what the provider is now; none when it stands already. */
  async registration(provider: Key, owner: Key, params: ServiceParams): Promise<Outgoing[]> {
    const current = await this.getService(provider.address);
    const isSame = current !== undefined && sameService(current, params);
    const to = this.contracts.inference;
    const update: Outgoing = {
      from: provider,
      to,
      data: this.inference.encodeFunctionData("addOrUpdateService", [params]),
      value: current ? 0n : stake,
    };
    const acknowledge: Outgoing = {
      from: owner,
      to,
      data: this.inference.encodeFunctionData("acknowledgeTEESignerByOwner", [provider.address]),
    };
    if (isSame) return current.teeSignerAcknowledged ? [] : [acknowledge];
    // Prices and the URL may change without the owner having to look again (spec contracts.md 6.4).
    const isKnown =
      current?.teeSignerAcknowledged === true && sameService(current, { ...params, url: current.url }, true);
    return isKnown ? [update] : [update, acknowledge];
  }

  /** Takes back the owner's word for a provider's signer. */
  revokeAcknowledgement(provider: string, owner: Key): Outgoing {
    const data = this.inference.encodeFunctionData("revokeTEESignerAcknowledgement", [provider]);
    return { from: owner, to: this.contracts.inference, data };
  }

  /** Settles fees; the signatures are made by the provider's enclave key. Throws NotMined while the chain does not mine. */
  async settle(
    provider: Key,
    teeSigner: Key,
    settlements: readonly Settlement[],
  ): Promise<SettlementResult[]> {
    const entries = settlements.map((entry) => ({
      ...entry,
      provider: provider.address,
      signature: this.signSettlement(provider, teeSigner, entry),
    }));
    const data = this.inference.encodeFunctionData("settleFeesWithTEE", [entries]);
    const [receipt] = await this.send([{ from: provider, to: this.contracts.inference, data }]);
    return (receipt?.logs ?? []).flatMap((log) => {
      const event = this.inference.parseLog(log);
      if (event?.name !== "TEESettlementResult") return [];
      const [user, status, unsettled] = event.args.toArray() as [string, bigint, bigint];
      return [{ user, status: Number(status), unsettled }];
    });
  }

  /** True while a transaction of this sender waits to be mined. */
  async hasPending(address: string): Promise<boolean> {
    const latest = await this.chain.request("eth_getTransactionCount", [address, "latest"]);
    return (await this.nonce(address)) > Number(latest);
  }

  /** Signs and sends in order, and waits for the receipts. Throws when one reverted or was not mined. */
  send(transactions: readonly Outgoing[]): Promise<Receipt[]> {
    const result = this.last.then(() => this.sendNow(transactions));
    this.last = result.catch(() => undefined); // the next batch does not care how this one ended
    return result;
  }

  private async sendNow(transactions: readonly Outgoing[]): Promise<Receipt[]> {
    const nonces = new Map<string, number>();
    const raws: string[] = [];
    const senders = transactions.map(({ from }) => from.address);
    for (const outgoing of transactions) {
      const { address } = outgoing.from;
      const nonce = nonces.get(address) ?? (await this.nonce(address));
      nonces.set(address, nonce + 1);
      raws.push(this.sign(outgoing, nonce));
    }
    const hashes = raws.length > 0 ? await this.chain.sendTransactions(raws, senders) : [];
    return Promise.all(hashes.map((hash) => this.receipt(hash)));
  }

  private async nonce(address: string): Promise<number> {
    return Number(await this.chain.request("eth_getTransactionCount", [address, "pending"]));
  }

  private async receipt(hash: string): Promise<Receipt> {
    const receipt = (await this.chain.request("eth_getTransactionReceipt", [hash])) as Receipt | null;
    if (!receipt) throw new NotMined(hash);
    if (BigInt(receipt.status) !== 1n) throw new Error(`transaction ${hash} of the sandbox reverted`);
    return receipt;
  }

  private sign({ from, to, data, value }: Outgoing, nonce: number): string {
    const transaction = Transaction.from({
      type: 2,
      chainId: this.chain.chainId,
      nonce,
      to,
      data: data ?? "0x",
      value: value ?? 0n,
      gasLimit,
      maxFeePerGas: 3n * gwei,
      maxPriorityFeePerGas: gwei,
    });
    transaction.signature = new SigningKey(from.privateKey).sign(transaction.unsignedHash);
    return transaction.serialized;
  }

  private signSettlement(provider: Key, teeSigner: Key, entry: Settlement): string {
    const { requestsHash, nonce, user, totalFee } = entry;
    const message = { requestsHash, nonce, provider: provider.address, user, totalFee };
    const contract = this.contracts.inference as Address;
    const digest = settlementDigest("TEESettlement", this.chain.chainId, contract, message);
    return new SigningKey(teeSigner.privateKey).sign(digest).serialized;
  }
}

function sameService(a: ServiceParams, b: ServiceParams, isIgnoringPrices = false): boolean {
  return (
    a.serviceType === b.serviceType &&
    a.url === b.url &&
    a.model === b.model &&
    a.verifiability === b.verifiability &&
    a.additionalInfo === b.additionalInfo &&
    a.teeSignerAddress.toLowerCase() === b.teeSignerAddress.toLowerCase() &&
    (isIgnoringPrices || (a.inputPrice === b.inputPrice && a.outputPrice === b.outputPrice))
  );
}
