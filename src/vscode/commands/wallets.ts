// Wallets: create, import, switch, rename, export, remove.
import type { App } from "../app.js";
import type * as steps from "../wallets/steps.js";
import type { CommandTable } from "./command.js";

/** A chunk of its own, loaded with the first step. */
const later = (step: keyof typeof steps) => async (app: App) =>
  (await import("../wallets/steps.js"))[step](app);

export const walletCommands = {
  "zgCompute.setUpWallet": { run: later("setUpWallet") },
  "zgCompute.createWallet": { run: later("createWallet") },
  "zgCompute.importWallet": { run: later("importWallet") },
  "zgCompute.switchWallet": { run: later("switchWallet") },
  "zgCompute.renameWallet": { needs: "wallet", run: later("renameWallet") },
  "zgCompute.exportKey": { needs: "wallet", run: later("exportKey") },
  "zgCompute.removeWallet": { needs: "wallet", run: later("removeWallet") },
} satisfies CommandTable;
