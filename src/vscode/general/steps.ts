// What the commands of networks, the sandbox process and leaving do: the entry of their chunk.
import * as vscode from "vscode";
import type { NetworkId } from "../../domain/networks.js";
import { upstreamSecretKey } from "../../services/sandbox.js";
import { leavingText } from "../../view/fineTuning/leavingView.js";
import type { App } from "../app.js";
import { writeNetwork } from "../settings.js";
import { showInformation } from "../notices.js";
import { pickOne } from "../questions.js";
import { t } from "../translate.js";

export async function switchNetwork(app: App): Promise<void> {
  // Also the way out of a network whose settings cannot be used.
  const active = app.session.tryNetwork()?.id;
  const item = (id: NetworkId, label: string, detail: string) => ({
    id,
    label,
    detail,
    description: id === active ? t("In use") : undefined,
  });
  const items = [
    item("sandbox", "Sandbox", t("A whole network on this machine. No wallet, no tokens.")),
    item("testnet", "Testnet", t("Free tokens from the faucet.")),
    item("mainnet", "Mainnet", t("Real money.")),
    item("testnet-dev", "Testnet (dev)", t("For the network's developers.")),
    item("custom", "Custom", t("The network described in your settings.")),
  ];
  const picked = await pickOne(items, { title: t("Switch network") });
  if (picked && picked.id !== active) await writeNetwork(picked.id);
}

export async function startSandbox(app: App): Promise<void> {
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: t("Starting the sandbox") },
    () => app.sandbox.start(),
  );
}

/** True, so that what failed for want of it is tried again. */
async function startAnew(app: App, anew: "takeOver" | "fresh"): Promise<boolean> {
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: t("Starting the sandbox") },
    () => app.sandbox.startAnew(anew),
  );
  return true;
}

export function takeOverSandbox(app: App): Promise<boolean> {
  return startAnew(app, "takeOver");
}

export async function resetSandbox(app: App): Promise<boolean> {
  const isAgreed = await app.dialogs.confirm({
    title: t("Start the sandbox over?"),
    detail: t(
      "Everything in it is lost: its test money, ledgers and accounts, its tasks, uploaded datasets and trained models. Other windows that use it are cut off. Your wallets, conversations and decrypted models stay, and live networks are not touched.",
    ),
    confirmLabel: t("Start over"),
  });
  if (!isAgreed) return false;
  await app.fineTuning.startOver("sandbox"); // first: what is killed in between leaves nothing that is in no network
  await app.transactions.forget("sandbox");
  await startAnew(app, "fresh");
  void offerTestMoney();
  return true;
}

async function offerTestMoney(): Promise<void> {
  const again = t("Try the sandbox");
  const text = t("The sandbox is as new: your wallet there has no test money yet.");
  if ((await showInformation(text, again)) === again)
    await vscode.commands.executeCommand("zgCompute.trySandbox");
}

/** Looking at the views would start it again at once: they rest until it is wanted. */
export async function stopSandbox(app: App): Promise<void> {
  const { isJoined } = app.sandbox;
  app.watch.rest();
  await app.sandbox.stop();
  if (isJoined)
    void showInformation(
      t("This window has left the sandbox. It runs on in the window that started it; stop it there."),
    );
}

export async function setUpstreamKey(app: App): Promise<void> {
  const key = await vscode.window.showInputBox({
    title: t("API key of the sandbox's upstream server"),
    prompt: t("Leave it empty to remove the key."),
    password: true,
    ignoreFocusOut: true,
  });
  if (key === undefined) return;
  if (key === "") await app.secrets.delete(upstreamSecretKey);
  else await app.secrets.store(upstreamSecretKey, key);
  if (app.sandbox.state.kind !== "stopped") await app.sandbox.restart();
}

/** True, so that what failed for want of it is tried again. */
export async function setJournalAside(app: App, name: unknown): Promise<boolean> {
  if (typeof name !== "string") return false;
  const isAgreed = await app.dialogs.confirm({
    title: t("Set the damaged record of spending aside?"),
    detail: t(
      "It is kept under another name beside the new one. What can still be read of it goes on counting; what cannot be read no longer counts toward your limits, so that of the last day more may be spent than you set. Nothing on the chain changes.",
    ),
    confirmLabel: t("Set aside and go on"),
  });
  if (!isAgreed) return false;
  const done = await app.journal.setAside(name);
  if (done) void showInformation(t("The damaged record is kept as {0}.", done.kept));
  return true;
}

/** That one, or all of ours. */
export async function openSettings(_: App, setting: unknown): Promise<void> {
  const isOurs = typeof setting === "string" && /^zgCompute(\.\w+)+$/.test(setting);
  const query = isOurs ? `@id:${setting}` : "@ext:zerog-compute.zerog-compute";
  await vscode.commands.executeCommand("workbench.action.openSettings", query);
}

export async function removeAllData(app: App): Promise<void> {
  const isAgreed = await app.dialogs.confirm({
    title: t("Remove all wallets and all data of 0G Compute?"),
    detail: leavingText(await app.fineTuning.leftBehind(), t),
    confirmLabel: t("Remove everything"),
  });
  if (!isAgreed) return;
  app.watch.rest(); // or an open view would start the sandbox again under our hands
  await app.apiKeys.removeAll();
  await (await app.endpoint.load()).removeAll();
  await app.wallets.removeAll();
  await app.fineTuning.leave();
  await app.chat.deleteAll();
  await app.receipts.deleteAll();
  await app.sandbox.stop();
  await app.secrets.delete(upstreamSecretKey);
  await app.state.clear();
  await app.drafts.clear();
  await vscode.workspace.fs.createDirectory(app.storage); // deleting what is not there is an error
  await vscode.workspace.fs.delete(app.storage, { recursive: true, useTrash: false });
  void showInformation(t("Everything of 0G Compute on this machine is removed."));
}
