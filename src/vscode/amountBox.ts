// Asks for an amount of 0G, with a button for the most there is.
import * as vscode from "vscode";
import { ComputeError } from "../domain/error.js";
import { exactOg, minNeuron, neuron, parseOg, zeroNeuron, type Neuron } from "../domain/money.js";
import { amountProblem, boundBelow, largestAmount, type AmountRule } from "../view/money/amountBox.js";
import { boundText } from "../view/errors/errorSentences.js";
import { formatExact } from "../view/money/money.js";
import { t } from "./translate.js";

export interface AskAmount extends AmountRule {
  readonly title: string;
  readonly prompt: string;
  readonly value: Neuron;
}

/** Undefined when it was dismissed. Throws `limitReached` where a limit of the user's leaves nothing that could be typed. */
export async function askAmount({ title, prompt, value, ...rule }: AskAmount): Promise<Neuron | undefined> {
  const shut = boundBelow(rule.min, rule);
  if (shut)
    throw new ComputeError("limitReached", { ...shut, wanted: neuron(value - (shut.free ?? zeroNeuron)) });
  const box = vscode.window.createInputBox();
  const largest = largestAmount(rule);
  const tight = boundBelow(value, rule);
  const most = { iconPath: new vscode.ThemeIcon("fold-up"), tooltip: t("Max: {0}", formatExact(largest, t)) };
  const hint = t("For the most, {0}: Shift+Tab, Enter.", formatExact(largest, t));
  box.title = title;
  box.prompt = [prompt, ...(tight ? [boundText(tight, t)] : []), hint].join(" ");
  box.value = exactOg(tight ? minNeuron(value, largest) : value);
  box.ignoreFocusOut = true;
  box.buttons = [most];
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
