// Receipts on disk: one file for each answer, written as soon as there is one and again when more is known. Nothing in them is needed to go
// on, and nobody but the user deletes one.
import type { Witnessed } from "../../broker/inference/exchange.js";
import type { BilledExchange } from "../../broker/media/api.js";
import type { ModelFacts, ReceiptTools, Said } from "../../broker/receipts/api.js";
import { toComputeError } from "../../domain/error.js";
import { type Disposable, Emitter, type Event } from "../../domain/event.js";
import type { Log } from "../../domain/log.js";
import type { Clock } from "../../domain/clock.js";
import type { Neuron } from "../../domain/money.js";
import type { Network } from "../../domain/networks.js";
import {
  type AnswerReceipt,
  type Receipt,
  type ReceiptId,
  receiptSuffix,
  type ReceiptSummary,
  type Recheck,
} from "../../domain/receipt.js";
import type { Verdict } from "../../domain/verdict.js";
import type { Found } from "../enclaves/enclaveChecks.js";
import type { Folder, LoadBroker, Settings } from "../ports.js";

export interface ReceiptsOptions {
  readonly folder: Folder;
  readonly settings: Pick<Settings, "keepsReceiptBodies">;
  readonly loadBroker: LoadBroker;
  readonly clock: Clock;
  readonly log: Log;
  /** Name to version of what makes them. */
  readonly tools: Readonly<Record<string, string>>;
}

/** Keeps what an answer leaves; see verifying.ts. */
export interface ReceiptKeeper {
  /** Undefined: the disk refused, and the log has the reason. An answer does not depend on it. */
  keepAnswer(
    exchange: BilledExchange,
    verdict: Verdict,
    more: { readonly network: Network; readonly cost?: Neuron },
  ): Promise<ReceiptId | undefined>;
  /** That was under way when the user removed everything: nothing of it is written or asked after any more. */
  isRemoved(exchange: Pick<BilledExchange, "sentAt">): boolean;
  /** What verifying needs of that answer; undefined when its receipt is gone, or cannot be read. */
  witnessed(id: ReceiptId): Promise<Witnessed | undefined>;
  /** With what is known by now. One that was deleted stays deleted. less: it holds a signature, which is not lost again. refused: by the disk. */
  renew(id: ReceiptId, found: Found): Promise<Renewal>;
}

export type Renewal = "kept" | "less" | "refused";

export type KeptModelFacts = Omit<ModelFacts, "madeAt" | "tools">;

/** Keeps what a tuned model leaves; see fineTuning/modelReceipts.ts. */
export interface ModelReceiptKeeper {
  /** `kept`: the one that is there already. Should the user have deleted it, none is written, and its id is the answer all the same. */
  keepModel(facts: KeptModelFacts, kept?: ReceiptId): Promise<ReceiptId | undefined>;
}

interface Indexed {
  readonly summary: ReceiptSummary;
  readonly version: string;
}

const namePattern = /^([0-9a-f]{24})\.0greceipt\.json$/;

export class ReceiptsService implements ReceiptKeeper, ModelReceiptKeeper, Disposable {
  private readonly changed = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changed.event;
  private readonly index = new Map<string, Indexed>();
  private readonly unreadable = new Map<string, string>();
  private writing: Promise<unknown> = Promise.resolve();
  /** Milliseconds since 1970, when all were deleted in this window. */
  private removedAt?: number;

  constructor(private readonly options: ReceiptsOptions) {}

  async keepAnswer(
    exchange: BilledExchange,
    verdict: Verdict,
    more: { readonly network: Network; readonly cost?: Neuron },
  ): Promise<ReceiptId | undefined> {
    const { clock, tools } = this.options;
    const facts = () => ({ ...more, madeAt: clock.now(), keepsBodies: this.keepsBodies(), tools });
    const isRemoved = () => this.isRemoved(exchange);
    return this.keep((make) => make.ofAnswer(exchange, verdict, facts()), undefined, isRemoved);
  }

  isRemoved({ sentAt }: Pick<BilledExchange, "sentAt">): boolean {
    return this.removedAt !== undefined && sentAt < this.removedAt;
  }

  /** As above. The same model has the same one, written again when more is known. */
  async keepModel(facts: KeptModelFacts, kept?: ReceiptId): Promise<ReceiptId | undefined> {
    const { clock, tools } = this.options;
    return this.keep((make) => make.ofModel({ ...facts, madeAt: clock.now(), tools }), kept);
  }

  private async keep(
    made: (make: ReceiptTools) => Receipt,
    kept?: ReceiptId,
    isRemoved: () => boolean = () => false,
  ): Promise<ReceiptId | undefined> {
    const { folder } = this.options;
    if (isRemoved()) return undefined;
    try {
      const make = await this.tools();
      const receipt = made(make);
      await this.inOrder(async () => {
        const isDeleted = kept === receipt.id && (await folder.read(nameOf(kept))) === undefined;
        if (!isDeleted && !isRemoved()) await folder.write(nameOf(receipt.id), make.toBytes(receipt));
      });
      this.changed.fire();
      return receipt.id;
    } catch (error) {
      this.options.log.error("A receipt could not be written", error);
      return undefined;
    }
  }

  async witnessed(id: ReceiptId): Promise<Witnessed | undefined> {
    const receipt = await this.answer(id);
    return receipt && (await this.tools()).witnessed(receipt);
  }

  async renew(id: ReceiptId, { verdict, quoteDigest }: Found): Promise<Renewal> {
    const { folder, log } = this.options;
    try {
      const make = await this.tools();
      const renewal = await this.inOrder(async () => {
        const receipt = await this.answer(id);
        if (receipt?.signed !== undefined && verdict.signature === undefined) return "less";
        if (receipt)
          await folder.write(nameOf(id), make.toBytes(make.withVerdict(receipt, verdict, quoteDigest)));
        return "kept";
      });
      this.changed.fire();
      return renewal;
    } catch (error) {
      log.error("A receipt could not be renewed", error);
      return "refused";
    }
  }

  /** Newest first; every word of `query` must occur. Looks at the folder: other windows write there too. */
  async list(query = ""): Promise<readonly ReceiptSummary[]> {
    await this.readFolder();
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return [...this.index.values()]
      .map(({ summary }) => summary)
      .filter((summary) => words.every((word) => searchText(summary).includes(word)))
      .sort((a, b) => b.madeAt - a.madeAt);
  }

  /** The file as it is; undefined when there is none. */
  async bytes(id: ReceiptId): Promise<Uint8Array | undefined> {
    return this.options.folder.read(nameOf(id));
  }

  /** What bytes from anywhere are worth, without asking anyone. */
  async recheck(bytes: Uint8Array): Promise<Recheck> {
    return (await this.tools()).recheck(bytes);
  }

  /** What the bytes of an answer's receipt say; undefined where they were not kept. */
  async said(receipt: AnswerReceipt): Promise<Said | undefined> {
    return (await this.tools()).said(receipt);
  }

  async delete(id: ReceiptId): Promise<void> {
    await this.inOrder(() => this.options.folder.remove(nameOf(id)));
    this.index.delete(nameOf(id));
    this.changed.fire();
  }

  /** Everything in the folder, whatever it is, and what answers of now would leave there. */
  async deleteAll(): Promise<void> {
    const { folder, clock } = this.options;
    this.removedAt = clock.now();
    await this.inOrder(async () => {
      for (const name of await folder.list()) await folder.remove(name);
    });
    this.index.clear();
    this.changed.fire();
  }

  /** Resolves when everything handed over is on disk. */
  async flush(): Promise<void> {
    await this.writing;
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async answer(id: ReceiptId): Promise<AnswerReceipt | undefined> {
    const bytes = await this.bytes(id);
    const receipt = bytes && (await this.tools()).fromBytes(bytes);
    return receipt?.kind === "model" ? undefined : receipt;
  }

  /** What cannot be read as a setting keeps no more than it must. */
  private keepsBodies(): boolean {
    try {
      return this.options.settings.keepsReceiptBodies();
    } catch (error) {
      this.options.log.warn(`Receipts keep hashes alone: ${toComputeError(error).code}`);
      return false;
    }
  }

  private async readFolder(): Promise<void> {
    const { folder } = this.options;
    const names = (await folder.list()).filter((name) => namePattern.test(name));
    const there = new Set(names);
    for (const name of this.index.keys()) if (!there.has(name)) this.index.delete(name);
    for (const name of names) {
      const version = await folder.version(name);
      if (version === undefined || version === this.index.get(name)?.version) continue;
      if (version !== this.unreadable.get(name)) await this.readFile(name, version);
    }
  }

  /** One that was damaged stays where it is: its owner may want to look at it. */
  private async readFile(name: string, version: string): Promise<void> {
    const bytes = await this.options.folder.read(name);
    const summary = bytes && (await this.tools()).summary(bytes);
    if (summary && nameOf(summary.id) === name) {
      this.index.set(name, { summary, version });
      return;
    }
    this.index.delete(name);
    this.unreadable.set(name, version);
    this.options.log.warn(`The receipt ${name} cannot be read and is left as it is`);
  }

  private async tools(): Promise<ReceiptTools> {
    return (await this.options.loadBroker()).receiptTools;
  }

  private inOrder<T>(work: () => Promise<T>): Promise<T> {
    const alone = () => this.options.folder.exclusively(work);
    const next = this.writing.then(alone, alone);
    this.writing = next.catch(() => undefined); // the caller of this write hears of it
    return next;
  }
}

function nameOf(id: ReceiptId): string {
  return `${id}${receiptSuffix}`;
}

function searchText({ kind, provider, model, task, network, level, title }: ReceiptSummary): string {
  return [kind, provider, model, task, network, level, title].join("\n").toLowerCase();
}
