// The end of an answer for another extension: the tools the model asks for, and what is proven of the answer, as parts of their own.
import * as vscode from "vscode";
import { verdictWord } from "../../domain/verdict.js";
import { calledTools } from "../../services/chat/calledTools.js";
import type { EditorAnswer } from "../../services/chat/editorAnswers.js";
import { verdictView } from "../../view/proof/verdictView.js";
import { t } from "../translate.js";
import { dataPart } from "./editorApi.js";

/** A data part, because a text would become a part of the answer: what agents write into files, and models read as their own words. */
const verdictMimeType = "application/vnd.0g-compute.verdict+json";

export function report(
  answered: EditorAnswer,
  progress: vscode.Progress<unknown>,
  isVerdictInText: boolean,
): void {
  const { exchange, verdict, network } = answered;
  const calls = calledTools(exchange, crypto.randomUUID().slice(0, 8));
  for (const { id, name, input } of calls)
    progress.report(new vscode.LanguageModelToolCallPart(id, name, input));
  if (isVerdictInText && calls.length === 0) {
    const { label, sentence } = verdictView(verdict, { t, isSandbox: network.isSandbox });
    progress.report(new vscode.LanguageModelTextPart(`\n\n_0G Compute · ${label}: ${sentence}_`));
  }
  const bytes = new TextEncoder().encode(JSON.stringify(verdictOf(answered)));
  const part = dataPart(bytes, verdictMimeType);
  if (part) progress.report(part);
}

function verdictOf({ exchange, network, cost, verdict, receipt }: EditorAnswer): object {
  return {
    schema: "0g-verdict/1",
    word: verdictWord(verdict),
    level: verdict.level,
    reason: verdict.reason,
    network: network.id,
    provider: exchange.service.provider,
    model: exchange.model,
    chatId: exchange.chatId,
    cost: cost.toString(),
    receipt,
  };
}
