// The ports the sandbox had, so that its addresses stay the same over a restart when nobody took them.
import type { Provider } from "./providers/provider.js";
import type { StateDir } from "./stateDir.js";
import type { StoragePorts } from "./storage/storage.js";

/** 0: any. */
export interface Ports {
  readonly rpc: number;
  readonly vendor: number;
  /** By the provider's address. */
  readonly providers: Readonly<Record<string, number>>;
  readonly storage: StoragePorts;
}

export function readPorts(dir: StateDir | undefined): Ports {
  const { rpc, vendor, providers, storage } = (dir?.readJson("ports.json") ?? {}) as Record<string, unknown>;
  const entries = Object.entries((providers ?? {}) as Record<string, unknown>);
  const { indexer, nodes } = (storage ?? {}) as Record<string, unknown>;
  return {
    rpc: readPort(rpc),
    vendor: readPort(vendor),
    providers: Object.fromEntries(entries.map(([address, value]) => [address, readPort(value)])),
    storage: { indexer: readPort(indexer), nodes: Array.isArray(nodes) ? nodes.map(readPort) : [] },
  };
}

export function portsOf(providers: readonly Provider[]): Ports["providers"] {
  return Object.fromEntries(providers.map(({ address, url }) => [address, Number(new URL(url).port)]));
}

function readPort(value: unknown): number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536 ? Number(value) : 0;
}
