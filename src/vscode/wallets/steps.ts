// What the commands of wallets do: the entry of their chunk. Inputs are asked for here, the rest is WalletService's.
import * as vscode from "vscode";
import { isComputeError } from "../../domain/error.js";
import type { Wallet } from "../../domain/wallet.js";
import type { AddWallet } from "../../services/wallets/wallets.js";
import { shortAddress } from "../../view/address.js";
import { nameProblem, typedName } from "../../view/nameBox.js";
import { cleanText } from "../../view/text.js";
import type { App } from "../app.js";
import { lendToClipboard } from "../clipboard.js";
import { pickTextFile } from "../files.js";
import { askModally, showInformation, showModal } from "../notices.js";
import { pickOne } from "../questions.js";
import { t } from "../translate.js";

/** Asks whether to create or import one; true when there is a wallet afterwards. */
export async function setUpWallet(app: App): Promise<boolean> {
  const create = {
    label: t("Create a new wallet"),
    detail: t("Twelve words to write down; the key goes to the keychain."),
  };
  const bring = {
    label: t("Import a wallet"),
    detail: t("From a private key, words, a keystore file or the command line tool."),
  };
  const picked = await pickOne([create, bring], {
    title: t("Set up wallet"),
    ignoreFocusOut: true,
  });
  if (picked === create) await createWallet(app);
  if (picked === bring) await importWallet(app);
  return picked !== undefined && app.session.wallet() !== undefined;
}

export async function createWallet(app: App): Promise<void> {
  const name = await askName(app, t("Create wallet"));
  if (name === undefined) return;
  const created = await withSessionOffer((isForSession) =>
    app.wallets.create({ ...addTo(app, name), isForSession }),
  );
  if (!created) return;
  await showWordsOnce(created.mnemonic);
  tellAdded(created.wallet);
}

/** A modal, because it is shown this once: nothing else can cover it and no log keeps it. */
async function showWordsOnce(mnemonic: string): Promise<void> {
  const words = mnemonic.split(" ").map((word, index) => `${index + 1}. ${word}`);
  const rows = [0, 4, 8].map((start) => words.slice(start, start + 4).join("    "));
  const detail = t(
    "{0}\n\nThese words are the wallet. Whoever has them has its money; without them nobody can bring it back. They are not shown again.",
    rows.join("\n"),
  );
  // The only button, also for Escape: a "Cancel" would look as if it took the wallet back.
  const written = { title: t("I wrote them down"), isCloseAffordance: true };
  await showModal(t("Write these twelve words down on paper"), detail, written);
}

type ImportSource = (app: App, add: AddWallet) => Promise<Wallet | undefined>;

export async function importWallet(app: App): Promise<void> {
  const sources: (vscode.QuickPickItem & { read: ImportSource })[] = [
    { label: t("Private key"), detail: t("64 hexadecimal characters"), read: fromPrivateKey },
    { label: t("Recovery words"), detail: t("12 to 24 words; the first account is used"), read: fromWords },
    { label: t("Keystore file"), detail: t("A JSON file with a password"), read: fromKeystore },
    {
      label: t("0G command line tool"),
      detail: t("Its configuration file, which holds the key unprotected"),
      read: fromCliConfig,
    },
  ];
  const source = await pickOne(sources, {
    title: t("Import wallet"),
    ignoreFocusOut: true,
  });
  const name = source && (await askName(app, t("Import wallet")));
  if (!source || name === undefined) return;
  const wallet = await source.read(app, addTo(app, name));
  if (wallet) tellAdded(wallet);
}

const fromPrivateKey: ImportSource = async (app, add) => {
  const text = await askSecret(t("Private key"), t("64 hexadecimal characters, with or without 0x"));
  if (text === undefined) return undefined;
  return withSessionOffer((isForSession) => app.wallets.importKey({ ...add, isForSession }, text));
};

const fromWords: ImportSource = async (app, add) => {
  const text = await askSecret(t("Recovery words"), t("12 to 24 words, separated by spaces"));
  if (text === undefined) return undefined;
  return withSessionOffer((isForSession) => app.wallets.importMnemonic({ ...add, isForSession }, text));
};

const fromKeystore: ImportSource = async (app, add) => {
  const file = await pickTextFile(t("Keystore file"), "json");
  if (!file) return undefined;
  await app.wallets.checkKeystore(file.text);
  const password = await askSecret(t("Password of the keystore file"), "");
  if (password === undefined) return undefined;
  const unlock = (isForSession: boolean) =>
    vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: t("Unlocking the keystore file") },
      (progress) => {
        let shown = 0;
        return app.wallets.importKeystore({ ...add, isForSession }, file.text, password, (fraction) => {
          progress.report({ increment: fraction * 100 - shown });
          shown = fraction * 100;
        });
      },
    );
  return withSessionOffer(unlock);
};

const fromCliConfig: ImportSource = async (app, add) => {
  const file = await pickTextFile(
    t("Configuration file of the command line tool"),
    "json",
    ".0g-compute-cli/config.json",
  );
  if (!file) return undefined;
  const wallet = await withSessionOffer((isForSession) =>
    app.wallets.importCliConfig({ ...add, isForSession }, file.text),
  );
  if (wallet?.kind === "user") await offerToErase(app, file.uri);
  return wallet;
};

async function offerToErase(app: App, uri: vscode.Uri): Promise<void> {
  const isErased = await app.dialogs.confirm({
    title: t("Erase the file that holds the key unprotected?"),
    detail: t(
      "{0}\n\nThe key is now in your keychain. Any program on this machine can read the file. The command line tool will ask you to log in again.",
      uri.fsPath,
    ),
    confirmLabel: t("Erase the file"),
  });
  if (isErased) await vscode.workspace.fs.delete(uri, { useTrash: false });
}

export async function switchWallet(app: App): Promise<void> {
  const network = app.session.network();
  const active = app.wallets.active(network);
  const items = app.wallets.listFor(network).map((wallet) => ({
    label: cleanText(wallet.name, 60),
    description: shortAddress(wallet.address),
    detail: wallet.id === active?.id ? t("In use") : undefined,
    wallet,
  }));
  if (items.length === 0) return void (await setUpWallet(app));
  const picked = await pickOne(items, {
    title: t("Switch wallet"),
    matchOnDescription: true,
  });
  if (!picked || picked.wallet.id === active?.id) return;
  await app.wallets.switch(picked.wallet.id, network);
}

export async function renameWallet(app: App): Promise<void> {
  const wallet = activeWallet(app);
  const name = wallet && (await askName(app, t("Rename wallet"), wallet.name));
  if (wallet && name !== undefined) await app.wallets.rename(wallet.id, name);
}

export async function exportKey(app: App): Promise<void> {
  const wallet = activeWallet(app);
  if (!wallet) return;
  const isAgreed = await app.dialogs.confirm({
    title: t("Copy the private key of {0} to the clipboard?", wallet.name),
    detail: t(
      "{0}\n\nWhoever sees the key owns everything in this wallet. The clipboard is emptied after one minute, unless this window is closed before.",
      wallet.address,
    ),
    confirmLabel: t("Copy private key"),
  });
  if (!isAgreed) return;
  const key = await app.wallets.export(wallet.id);
  await lendToClipboard(key);
  void showInformation(t("The private key is in the clipboard for one minute."));
}

export async function removeWallet(app: App): Promise<void> {
  const wallet = activeWallet(app);
  if (!wallet) return;
  const hasApiKeys = (await app.apiKeys.countOf(wallet.address)) > 0;
  const isAgreed = await app.dialogs.confirm({
    title: t("Remove the wallet {0}?", wallet.name),
    detail: [
      t(
        "{0}\n\nIts key is deleted from this machine. Money in the wallet, the ledger and the sub-accounts stays on the chain; only the key or the recovery words bring it back.",
        wallet.address,
      ),
      hasApiKeys
        ? t(
            "Its API keys are deleted from this machine too, but whoever has a copy can go on using it. Without the wallet nobody can revoke them: do that first.",
          )
        : "",
    ]
      .filter((line) => line !== "")
      .join("\n\n"),
    confirmLabel: t("Remove wallet"),
  });
  if (!isAgreed) return;
  await app.apiKeys.removeOf(wallet.address);
  await (await app.endpoint.load()).removeKeysOf(wallet.address);
  await app.wallets.remove(wallet.id);
}

/** When the keychain refuses: the choice to keep the key in memory until the window closes. */
async function withSessionOffer<T>(add: (isForSession: boolean) => PromiseLike<T>): Promise<T | undefined> {
  try {
    return await add(false);
  } catch (error) {
    if (!isComputeError(error, "walletLocked")) throw error;
    const isAgreed = await askModally({
      title: t("The system's keychain did not take the key"),
      detail: t(
        "The key was not stored. It can be kept in memory until this window closes; then it must be imported again.",
      ),
      confirmLabel: t("Use for this session"),
    });
    return isAgreed ? add(true) : undefined;
  }
}

function activeWallet(app: App): Wallet | undefined {
  return app.wallets.active(app.session.network());
}

function addTo(app: App, name: string): AddWallet {
  return { name, network: app.session.network() };
}

function tellAdded(wallet: Wallet): void {
  void showInformation(t("{0} is ready: {1}", cleanText(wallet.name, 60), wallet.address));
}

async function askName(app: App, title: string, value?: string): Promise<string | undefined> {
  const suggestion =
    value ?? t("Wallet {0}", app.wallets.list.filter((wallet) => wallet.kind !== "sandbox").length + 1);
  const name = await vscode.window.showInputBox({
    title,
    prompt: t("A name for this wallet"),
    value: suggestion,
    ignoreFocusOut: true,
    validateInput: (text) => nameProblem(text, t),
  });
  return name === undefined ? undefined : typedName(name);
}

function askSecret(title: string, prompt: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({ title, prompt, password: true, ignoreFocusOut: true });
}
