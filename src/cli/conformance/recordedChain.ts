// The embedded chain for a file of vectors: starts empty, with the file's accounts and at the file's time.
import assert from "node:assert/strict";
import { getAddress, SigningKey, Transaction, type Result } from "ethers";
import { contractInterface, type ContractName } from "../../broker/contracts/interfaces.js";
import { startChain, type Chain } from "../../sandbox/chain/chain.js";
import { Faults } from "../../sandbox/faults.js";
import { emptyGenesis } from "./emptyGenesis.js";
import type { StepTransaction } from "./recordedDeployment.js";

export interface Account {
  readonly address: string;
  readonly privateKey: string;
}

export interface RecordedNetwork {
  readonly chainId: number;
  readonly genesisTimestamp: number;
  readonly secondsPerBlock: number;
}

export interface Mined {
  readonly isSuccess: boolean;
  readonly gasUsed: bigint;
  readonly created?: string;
  readonly timestamp: number;
  readonly logs: readonly {
    readonly address: string;
    readonly topics: readonly string[];
    readonly data: string;
  }[];
  /** What the sender's balance changed by, gas left out. */
  readonly walletDelta: bigint;
}

const gasPrice = 1_000_000_000n;

export class RecordedChain {
  private chain?: Promise<Chain>;
  private now: number;

  constructor(
    private readonly network: RecordedNetwork,
    private readonly accounts: readonly Account[],
    private readonly contracts: Readonly<Record<ContractName, string>>,
  ) {
    this.now = network.genesisTimestamp;
  }

  async close(): Promise<void> {
    await (await this.chain)?.close();
  }

  async rpcUrl(): Promise<string> {
    return (await this.start()).rpcUrl;
  }

  /** Signs and sends one transaction, mined in a block of that time (unix seconds). */
  async send(
    from: Account,
    transaction: StepTransaction,
    value: bigint,
    gasLimit: bigint,
    timestamp: number,
  ): Promise<Mined> {
    const chain = await this.start();
    const balance = async () =>
      BigInt((await chain.request("eth_getBalance", [from.address, "latest"])) as string);
    const nonce = Number(await chain.request("eth_getTransactionCount", [from.address, "pending"]));
    const before = await balance();
    this.now = timestamp;
    await chain.request("evm_setNextBlockTimestamp", [timestamp]);
    const raw = sign(from, { ...transaction, value, gasLimit, nonce, chainId: chain.chainId });
    const hash = await chain.sendTransaction(raw);
    const receipt = (await chain.request("eth_getTransactionReceipt", [hash])) as Record<
      string,
      string | null
    >;
    const gasUsed = BigInt(receipt.gasUsed ?? "0x0");
    return {
      isSuccess: receipt.status === "0x1",
      gasUsed,
      timestamp: chain.head().timestamp,
      walletDelta: (await balance()) - before + gasUsed * BigInt(receipt.effectiveGasPrice ?? "0x0"),
      logs: receipt.logs as unknown as Mined["logs"],
      ...(receipt.contractAddress ? { created: getAddress(receipt.contractAddress) } : {}),
    };
  }

  async read(contract: ContractName, method: string, args: unknown[]): Promise<Result> {
    const face = contractInterface(contract);
    const request = { to: this.contracts[contract], data: face.encodeFunctionData(method, args) };
    const data = (await (await this.start()).request("eth_call", [request, "latest"])) as string;
    return face.decodeFunctionResult(method, data);
  }

  /** Undefined when the contract refuses: there is no such ledger or account. */
  async tryRead(contract: ContractName, method: string, args: unknown[]): Promise<Result | undefined> {
    try {
      return await this.read(contract, method, args);
    } catch (error) {
      if (typeof error === "object" && error !== null && "data" in error) return undefined;
      throw error;
    }
  }

  private start(): Promise<Chain> {
    return (this.chain ??= this.startEmpty());
  }

  private async startEmpty(): Promise<Chain> {
    const addresses = this.accounts.map((one) => one.address);
    const genesis = emptyGenesis(addresses, this.network.genesisTimestamp);
    const chain = await startChain({ genesis, faults: new Faults(), now: () => this.now * 1000 });
    assert.equal(chain.chainId, this.network.chainId, "the embedded chain has another chain id");
    return chain;
  }
}

function sign(
  from: Account,
  fields: StepTransaction & { value: bigint; gasLimit: bigint; nonce: number; chainId: number },
): string {
  const fees = { type: 2, maxFeePerGas: gasPrice, maxPriorityFeePerGas: 0n };
  const transaction = Transaction.from({ ...fields, ...fees, to: fields.to ?? null });
  transaction.signature = new SigningKey(from.privateKey).sign(transaction.unsignedHash);
  return transaction.serialized;
}
