// What mends an error, where nobody can show a button: a command, by its name in the command palette.
import type { ErrorAction } from "./errorAction.js";
import type { Translate } from "../translate.js";

/** A sentence; undefined where asking again is all there is to do. */
export function inTheEditor({ id, arguments: facts = [] }: ErrorAction, t: Translate): string | undefined {
  switch (id) {
    case "retry":
      return undefined;
    case "zgCompute.openSettings": {
      const [name] = facts;
      return typeof name === "string"
        ? t("In the editor, run “0G Compute: Open settings” and look for {0}.", name)
        : t("In the editor, run “0G Compute: Open settings”.");
    }
    case "zgCompute.setUpWallet":
      return t("In the editor, run “0G Compute: Set up wallet”.");
    case "zgCompute.fundWallet":
      return t("In the editor, run “0G Compute: Add funds to wallet”.");
    case "zgCompute.deposit":
      return t("In the editor, run “0G Compute: Deposit to ledger”.");
    case "zgCompute.transfer":
      return t("In the editor, run “0G Compute: Transfer to provider”.");
    case "zgCompute.acknowledge":
      return t("In the editor, run “0G Compute: Acknowledge provider”.");
    case "zgCompute.verifyProvider":
      return t("In the editor, run “0G Compute: Verify provider”.");
    case "zgCompute.providers.focus":
      return t("In the editor, run “0G Compute: Compare providers”.");
    case "zgCompute.showEndpoint":
      return t("In the editor, run “0G Compute: Show local endpoint”.");
    case "zgCompute.requestReturn":
      return t("In the editor, run “0G Compute: Ask money back”.");
    case "zgCompute.requestAllReturns":
      return t("In the editor, run “0G Compute: Ask all money back from providers”.");
    case "zgCompute.collectRefunds":
      return t("In the editor, run “0G Compute: Collect money that is due”.");
    case "zgCompute.showLog":
      return t("In the editor, run “0G Compute: Show log”.");
    case "zgCompute.resetSandbox":
    case "zgCompute.takeOverSandbox":
      return t("In the editor, run “0G Compute: Start sandbox”.");
    default:
      // Whatever else mends it, the list of what works and what does not leads there.
      return t("In the editor, run “0G Compute: Doctor”.");
  }
}
