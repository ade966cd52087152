// How to use a key from other programs: a snippet with the key left out, in a document of its own.
import * as vscode from "vscode";
import { apiKeySnippet, snippetChoices } from "../../view/apiKeys/apiKeySnippets.js";
import type { App } from "../app.js";
import { pick } from "../questions.js";
import { providerOf } from "../rowArguments.js";
import { t } from "../translate.js";
import { keyFor } from "./picking.js";

export async function showApiKeyUse(app: App, row: unknown): Promise<boolean> {
  const title = t("Show how to use an API key");
  const provider = providerOf(row) ?? (await keyFor(app, row, title))?.provider;
  if (!provider) return false;
  const { inference } = await app.session.broker();
  const service = await inference.getService(provider);
  const choices = snippetChoices(t);
  const kind = await pick({
    title,
    placeholder: t("In which language?"),
    choices,
    active: choices[0]?.value,
    step: 1,
    total: 1,
  });
  if (kind === undefined || kind === "back") return false;
  const { language, content } = apiKeySnippet(kind, service, t);
  const document = await vscode.workspace.openTextDocument({ language, content });
  await vscode.window.showTextDocument(document, { preview: false });
  return true;
}
