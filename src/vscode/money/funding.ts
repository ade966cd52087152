// Money into the wallet: test money in the sandbox, the faucet where there is one, else the address to send to.
import * as vscode from "vscode";
import { neuron, oneOg } from "../../domain/money.js";
import type { App } from "../app.js";
import { formatOg } from "../../view/money/money.js";
import { showInformation } from "../notices.js";
import { t } from "../translate.js";

const sandboxGift = neuron(100n * oneOg);

export async function fundWallet(app: App): Promise<boolean> {
  const wallet = app.session.wallet();
  if (!wallet) return false;
  const { isSandbox, faucet, name } = app.session.network();
  if (isSandbox) {
    await app.sandbox.fund(wallet.address, sandboxGift);
    await app.accounts.refresh();
    void showInformation(t("{0} of the sandbox were added to {1}.", formatOg(sandboxGift, t), wallet.name));
    return true;
  }
  await vscode.env.clipboard.writeText(wallet.address);
  if (faucet) await vscode.env.openExternal(vscode.Uri.parse(faucet, true));
  void showInformation(t("Send 0G on {0} to {1}. The address is in the clipboard.", name, wallet.address));
  return false;
}
