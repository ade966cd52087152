// Opening chats, from the palette, a provider's row or the first-run button.
import * as vscode from "vscode";
import { isComputeError } from "../../domain/error.js";
import type { ConversationId } from "../../domain/ids.js";
import type { App } from "../app.js";
import { providerOf } from "../rowArguments.js";
import type { CodeTask } from "../../view/chat/attachmentView.js";
import { trySandboxStepText } from "../../view/firstRunView.js";
import { t } from "../translate.js";
import type { CommandEntry, CommandTable } from "./command.js";

const forSelection = (task: CodeTask): CommandEntry => ({
  needs: "trust",
  run: (app) => app.chats.prepare([], task),
});

/** A chunk of its own, loaded with the first step. */
const later = (step: "exportConversation" | "importConversation") => async (app: App) =>
  (await import("../chat/conversationSteps.js"))[step](app);

export const chatCommands = {
  "zgCompute.trySandbox": { run: (app) => trySandbox(app) },
  "zgCompute.openChat": { run: (app) => app.chats.show() },
  "zgCompute.newConversation": { run: (app) => app.chats.showNew() },
  "zgCompute.exportConversation": { run: later("exportConversation") },
  "zgCompute.importConversation": { run: later("importConversation") },
  "zgCompute.addToChat": { needs: "trust", run: (app, ...about) => app.chats.prepare(about) },
  "zgCompute.explainSelection": forSelection("explain"),
  "zgCompute.refactorSelection": forSelection("refactor"),
  "zgCompute.documentSelection": forSelection("document"),
  "zgCompute.chatWithProvider": { needs: "wallet", run: (app, row) => chatWithProvider(app, row) },
  "zgCompute.focusLastAnswer": { run: (app) => app.chats.focusLastAnswer() },
  "zgCompute.stopAnswer": { run: (app) => app.chats.stopAnswer() },
} satisfies CommandTable;

async function trySandbox(app: App): Promise<void> {
  const conversation = await startSandboxFor(app);
  if (conversation) await app.chats.show(conversation);
}

/** Starts it and makes its wallet ready, with progress; undefined when the user cancelled. */
export async function startSandboxFor(app: App): Promise<ConversationId | undefined> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: t("Sandbox"), cancellable: true },
    async (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      const subscription = app.trySandbox.onDidProgress(({ step, count }) =>
        progress.report({ message: trySandboxStepText(step, t), increment: 100 / count }),
      );
      try {
        return await app.trySandbox.run(abort.signal);
      } catch (error) {
        if (!isComputeError(error, "cancelled")) throw error;
        return undefined;
      } finally {
        subscription.dispose();
      }
    },
  );
}

async function chatWithProvider(app: App, row: unknown): Promise<void> {
  const provider = providerOf(row);
  const service = provider && app.providers.find(provider)?.service;
  if (!service) return app.chats.show();
  const { id } = app.chat.create({ provider: service.provider, model: service.model });
  await app.chats.show(id);
}
