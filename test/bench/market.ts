// Fills the sandbox's chain: many registered providers, users with sub-accounts. Straight over JSON-RPC, in batches.
import { id, parseEther, SigningKey, Transaction, computeAddress, toQuantity } from "ethers";
import { contractInterface } from "../../src/broker/contracts/interfaces.js";
import type { Address } from "../../src/domain/ids.js";
import type { SandboxReady } from "../../src/domain/sandboxReady.js";
import type { User } from "./sides.js";

interface Outgoing {
  readonly from: User;
  readonly to: string;
  readonly data: string;
  readonly value?: bigint;
}

const stake = parseEther("100");
const gwei = 10n ** 9n;
const batchSize = 50;
const inference = contractInterface("inference");
const ledger = contractInterface("ledger");

/** A key of its own for each name; worth nothing outside the sandbox. */
export function userNamed(name: string): User {
  const privateKey = id(`a key for measurements: ${name}`);
  return { address: computeAddress(privateKey) as Address, privateKey };
}

export class Market {
  private readonly nonces = new Map<string, number>();
  private nextId = 1;

  constructor(private readonly ready: SandboxReady) {}

  /** Registers and acknowledges providers like the sandbox's first until there are `count`. */
  async fillUpTo(count: number): Promise<User[]> {
    const [first] = this.ready.providers;
    const { providers } = this.ready;
    const like = await this.service(first?.address ?? "");
    const added = Array.from({ length: count - providers.length }, (_, index) =>
      userNamed(`provider ${index}`),
    );
    await this.fund(added, stake + parseEther("1"));
    const owner = this.owner();
    const to = this.ready.contracts.inference;
    const register = added.map((from, index) => ({
      from,
      to,
      value: stake,
      data: inference.encodeFunctionData("addOrUpdateService", [
        { ...like, model: `${like.model}-${index}`, teeSignerAddress: userNamed(`enclave ${index}`).address },
      ]),
    }));
    const acknowledge = added.map(({ address }) => ({
      from: owner,
      to,
      data: inference.encodeFunctionData("acknowledgeTEESignerByOwner", [address]),
    }));
    await this.send([...register, ...acknowledge]);
    return added;
  }

  /** A user with a ledger and 5 0G in a sub-account at each of these providers; transferring acknowledges them. */
  async openAccounts(user: User, providers: readonly string[]): Promise<void> {
    await this.fund([user], parseEther("1000"));
    const to = this.ready.contracts.ledger;
    const open = {
      from: user,
      to,
      data: ledger.encodeFunctionData("addLedger", ["{}"]),
      value: parseEther("500"),
    };
    const transfers = providers.map((provider) => ({
      from: user,
      to,
      data: ledger.encodeFunctionData("transferFund", [provider, "inference-v1.0", parseEther("5")]),
    }));
    await this.send([open, ...transfers]);
  }

  private owner(): User {
    const owner = this.ready.accounts.find(({ role }) => role === "owner");
    if (!owner) throw new Error("the sandbox names no owner");
    return { address: owner.address as Address, privateKey: owner.privateKey };
  }

  private async service(provider: string) {
    const data = inference.encodeFunctionData("getService", [provider]);
    const call = { to: this.ready.contracts.inference, data };
    const [answer] = await this.ask([["eth_call", [call, "latest"]]]);
    const [service] = inference
      .decodeFunctionResult("getService", String(answer))
      .toArray(true) as unknown[][];
    const fields = inference.getFunction("getService")?.outputs[0]?.components ?? [];
    return Object.fromEntries(fields.map(({ name }, index) => [name, service?.[index]])) as { model: string };
  }

  private async fund(users: readonly User[], amount: bigint): Promise<void> {
    await this.ask(users.map(({ address }) => ["hardhat_setBalance", [address, toQuantity(amount)]]));
  }

  /** Signs and sends in order; throws when one reverted. */
  private async send(transactions: readonly Outgoing[]): Promise<void> {
    await this.readNonces([...new Set(transactions.map(({ from }) => from.address))]);
    const raws = transactions.map((transaction) => this.sign(transaction));
    const hashes = await this.ask(raws.map((raw) => ["eth_sendRawTransaction", [raw]]));
    const receipts = await this.ask(hashes.map((hash) => ["eth_getTransactionReceipt", [hash]]));
    const isDone = receipts.every((receipt) => (receipt as { status?: string } | null)?.status === "0x1");
    if (!isDone) throw new Error("a transaction of the set-up failed");
  }

  private async readNonces(addresses: readonly string[]): Promise<void> {
    const counts = await this.ask(
      addresses.map((address) => ["eth_getTransactionCount", [address, "latest"]]),
    );
    for (const [index, address] of addresses.entries()) this.nonces.set(address, Number(counts[index]));
  }

  private sign({ from, to, data, value = 0n }: Outgoing): string {
    const nonce = this.nonces.get(from.address);
    if (nonce === undefined) throw new Error(`the nonce of ${from.address} was not asked for`);
    this.nonces.set(from.address, nonce + 1);
    const { chainId } = this.ready;
    const fees = { maxFeePerGas: 3n * gwei, maxPriorityFeePerGas: gwei, gasLimit: 3_000_000n };
    const transaction = Transaction.from({ type: 2, chainId, nonce, to, data, value, ...fees });
    transaction.signature = new SigningKey(from.privateKey).sign(transaction.unsignedHash);
    return transaction.serialized;
  }

  private async ask(calls: readonly (readonly [string, readonly unknown[]])[]): Promise<unknown[]> {
    const results: unknown[] = [];
    for (let start = 0; start < calls.length; start += batchSize)
      results.push(...(await this.batch(calls.slice(start, start + batchSize))));
    return results;
  }

  private async batch(calls: readonly (readonly [string, readonly unknown[]])[]): Promise<unknown[]> {
    const body = calls.map(([method, params]) => ({ jsonrpc: "2.0", id: this.nextId++, method, params }));
    const response = await fetch(this.ready.rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const replies = (await response.json()) as {
      id: number;
      result?: unknown;
      error?: { message: string };
    }[];
    return body.map(({ id, method }) => {
      const reply = replies.find((one) => one.id === id);
      if (!reply || reply.error) throw new Error(`${method}: ${reply?.error?.message ?? "no answer"}`);
      return reply.result;
    });
  }
}
