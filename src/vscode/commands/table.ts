// Every command is a line in a table; this wrapper does the log, the missing wallet, the error sentence and the retry.
import * as vscode from "vscode";
import type { App } from "../app.js";
import { ensureTrust } from "../trust.js";
import { ensureWallet } from "../wallets/ensureWallet.js";
import type { CommandEntry, CommandTable } from "./command.js";

export function registerCommands(app: App, table: CommandTable): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(table).map(([id, entry]) =>
      vscode.commands.registerCommand(id, (...args: unknown[]) => runCommand(app, id, entry, args)),
    ),
  );
}

/**
 * Runs to the end and shows what went wrong; never rejects, so that no caller shows it a second time. True when the command
 * says that it was done: what needed it can go on.
 */
async function runCommand(app: App, id: string, entry: CommandEntry, args: unknown[]): Promise<boolean> {
  app.log.info(`Command ${id}`);
  try {
    return (await isReady(app, entry)) && (await entry.run(app, ...args)) === true;
  } catch (error) {
    app.errors.show(error, () => void runCommand(app, id, entry, args));
    return false;
  }
}

async function isReady(app: App, entry: CommandEntry): Promise<boolean> {
  const { needs } = entry;
  if ((needs === "trust" || needs === "trustAndWallet") && !(await ensureTrust())) return false;
  return (needs !== "wallet" && needs !== "trustAndWallet") || ensureWallet(app);
}
