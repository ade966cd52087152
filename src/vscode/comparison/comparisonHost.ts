// The page that compares answers: who is asked, one question, and what can be done with each answer, as in the chat.
import { randomBytes } from "node:crypto";
import type * as vscode from "vscode";
import { readSettings, type ChatSettings } from "../../domain/chatSettings.js";
import { DisposableList } from "../../domain/event.js";
import type { TurnId } from "../../domain/ids.js";
import type {
  AboutAnswer,
  ComparedView,
  ToComparisonHost,
  ToComparisonPanel,
} from "../../protocol/comparison.js";
import type { ModelOption } from "../../protocol.js";
import { canGoOn, conversationOf, type ComparedAnswer } from "../../services/chat/comparedAnswer.js";
import {
  Comparison,
  mostCompared,
  type ComparedModel,
  type ComparisonChange,
} from "../../services/chat/comparison.js";
import { turnView, modelOptions } from "../../view/chat/chatView.js";
import { settingNames } from "../../view/settingsView.js";
import {
  comparedView,
  comparisonConfirmation,
  comparisonState,
  modelKey,
} from "../../view/chat/comparisonView.js";
import type { App } from "../app.js";
import {
  settingsOf,
  withTyped,
  type AskedModel,
  type TypedSetting,
  type TypedSettings,
} from "../chat/askedSettings.js";
import { CodeActions, copyValue } from "../chat/codeActions.js";
import { answerShapes } from "../chat/messages.js";
import { DeltaBatch } from "../chat/deltas.js";
import { LastEditor } from "../chat/lastEditor.js";
import type { Page } from "../pages/page.js";
import { parseMessage, type MessageShape } from "../panelMessages.js";
import { moment } from "../telling.js";
import { t } from "../translate.js";
import { ensureWallet } from "../wallets/ensureWallet.js";

const shapes: { readonly [K in ToComparisonHost["kind"]]: MessageShape } = {
  ready: {},
  choose: { slot: "number", model: "string" },
  estimate: { text: "string" },
  ask: { text: "string" },
  stopAll: {},
  start: {},
  settings: {},
  setting: { name: settingNames, text: "string" },
  goOn: { turn: "string" },
  ...answerShapes,
};

export class ComparisonHost implements Page {
  private readonly owned = new DisposableList();
  private readonly editor = this.owned.add(new LastEditor());
  private readonly deltas = new DeltaBatch((message) => {
    if (message.kind === "delta") this.post(message);
  });
  private readonly comparison: Comparison;

  private picks: readonly string[] | undefined;
  private draft: string;
  private typed: TypedSettings;
  /** Settings that were typed and are being taken: nothing is asked before they are. */
  private setting: Promise<unknown> = Promise.resolve();
  private known: readonly (ComparedModel & AskedModel)[] = [];
  private isReady = false;

  constructor(
    private readonly app: App,
    private readonly panel: vscode.WebviewPanel,
    kept: unknown,
  ) {
    const { owned } = this;
    const { prompt = "", picks, settings } = keptOf(kept);
    this.draft = prompt;
    this.picks = picks;
    this.typed = { settings, refused: {} };
    this.comparison = owned.add(
      new Comparison({
        ...app.asking,
        checks: app.chat,
        random: (bytes) => new Uint8Array(randomBytes(bytes)),
        confirmation: (asked) =>
          comparisonConfirmation(asked, app.session.network(), app.session.wallet()?.name ?? "", t),
      }),
    );
    const update = () => this.update();
    owned.add(panel.webview.onDidReceiveMessage((raw) => this.receive(raw)));
    owned.add(this.comparison.onDidChange((change) => this.changed(change)));
    owned.add(app.providers.onDidChange(update));
    owned.add(app.session.onDidChange(update));
    owned.add(app.sandbox.onDidChange(update));
    owned.add(app.watch.chatOpened());
  }

  /** From the provider table: the prompt that was priced there. */
  about(about: unknown): void {
    const { prompt } = keptOf(about);
    if (!prompt) return;
    this.draft = prompt;
    this.post({ kind: "prompt", text: prompt });
    this.update();
  }

  dispose(): void {
    this.owned.dispose();
  }

  private receive(raw: unknown): void {
    const message = parseMessage<ToComparisonHost>(raw, shapes);
    if (!message) return this.app.log.warn("The comparison sent a message of no known form");
    this.handle(message).catch((error: unknown) => this.app.errors.show(error));
  }

  private async handle(message: ToComparisonHost): Promise<void> {
    switch (message.kind) {
      case "ready":
        return this.ready();
      case "choose":
        this.picks = this.chosen().map((pick, slot) => (slot === message.slot ? message.model : pick));
        return this.update();
      case "estimate":
        this.draft = message.text;
        return this.update();
      case "ask":
        await this.setting;
        return this.comparison.ask(message.text, this.models(), this.typed.settings);
      case "stopAll":
        return this.comparison.stop();
      case "start":
        if (await ensureWallet(this.app)) await this.app.providers.refresh();
        return this.update();
      case "settings":
        await this.learn();
        return this.update();
      case "setting":
        await this.set(message);
        await this.learn();
        return this.update();
      case "goOn":
        return this.goOn(this.column(message.turn));
      default:
        return this.handleAnswer(message);
    }
  }

  private set(typed: TypedSetting): Promise<void> {
    const set = this.setNow(typed);
    this.setting = Promise.allSettled([this.setting, set]);
    return set;
  }

  /** At once, for the next question; how long an answer may be is the providers' to say. */
  private async setNow(typed: TypedSetting): Promise<void> {
    if (typed.name === "maxTokens") await this.learn();
    this.typed = withTyped(this.typed, typed, this.asked());
    this.update();
  }

  /** What the providers say of those that are asked: once each, and known from then on. */
  private async learn(): Promise<void> {
    const { providers } = this.app;
    const looks = this.models().map(async (pick) => ({
      ...pick,
      info: await providers.modelInfo(pick.provider, pick.model),
    }));
    this.known = await Promise.all(looks);
  }

  private asked(): readonly AskedModel[] {
    return this.models().map((pick) => {
      const known = this.known.find((one) => modelKey(one) === modelKey(pick));
      const listed = () => this.app.providers.find(pick.provider)?.models;
      return known ?? { ...pick, info: listed()?.find(({ id }) => id === pick.model) };
    });
  }

  private column(id: TurnId): ComparedAnswer | undefined {
    const column = this.comparison.columns.find(({ turn }) => turn.id === id);
    if (!column) this.app.log.warn("The comparison named an answer that is not there");
    return column;
  }

  private async goOn(column: ComparedAnswer | undefined): Promise<void> {
    if (!column || !canGoOn(column.turn)) return;
    const { chat, chats, clock } = this.app;
    const conversation = conversationOf(column, clock.now());
    if (!(await chat.open(conversation.id))) await chat.add(conversation);
    await chats.show(conversation.id);
  }

  private async handleAnswer(message: AboutAnswer): Promise<void> {
    const column = this.column(message.turn);
    if (!column) return;
    const { turn, receipt } = column;
    const code = new CodeActions(turn, this.editor);
    switch (message.kind) {
      case "stop":
        return this.comparison.stop(turn.id);
      case "regenerate":
        return this.comparison.again(turn.id);
      case "code":
        return code.run(message.action, message.block);
      case "copyAnswer":
        return code.copyAnswer();
      case "openLink":
        return code.openLink(message.link);
      case "copyValue":
        return copyValue(this.view(column).turn, message.check, message.side);
      case "showReceipt": {
        const proofs = await this.app.proofs.load();
        return receipt === undefined ? proofs.showReceiptOf(turn.answer) : proofs.showReceipt(receipt);
      }
      case "verifyProvider":
        return (await this.app.proofs.load()).show({ provider: turn.answer.provider, service: "inference" });
      case "action":
        return this.act(column);
    }
  }

  private async act({ turn: { id, answer } }: ComparedAnswer): Promise<void> {
    const isHere = answer.network === this.app.session.tryNetwork()?.id;
    return this.app.errors.act(answer.error, () => void this.comparison.again(id), isHere);
  }

  private async ready(): Promise<void> {
    this.isReady = true;
    this.update();
    if (this.draft !== "") this.post({ kind: "prompt", text: this.draft });
    if (this.app.watch.mayRead && this.app.providers.state.value === undefined)
      await this.app.providers.refresh();
  }

  private listed(): readonly ModelOption[] {
    const { providers, fineTuning } = this.app;
    return modelOptions(providers.chatServices, fineTuning.models, undefined, t);
  }

  /** The list's first, until the user has chosen others. */
  private chosen(): readonly string[] {
    const listed = this.listed().map(modelKey);
    const picks = this.picks ?? listed;
    return Array.from({ length: mostCompared }, (_, slot) => {
      const pick = picks[slot] ?? "";
      return listed.length === 0 || listed.includes(pick) ? pick : "";
    });
  }

  /** Each once, in the order of the menus. */
  private models(): readonly ComparedModel[] {
    const options = this.listed();
    return [...new Set(this.chosen())].flatMap(
      (pick) => options.find((option) => modelKey(option) === pick) ?? [],
    );
  }

  private changed(change: ComparisonChange): void {
    switch (change.kind) {
      case "delta":
        return this.deltas.add(change.turn, change.channel, change.text);
      case "column":
        this.deltas.drop(change.column.turn.id);
        return this.post({ kind: "column", column: this.view(change.column) });
      case "columns":
        return this.update();
    }
  }

  private view(column: ComparedAnswer): ComparedView {
    const network = this.app.session.tryNetwork();
    const { turn } = column;
    const service = this.app.providers.find(turn.answer.provider)?.service;
    const context = { service, isSandbox: network?.isSandbox ?? false, network: network?.id, moment };
    return comparedView(column, turnView(turn, context, t), canGoOn(turn), t);
  }

  private update(): void {
    const { app, comparison } = this;
    for (const { turn } of comparison.columns) this.deltas.drop(turn.id);
    const state = comparisonState(
      {
        ...{ network: app.session.tryNetwork(), hasWallet: app.session.wallet() !== undefined },
        ...{ models: this.listed(), providers: app.providers.state },
        isSandboxStopped: app.watch.isSandboxStopped,
        picks: this.chosen(),
        estimate:
          this.draft.trim() === ""
            ? undefined
            : comparison.estimate(this.draft, this.models(), this.typed.settings),
        settings: settingsOf(this.typed, this.asked()),
        asking: this.typed.settings,
        columns: comparison.columns.map((column) => this.view(column)),
        isRunning: comparison.isRunning,
      },
      t,
    );
    this.post({ kind: "state", state });
  }

  private post(message: ToComparisonPanel): void {
    if (this.isReady) void this.panel.webview.postMessage(message);
  }
}

interface Kept {
  readonly prompt?: string;
  readonly picks?: readonly string[];
  readonly settings?: ChatSettings;
}

function keptOf(kept: unknown): Kept {
  const { prompt, picks, settings } = (kept ?? {}) as Record<string, unknown>;
  const isList = Array.isArray(picks) && picks.every((one) => typeof one === "string");
  return {
    ...(typeof prompt === "string" ? { prompt } : {}),
    ...(isList ? { picks } : {}),
    settings: readSettings(settings),
  };
}
