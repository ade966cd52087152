// The local endpoint over a house: its own server on a real port, keys and counters in memory.
import OpenAI from "openai";
import { adaptersOf, type TunedModel } from "../../src/domain/modelNames.js";
import { EndpointService } from "../../src/services/endpoint/endpoint.js";
import { EndpointJobs } from "../../src/services/endpoint/jobs.js";
import { EndpointKeys, type NewEndpointKey } from "../../src/services/endpoint/keys.js";
import { EndpointUsage } from "../../src/services/endpoint/usage.js";
import { serveLoopback } from "../../src/system/loopbackHttp.js";
import { createEndpointTexts } from "../../src/view/endpoint/endpointTexts.js";
import { english } from "../../src/view/translate.js";
import { og } from "./builders.js";
import type { Folder } from "../../src/services/ports.js";
import type { Json } from "./sandboxUser.js";
import type { House } from "./house.js";
import { MemoryFolder, random } from "./ports.js";

export class TestEndpoint {
  readonly keys: EndpointKeys;
  readonly usage: EndpointUsage;
  readonly service: EndpointService;
  port = 0;

  constructor(
    readonly house: House,
    readonly folder: Folder = new MemoryFolder(),
    tuned: () => readonly TunedModel[] = () => [],
  ) {
    const { session, sandbox, dialogs, world, accounts, limits, providers, enclaves: gate } = house;
    const { secrets, clock, log, settings, state } = world;
    const texts = createEndpointTexts(english, (at) => new Date(at).toISOString());
    this.keys = new EndpointKeys({ session, folder, secrets, dialogs, texts, random, clock });
    this.usage = new EndpointUsage(folder);
    const jobs = new EndpointJobs(folder, clock);
    this.service = new EndpointService({
      ...{ session, sandbox, accounts, limits, providers, gate, settings, state, clock, log, texts },
      ...{
        checks: house.chat,
        keys: this.keys,
        usage: this.usage,
        jobs,
        adapters: () => adaptersOf(tuned()),
        serve: serveLoopback,
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  async start(): Promise<this> {
    this.port = await this.service.start();
    return this;
  }

  /** The key in clear, and its id. */
  async key(wanted: Partial<NewEndpointKey> = {}): Promise<{ readonly text: string; readonly id: string }> {
    const { text, key } = await this.keys.create({ label: "Test", budget: og("1"), ...wanted });
    return { text, id: key.id };
  }

  /** What the key's program is told of the check of an answer; an `APIError` where that is nothing. */
  verify(answer: string | null, key: string): Promise<Json> {
    const client = new OpenAI({ baseURL: this.url, apiKey: key, maxRetries: 0 });
    return client.get<Json>(`/verify/${encodeURIComponent(answer ?? "")}`);
  }

  async close(): Promise<void> {
    await this.service.stop();
    this.service.dispose();
  }
}
