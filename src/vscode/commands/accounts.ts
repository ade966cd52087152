// Moving money. Input is asked for in vscode/money; limits, plan and confirmation are AccountsService's.
import type { App } from "../app.js";
import type * as steps from "../money/steps.js";
import type { CommandTable } from "./command.js";

/** A chunk of its own, loaded with the first step: no start moves money. */
const later = (step: Exclude<keyof typeof steps, "createUnaskedMoney">) => async (app: App, row?: unknown) =>
  (await import("../money/steps.js"))[step](app, row);

export const accountCommands = {
  "zgCompute.refreshAccounts": { run: (app) => app.accounts.refresh() },
  "zgCompute.showActivity": { needs: "wallet", run: (app) => app.pages.show("activity") },
  "zgCompute.deposit": { needs: "wallet", run: later("deposit") },
  "zgCompute.transfer": { needs: "wallet", run: later("transfer") },
  "zgCompute.requestReturn": { needs: "wallet", run: later("requestReturn") },
  "zgCompute.requestAllReturns": { needs: "wallet", run: later("requestAllReturns") },
  "zgCompute.collectRefunds": { needs: "wallet", run: later("collectRefunds") },
  "zgCompute.withdraw": { needs: "wallet", run: later("withdraw") },
  "zgCompute.deleteLedger": { needs: "wallet", run: later("deleteLedger") },
  "zgCompute.keepFunded": { needs: "wallet", run: later("keepFunded") },
  "zgCompute.acknowledge": { needs: "wallet", run: later("acknowledge") },
  "zgCompute.revokeAcknowledgement": { needs: "wallet", run: later("revokeAcknowledgement") },
  "zgCompute.fundWallet": { needs: "wallet", run: later("fundWallet") },
} satisfies CommandTable;
