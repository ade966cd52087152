// A key that another tool made: typed in once, so that it is in the list and can be revoked.
import * as vscode from "vscode";
import { stateWord } from "../../view/apiKeys/apiKeyRows.js";
import { typedName } from "../../view/nameBox.js";
import { cleanText } from "../../view/text.js";
import type { App } from "../app.js";
import { showInformation } from "../notices.js";
import { t } from "../translate.js";
import { labelProblem, nameOfProvider } from "./picking.js";

export async function addApiKey(app: App): Promise<boolean> {
  const title = t("Add API key made elsewhere");
  const text = await vscode.window.showInputBox({
    title,
    prompt: t("The key, as it begins with app-sk-. It goes to your system's keychain."),
    password: true,
    ignoreFocusOut: true,
  });
  if (text === undefined) return false;
  await app.apiKeys.check(text); // before anybody thinks of a name
  const label = await vscode.window.showInputBox({
    title,
    prompt: t("A name for this key: what uses it?"),
    ignoreFocusOut: true,
    validateInput: labelProblem,
  });
  if (label === undefined) return false;
  const key = await app.apiKeys.add(text, typedName(label));
  await app.accounts.refresh();
  const state = stateWord(app.apiKeys.stateOf(key), { t });
  void showInformation(
    t(
      "“{0}” is in the list: {1}, for {2}.",
      cleanText(key.label, 60),
      state,
      nameOfProvider(app, key.provider),
    ),
  );
  return true;
}
