// The sandbox put together: chain, providers, control. Runs in any Node process; `cli/sandbox.ts` gives it one of its own.
import { setTimeout as wait } from "node:timers/promises";
import type { SandboxReady } from "../domain/sandboxReady.js";
import { Accounts } from "./accounts.js";
import { Attestor } from "./attestation/attestor.js";
import { type Chain, startChain } from "./chain/chain.js";
import { contractAddresses } from "./chain/rules.js";
import { Control } from "./control.js";
import { Desk } from "./desk.js";
import { Faults } from "./faults.js";
import { FineTuning } from "./fineTuning/fineTuning.js";
import { Marketplace } from "./marketplace.js";
import type { LanguageModel } from "./model/model.js";
import { type Ports, portsOf, readPorts } from "./ports.js";
import { Backends } from "./providers/backends.js";
import { brokerRoutes } from "./providers/brokerRoutes.js";
import { chatModel } from "./providers/chat.js";
import type { ProviderDefinition } from "./providers/definition.js";
import { Provider, type ProviderWorld } from "./providers/provider.js";
import { providerDefinitions } from "./providers/registry.js";
import type { Upstream } from "./providers/upstream.js";
import { StateDir } from "./stateDir.js";
import { startStorage, type Storage, storagePortsOf } from "./storage/storage.js";

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
  /** How many storage nodes share the segments, a power of two; default 2. The official TypeScript SDK needs 1 for some files (spec storage.md 17). */
  readonly storageShards?: number;
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
  readonly ready: SandboxReady;
  /** Changes who answers chat; undefined: the sandbox's own model again. */
  setUpstream(upstream: Upstream | undefined): void;
  /** Loads the model now instead of at the first question: a burst of work. */
  warmUp(): void;
  /** Settles what is owed, ends the servers, lets go of the folder. */
  close(): Promise<void>;
}

const defaultPaceMs = 20;
const defaultSettleSeconds = 30;
const defaultStorageShards = 2;
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
  const { now = Date.now, log = () => undefined, model, upstream, paceMs = defaultPaceMs } = options;
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
  const backends = new Backends({ model, upstream, paceMs, now, sleep, name: chatModel });
  const stopping = new AbortController();
  const world: ProviderWorld = {
    brokerRoutes,
    ...{ accounts, market, faults, attestor, now, log, sleep },
    backend: () => backends.current(),
    signal: stopping.signal,
  };
  const { storageShards: shards = defaultStorageShards } = options;
  const storage = await startStorage({
    ...{ chain, faults, shards, now, log, ports: ports.storage, folder: dir?.folder("storage") },
    send: (transactions) => market.send(transactions),
    sleep: (ms) => sleep(ms, stopping.signal),
  });
  closers.add(() => storage.close());
  const fineTuning = new FineTuning({
    ...{ accounts, chain, market, faults, backends, storage, dir, paceMs, now, sleep },
    signal: stopping.signal,
  });
  const definitions = [...providerDefinitions, fineTuning.definition];
  const providers = await openProviders(world, definitions, ports, dir, closers);
  const vendor = await attestor.openVendor(ports.vendor);
  const kept = { rpc: chain.port, vendor, providers: portsOf(providers) };
  dir?.writeJson("ports.json", { ...kept, storage: storagePortsOf(storage.ready) });
  await register(market, providers);
  for (const provider of providers)
    if (provider.definition === fineTuning.definition) fineTuning.start(provider);

  const settle = startSettling(options, providers, closers);
  closers.add(() => {
    stopping.abort();
    return fineTuning.ended();
  });
  const desk = new Desk({ chain, market, accounts, faults, providers, backends, fineTuning, storage });
  control.serve({
    faults,
    settle,
    increaseTime: (seconds) => chain.increaseTime(seconds),
    fund: (address, amount) => desk.fund(address, amount),
    fineTuning: async (pace) => fineTuning.pace.set(pace),
    state: async () => desk.state(),
  });
  return {
    ready: readyOf({ chain, accounts, providers, storage, control }),
    setUpstream: (changed) => backends.use(changed),
    warmUp: () => backends.warmUp(),
    close: () => closers.close(),
  };
}

async function openProviders(
  world: ProviderWorld,
  definitions: readonly ProviderDefinition[],
  ports: Ports,
  dir: StateDir | undefined,
  closers: Closers,
): Promise<Provider[]> {
  const providers: Provider[] = [];
  for (const definition of definitions) {
    const file = (what: string) => dir && jsonFile(dir, `${what}-${definition.account}.json`);
    const jobs = dir && jsonFolder(dir, `jobs-${definition.account}`);
    const stores = { fees: file("fees"), signatures: file("signatures"), jobs };
    const provider = new Provider(definition, world, stores);
    await provider.listen(ports.providers[provider.address] ?? 0);
    closers.add(() => provider.close());
    providers.push(provider);
  }
  return providers;
}

/** Charges on chain every so often and at the end. Returns the function that does it now. */
function startSettling(
  { settleSeconds = defaultSettleSeconds, log = () => undefined }: SandboxOptions,
  providers: readonly Provider[],
  closers: Closers,
): () => Promise<void> {
  const settle = async () => {
    const results = await Promise.allSettled(providers.map(({ fees }) => fees.settle()));
    for (const result of results)
      if (result.status === "rejected") log(`a settlement failed: ${String(result.reason)}`);
  };
  const timer = settleSeconds > 0 ? setInterval(() => void settle(), settleSeconds * 1000) : undefined;
  closers.add(async () => {
    clearInterval(timer);
    await Promise.race([settle(), wait(lastSettlementMs, undefined, { ref: false })]);
  });
  return settle;
}

interface Opened {
  readonly chain: Chain;
  readonly accounts: Accounts;
  readonly providers: readonly Provider[];
  readonly storage: Storage;
  readonly control: Control;
}

function readyOf({ chain, accounts, providers, storage, control }: Opened): SandboxReady {
  const { ledger, inference, fineTuning } = contractAddresses;
  return {
    rpcUrl: chain.rpcUrl,
    chainId: chain.chainId,
    contracts: { ledger, inference, fineTuning },
    providers: providers.flatMap(({ address, url, definition }) => {
      const trades = definition.sideTrade ? [definition, definition.sideTrade] : [definition];
      return trades.map(({ serviceType, model }) => ({
        ...{ address, url, serviceType, model, class: definition.class },
      }));
    }),
    accounts: accounts.all(),
    storage: storage.ready,
    control: { url: control.url, token: control.token },
  };
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await wait(ms, undefined, { signal });
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
  try {
    return await startChain({ ...chain, port: port || earlierPort });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    if (port !== 0) throw new Error(`Port ${port} is taken; name another one.`, { cause: error });
    return startChain({ ...chain, port: 0 });
  }
}

/** Brings the contracts up to date with the providers, in one go. */
async function register(market: Marketplace, providers: readonly Provider[]): Promise<void> {
  const steps = await Promise.all(providers.map((provider) => provider.registration()));
  await market.send(steps.flat());
}

function jsonFile(dir: StateDir, name: string) {
  return {
    read: () => dir.readJson(name),
    write: (value: unknown) => dir.writeJson(name, value),
  };
}

/** A file each. */
function jsonFolder(dir: StateDir, folder: string) {
  const nameOf = (id: string) => `${folder}/${id}.json`;
  return {
    read: () => dir.readJsons(folder),
    write: (id: string, value: unknown) => dir.writeJson(nameOf(id), value),
    remove: (id: string) => dir.remove(nameOf(id)),
  };
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
