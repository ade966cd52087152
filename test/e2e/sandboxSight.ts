// The sandbox as an outsider sees it: its control API, and its chain through JSON-RPC. For asking what really happened.
import { contractInterface } from "../../src/broker/contracts/interfaces.js";
import type { FaultName } from "../../src/sandbox/faults.js";
import type { SandboxReady } from "../../src/domain/sandboxReady.js";
import { taskStages, type TaskStage } from "../../src/domain/fineTuning.js";
import { takeFees } from "../support/feesTaken.js";
import { sandboxReady } from "./chatPage.js";
import { until } from "./until.js";
import type { Editor } from "./harness.js";
import { stageMs } from "./tuningPage.js";

interface SandboxTask {
  readonly id: string;
  readonly userAddress: string;
  readonly progress: TaskStage;
  /** Neuron as decimal text. */
  readonly fee: string;
}

/** What the contract of fine-tuning told, in its order. */
export interface TuningEvent {
  readonly name: string;
  readonly user: string;
  readonly task: string;
  readonly fee?: bigint;
}

/** Amounts in neuron. */
export interface Purse {
  /** Transactions that the wallet sent. */
  readonly sent: number;
  readonly ledgerTotal: bigint;
  readonly ledgerFree: bigint;
  /** With all providers that answer. */
  readonly chat: bigint;
  /** With the provider that trains. */
  readonly tuning: bigint;
}

export class SandboxSight {
  constructor(private readonly editor: Editor) {}

  /** Read anew each time: the sandbox ends with its window and comes back with another token. */
  get ready(): SandboxReady {
    return sandboxReady(this.editor);
  }

  /** One call of the control API, as soon as there is a sandbox to take it. */
  async control<T>(method: string, path: string, body?: unknown): Promise<T> {
    return until(
      `the sandbox takes ${method} ${path}`,
      async () => {
        const { url, token } = this.ready.control;
        const response = await fetch(new URL(path, url), {
          method,
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: body === undefined ? undefined : JSON.stringify(body),
        });
        if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
        return (await response.json()) as T;
      },
      stageMs,
    );
  }

  /** Tasks stay in that stage; without one, in none. Calls like "POST /dataset" wait. Outlives the sandbox's process. */
  async stopAt(stage?: TaskStage, holdCalls?: string): Promise<void> {
    await this.control("POST", "/fine-tuning", { pace: "fast", stopAt: stage, holdCalls });
  }

  /** Switches a fault on for all providers, the chain and storage, until the sandbox ends. */
  async fault(fault: FaultName, value?: string | number): Promise<void> {
    await this.control("POST", "/faults", { target: "*", fault, value });
  }

  async clearFaults(): Promise<void> {
    await this.control("DELETE", "/faults");
  }

  /** Moves the chain's clock. */
  async passTime(seconds: number): Promise<void> {
    await this.control("POST", "/time", { seconds });
  }

  async tasks(): Promise<readonly SandboxTask[]> {
    return (await this.control<{ tasks: SandboxTask[] }>("GET", "/state")).tasks;
  }

  /** Waits until the only task is in that stage, or past it. */
  async reached(stage: TaskStage): Promise<void> {
    await until(
      `the task reaches ${stage}`,
      async () => {
        const [task] = await this.tasks();
        return task && taskStages.indexOf(task.progress) >= taskStages.indexOf(stage);
      },
      stageMs,
    );
  }

  async rpc<T>(method: string, params: readonly unknown[]): Promise<T> {
    const response = await fetch(this.ready.rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const answer = (await response.json()) as { result?: T; error?: { message: string } };
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result as T;
  }

  /** The number of the newest block. */
  async head(): Promise<number> {
    return Number(await this.rpc<string>("eth_blockNumber", []));
  }

  /** All that concerns deliverables, since the chain began. */
  async events(): Promise<readonly TuningEvent[]> {
    const address = this.ready.contracts.fineTuning;
    const logs = await this.rpc<{ topics: string[]; data: string }[]>("eth_getLogs", [
      { address, fromBlock: "0x0", toBlock: "latest" },
    ]);
    const methods = contractInterface("fineTuning");
    return logs.flatMap((log) => {
      const event = methods.parseLog(log);
      if (!event || !("deliverableId" in event.args.toObject())) return [];
      const { user, deliverableId, fee } = event.args.toObject() as Record<string, unknown>;
      return [
        {
          name: event.name,
          user: String(user).toLowerCase(),
          task: String(deliverableId),
          ...(typeof fee === "bigint" && { fee }),
        },
      ];
    });
  }

  /** The wallet of the extension: the only one with a ledger, as soon as it has one. */
  async user(): Promise<string> {
    return until("the wallet has a ledger", async () => (await this.ledgers())[0]?.user, stageMs);
  }

  async purse(user: string): Promise<Purse> {
    const ledger = (await this.ledgers()).find((one) => one.user === user);
    const accounts = async (contract: "inference" | "fineTuning") => {
      const { accounts: own } = await this.view(contract, "getAccountsByUser", [user, 0, 50]);
      return (own as { balance: bigint }[]).reduce((sum, { balance }) => sum + balance, 0n);
    };
    return {
      sent: await this.sent(user),
      ledgerTotal: ledger?.totalBalance ?? 0n,
      ledgerFree: ledger?.availableBalance ?? 0n,
      chat: await accounts("inference"),
      tuning: await accounts("fineTuning"),
    };
  }

  /** Each provider that the extension's wallet has an account with for answers takes all that is there. */
  async takeAllForAnswers(): Promise<void> {
    const user = await this.user();
    const { accounts } = await this.view("inference", "getAccountsByUser", [user, 0, 50]);
    for (const { provider, balance } of accounts as { provider: string; balance: bigint }[])
      if (balance > 0n) await takeFees(this.ready, provider, user, balance);
  }

  /** Transactions of a wallet in blocks after that one, by their nonces. */
  async minedSince(
    block: number,
    user: string,
  ): Promise<readonly { readonly nonce: number; readonly isDone: boolean }[]> {
    const from = await Promise.all(
      Array.from({ length: (await this.head()) - block }, (_, index) =>
        this.rpc<{ transactions: { hash: string; from: string; nonce: string }[] }>("eth_getBlockByNumber", [
          `0x${(block + 1 + index).toString(16)}`,
          true,
        ]),
      ),
    );
    const own = from.flatMap((one) => one.transactions).filter((one) => one.from === user.toLowerCase());
    const receipts = own.map(({ hash }) => this.rpc<{ status: string }>("eth_getTransactionReceipt", [hash]));
    const statuses = await Promise.all(receipts);
    return own.map(({ nonce }, index) => ({
      nonce: Number(nonce),
      isDone: statuses[index]?.status === "0x1",
    }));
  }

  /** How many transactions a wallet sent, those that wait included. */
  async sent(user: string): Promise<number> {
    return Number(await this.rpc<string>("eth_getTransactionCount", [user, "pending"]));
  }

  private async ledgers() {
    const { ledgers } = await this.view("ledger", "getAllLedgers", [0, 50]);
    return ledgers as { user: string; totalBalance: bigint; availableBalance: bigint }[];
  }

  /** What a function of a contract answers, by name. */
  private async view(contract: keyof SandboxReady["contracts"], name: string, args: readonly unknown[]) {
    const methods = contractInterface(contract);
    const call = { to: this.ready.contracts[contract], data: methods.encodeFunctionData(name, args) };
    const answer = methods.decodeFunctionResult(name, await this.rpc<string>("eth_call", [call, "latest"]));
    return answer as unknown as Record<string, unknown>;
  }
}
