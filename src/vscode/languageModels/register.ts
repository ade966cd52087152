// Our models and tools for the rest of the editor: what stands behind them loads when the first is asked for.
import * as vscode from "vscode";
import type { App } from "../app.js";
import { registerModels } from "./editorApi.js";
import type { EditorModels } from "./editorModels.js";

export function registerLanguageModels(app: App): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let loaded: Promise<EditorModels> | undefined;
  const models = () =>
    (loaded ??= import("./editorModels.js").then((chunk) => new chunk.EditorModels(app, changed)));
  const tool = (name: "listProviders" | "verifyReceipt") =>
    vscode.lm.registerTool(`zgCompute_${name}`, {
      invoke: async ({ input }) => (await models()).use[name](input),
    });
  const owned = [
    changed,
    tool("listProviders"),
    tool("verifyReceipt"),
    registerModels({
      onDidChangeLanguageModelChatInformation: changed.event,
      provideLanguageModelChatInformation: async (...asked) => (await models()).list(...asked),
      provideLanguageModelChatResponse: async (...asked) => (await models()).respond(...asked),
      provideTokenCount: async (_, text) => (await models()).count(text),
    }),
    { dispose: () => void loaded?.then((one) => one.dispose()) },
  ];
  return vscode.Disposable.from(...owned.flatMap((one) => one ?? []));
}
