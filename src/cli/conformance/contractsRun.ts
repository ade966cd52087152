// Replays a file's deployment and flow on the embedded chain, from nothing, with the file's own keys and times. Sections `contracts`,
// `deployment`, `flow` and `display`.
import assert from "node:assert/strict";
import { getAddress, type Result } from "ethers";
import { contractInterface, contractNames, type ContractName } from "../../broker/contracts/interfaces.js";
import { parseLedger, parseSubAccount } from "../../broker/contracts/records.js";
import { displayOf, type AccountState } from "./display.js";
import { positional } from "./json.js";
import { recordedAccount } from "./recordedAccount.js";
import { RecordedChain, type Account, type Mined, type RecordedNetwork } from "./recordedChain.js";
import { stepNames, stepTransaction } from "./recordedDeployment.js";

export interface DeploymentEntry {
  readonly nonce: number;
  readonly step: string;
  readonly address?: string;
  readonly gasUsed: string;
}

export interface FlowEntry {
  readonly id: string;
  readonly from: string;
  readonly contract: ContractName;
  readonly function: string;
  readonly args: readonly unknown[];
  readonly value?: string;
  readonly result: string;
  readonly timestamp: number;
  readonly walletDelta: string;
  readonly gasUsed: string;
  readonly events: readonly string[];
  readonly state: Readonly<Record<ContractName, unknown>>;
}

export interface ContractsFile {
  readonly network: RecordedNetwork;
  readonly accounts: Readonly<Record<string, Account>>;
  readonly contracts: Readonly<Record<ContractName, string>> & {
    readonly serviceNames: Readonly<Record<"inference" | "fineTuning", string>>;
    readonly lockTime: number;
    readonly penaltyPercentage: number;
    readonly proxyKind: string;
  };
  readonly flow?: readonly FlowEntry[];
  readonly display?: Readonly<Record<string, unknown>> & { readonly now: number; readonly lockTime: number };
}

interface Replayed {
  readonly mined: Mined;
  /** The user's money as our own parsers read it, and the same in the shape of the vectors. */
  readonly state: AccountState;
  readonly recorded: Record<ContractName, unknown>;
}

const deploymentGas = 12_000_000n;
const flowGas = 3_000_000n;

export class ContractsRun {
  private readonly chain: RecordedChain;
  private deployed?: Promise<Map<string, Mined>>;
  private replayed?: Promise<Map<string, Replayed | Error>>;

  constructor(private readonly file: ContractsFile) {
    const { network, accounts, contracts } = file;
    this.chain = new RecordedChain(network, Object.values(accounts), contracts);
  }

  close(): Promise<void> {
    return this.chain.close();
  }

  /** The chain's address once the whole flow is on it. */
  async replayedAt(): Promise<string> {
    await this.replay();
    return this.chain.rpcUrl();
  }

  /** Section `contracts`: an address is where the deployment put it, a setting is what the contract says. */
  async checkContract(key: string, value: unknown): Promise<void> {
    const deployed = await this.deploy();
    const proxies: Record<string, string> = {
      ledger: "LedgerManager",
      inference: "InferenceServing",
      fineTuning: "FineTuningServing",
    };
    if (key in proxies)
      return assert.equal(
        addressIn(deployed, `${proxies[key]} EIP-1167 clone`),
        value as string,
        "not where it was put",
      );
    if (key === "proxyKind") return assert.equal(value, "clone");
    if (key === "lockTime")
      return assert.equal(String(await this.view("inference", "lockTime")), String(value));
    if (key === "penaltyPercentage")
      return assert.equal(String(await this.view("fineTuning", "penaltyPercentage")), String(value));
    assert.equal(key, "serviceNames", "unknown setting");
    for (const [name, fullName] of Object.entries(value as Record<ContractName, string>)) {
      const address = this.file.contracts[name as ContractName];
      const info = (await this.chain.read("ledger", "getServiceInfo", [address]))[0] as Result;
      assert.equal(info.getValue("fullName"), fullName);
    }
  }

  async checkDeployment(entry: DeploymentEntry): Promise<void> {
    assert.equal(stepNames[entry.nonce], entry.step);
    const mined = (await this.deploy()).get(entry.step);
    assert(mined?.isSuccess, "the step failed");
    assert.equal(mined.created, entry.address);
    assert.equal(String(mined.gasUsed), entry.gasUsed, "gas used");
  }

  async checkStep(entry: FlowEntry): Promise<void> {
    const step = (await this.replay()).get(entry.id);
    if (!step || step instanceof Error) throw step ?? new Error("not replayed");
    const { mined, recorded } = step;
    assert.equal(mined.isSuccess, entry.result === "ok");
    assert.equal(mined.timestamp, entry.timestamp);
    assert.equal(String(mined.gasUsed), entry.gasUsed, "gas used");
    assert.equal(String(mined.walletDelta), entry.walletDelta, "what the wallet paid or got besides gas");
    assert.deepEqual(
      mined.logs.map((log) => this.eventName(log)),
      entry.events,
    );
    assert.deepEqual(recorded, entry.state);
  }

  /** Section `display`: some moment of the flow looks exactly like this; the one that fits best is compared. */
  async checkDisplay(key: string, value: unknown): Promise<void> {
    const { display } = this.file;
    assert(display);
    const states = [...(await this.replay()).values()].filter(
      (one): one is Replayed => !(one instanceof Error),
    );
    const shown = states.map(({ state }) => displayOf(state, display.now, display.lockTime));
    const fit = (one: Record<string, unknown>) =>
      Object.keys(display).filter((name) => isSame(one[name], display[name])).length;
    const best = shown.sort((a, b) => fit(b) - fit(a))[0];
    assert.deepEqual(best?.[key], value);
  }

  private deploy(): Promise<Map<string, Mined>> {
    return (this.deployed ??= this.runDeployment());
  }

  private async runDeployment(): Promise<Map<string, Mined>> {
    const { network, accounts, contracts } = this.file;
    const deployer = accounts.deployer;
    assert(deployer, "no account is called deployer");
    const done = new Map<string, Mined>();
    const created = new Map<string, string>();
    for (const [nonce, step] of stepNames.entries()) {
      const transaction = stepTransaction(step, { ...contracts, owner: deployer.address }, created);
      const timestamp = network.genesisTimestamp + (nonce + 1) * network.secondsPerBlock;
      const mined = await this.chain.send(deployer, transaction, 0n, deploymentGas, timestamp);
      done.set(step, mined);
      if (mined.created) created.set(step, mined.created);
    }
    return done;
  }

  private replay(): Promise<Map<string, Replayed | Error>> {
    return (this.replayed ??= this.runFlow());
  }

  private async runFlow(): Promise<Map<string, Replayed | Error>> {
    await this.deploy();
    const done = new Map<string, Replayed | Error>();
    for (const entry of this.file.flow ?? [])
      try {
        done.set(entry.id, await this.runStep(entry));
      } catch (error) {
        done.set(entry.id, error instanceof Error ? error : new Error(String(error)));
      }
    return done;
  }

  private async runStep(entry: FlowEntry): Promise<Replayed> {
    const sender = this.file.accounts[entry.from];
    assert(sender, `no account is called ${entry.from}`);
    const transaction = {
      to: this.file.contracts[entry.contract],
      data: contractInterface(entry.contract).encodeFunctionData(entry.function, positional(entry.args)),
    };
    const mined = await this.chain.send(
      sender,
      transaction,
      BigInt(entry.value ?? "0"),
      flowGas,
      entry.timestamp,
    );
    return { mined, ...(await this.readState()) };
  }

  private async readState(): Promise<Omit<Replayed, "mined">> {
    const { user, inferenceProvider, fineTuningProvider } = this.file.accounts;
    assert(user && inferenceProvider && fineTuningProvider, "the accounts have no users and providers");
    const ledger = await this.chain.tryRead("ledger", "getLedger", [user.address]);
    const inference = await this.chain.tryRead("inference", "getAccount", [
      user.address,
      inferenceProvider.address,
    ]);
    const fineTuning = await this.chain.tryRead("fineTuning", "getAccount", [
      user.address,
      fineTuningProvider.address,
    ]);
    const state: AccountState = {
      ledger: ledger && parseLedger(ledger),
      inference: inference && parseSubAccount("inference", inference),
      fineTuning: fineTuning && parseSubAccount("fine-tuning", fineTuning),
    };
    return {
      state,
      recorded: {
        ledger: state.ledger
          ? { available: String(state.ledger.available), total: String(state.ledger.total) }
          : null,
        inference: recordedAccount("inference", state.inference, inference),
        fineTuning: recordedAccount("fine-tuning", state.fineTuning, fineTuning),
      },
    };
  }

  private async view(contract: ContractName, method: string): Promise<unknown> {
    return (await this.chain.read(contract, method, []))[0] as unknown;
  }

  private eventName(log: Mined["logs"][number]): string {
    const name = contractNames.find((one) => getAddress(log.address) === this.file.contracts[one]);
    return (
      (name && contractInterface(name).parseLog({ topics: [...log.topics], data: log.data })?.name) ??
      "unknown"
    );
  }
}

function addressIn(deployed: ReadonlyMap<string, Mined>, step: string): string | undefined {
  return deployed.get(step)?.created;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
