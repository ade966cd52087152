// What stands behind our models in the rest of the editor: the entry of their chunk. Money, consent and proof are those of the chat.
import * as vscode from "vscode";
import { orLate } from "../../domain/clock.js";
import { ComputeError } from "../../domain/error.js";
import { DisposableList, type Disposable } from "../../domain/event.js";
import type { ProviderId } from "../../domain/ids.js";
import { SaidPieces } from "../../domain/inlineReasoning.js";
import type { Network } from "../../domain/networks.js";
import type { ModelInfo } from "../../domain/provider.js";
import { EditorAnswers } from "../../services/chat/editorAnswers.js";
import { isAboutTools, type ModelRequest } from "../../services/chat/modelRequest.js";
import { countTokens } from "../../services/chat/tokenCount.js";
import {
  editorModels,
  modelInformation,
  modelKey,
  type EditorModel,
} from "../../view/chat/editorModelView.js";
import type { App } from "../app.js";
import { t } from "../translate.js";
import { ensureWallet } from "../wallets/ensureWallet.js";
import { report } from "./answerParts.js";
import type { ModelInformation, RequestMessage, ResponseOptions } from "./editorApi.js";
import { editorError } from "./editorErrors.js";
import { chatMessages, chatTools, settingsIn } from "./messages.js";
import { listProviders, verifyReceipt } from "./tools.js";

/** The list does not wait longer for what a provider says of its models. */
const infoMs = 3_000;

export class EditorModels implements Disposable {
  /** What our tools do, by their names. */
  readonly use = {
    listProviders: () => listProviders(this.app),
    verifyReceipt: (input: unknown) => verifyReceipt(this.app, input),
  };
  private readonly owned = new DisposableList();
  private readonly answers: EditorAnswers;
  /** The models the editor knows of, as text; undefined before it has asked. */
  private told: string | undefined;
  /** When the list was read of which a provider said nothing of its models: by the next reading it may. */
  private silentAt: number | undefined;

  constructor(
    private readonly app: App,
    private readonly changed: vscode.EventEmitter<void>,
  ) {
    this.answers = new EditorAnswers({ ...app.asking, checks: app.chat });
    const look = () => this.look();
    this.owned.add(this.answers);
    this.owned.add(app.providers.onDidChange(look));
    this.owned.add(app.fineTuning.onDidChange(look));
  }

  /** Silently: what can be known without starting or asking for anything. */
  async list({ silent }: { silent: boolean }, token: vscode.CancellationToken): Promise<ModelInformation[]> {
    const { providers } = this.app;
    await withSignal(token, async (signal) => {
      if (!silent && (await ensureWallet(this.app))) await providers.refresh(signal);
      else if (!providers.state.value && this.isReachable()) await providers.refresh(signal);
    });
    const models = this.models();
    this.told = textOf(models);
    const network = this.app.session.tryNetwork();
    return network ? this.informations(models, network) : [];
  }

  async respond(
    { id }: ModelInformation,
    messages: readonly RequestMessage[],
    options: ResponseOptions,
    progress: vscode.Progress<unknown>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    try {
      const request = this.request(id, messages, options);
      const pieces = new SaidPieces();
      const tell = (text: string) => {
        if (text !== "") progress.report(new vscode.LanguageModelTextPart(text));
      };
      const answered = await withSignal(token, (signal) =>
        this.answers.ask(
          request,
          (event) => {
            if (event.kind === "delta") tell(pieces.push(event.text));
          },
          signal,
        ),
      );
      tell(pieces.end());
      const usesTools = request.tools.length > 0 || isAboutTools(request.messages);
      report(answered, progress, !usesTools && this.app.settings.showsVerdictInText());
    } catch (error) {
      throw await editorError(error, token, this.app.log);
    }
  }

  async count(text: string | RequestMessage): Promise<number> {
    return countTokens(typeof text === "string" ? text : chatMessages([text]));
  }

  dispose(): void {
    this.owned.dispose();
  }

  private request(
    id: string,
    messages: readonly RequestMessage[],
    { tools, toolMode, modelOptions = {} }: ResponseOptions,
  ): ModelRequest {
    const { network, provider, model } = modelKey(id);
    // The same address may sell other things for other money on another network.
    if (network !== this.app.session.network().id) throw new ComputeError("unknownProvider", { provider });
    return {
      provider: provider as ProviderId,
      model,
      messages: chatMessages(messages),
      tools: chatTools(tools),
      isToolRequired: toolMode === vscode.LanguageModelChatToolMode.Required,
      settings: settingsIn(modelOptions),
    };
  }

  private models(): readonly EditorModel[] {
    return editorModels(this.app.providers.chatServices, this.app.fineTuning.models, t);
  }

  private async informations(models: readonly EditorModel[], network: Network): Promise<ModelInformation[]> {
    const { providers, clock } = this.app;
    const asked = models.map(({ service, model }) => providers.modelInfo(service.provider, model));
    let isLate = false;
    const inTime = asked.map(async (info): Promise<ModelInfo | undefined> => {
      const found = await orLate(info, infoMs, "late" as const, clock);
      if (found !== "late") return found;
      isLate = true;
      return undefined;
    });
    const infos = await Promise.all(inTime.map((one) => one.catch(() => undefined)));
    if (isLate) void Promise.allSettled(asked).then(() => this.changed.fire());
    const all = [...new Set(models.map(({ service }) => service.provider))];
    const isAnySilent = all.some((provider) => !providers.knownModels(provider)?.length);
    this.silentAt = isAnySilent ? providers.state.readAt : undefined;
    return models.map((model, index) => modelInformation(model, infos[index], network, t));
  }

  /** A live network is only read; the sandbox is for those who started it. */
  private isReachable(): boolean {
    const network = this.app.session.tryNetwork();
    return network !== undefined && (!network.isSandbox || this.app.sandbox.ready !== undefined);
  }

  private look(): void {
    if (this.told === undefined) return;
    const isSaidSince = this.silentAt !== undefined && this.silentAt !== this.app.providers.state.readAt;
    if (!isSaidSince && textOf(this.models()) === this.told) return;
    this.told = undefined; // until the editor has asked again
    this.changed.fire();
  }
}

function textOf(models: readonly EditorModel[]): string {
  return models.map(({ service, model }) => [service.provider, service.updatedAt, model].join()).join("\n");
}

async function withSignal<T>(
  token: vscode.CancellationToken,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  if (token.isCancellationRequested) abort.abort();
  const subscription = token.onCancellationRequested(() => abort.abort());
  try {
    return await work(abort.signal);
  } finally {
    subscription.dispose();
  }
}
