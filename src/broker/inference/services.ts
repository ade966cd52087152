// Services as the chain lists them (spec inference.md 2.1), kept for a minute.
import { addressKey, type ProviderId } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import {
  type InferenceServiceRecord,
  parseInferenceService,
  parseInferenceServices,
} from "../contracts/records.js";
import { ReadCache } from "./cache.js";
import { toService } from "./service.js";
import { orCancelled } from "./signals.js";

const pageSize = 50; // more is refused by the contract
const maxPages = 200;
// Short: the price of a question is reckoned with this record.
const lifetimeMs = 60_000;

export class Services {
  private readonly cache: ReadCache<InferenceService>;

  constructor(private readonly context: BrokerContext) {
    this.cache = new ReadCache(context.clock, lifetimeMs);
  }

  /** Throws `unknownProvider`. */
  async get(
    provider: ProviderId,
    options: CallOptions & { maxAgeMs?: number } = {},
  ): Promise<InferenceService> {
    const key = addressKey(provider);
    const known = this.cache.get(key, options.maxAgeMs);
    if (known) return known;
    const { chain, network } = this.context;
    const reading = this.cache.read(key, async () => {
      const record = parseInferenceService(await chain.read("inference", "getService", [provider]));
      return toService(record, network.passesOnTo);
    });
    return orCancelled(reading, options.signal);
  }

  /** Every page; the later ones at once, as the first tells how many there are. */
  async list(options: CallOptions & { includeUnacknowledged?: boolean } = {}): Promise<InferenceService[]> {
    const first = await this.page(0, options);
    const pages = Math.min(Math.ceil(first.total / pageSize), maxPages);
    const others = Array.from({ length: Math.max(pages - 1, 0) }, (_, index) =>
      this.page((index + 1) * pageSize, options),
    );
    const records = [first, ...(await Promise.all(others))].flatMap((page) => page.items);
    const services = this.read(records);
    return options.includeUnacknowledged
      ? services
      : services.filter((service) => service.isSignerAcknowledgedByOwner);
  }

  private async page(offset: number, { signal }: CallOptions) {
    const result = await this.context.chain.read("inference", "getAllServices", [offset, pageSize], {
      signal,
    });
    return parseInferenceServices(result);
  }

  /** One that cannot be read hides none of the others; one that moved between two pages is shown once. */
  private read(records: readonly InferenceServiceRecord[]): InferenceService[] {
    const services = new Map<string, InferenceService>();
    for (const record of records) {
      try {
        const service = toService(record, this.context.network.passesOnTo);
        services.set(addressKey(service.provider), service);
        this.cache.set(addressKey(service.provider), service);
      } catch (error) {
        this.context.log.error(`Skipped a service that cannot be read (${record.provider})`, error);
      }
    }
    return [...services.values()];
  }
}
