// Pictures from order to bytes: as a job where the provider has jobs, so that neither a reload nor a slow model loses them; else at once.
import type { Broker } from "../../broker/api.js";
import type { SendingEvent } from "../../broker/inference/exchange.js";
import type {
  EditRequest as Edit,
  ImageRequest as Generation,
  ImageExchange,
  Picture,
} from "../../broker/media/api.js";
import { cancelled, ComputeError, isComputeError, toComputeError } from "../../domain/error.js";
import { atMost, imageFee, pricedAs } from "../../domain/pricing.js";
import type { ProviderId } from "../../domain/ids.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import type { ReceiptId } from "../../domain/receipt.js";
import { checkPriced } from "../money/counted.js";
import { type Paid, payFor, type Paying, type Priced } from "../money/paying.js";
import type { OperationLock, OperationLogs, Random } from "../ports.js";
import { type Scope, scopeKey } from "../wallets/scope.js";
import { ImageJobs, type KeptOrder, type OpenOrder, type OrderFacts } from "./imageJobs.js";
import { agreedServer, fetchOrder, type LooksOptions, mayPass } from "./orderLooks.js";
import { type MediaOptions, type Proof, prove } from "./proving.js";

export type { Picture } from "../../broker/media/api.js";
export type { KeptOrder } from "./imageJobs.js";

interface AtProvider {
  readonly provider: ProviderId;
}

export type ImageRequest = Generation & AtProvider;
export type EditRequest = Edit & AtProvider;

export interface ImagesOptions extends MediaOptions, Pick<LooksOptions, "movedText"> {
  readonly logs: OperationLogs;
  readonly random: Random;
}

export interface MadeImages extends Proof {
  readonly order: KeptOrder;
  /** No more than were ordered. */
  readonly pictures: readonly Picture[];
  /** So many came. */
  readonly came: number;
  /** To be called when they are on disk: until then they are fetched again after a restart. */
  readonly saved: () => Promise<void>;
  /** To be called when they cannot be saved: they stay with this window, to be saved again or forgotten, and no other one fetches them. */
  readonly setAside: () => void;
}

/** What came of an order, of this window or an earlier one. */
export type FoundImages =
  | { readonly kind: "made"; readonly made: MadeImages }
  /** It may have been taken, and its number is not known. It is kept until it is forgotten. */
  | {
      readonly kind: "lost";
      readonly order: KeptOrder;
      /** What came instead of its number, where anything did. */
      readonly error?: ComputeError;
    }
  /** Where it is to go is not open here: nobody was asked. */
  | { readonly kind: "elsewhere"; readonly order: KeptOrder }
  /** Nothing more will come of it. */
  | {
      readonly kind: "failed";
      readonly order: KeptOrder;
      readonly error: ComputeError;
      /** Of what came instead of a picture. */
      readonly receipt?: ReceiptId;
    }
  /** It is kept, and asked after again. `isPassing`: nobody need do anything, as when a provider cannot be reached. */
  | {
      readonly kind: "waits";
      readonly order: KeptOrder;
      readonly error: ComputeError;
      readonly isPassing: boolean;
    };

/** Beside what is told: the provider is at it. */
export type ImageEvent = "ordered" | "making";

interface Ordered {
  readonly scope: Scope;
  readonly order: KeptOrder;
  readonly lock: OperationLock;
  /** Of a provider without jobs: its answer. */
  readonly answer?: { readonly broker: Broker; readonly exchange: ImageExchange };
}

export class ImagesService {
  private readonly jobs: ImageJobs;
  /** What this window waits for. */
  private readonly looks = new Map<
    string,
    { readonly stop: AbortController; readonly end: Promise<unknown> }
  >();
  /** Made and paid for, and nobody saves them just now. */
  private readonly unsaved = new Map<string, MadeImages>();

  constructor(private readonly options: ImagesOptions) {
    this.jobs = new ImageJobs(options.logs, options.random);
  }

  /** Throws what stopped it before anything was ordered. Stopped while the provider is at it, the order waits: it is paid for. */
  async make(
    request: ImageRequest | EditRequest,
    place: Pick<OrderFacts, "name" | "folder" | "root">,
    on: (event: ImageEvent) => void,
    signal: AbortSignal,
  ): Promise<FoundImages> {
    const { provider, ...asked } = request;
    const { count } = asked;
    const serviceType = "source" in asked ? "image-editing" : "text-to-image";
    let info: ModelInfo | undefined;
    const plan = async (service: InferenceService) => {
      info = await this.options.providers.modelInfo(provider, service.model, signal);
      checkPriced(service, service.model, info);
      return { worstCase: atMost(service, info, (priced) => imageFee(priced, count)) };
    };
    const wanted = { provider, serviceType, plan };
    const work = (paying: Paying<Priced>) => {
      const { service } = paying;
      const cost = imageFee(pricedAs(service, info), count);
      return this.order(asked, { service, count, cost, ...place }, paying, on, signal);
    };
    const ordered = await payFor(this.options, wanted, work, signal);
    return "kind" in ordered ? ordered : this.follow(ordered, signal);
  }

  /** Orders of this wallet and network that no window waits for, side by side; `on` is called for each. Never rejects for one of them. */
  async resume(
    on: (found: FoundImages) => Promise<void>,
    signal: AbortSignal,
    isHere: (order: KeptOrder) => boolean = () => true,
  ): Promise<void> {
    const { session, log } = this.options;
    const scope = session.tryScope();
    if (!scope) return;
    const following: Promise<void>[] = [];
    for await (const open of this.jobs.open(scope))
      following.push(
        (isHere(open.order) ? this.follow({ ...open, scope }, signal) : leave(open))
          .then(on)
          .catch((error: unknown) => log.error("An order of pictures", error)),
      );
    await Promise.all(following);
  }

  /**
   * The user wants it, and is asked where something is not as it was: what is here already is only to be saved. Throws `cancelled`.
   * Undefined: it is gone, or somebody is at it.
   */
  async again({ id }: KeptOrder, signal: AbortSignal): Promise<FoundImages | undefined> {
    const made = this.unsaved.get(id);
    this.unsaved.delete(id);
    if (made) return { kind: "made", made };
    await this.stopLooking(id);
    const scope = this.options.session.scope();
    const open = scope && (await this.jobs.take(id, scope));
    if (!open) return undefined;
    const { order, lock } = open;
    let service: InferenceService;
    try {
      service = await agreedServer(this.options, await this.brokerOf(scope, signal), order, signal);
      if (service !== order.service) await this.jobs.moved(order, service);
    } catch (error) {
      await lock.release();
      throw error;
    }
    return this.follow({ scope, lock, order: { ...order, service } }, signal);
  }

  /** Given up for good. False: another window is at it, or this one saves it just now. */
  async forget({ id }: Pick<KeptOrder, "id">): Promise<boolean> {
    const made = this.unsaved.get(id);
    if (made) {
      await made.saved();
      return this.unsaved.delete(id);
    }
    await this.stopLooking(id);
    return this.jobs.forget(id);
  }

  /** Whether it was made and is not saved yet, and nobody saves it just now. */
  isUnsaved({ id }: Pick<KeptOrder, "id">): boolean {
    return this.unsaved.has(id);
  }

  private async stopLooking(id: string): Promise<void> {
    const look = this.looks.get(id);
    look?.stop.abort();
    await look?.end;
  }

  /** Throws what keeps a picture from being edited. */
  async check(path: string, signal: AbortSignal): Promise<void> {
    await (await this.options.session.broker(signal)).inference.checkPicture(path);
  }

  /** Those of this wallet and network, whoever is at them. Asks nobody. */
  async open(): Promise<KeptOrder[]> {
    const scope = this.options.session.tryScope();
    return scope ? this.jobs.all(scope) : [];
  }

  private async order(
    request: Generation | Edit,
    facts: OrderFacts,
    { broker, scope, service, admitAgain, hear }: Paying<Priced>,
    on: (event: ImageEvent) => void,
    signal: AbortSignal,
  ): Promise<Paid<Ordered | FoundImages>> {
    const { order, lock } = await this.jobs.begin(scope, facts);
    const { cost } = order;
    let isOut = false;
    const listen = (event: SendingEvent) => {
      if (event.kind !== "waiting") isOut = event.kind === "sent";
      hear(event);
    };
    try {
      on("ordered");
      const { inference } = broker;
      const options = { signal, admitAgain };
      const job = await inference.startImageJob(service, request, listen, options);
      if (job) await this.jobs.taken(order, job);
      on("making");
      if (job) return { value: { scope, lock, order: { ...order, job } }, cost };
      const exchange = await ("source" in request
        ? inference.editImage(service, request, listen, options)
        : inference.generateImage(service, request, listen, options));
      return { value: { scope, lock, order, answer: { broker, exchange } }, cost };
    } catch (error) {
      await lock.release();
      // What went out and was not answered may be taken: that is not forgotten before the user knows.
      if (isOut && !isAnswer(error)) {
        const known = toComputeError(error);
        this.options.log.warn(`Nobody knows whether pictures were ordered: ${known.code}`);
        const why = known.code === "cancelled" ? {} : { error: known };
        return { value: { kind: "lost", order, ...why } };
      }
      await this.jobs.end(order); // whoever asked is told
      throw error;
    }
  }

  /** Never rejects. */
  private follow(ordered: Ordered, signal: AbortSignal): Promise<FoundImages> {
    const stop = new AbortController();
    const { id } = ordered.order;
    const end = this.followed(ordered, AbortSignal.any([signal, stop.signal])).finally(() =>
      this.looks.delete(id),
    );
    this.looks.set(id, { stop, end });
    return end;
  }

  private async followed({ scope, order, lock, answer }: Ordered, signal: AbortSignal): Promise<FoundImages> {
    let found: FoundImages | undefined;
    try {
      if (!answer && !order.job) return (found = { kind: "lost", order });
      const bought =
        answer ?? (await fetchOrder(this.options, () => this.brokerOf(scope, signal), order, signal));
      const proof = await prove(this.options, { ...bought, scope, cost: order.cost });
      const { pictures } = bought.exchange;
      if (pictures.length === 0) return (found = await this.refuse(order, proof));
      const saved = async () => {
        await this.jobs.end(order);
        await lock.release();
      };
      const part = { pictures: pictures.slice(0, order.count), came: pictures.length };
      const setAside = () => void this.unsaved.set(order.id, made);
      const made: MadeImages = { ...proof, ...part, order, saved, setAside };
      return (found = { kind: "made", made });
    } catch (error) {
      const known = toComputeError(error);
      this.options.log.warn(`Pictures that were ordered are not here yet: ${known.code}`);
      if (!isAnswer(known)) return { kind: "waits", order, error: known, isPassing: mayPass(known) };
      await this.jobs.end(order);
      return { kind: "failed", order, error: known };
    } finally {
      // Until what was made is saved, no other window saves it, too.
      if (found?.kind !== "made") await lock.release();
    }
  }

  /** What came is no picture: it may be signed and billed all the same, and its receipt is what the user has in hand. */
  private async refuse(order: KeptOrder, { receipt }: Proof): Promise<FoundImages> {
    const { provider } = order.service;
    await this.jobs.end(order);
    const error = new ComputeError("verificationFailed", { what: "image", why: "structure", provider });
    return { kind: "failed", order, error, ...(receipt ? { receipt } : {}) };
  }

  /** Never that of another wallet or network, which the provider would refuse what is not its own. */
  private async brokerOf(scope: Scope, signal: AbortSignal): Promise<Broker> {
    const { session } = this.options;
    const isCurrent = () => {
      const now = session.tryScope();
      return now !== undefined && scopeKey(now) === scopeKey(scope);
    };
    if (!isCurrent()) throw cancelled();
    const broker = await session.broker(signal);
    if (!isCurrent()) throw cancelled();
    return broker;
  }
}

async function leave({ order, lock }: OpenOrder): Promise<FoundImages> {
  await lock.release();
  return { kind: order.job ? "elsewhere" : "lost", order };
}

/** The provider's last word on it: no picture will come. A refusal of the look alone is none. */
function isAnswer(error: unknown): boolean {
  return isComputeError(error, "refusedByProvider") && error.facts.status === 200;
}
