// Our errors as the editor's: one of its few kinds, and a sentence that says what helps, because nobody here shows buttons.
import * as vscode from "vscode";
import { toComputeError, type ErrorCode } from "../../domain/error.js";
import type { Log } from "../../domain/log.js";
import { plainErrorText } from "../../view/chat/editorModelView.js";
import { t } from "../translate.js";

type Kind = "NoPermissions" | "Blocked" | "NotFound";

const kinds: Partial<Record<ErrorCode, Kind>> = {
  noWallet: "NoPermissions",
  walletLocked: "NoPermissions",
  notAcknowledged: "NoPermissions",
  privateOnly: "NoPermissions",
  limitReached: "Blocked",
  insufficientFunds: "Blocked",
  noLedger: "Blocked",
  rateLimited: "Blocked",
  journalDamaged: "Blocked",
  unknownProvider: "NotFound",
  unknownServiceType: "NotFound",
};

export async function editorError(error: unknown, token: vscode.CancellationToken, log: Log): Promise<Error> {
  const known = toComputeError(error);
  if (token.isCancellationRequested) return new vscode.CancellationError();
  if (known.code === "cancelled")
    return vscode.LanguageModelError.NoPermissions(
      t("This was not allowed, or network or wallet changed meanwhile. A chat in 0G Compute asks again."),
    );
  if (known.code === "internal") log.error("A request of another extension ended by a defect", error);
  else log.warn(`A request of another extension was not answered: ${known.code}`);
  const { errorView } = await import("../../view/errors/errors.js");
  const text = plainErrorText(errorView(known, t), t);
  const kind = kinds[known.code];
  return kind ? vscode.LanguageModelError[kind](text) : new vscode.LanguageModelError(text);
}
