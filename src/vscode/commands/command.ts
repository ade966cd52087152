// A command as a line in a table.
import type { App } from "../app.js";

export interface CommandEntry {
  /** wallet: makes one in the sandbox, else offers to create or import one, and then goes on. trust: asks for workspace trust first. */
  readonly needs?: "wallet" | "trust" | "trustAndWallet";
  run(app: App, ...args: unknown[]): unknown;
}

export type CommandTable = Readonly<Record<`zgCompute.${string}`, CommandEntry>>;
