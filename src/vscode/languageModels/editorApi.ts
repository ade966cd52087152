// The part of VS Code's language model API that is younger than the oldest editor we run in (it came with 1.104), as its documents
// declare it. Whoever uses it must do without where it is not there.
import * as vscode from "vscode";

/** Must be that of `languageModelChatProviders` in the manifest. */
const vendor = "zerog";

export interface ModelInformation {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly version: string;
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
  readonly tooltip?: string;
  readonly detail?: string;
  readonly capabilities: { readonly toolCalling?: boolean; readonly imageInput?: boolean };
}

export interface RequestMessage {
  readonly role: number;
  readonly content: readonly unknown[];
}

export interface ResponseOptions {
  readonly modelOptions?: Readonly<Record<string, unknown>>;
  readonly tools?: readonly vscode.LanguageModelChatTool[];
  readonly toolMode?: vscode.LanguageModelChatToolMode;
}

export interface ModelProvider {
  readonly onDidChangeLanguageModelChatInformation: vscode.Event<void>;
  /** `silent`: nobody has asked for anything that could be answered with a question. */
  provideLanguageModelChatInformation(
    options: { readonly silent: boolean },
    token: vscode.CancellationToken,
  ): Promise<ModelInformation[]>;
  provideLanguageModelChatResponse(
    model: ModelInformation,
    messages: readonly RequestMessage[],
    options: ResponseOptions,
    progress: vscode.Progress<unknown>,
    token: vscode.CancellationToken,
  ): Promise<void>;
  provideTokenCount(
    model: ModelInformation,
    text: string | RequestMessage,
    token: vscode.CancellationToken,
  ): Promise<number>;
}

export interface DataPart {
  readonly data: Uint8Array;
  readonly mimeType: string;
}

interface Newer {
  readonly lm: {
    registerLanguageModelChatProvider?(vendor: string, provider: ModelProvider): vscode.Disposable;
  };
  readonly LanguageModelDataPart?: new (data: Uint8Array, mimeType: string) => DataPart;
}

const newer = (): Newer => vscode as unknown as Newer;

/** Undefined where the editor takes no models of others. */
export function registerModels(provider: ModelProvider): vscode.Disposable | undefined {
  return newer().lm.registerLanguageModelChatProvider?.(vendor, provider);
}

export function dataPart(data: Uint8Array, mimeType: string): DataPart | undefined {
  const Part = newer().LanguageModelDataPart;
  return Part && new Part(data, mimeType);
}

export function isDataPart(part: unknown): part is DataPart {
  const Part = newer().LanguageModelDataPart;
  return Part !== undefined && part instanceof Part;
}
