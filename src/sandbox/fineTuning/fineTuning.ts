// The sandbox's fine-tuning provider: it trains, and answers with what it trained, under one address and URL (spec sandbox.md 3).
import { baseModelName } from "./baseModel.js";
import type { Accounts } from "../accounts.js";
import type { Chain } from "../chain/chain.js";
import type { Faults } from "../faults.js";
import type { Marketplace } from "../marketplace.js";
import type { Backends } from "../providers/backends.js";
import { chatCompletions } from "../providers/chatRoute.js";
import type { ProviderDefinition } from "../providers/definition.js";
import type { Provider } from "../providers/provider.js";
import type { StateDir } from "../stateDir.js";
import type { Storage } from "../storage/storage.js";
import { adapterRoutes } from "./adapterRoutes.js";
import { fileRoutes } from "./fileRoutes.js";
import { FolderFiles, MemoryFiles } from "./files.js";
import { FineTuningMarket } from "./market.js";
import { modelRoutes } from "./modelRoutes.js";
import { Pace } from "./pace.js";
import { taskRoutes } from "./taskRoutes.js";
import { taskJson } from "./tasks.js";
import { Throttle } from "./throttle.js";
import { startWorkers } from "./workers.js";
import { Workshop } from "./workshop.js";

/** Index of its account. */
const account = 4;

export interface FineTuningOptions {
  readonly accounts: Accounts;
  readonly chain: Chain;
  readonly market: Marketplace;
  readonly faults: Faults;
  readonly backends: Backends;
  readonly storage: Storage;
  /** Absent: everything is in memory. */
  readonly dir?: StateDir;
  /** Milliseconds between the pieces of an answer. */
  readonly paceMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends all work. */
  readonly signal: AbortSignal;
}

export class FineTuning {
  readonly pace: Pace;
  readonly definition: ProviderDefinition;
  private readonly workshop: Workshop;
  private working: Promise<void> | undefined;

  constructor(options: FineTuningOptions) {
    const { accounts, chain, market, faults, dir, backends } = options;
    const provider = accounts.key(account);
    const file = "fine-tuning.json";
    this.pace = new Pace({
      ...options,
      faults,
      target: provider.address,
      read: () => dir?.readJson(file),
      write: (pace) => dir?.writeJson(file, pace),
    });
    this.workshop = new Workshop({
      ...options,
      pace: this.pace,
      files: dir ? new FolderFiles(dir.folder("fine-tuning")) : new MemoryFiles(),
      market: new FineTuningMarket(market, provider),
      base: backends.model,
      chainTime: () => chain.time(),
      chainHead: () => chain.head().number,
    });
    this.definition = definitionOf(this.workshop, backends, new Throttle(options.now));
  }

  /** Begins to work on tasks, also those a process before left unfinished. */
  start(provider: Provider): void {
    this.working ??= startWorkers({ provider, workshop: this.workshop });
  }

  /** What `GET /state` tells of the tasks, oldest first. */
  tasks(): object[] {
    return this.workshop.tasks.all().map(taskJson);
  }

  /** After the signal: resolves when nobody works any more. */
  async ended(): Promise<void> {
    await this.working;
  }
}

function definitionOf(workshop: Workshop, backends: Backends, throttle: Throttle): ProviderDefinition {
  return {
    account,
    class: "combined",
    serviceType: "chatbot",
    model: baseModelName,
    verifiability: "TeeML",
    inputPrice: 100_000_000_000n, // 0.1 0G per million tokens
    outputPrice: 400_000_000_000n,
    modelCard: {
      name: "Sandbox model for fine-tuning",
      description: "The toy model that can be tuned here, and what users made of it. Not an enclave.",
      type: "chatbot",
      context_length: 8192,
      max_completion_tokens: 1024,
      architecture: { modality: "text->text", input_modalities: ["text"], output_modalities: ["text"] },
      supported_parameters: ["max_tokens", "temperature", "seed", "stop", "stream"],
    },
    // Never the user's own server: what is tuned and what is compared with it must be one model.
    backend: backends.own,
    models: workshop.adapters,
    sideTrade: {
      serviceType: "fine-tuning",
      model: baseModelName,
      registration: (provider) => workshop.registration(provider),
      revocation: (provider) => workshop.market.revokeAcknowledgement(provider.world.accounts.owner()),
    },
    guard: async (provider, call, path) => {
      await workshop.pace.holdCall(call.method, path);
      throttle.admit(provider, call, path);
    },
    isNotFoundPlain: true,
    routes: (provider) => [
      {
        method: "POST",
        path: "/v1/proxy/chat/completions",
        handle: chatCompletions(provider),
      },
      ...modelRoutes(),
      ...taskRoutes(provider, workshop),
      ...fileRoutes(provider, workshop),
      ...adapterRoutes(provider, workshop),
    ],
  };
}
