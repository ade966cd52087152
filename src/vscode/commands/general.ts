// Networks, the sandbox process, the log, and leaving.
import * as vscode from "vscode";
import type { NetworkId } from "../../domain/networks.js";
import { upstreamSecretKey } from "../../services/sandbox.js";
import type { App } from "../app.js";
import { writeNetwork } from "../settings.js";
import { t } from "../translate.js";
import type { CommandTable } from "./command.js";

export const generalCommands = {
  "zgCompute.switchNetwork": { run: (app) => switchNetwork(app) },
  "zgCompute.startSandbox": { run: (app) => startSandbox(app) },
  "zgCompute.stopSandbox": { run: (app) => stopSandbox(app) },
  "zgCompute.setUpstreamKey": { run: (app) => setUpstreamKey(app) },
  "zgCompute.openSettings": { run: () => openSettings() },
  "zgCompute.showLog": { run: (app) => app.log.show() },
  "zgCompute.removeAllData": { run: (app) => removeAllData(app) },
} satisfies CommandTable;

async function switchNetwork(app: App): Promise<void> {
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
  const picked = await vscode.window.showQuickPick(items, { title: t("Switch network") });
  if (picked) await writeNetwork(picked.id);
}

async function startSandbox(app: App): Promise<void> {
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: t("Starting the sandbox") },
    () => app.sandbox.start(),
  );
}

/** Looking at the views would start it again at once: they rest until it is wanted. */
async function stopSandbox(app: App): Promise<void> {
  app.watch.rest();
  await app.sandbox.stop();
}

async function setUpstreamKey(app: App): Promise<void> {
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

async function openSettings(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openSettings", "@ext:zerog-compute.zerog-compute");
}

async function removeAllData(app: App): Promise<void> {
  const isAgreed = await app.dialogs.confirm({
    title: t("Remove all wallets and all data of 0G Compute?"),
    detail: t(
      "Keys, conversations and the sandbox's state are deleted from this machine. What stays on the chain: money in wallets, ledgers and sub-accounts, and past transactions. Without the key or the recovery words nobody can reach that money again.",
    ),
    confirmLabel: t("Remove everything"),
  });
  if (!isAgreed) return;
  app.watch.rest(); // or an open view would start the sandbox again under our hands
  await app.wallets.removeAll();
  await app.chat.deleteAll();
  await app.sandbox.stop();
  await app.secrets.delete(upstreamSecretKey);
  await app.state.clear();
  await vscode.workspace.fs.createDirectory(app.storage); // deleting what is not there is an error
  await vscode.workspace.fs.delete(app.storage, { recursive: true, useTrash: false });
  void vscode.window.showInformationMessage(t("Everything of 0G Compute on this machine is removed."));
}
