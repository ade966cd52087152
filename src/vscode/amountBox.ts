// Asks for an amount of 0G, with a button for the most there is.
import * as vscode from "vscode";
import { exactOg, parseOg, type Neuron } from "../domain/money.js";
import { amountProblem, largestAmount, type AmountRule } from "../view/amountBox.js";
import { formatExact } from "../view/money.js";
import { t } from "./translate.js";

export interface AskAmount extends AmountRule {
  readonly title: string;
  readonly prompt: string;
  readonly value: string;
}

/** Undefined when it was dismissed. */
export async function askAmount({ title, prompt, value, ...rule }: AskAmount): Promise<Neuron | undefined> {
  const box = vscode.window.createInputBox();
  const largest = largestAmount(rule);
  const most = { iconPath: new vscode.ThemeIcon("fold-up"), tooltip: t("Max: {0}", formatExact(largest, t)) };
  const hint = t("For the most, {0}: Shift+Tab, Enter.", formatExact(largest, t));
  Object.assign(box, { title, prompt: `${prompt} ${hint}`, value, ignoreFocusOut: true, buttons: [most] });
  const check = () => (box.validationMessage = amountProblem(box.value, rule, t));
  try {
    return await new Promise<Neuron | undefined>((resolve) => {
      box.onDidChangeValue(check);
      box.onDidTriggerButton(() => {
        box.value = exactOg(largest);
        check();
      });
      box.onDidAccept(() => {
        if (check() === undefined) resolve(parseOg(box.value));
      });
      box.onDidHide(() => resolve(undefined));
      box.show();
    });
  } finally {
    box.dispose();
  }
}
