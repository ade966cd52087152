// Adapters where the provider serves them (spec fine-tuning.md 14): its inference endpoint, with the bearer of inference.
import { getAddress } from "ethers";
import type { Adapter, AdapterState } from "../../domain/fineTuning.js";
import { type Address, isAddressText, sameAddress, type TaskId } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import type { CallOptions } from "../call.js";
import type { FineTuningDeps } from "../context.js";
import { withSession } from "../inference/authorized.js";
import { requestText, type TextResponse, unavailable } from "../inference/providerHttp.js";
import { isSessionRefusal } from "../inference/refusal.js";
import { Sessions } from "../inference/sessions.js";
import { requireSigner } from "../wallet/signer.js";
import { asArray, asObject, asText, parseJson, parseJsonObject } from "../wire/json.js";
import type { LoraBroker } from "./api.js";
import { isUnknownThing, refused } from "./refusals.js";

const limits = { timeoutMs: 20_000, maxBytes: 5_000_000 };
const base = "/v1/lora/adapters";
const maxAdapters = 10_000;
const maxText = 200;
const states: readonly AdapterState[] = [
  "init",
  "pending",
  "downloading",
  "loading",
  "ready",
  "active",
  "offloaded",
  "archived",
  "failed",
];

export function createLora(deps: FineTuningDeps): LoraBroker {
  const adapters = new Adapters(deps);
  return {
    listAdapters: (service, options) => adapters.list(service, options),
    getAdapterStatus: (service, name, options) => adapters.get(service, name, options),
    resolveAdapterName: (service, taskId, options) => adapters.nameOf(service, taskId, options),
    deployAdapter: (service, request, options) => adapters.deploy(service, request, options),
    deployAdapterByName: async (service, adapterName, options) =>
      void (await adapters.deploy(service, { adapterName }, options)),
  };
}

class Adapters {
  private readonly sessions: Sessions;

  constructor(private readonly deps: FineTuningDeps) {
    this.sessions = new Sessions(deps);
  }

  /** The provider lists those of all users. */
  async list(
    service: InferenceService,
    options: CallOptions & { readonly isEverybody?: boolean } = {},
  ): Promise<Adapter[]> {
    const answer = await this.ask(service, "GET", base, undefined, options);
    if (answer.status !== 200) throw refused(this.deps, service, answer);
    const found = parseJsonObject(answer.text)?.adapters;
    // Go writes an empty list as null.
    if (!Array.isArray(found) && found !== null)
      throw unavailable(service, "the list of adapters cannot be read");
    const adapters = asArray(found).slice(0, maxAdapters).flatMap(adapterOf);
    const user = requireSigner(this.deps).address;
    return options.isEverybody ? adapters : adapters.filter((adapter) => sameAddress(adapter.user, user));
  }

  async get(
    service: InferenceService,
    name: string,
    options: CallOptions = {},
  ): Promise<Adapter | undefined> {
    const path = `${base}/${encodeURIComponent(name)}`;
    const answer = await this.ask(service, "GET", path, undefined, options);
    if (isUnknownThing(answer)) return undefined;
    if (answer.status !== 200) throw refused(this.deps, service, answer);
    const [adapter] = adapterOf(parseJson(answer.text));
    if (!adapter || adapter.name !== name) throw unavailable(service, "the adapter cannot be read");
    return adapter;
  }

  /** Client and provider derive names differently, so the provider's list decides; strangers may claim any task there. */
  async nameOf(
    service: InferenceService,
    taskId: TaskId,
    options: CallOptions = {},
  ): Promise<string | undefined> {
    const adapters = await this.list(service, { signal: options.signal });
    return adapters.find((adapter) => adapter.taskId.toLowerCase() === taskId)?.name;
  }

  async deploy(
    service: InferenceService,
    request: { readonly taskId: TaskId; readonly baseModel: string } | { readonly adapterName: string },
    options: CallOptions = {},
  ): Promise<string> {
    const body = new Uint8Array(Buffer.from(JSON.stringify(request)));
    const answer = await this.ask(service, "POST", `${base}/deploy`, body, options);
    if (answer.status !== 200) throw refused(this.deps, service, answer, "busy");
    const name = shortText(parseJsonObject(answer.text)?.adapterName);
    if (name === undefined || name === "") throw unavailable(service, "the adapter's name cannot be read");
    return name;
  }

  private async ask(
    service: InferenceService,
    method: "GET" | "POST",
    path: string,
    body: Uint8Array<ArrayBuffer> | undefined,
    { signal }: CallOptions,
  ): Promise<TextResponse> {
    const type: Record<string, string> = body ? { "content-type": "application/json" } : {};
    return withSession(
      this.sessions,
      service,
      signal,
      (headers) =>
        requestText(this.deps, service, path, {
          method,
          headers: { ...headers, ...type },
          body,
          signal,
          ...limits,
        }),
      ({ status, text }) => isSessionRefusal({ status, body: text }),
    );
  }
}

/** An entry without a usable name or owner is none. */
function adapterOf(value: unknown): Adapter[] {
  const entry = asObject(value);
  const name = shortText(entry?.adapterName);
  const user = asText(entry?.userAddress) ?? "";
  if (!entry || !name || !isAddressText(user)) return [];
  const state = shortText(entry.state) ?? "";
  return [
    {
      name,
      taskId: shortText(entry.taskId) ?? "",
      baseModel: shortText(entry.baseModel) ?? "",
      state: isState(state) ? state : "unknown",
      user: getAddress(user.toLowerCase()) as Address,
      storageRoot: shortText(entry.storageRootHash) ?? "",
    },
  ];
}

function isState(text: string): text is AdapterState {
  return (states as readonly string[]).includes(text);
}

/** One line of printable text, undefined for anything else. */
function shortText(value: unknown): string | undefined {
  const text = asText(value);
  return text === undefined || text.length > maxText || /\p{C}/u.test(text) ? undefined : text;
}
