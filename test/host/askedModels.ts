// What the suites about our models for other extensions share: the other extension, and the parts that answers and messages are made of.
import assert from "node:assert/strict";
import Mocha from "mocha";
import * as vscode from "vscode";
import type { App } from "../../src/vscode/app.js";
import { ourExtension } from "./extension.js";
import type { SecondExtension } from "./secondExtension/main.js";

/** Since VS Code 1.104. */
const takesModels = "registerLanguageModelChatProvider" in vscode.lm;

/** In a `before` of what needs such an editor. */
export function skipWithoutModels(context: Mocha.Context): void {
  if (!takesModels) skip(context, "takes no models of other extensions");
}

export function skipWithModels(context: Mocha.Context): void {
  if (takesModels) skip(context, "takes models of other extensions");
}

function skip(context: Mocha.Context, why: string): never {
  Mocha.reporters.Base.consoleLog(`    skipped: VS Code ${vscode.version} ${why}`);
  return context.skip();
}

export async function activated(): Promise<{ app: App; second: SecondExtension }> {
  const { app } = (await ourExtension().activate()) as { app: App };
  const extension = vscode.extensions.getExtension<SecondExtension>("zerog-compute.test-second");
  return { app, second: await extension!.activate() };
}

/** Writes a setting of ours, or takes it away. */
export async function set(name: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration("zgCompute").update(name, value, vscode.ConfigurationTarget.Global);
}

interface DataPart {
  readonly mimeType: string;
  readonly data: Uint8Array;
}

type UserContent = Parameters<typeof vscode.LanguageModelChatMessage.User>[0];

/** A question of texts and other parts. */
export function question(...content: unknown[]): vscode.LanguageModelChatMessage {
  const parts = content.map((part) =>
    typeof part === "string" ? new vscode.LanguageModelTextPart(part) : part,
  );
  return vscode.LanguageModelChatMessage.User(parts as UserContent);
}

export function dataPart(data: Uint8Array, mimeType: string): unknown {
  const { LanguageModelDataPart: Part } = vscode as unknown as {
    LanguageModelDataPart: new (data: Uint8Array, mimeType: string) => DataPart;
  };
  return new Part(data, mimeType);
}

export function textOf(parts: readonly unknown[]): string {
  return parts.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : "")).join("");
}

export function callsIn(parts: readonly unknown[]): vscode.LanguageModelToolCallPart[] {
  return parts.filter((part) => part instanceof vscode.LanguageModelToolCallPart);
}

/** The last part, and the only one of its kind. */
export function verdictIn(parts: readonly unknown[]): Record<string, string> {
  const found = parts.filter(
    (part) => (part as Partial<DataPart>).mimeType === "application/vnd.0g-compute.verdict+json",
  );
  assert.deepEqual(found, [parts.at(-1)]);
  return JSON.parse(new TextDecoder().decode((found[0] as DataPart).data)) as Record<string, string>;
}
