// A small network of fine-tuning in memory that keeps the network's rules (spec fine-tuning.md 4, 7.3, 9, 12): one wallet's money, one
// provider, its tasks, the deliverables on chain. Counts what must happen once. For unit tests; the real thing is the sandbox.
import { computeAddress, keccak256, SigningKey } from "ethers";
import { readFile, writeFile } from "node:fs/promises";
import type { FineTuningBroker, LoraBroker, TaskRequest } from "../../src/broker/fineTuning/api.js";
import type { FileRoot, StorageBroker } from "../../src/broker/storage/api.js";
import type { LedgerOperation, SubAccount, TransactionResult } from "../../src/domain/account.js";
import { ComputeError } from "../../src/domain/error.js";
import type {
  BaseModel,
  Deliverable,
  FineTuningAccount,
  FineTuningService,
  ModelFileCheck,
  Settlement,
  TaskStage,
  TrainingTask,
} from "../../src/domain/fineTuning.js";
import type { Address, Hash, TaskId, TransactionHash } from "../../src/domain/ids.js";
import { neuron, oneNeuron, zeroNeuron, type Neuron } from "../../src/domain/money.js";
import { networks } from "../../src/domain/networks.js";
import type { MoneyMover, TuningBroker } from "../../src/services/fineTuning/ports.js";
import { address, aService, og } from "./builders.js";

export const provider = address("a");
export const user = address("c");
/** The enclave's, which signs models. */
const enclave = new SigningKey(`0x${"b".repeat(64)}`);
export const signer = computeAddress(enclave) as Address;

export const aBaseModel: BaseModel = {
  name: "sandbox-lm",
  hash: `0x${"5".repeat(64)}` as Hash,
  kind: "customised",
  provider,
  tokenizer: "words",
  dataType: "text",
  description: "A small one",
  feeRule: { coefficient: 1n, storageReserve: og("0.01") },
};

const missing = (what: string) => (): never => {
  throw new Error(`the world of this test has no ${what}`);
};

/** What happened, in order and in number. */
export interface Counts {
  deposits: number;
  transfers: number;
  uploads: number;
  posts: number;
  downloads: number;
  acknowledgements: number;
  decryptions: number;
}

export class TuningWorld {
  /** Unix seconds of the chain. */
  time = 1_760_000_000;
  lockTime = 86_400;
  /** This machine's clock. */
  now = (): number => Date.now();
  wallet: Neuron = og("100");
  ledger: Neuron | undefined;
  account: { balance: Neuron; nonce: bigint; isAcknowledged: boolean } | undefined;
  deliverables: Deliverable[] = [];
  tasks: TrainingTask[] = [];
  datasets = new Set<string>();
  readonly settlements = new Map<string, Settlement>();
  pending = 0;
  gasFee = oneNeuron;
  isOwnerAcknowledged = true;
  /** What the chain names; models are signed by `signer`. */
  teeSigner = signer;
  url = "http://127.0.0.1:1";
  /** Where rows and tasks went. */
  readonly sentTo: string[] = [];
  readonly counts: Counts = {
    ...{ deposits: 0, transfers: 0, uploads: 0, posts: 0 },
    ...{ downloads: 0, acknowledgements: 0, decryptions: 0 },
  };
  /** Called before and after each thing that counts: a test may throw here, as a lost answer or a dying process would. */
  before: (what: string) => void | Promise<void> = () => undefined;
  after: (what: string) => void | Promise<void> = () => undefined;
  /** How many transactions of the wallet no block holds yet. */
  onItsWay: () => number = () => 0;
  private ids = 0;

  readonly money: MoneyMover = {
    run: async (operation, _reason, _signal, onSent) => {
      const transaction = this.transaction();
      await onSent?.(transaction.hash);
      await this.before(operation.kind);
      this.move(operation);
      await this.after(operation.kind);
      return transaction;
    },
  };

  get service(): FineTuningService {
    return {
      ...{ provider, url: this.url, pricePerToken: neuron(500_000_000_000n), isOccupied: false },
      quota: { cpuCount: 1, nodeMemory: 1, gpuCount: 0, nodeStorage: 1, gpuType: "none" },
      ...{ models: [aBaseModel.name], teeSigner: this.teeSigner },
      isSignerAcknowledgedByOwner: this.isOwnerAcknowledged,
    };
  }

  /** The provider goes on with its newest task. */
  to(stage: TaskStage): void {
    const [task, ...older] = this.tasks;
    if (!task) throw new Error("no task");
    if (stage === "Delivered") this.deliver(task.id);
    this.tasks = [{ ...task, stage, stageText: stage, fee: og("0.02") }, ...older];
  }

  deliver(id: TaskId): void {
    if (this.deliverables.at(-1)?.isAcknowledged === false)
      throw new Error("PreviousDeliverableNotAcknowledged");
    this.deliverables = [
      ...this.deliverables,
      {
        ...{
          id,
          modelRootHash: keccak256(new TextEncoder().encode(`model of ${id}`)),
          encryptedSecret: "0x",
        },
        ...{ isAcknowledged: false, isSettled: false, timestamp: this.time },
      },
    ];
  }

  /** Full fee with the key when acknowledged, else the penalty without. */
  settle(wholeFee: Neuron = og("0.02")): void {
    const newest = this.deliverables.at(-1);
    if (!newest || newest.isSettled || !this.account) throw new Error("nothing to settle");
    const fee = newest.isAcknowledged ? wholeFee : neuron((wholeFee * 30n) / 100n);
    const transaction = `0x${"5e".repeat(32)}` as TransactionHash;
    this.settlements.set(newest.id, { fee, isAcknowledged: newest.isAcknowledged, transaction });
    const encryptedSecret = newest.isAcknowledged ? "0x04aa" : "0x";
    this.deliverables = [...this.deliverables.slice(0, -1), { ...newest, isSettled: true, encryptedSecret }];
    const nonce = this.tasks.find(({ id }) => id === newest.id)?.nonce ?? this.account.nonce;
    this.account = { ...this.account, balance: neuron(this.account.balance - fee), nonce };
    if (this.tasks[0]?.id === newest.id) this.to("Finished");
  }

  broker(): TuningBroker {
    return {
      network: networks.sandbox,
      inference: { getService: async () => aService({ provider }) },
      chain: {
        checkChainId: async () => undefined,
        nodes: async () => [],
        balance: async () => this.wallet,
        blockTimestamp: async () => this.time,
        pendingTransactions: async () => this.onItsWay(),
      },
      ledger: this.ledgerBroker(),
      fineTuning: this.fineTuningBroker(),
      storage: this.storageBroker(),
    };
  }

  private move(operation: LedgerOperation): void {
    switch (operation.kind) {
      case "addLedger":
      case "depositFund":
        this.counts.deposits++;
        this.wallet = neuron(this.wallet - operation.amount);
        this.ledger = neuron((this.ledger ?? 0n) + operation.amount);
        return;
      case "transferFund": {
        const { amount } = operation;
        if (this.ledger === undefined || this.ledger < amount) throw new Error("ledger short");
        if (!this.account && amount < og("1")) throw new Error("MinimumDepositRequired");
        this.counts.transfers++;
        this.ledger = neuron(this.ledger - amount);
        const before = this.account ?? { balance: zeroNeuron, nonce: 0n };
        this.account = { ...before, balance: neuron(before.balance + amount), isAcknowledged: true };
        return;
      }
      case "acknowledge":
        if (!this.account) throw new Error("no account");
        this.account = { ...this.account, isAcknowledged: operation.isAcknowledged };
        return;
      default:
        this.moveBack(operation);
    }
  }

  /** The lock is the test's to wait for: the second request collects. */
  private moveBack(operation: LedgerOperation): void {
    if (operation.kind === "retrieveFund") {
      const asked = this.refunds?.amount ?? zeroNeuron;
      const rest = neuron((this.account?.balance ?? 0n) - asked);
      // One entry stands for all here: what is asked back later renews the lock of the whole.
      if (rest > 0n) this.refunds = { amount: neuron(asked + rest), createdAt: this.time };
      if (!this.refunds) return;
      if (this.time < this.refunds.createdAt + this.lockTime || !this.account) return;
      this.ledger = neuron((this.ledger ?? 0n) + this.refunds.amount);
      this.account = { ...this.account, balance: neuron(this.account.balance - this.refunds.amount) };
      const { balance } = this.account;
      this.refunds = balance > 0n ? { amount: balance, createdAt: this.time } : undefined;
      return;
    }
    if (operation.kind !== "refund" || this.ledger === undefined) throw new Error(`no ${operation.kind}`);
    this.wallet = neuron(this.wallet + operation.amount);
    this.ledger = neuron(this.ledger - operation.amount);
    if (this.ledger > 0n || (this.account?.balance ?? 0n) > 0n) return;
    this.ledger = undefined;
    this.account = undefined;
    this.deliverables = [];
  }

  refunds: { amount: Neuron; createdAt: number } | undefined;

  private subAccount(): SubAccount | undefined {
    if (!this.account) return undefined;
    const { balance, isAcknowledged } = this.account;
    const { refunds } = this;
    return {
      ...{ service: "fine-tuning", provider, balance, isAcknowledged },
      pendingRefund: refunds?.amount ?? zeroNeuron,
      refunds: refunds ? [refunds] : [],
    };
  }

  private ledgerBroker(): TuningBroker["ledger"] {
    const limits = async () => ({
      ...{ minLedger: og("3"), minTransfer: og("1"), maxProvidersPerRetrieve: 20 },
      lockTime: { inference: 86_400, "fine-tuning": this.lockTime },
    });
    const getLedger = async () => {
      if (this.ledger === undefined) return undefined;
      return { available: this.ledger, total: neuron(this.ledger + (this.account?.balance ?? 0n)) };
    };
    return {
      limits,
      getLedger,
      getSubAccount: async (service) => (service === "fine-tuning" ? this.subAccount() : undefined),
      overview: async () => ({
        ...{ address: user, walletBalance: this.wallet, limits: await limits() },
        ...{ subAccounts: [this.subAccount() ?? []].flat(), blockTimestamp: this.time, readAt: this.now() },
        ledger: await getLedger(),
      }),
      plan: missing("plan"),
      run: missing("run"),
      addLedger: missing("addLedger"),
      depositFund: missing("depositFund"),
      transferFund: missing("transferFund"),
      retrieveFund: missing("retrieveFund"),
      refund: missing("refund"),
      deleteLedger: missing("deleteLedger"),
    };
  }

  private storageBroker(): StorageBroker {
    const rootOf = async (path: string): Promise<FileRoot> => {
      const bytes = await readFile(path).catch(() => {
        throw new ComputeError("badFile", { path, detail: "ENOENT" });
      });
      const keccak = keccak256(bytes) as Hash;
      return { root: keccak256(keccak) as Hash, size: bytes.length, keccak, segmentRoots: new Uint8Array() };
    };
    return {
      rootOf,
      planUpload: missing("planUpload"),
      uploadFile: missing("uploadFile"),
      downloadFile: missing("downloadFile"),
      isAvailable: async () => false,
    };
  }

  private fineTuningBroker(): FineTuningBroker {
    return {
      listService: async () => [this.service],
      getService: async () => this.service,
      listModel: async () => [aBaseModel],
      listModelOf: async () => [aBaseModel],
      modelUsage: missing("modelUsage"),
      getLockedTime: async () => ({ lockTime: this.lockTime, penaltyPercentage: 30 }),
      getAccount: async () => this.fineTuningAccount(),
      checkProviderSignerStatus: async () => ({
        ...{ teeSigner: this.teeSigner, isAcknowledgedByOwner: this.isOwnerAcknowledged },
        isAcknowledgedByUser: this.account?.isAcknowledged ?? false,
      }),
      acknowledgeProviderSigner: missing("acknowledgeProviderSigner"),
      uploadDatasetToTEE: ({ url }, file) => {
        this.sentTo.push(url);
        return this.upload(file);
      },
      uploadDataset: missing("uploadDataset"),
      downloadDataset: missing("downloadDataset"),
      countPending: async () => this.pending,
      nextNonce: async () => BigInt(this.time) * 10_000_000n + 40n,
      createTask: ({ url }, request) => {
        this.sentTo.push(url);
        return this.createTask(request);
      },
      listTask: async () => this.tasks,
      getTask: async (_, id) => this.tasks.find((task) => id === undefined || task.id === id),
      cancelTask: async (_, id) => this.cancelTask(id),
      getLog: async (_, id, options) => {
        const text = `[2026-01-15T12:00:00Z] creating task ${id}\n`;
        return { text: text.slice(options?.offset ?? 0), offset: text.length };
      },
      getSettlement: async (_, id) => this.settlements.get(id),
      getDeliverable: async (_, id) => this.deliverables.find((one) => one.id === id),
      downloadModel: (_, id, file) => this.downloadModel(id, file),
      acknowledgeModel: missing("acknowledgeModel"),
      acknowledgeDeliverable: (_, id, options) => this.acknowledge(id, options?.onSent),
      planAcknowledgeDeliverable: async () => ({ maxFee: this.gasFee }),
      decryptModel: (_, id, file, output) => this.decryptModel(id, file, output),
      lora: this.lora(),
    };
  }

  private fineTuningAccount(): FineTuningAccount | undefined {
    const { account, deliverables } = this;
    return (
      account && { ...account, provider, pendingRefund: this.refunds?.amount ?? zeroNeuron, deliverables }
    );
  }

  private async upload(file: string): Promise<{ datasetHash: Hash }> {
    await this.before("upload");
    this.counts.uploads++;
    const datasetHash = keccak256(await readFile(file)) as Hash;
    this.datasets.add(datasetHash);
    await this.after("upload");
    return { datasetHash };
  }

  private async createTask(request: TaskRequest): Promise<TaskId> {
    await this.before("createTask");
    this.counts.posts++;
    const conflict = (why: "unfinished" | "busy") => new ComputeError("taskConflict", { provider, why });
    if (this.tasks.some(({ stage }) => stage !== "Finished" && stage !== "Failed"))
      throw conflict("unfinished");
    if (this.pending > 0 && !request.isWaiting) throw conflict("busy");
    if (!this.datasets.has(request.datasetHash)) throw new Error("no such dataset");
    const id = `00000000-0000-4000-8000-${(++this.ids).toString().padStart(12, "0")}` as TaskId;
    const { modelHash, datasetHash, trainingParams, nonce } = request;
    this.tasks = [
      {
        ...{ id, provider, user, modelHash, datasetHash, trainingParams, nonce, fee: zeroNeuron },
        ...{ createdAt: this.time * 1000, updatedAt: this.time * 1000, stage: "Init", stageText: "Init" },
        ...{ signature: "0x", deliverTime: 0 },
      },
      ...this.tasks,
    ];
    await this.after("createTask");
    return id;
  }

  private cancelTask(id: TaskId): void {
    const task = this.tasks.find((one) => one.id === id);
    if (!task || !["Init", "SettingUp", "SetUp"].includes(task.stage))
      throw new ComputeError("taskConflict", { provider, why: "tooLate" });
    this.tasks = this.tasks.map((one) =>
      one.id === id ? { ...one, stage: "Failed", stageText: "Failed" } : one,
    );
  }

  private async downloadModel(id: TaskId, file: string) {
    const [whole, present] = [`model of ${id}`, await readFile(file, "utf8").catch(() => undefined)];
    if (present === whole) return { file, check: this.check(id) };
    if (present !== undefined) {
      const cause = new ComputeError("verificationFailed", { what: "model", why: "hash", provider });
      throw new ComputeError("badFile", { path: file, detail: "another file has this name" }, { cause });
    }
    await this.before("download");
    this.counts.downloads++;
    await writeFile(file, whole);
    await this.after("download");
    return { file, method: "tee" as const, check: this.check(id) };
  }

  private check(id: TaskId): ModelFileCheck {
    const hash = keccak256(new TextEncoder().encode(`model of ${id}`)) as Hash;
    const isCurrentSigner = this.teeSigner === signer;
    const tags = Buffer.alloc(16, id);
    const tagsDigest = keccak256(tags) as Hash;
    const signature = enclave.sign(tagsDigest).serialized;
    const seal = { tagsDigest, signature, tags: tags.toString("base64") };
    return { rootKind: "keccak", hash, signer, isCurrentSigner, size: 100, chunks: 1, seal };
  }

  private async acknowledge(
    id: TaskId,
    onSent?: (hash: TransactionHash) => unknown,
  ): Promise<TransactionResult | undefined> {
    const newest = this.deliverables.find((one) => one.id === id);
    if (!newest) throw new Error("DeliverableNotExists");
    if (newest.isAcknowledged) return undefined;
    if (newest.isSettled) throw new Error("CannotAcknowledgeSettledDeliverable");
    await this.before("acknowledge");
    const result = this.transaction();
    await onSent?.(result.hash);
    this.counts.acknowledgements++;
    this.deliverables = this.deliverables.map((one) =>
      one.id === id ? { ...one, isAcknowledged: true } : one,
    );
    await this.after("acknowledge");
    return result;
  }

  private async decryptModel(id: TaskId, file: string, output: string): Promise<ModelFileCheck> {
    const deliverable = this.deliverables.find((one) => one.id === id);
    if (!deliverable?.isSettled) throw new ComputeError("keyMissing", { provider, why: "notSettled" });
    await this.before("decrypt");
    if ((await readFile(file, "utf8")) !== `model of ${id}`)
      throw new ComputeError("verificationFailed", { what: "model", why: "hash", provider });
    this.counts.decryptions++;
    await writeFile(output, await readFile(file), { flag: "wx" });
    await this.after("decrypt");
    return this.check(id);
  }

  adapter: "none" | "ready" | "active" = "none";

  private lora(): LoraBroker {
    const name = (id: TaskId) => `ft-sandbox-lm-${id.slice(0, 12)}`;
    const adapterOf = (taskId: TaskId) => ({
      ...{ name: name(taskId), taskId, baseModel: "sandbox-lm", user, storageRoot: "0x" },
      state: this.adapter === "active" ? ("active" as const) : ("ready" as const),
    });
    return {
      listAdapters: async () =>
        this.adapter === "none" ? [] : this.deliverables.map(({ id }) => adapterOf(id as TaskId)),
      getAdapterStatus: async (_, adapter) => {
        const of = this.deliverables.find(({ id }) => name(id as TaskId) === adapter);
        return of && this.adapter !== "none" ? adapterOf(of.id as TaskId) : undefined;
      },
      resolveAdapterName: async (_, id) => (this.adapter === "none" ? undefined : name(id)),
      deployAdapter: async (_, { taskId }) => {
        this.adapter = "active";
        return name(taskId);
      },
      deployAdapterByName: async () => undefined,
    };
  }

  private transactions = 0;

  private transaction(): TransactionResult {
    const hash = `0x${(++this.transactions).toString(16).padStart(64, "0")}` as TransactionHash;
    return { hash, blockNumber: this.transactions, fee: zeroNeuron };
  }
}
