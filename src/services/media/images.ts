// Pictures from order to bytes: as a job where the provider has jobs, so that neither a reload nor a slow model loses them; else at once.
import type { Broker } from "../../broker/api.js";
import type {
  EditRequest as Edit,
  ImageExchange,
  ImageRequest as Generation,
  Picture,
} from "../../broker/media/api.js";
import { toComputeError, type ComputeError } from "../../domain/error.js";
import { imageFee } from "../../domain/pricing.js";
import type { ProviderId } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import { payFor, type Paid, type Paying, type Priced } from "../paying.js";
import type { OperationLock, OperationLogs, Random } from "../ports.js";
import type { Scope } from "../scope.js";
import { ImageJobs, type KeptOrder, type OrderFacts } from "./imageJobs.js";
import { agreedServer, fetchOrder, type LooksOptions } from "./orderLooks.js";
import { prove, type MediaOptions, type Proof } from "./proving.js";

export type { Picture } from "../../broker/media/api.js";

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
  readonly order: OrderFacts;
  readonly pictures: readonly Picture[];
  /** To be called when they are on disk: until then they are fetched again after a restart. */
  readonly saved: () => Promise<void>;
}

/** What came of an order, of this window or an earlier one. */
export type FoundImages =
  | { readonly kind: "made"; readonly made: MadeImages }
  /** lost: it may have been taken, and its number is not known. gone: the provider forgot it. */
  | { readonly kind: "lost" | "gone"; readonly order: OrderFacts }
  /** Nothing is asked there before the user has looked: the order stays. */
  | { readonly kind: "waits"; readonly order: KeptOrder; readonly error: ComputeError };

/** Beside what is told: the provider is at it. */
export type ImageEvent = "ordered" | "making";

/** Whom to ask is the user's to say. */
const ofEntry = ["enclaveChanged", "privateOnly", "notAcknowledged", "unknownServiceType", "unknownProvider"];

interface Ordered {
  readonly broker: Broker;
  readonly scope: Scope;
  readonly order: KeptOrder;
  readonly lock: OperationLock;
  readonly exchange?: ImageExchange;
}

export class ImagesService {
  private readonly jobs: ImageJobs;

  constructor(private readonly options: ImagesOptions) {
    this.jobs = new ImageJobs(options.logs, options.random);
  }

  /** `cancelled` while the provider is at it leaves the order open: it is paid for, and `resume` fetches it. */
  async make(
    request: ImageRequest | EditRequest,
    { name, folder }: Pick<OrderFacts, "name" | "folder">,
    on: (event: ImageEvent) => void,
    signal: AbortSignal,
  ): Promise<FoundImages> {
    const { provider, ...asked } = request;
    const { count } = asked;
    const serviceType = "source" in asked ? "image-editing" : "text-to-image";
    const plan = (service: InferenceService) => ({ worstCase: imageFee(service, count) });
    const wanted = { provider, serviceType, plan };
    const work = (paying: Paying<Priced>) => {
      const { service } = paying;
      return this.order(asked, { service, count, name, folder }, paying, on, signal);
    };
    return this.finish(await payFor(this.options, wanted, work, signal), signal);
  }

  /** Orders of this wallet that no window waits for. One that cannot be asked after now stays for later. */
  async *resume(signal: AbortSignal): AsyncGenerator<FoundImages> {
    const { session, log } = this.options;
    const scope = session.tryScope();
    if (!scope) return;
    for await (const { order, lock } of this.jobs.open(scope)) {
      try {
        if (!order.job) {
          await this.jobs.end(order);
          yield { kind: "lost", order };
          continue;
        }
        const broker = await session.broker(signal);
        yield await this.finish({ broker, scope, order, lock }, signal);
      } catch (error) {
        if (toComputeError(error).code === "cancelled") throw error;
        log.warn(`Pictures that were ordered could not be fetched: ${toComputeError(error).code}`);
      } finally {
        await lock.release();
      }
    }
  }

  /** For an order that waits for the user's word on whom to ask. Throws `cancelled` when that is no. */
  async agree(order: KeptOrder, signal: AbortSignal): Promise<void> {
    const broker = await this.options.session.broker(signal);
    const service = await agreedServer(this.options, broker, order, signal);
    if (service !== order.service) await this.jobs.moved(order, service);
  }

  /** Whether there is anything to resume; asks nobody. */
  async hasOpen(): Promise<boolean> {
    return (await this.jobs.names()).length > 0;
  }

  private async order(
    request: Generation | Edit,
    facts: OrderFacts,
    { broker, scope, service, plan, hear }: Paying<Priced>,
    on: (event: ImageEvent) => void,
    signal: AbortSignal,
  ): Promise<Paid<Ordered>> {
    const { order, lock } = await this.jobs.begin(scope, facts);
    const cost = plan.worstCase;
    try {
      on("ordered");
      const { inference } = broker;
      const job = await inference.startImageJob(service, request, hear, { signal });
      if (job) await this.jobs.taken(order, job);
      on("making");
      if (job) return { value: { broker, scope, lock, order: { ...order, job } }, cost };
      const exchange = await ("source" in request
        ? inference.editImage(service, request, hear, { signal })
        : inference.generateImage(service, request, hear, { signal }));
      return { value: { broker, scope, lock, order, exchange }, cost };
    } catch (error) {
      await this.jobs.end(order); // whoever asked is told
      await lock.release();
      throw error;
    }
  }

  private async finish(
    { broker, scope, order, lock, exchange: made }: Ordered,
    signal: AbortSignal,
  ): Promise<FoundImages> {
    try {
      const exchange = made ?? (await fetchOrder(this.options, broker, order, signal));
      if (!exchange) {
        await this.jobs.end(order);
        return { kind: "gone", order };
      }
      const cost = imageFee(order.service, order.count);
      const proof = await prove(this.options, { broker, scope, exchange, cost });
      const { pictures } = exchange;
      return { kind: "made", made: { ...proof, order, pictures, saved: () => this.jobs.end(order) } };
    } catch (error) {
      const known = toComputeError(error);
      if (ofEntry.includes(known.code)) return { kind: "waits", order, error: known };
      // Nothing more will come of it; everything else is tried again later.
      if (["refusedByProvider", "verificationFailed"].includes(known.code)) await this.jobs.end(order);
      throw error;
    } finally {
      await lock.release();
    }
  }
}
