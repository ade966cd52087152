// The only door to the editor's notifications, which make links that run commands of [words](command:…) and pictures of $(words): whatever
// a sentence was made of, none of that gets through.
import * as vscode from "vscode";
import type { Confirmation } from "../services/ports.js";
import { inert } from "../view/text.js";

type Picked = Thenable<string | undefined>;

export function showInformation(text: string, ...buttons: readonly string[]): Picked {
  return vscode.window.showInformationMessage(inert(text), ...buttons);
}

export function showWarning(text: string, ...buttons: readonly string[]): Picked {
  return vscode.window.showWarningMessage(inert(text), ...buttons);
}

export function showError(text: string, ...buttons: readonly string[]): Picked {
  return vscode.window.showErrorMessage(inert(text), ...buttons);
}

/** In the middle of the window: nothing else can be done before it is answered. */
export function showModal<T extends vscode.MessageItem>(
  title: string,
  detail: string,
  ...buttons: readonly T[]
): Thenable<T | undefined> {
  return vscode.window.showInformationMessage(
    inert(title),
    { modal: true, detail: inert(detail) },
    ...buttons,
  );
}

/** A question of that kind, with Cancel as the way out. */
export async function askModally({ title, detail, confirmLabel }: Confirmation): Promise<boolean> {
  const options = { modal: true, detail: inert(detail) };
  const picked = await vscode.window.showWarningMessage(inert(title), options, confirmLabel);
  return picked === confirmLabel;
}
