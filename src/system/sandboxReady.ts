// The sandbox's ready line, checked, and the file through which other windows find a sandbox that runs already.
import { isAddressText } from "../domain/ids.js";
import type { ReadyStorage, SandboxReady } from "../domain/sandboxReady.js";
import { createFolder } from "./folder.js";
import { urlOf } from "../domain/url.js";

/** Undefined when the line is something else. */
export function parseReadyLine(line: string): SandboxReady | undefined {
  try {
    return asReady(JSON.parse(line));
  } catch {
    return undefined;
  }
}

interface Running {
  readonly pid: number;
  readonly ready: SandboxReady;
}

const fileName = "running.json";

/** Readable by the user alone, like the folder: it holds the control token. */
export function readyFile(path: string) {
  const folder = createFolder(path);
  const read = async (): Promise<Running | undefined> => {
    const bytes = await folder.read(fileName).catch(() => undefined);
    if (!bytes) return undefined;
    try {
      const { pid, ready } = JSON.parse(new TextDecoder().decode(bytes)) as {
        pid?: unknown;
        ready?: unknown;
      };
      const known = asReady(ready);
      return typeof pid === "number" && known ? { pid, ready: known } : undefined;
    } catch {
      return undefined; // damaged: as if there were none
    }
  };
  return {
    read,
    write: (running: Running) => folder.write(fileName, new TextEncoder().encode(JSON.stringify(running))),
    /** Only when it is still that process's. */
    removeIf: async (pid: number) => {
      if ((await read())?.pid === pid) await folder.remove(fileName);
    },
  };
}

function asReady(value: unknown): SandboxReady | undefined {
  const ready = value as Partial<SandboxReady> | null | undefined;
  const isWhole =
    typeof ready === "object" &&
    ready !== null &&
    isLoopback(ready.rpcUrl) &&
    ready.chainId === 31337 &&
    typeof ready.contracts === "object" &&
    isAddressText(String(ready.contracts.ledger)) &&
    isAddressText(String(ready.contracts.inference)) &&
    isAddressText(String(ready.contracts.fineTuning)) &&
    Array.isArray(ready.providers) &&
    Array.isArray(ready.accounts) &&
    isStorage(ready.storage) &&
    typeof ready.control === "object" &&
    isLoopback(ready.control.url) &&
    typeof ready.control.token === "string";
  return isWhole ? (ready as SandboxReady) : undefined;
}

function isStorage(value: unknown): boolean {
  const storage = value as Partial<ReadyStorage> | null | undefined;
  return (
    typeof storage === "object" &&
    storage !== null &&
    isLoopback(storage.indexer) &&
    Array.isArray(storage.nodes) &&
    storage.nodes.length > 0 &&
    storage.nodes.every(isLoopback) &&
    isAddressText(String(storage.flow))
  );
}

function isLoopback(url: unknown): boolean {
  return typeof url === "string" && urlOf(url)?.hostname === "127.0.0.1";
}
