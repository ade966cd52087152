// The sandbox put together: chain, providers, control. Runs in any Node process; `cli/sandbox.ts` gives it one of its own.
import { setTimeout as wait } from "node:timers/promises";
import { Accounts } from "./accounts.js";
import { Attestor } from "./attestation/attestor.js";
import { type Chain, startChain } from "./chain/chain.js";
import { contractAddresses } from "./chain/rules.js";
import { Control, type FineTuningPace } from "./control.js";
import { Faults } from "./faults.js";
import { Marketplace } from "./marketplace.js";
import type { LanguageModel } from "./model/model.js";
import { chatModel } from "./providers/chat.js";
import { ModelBackend } from "./providers/modelBackend.js";
import { Provider, type ProviderWorld } from "./providers/provider.js";
import { providerDefinitions } from "./providers/registry.js";
import { type Upstream, UpstreamBackend } from "./providers/upstream.js";
import type { Ready } from "./ready.js";
import { StateDir } from "./stateDir.js";

export interface SandboxOptions {
  /** The bytes of genesis.bin. */
  readonly genesis: Uint8Array;
  /** Gives the base model; called once, on the first question. */
  readonly model: () => LanguageModel;
  /** Port of the JSON-RPC server; 0 or absent: the one it had before, or any free one. */
  readonly port?: number;
  /** Folder in which everything is kept; absent: in memory. */
  readonly state?: string;
  /** Forget what the folder holds. */
  readonly isFresh?: boolean;
  readonly upstream?: Upstream;
  /** Milliseconds between the pieces of the model's answers, default 20. */
  readonly paceMs?: number;
  /** Seconds between settlements, default 30; 0: only on demand and at the end. */
  readonly settleSeconds?: number;
  readonly now?: () => number;
  /** Notes for whoever watches; never keys or what users wrote. */
  readonly log?: (message: string) => void;
}

export interface Sandbox {
  readonly ready: Ready;
  /** Changes who answers chat; undefined: the sandbox's own model again. */
  setUpstream(upstream: Upstream | undefined): void;
  /** Settles what is owed, ends the servers, lets go of the folder. */
  close(): Promise<void>;
}

const defaultPaceMs = 20;
const defaultSettleSeconds = 30;
/** How long closing waits for the last settlement. */
const lastSettlementMs = 2000;

/** Rejects with StateDirError when the folder cannot be used. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const closers = new Closers();
  try {
    return await assemble(options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function assemble(options: SandboxOptions, closers: Closers): Promise<Sandbox> {
  const { now = Date.now, log = () => undefined, settleSeconds = defaultSettleSeconds } = options;
  const control = new Control(log);
  const controlPort = await control.listen(0);
  closers.add(() => control.close());
  const dir = await openState(options, controlPort, closers);
  const ports = readPorts(dir);

  const faults = new Faults();
  const chain = await openChain(options, faults, dir, ports.rpc);
  closers.add(() => chain.close());
  const accounts = new Accounts();
  const market = new Marketplace(chain, contractAddresses);
  const attestor = new Attestor(dir && jsonFile(dir, "attestation.json"));
  closers.add(() => attestor.close());

  const backends = new Backends(options, now);
  const stopping = new AbortController();
  const world: ProviderWorld = {
    ...{ accounts, market, faults, attestor, now, log },
    backend: () => backends.current(),
    sleep: async (ms, signal) => (ms > 0 ? wait(ms, undefined, { signal }) : undefined),
    signal: stopping.signal,
  };
  const providers = providerDefinitions.map(
    (definition) => new Provider(definition, world, dir && jsonFile(dir, `fees-${definition.account}.json`)),
  );
  const vendor = await attestor.openVendor(ports.vendor);
  for (const provider of providers) {
    await provider.listen(ports.providers[provider.address] ?? 0);
    closers.add(() => provider.close());
  }
  dir?.writeJson("ports.json", {
    rpc: chain.port,
    vendor,
    providers: Object.fromEntries(providers.map(({ address, url }) => [address, portOf(url)])),
  });
  await register(market, accounts, providers);

  const settle = async () => {
    const results = await Promise.allSettled(providers.map(({ fees }) => fees.settle()));
    for (const result of results)
      if (result.status === "rejected") log(`a settlement failed: ${String(result.reason)}`);
  };
  if (settleSeconds > 0) {
    const timer = setInterval(() => void settle(), settleSeconds * 1000);
    closers.add(() => clearInterval(timer));
  }
  closers.add(async () => {
    stopping.abort();
    await Promise.race([settle(), wait(lastSettlementMs, undefined, { ref: false })]);
  });
  const desk = new Desk(chain, market, accounts, faults, providers, backends, dir);
  control.serve({
    faults,
    settle,
    increaseTime: (seconds) => chain.increaseTime(seconds),
    fund: (address, amount) => desk.fund(address, amount),
    fineTuning: async (pace) => desk.setPace(pace),
    state: async () => desk.state(),
  });
  return {
    ready: {
      rpcUrl: chain.rpcUrl,
      chainId: chain.chainId,
      contracts: {
        ledger: contractAddresses.ledger,
        inference: contractAddresses.inference,
        fineTuning: contractAddresses.fineTuning,
      },
      providers: providers.map(({ address, url, definition }) => ({
        address,
        url,
        serviceType: definition.serviceType,
        model: definition.model,
        class: definition.class,
      })),
      accounts: accounts.all(),
      control: { url: control.url, token: control.token },
    },
    setUpstream: (upstream) => backends.use(upstream),
    close: () => closers.close(),
  };
}

async function openState(
  { state, isFresh }: SandboxOptions,
  port: number,
  closers: Closers,
): Promise<StateDir | undefined> {
  if (state === undefined) return undefined;
  const dir = await StateDir.open(state, port);
  closers.add(() => dir.release());
  if (isFresh) dir.erase();
  return dir;
}

async function openChain(
  { genesis, now, port = 0 }: SandboxOptions,
  faults: Faults,
  dir: StateDir | undefined,
  earlierPort: number,
): Promise<Chain> {
  const chain = { genesis, faults, now, stateDir: dir?.folder("chain") };
  if (port !== 0 || earlierPort === 0) return startChain({ ...chain, port });
  try {
    return await startChain({ ...chain, port: earlierPort });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return startChain({ ...chain, port: 0 });
  }
}

/** Brings the contracts up to date with the providers, in one go. */
async function register(
  market: Marketplace,
  accounts: Accounts,
  providers: readonly Provider[],
): Promise<void> {
  const steps = await Promise.all(
    providers.map((provider) => market.registration(provider.key, accounts.owner(), provider.service())),
  );
  await market.send(steps.flat());
}

function jsonFile(dir: StateDir, name: string) {
  return {
    read: () => dir.readJson(name),
    write: (value: unknown) => dir.writeJson(name, value),
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** Ports it had, so that addresses stay the same over a restart when nobody took them. */
function readPorts(dir: StateDir | undefined): {
  rpc: number;
  vendor: number;
  providers: Readonly<Record<string, number>>;
} {
  const { rpc, vendor, providers } = (dir?.readJson("ports.json") ?? {}) as Record<string, unknown>;
  const entries = Object.entries((providers ?? {}) as Record<string, unknown>);
  return {
    rpc: readPort(rpc),
    vendor: readPort(vendor),
    providers: Object.fromEntries(entries.map(([address, value]) => [address, readPort(value)])),
  };
}

function readPort(value: unknown): number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536 ? Number(value) : 0;
}

/** What must be ended, last opened first. */
class Closers {
  private readonly closers: (() => void | Promise<void>)[] = [];
  private closing: Promise<void> | undefined;

  add(closer: () => void | Promise<void>): void {
    this.closers.push(closer);
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    for (let next = this.closers.pop(); next; next = this.closers.pop()) await next();
  }
}

/** Who answers chat: the sandbox's own model, or the user's own server. */
class Backends {
  private readonly own: ModelBackend;
  private upstream: Upstream | undefined;

  constructor({ model, paceMs = defaultPaceMs, upstream }: SandboxOptions, now: () => number) {
    let loaded: LanguageModel | undefined;
    this.upstream = upstream;
    this.own = new ModelBackend({
      model: () => (loaded ??= model()),
      name: chatModel,
      paceMs,
      now,
      sleep: async (ms, signal) => (ms > 0 ? wait(ms, undefined, { signal }) : undefined),
    });
  }

  use(upstream: Upstream | undefined): void {
    this.upstream = upstream;
  }

  current() {
    return this.upstream ? new UpstreamBackend(this.upstream) : this.own;
  }

  /** Without the key. */
  describe(): object | null {
    return this.upstream ? { baseUrl: this.upstream.baseUrl, model: this.upstream.model } : null;
  }
}

/** What the control API does beyond faults: money, pace, and the look inside. */
class Desk {
  private pace: FineTuningPace;

  constructor(
    private readonly chain: Chain,
    private readonly market: Marketplace,
    private readonly accounts: Accounts,
    private readonly faults: Faults,
    private readonly providers: readonly Provider[],
    private readonly backends: Backends,
    private readonly dir: StateDir | undefined,
  ) {
    this.pace = (dir?.readJson("fine-tuning.json") as FineTuningPace | undefined) ?? { pace: "fast" };
  }

  /** From the owner, as anybody would pay; when it runs out of money it gets new. */
  async fund(address: string, amount: bigint): Promise<void> {
    const owner = this.accounts.owner();
    const balance = BigInt(String(await this.chain.request("eth_getBalance", [owner.address, "latest"])));
    const reserve = 10n ** 18n;
    if (balance < amount + reserve) await this.chain.setBalance(owner.address, amount + 100n * reserve);
    await this.market.send([{ from: owner, to: address, value: amount }]);
  }

  setPace(pace: FineTuningPace): void {
    this.pace = pace;
    this.dir?.writeJson("fine-tuning.json", pace);
  }

  state(): object {
    const ofProviders = <T>(of: (provider: Provider) => T) =>
      Object.fromEntries(this.providers.map((provider) => [provider.address, of(provider)]));
    return {
      head: this.chain.head(),
      tasks: [],
      faults: this.faults.list(),
      counters: { chain: this.chain.counters(), providers: ofProviders(({ counters }) => counters) },
      unsettled: ofProviders(({ fees }) => fees.all()),
      fineTuning: this.pace,
      upstream: this.backends.describe(),
    };
  }
}
