// Secrets in the clipboard: put there on request, and taken away again unless something else took their place.
import * as vscode from "vscode";

const lentForMs = 60_000;

export async function lendToClipboard(secret: string): Promise<void> {
  await vscode.env.clipboard.writeText(secret);
  setTimeout(() => void takeBack(secret), lentForMs);
}

async function takeBack(secret: string): Promise<void> {
  if ((await vscode.env.clipboard.readText()) === secret) await vscode.env.clipboard.writeText("");
}
