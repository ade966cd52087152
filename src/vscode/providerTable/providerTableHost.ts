// The provider table's webview: prices what is typed, hands the panel its rows, and measures a provider when asked. A chunk of its own.
import type { WebviewPanel } from "vscode";
import { DisposableList } from "../../domain/event.js";
import { pricedAs } from "../../domain/pricing.js";
import type { ToProviderTableHost, ToProviderTablePanel } from "../../protocol/providerTable.js";
import { answer } from "../../services/chat/answering.js";
import { firstVerdict } from "../../services/chat/firstVerdict.js";
import type { Measured, Measurements } from "../../services/providers/measurements.js";
import { answererKey } from "../../services/providers/measurementFile.js";
import { planMeasuring, priceOfPrompt, promptTokensOf } from "../../services/money/promptPrice.js";
import type { ProviderItem } from "../../services/providers/providers.js";
import { networkKeyOf } from "../../services/wallets/scope.js";
import {
  firstProviderQuery,
  mostAnswerTokens,
  type ProviderQuery,
  providerTableState,
} from "../../view/providers/providerTable.js";
import type { ComparedProvider } from "../../view/providers/providerTableRow.js";
import type { App } from "../app.js";
import { type MessageShape, parseMessage } from "../panelMessages.js";
import type { Page } from "../pages/page.js";
import { t } from "../translate.js";
import { ensureWallet } from "../wallets/ensureWallet.js";

const shapes: { readonly [K in ToProviderTableHost["kind"]]: MessageShape } = {
  ready: {},
  refresh: {},
  mend: {},
  price: { prompt: "string", answerTokens: "number" },
  narrow: { service: "string", find: "string" },
  sort: { column: ["provider", "class", "price", "firstToken", "speed", "uptime"] },
  measure: { row: "string" },
  compare: {},
};

export async function openProviderTable(app: App, panel: WebviewPanel, kept: unknown): Promise<Page> {
  return new ProviderTableHost(app, panel, await app.measurements(), kept);
}

class ProviderTableHost implements Page {
  private readonly owned = new DisposableList();
  private query: ProviderQuery;
  private measured: Measured = new Map();
  private readonly measuring = new Map<string, AbortController>();
  private isReady = false;

  constructor(
    private readonly app: App,
    private readonly panel: WebviewPanel,
    private readonly measurements: Measurements,
    kept: unknown,
  ) {
    const { owned } = this;
    this.query = { ...firstProviderQuery, ...keptQuestion(kept) };
    const read = () => void this.readMeasured();
    owned.add(panel.webview.onDidReceiveMessage((raw) => this.receive(raw)));
    const update = () => this.update();
    owned.add(app.providers.onDidChange(update));
    owned.add(app.sandbox.onDidChange(update));
    owned.add(app.session.onDidChange(read));
    owned.add(measurements.onDidChange(read));
    owned.add(app.ticker.onDidTick(read)); // other windows measure, too
    owned.add(app.watch.chatOpened());
  }

  dispose(): void {
    for (const abort of this.measuring.values()) abort.abort();
    this.owned.dispose();
  }

  private receive(raw: unknown): void {
    const message = parseMessage<ToProviderTableHost>(raw, shapes);
    if (!message) return this.app.log.warn("The provider table sent a message of no known form");
    this.handle(message).catch((error: unknown) => this.app.errors.show(error, () => this.receive(raw)));
  }

  private async handle(message: ToProviderTableHost): Promise<void> {
    switch (message.kind) {
      case "ready":
        this.isReady = true;
        if (this.app.watch.mayRead) void this.app.providers.refresh();
        return this.readMeasured();
      case "refresh":
        return this.app.providers.refresh();
      case "mend":
        return this.mend();
      case "price":
        return this.ask({ prompt: message.prompt, answerTokens: tokensOf(message.answerTokens) });
      case "narrow":
        return this.ask({ service: message.service, find: message.find });
      case "sort":
        return this.sort(message.column);
      case "measure":
        return this.measure(message.row);
      case "compare":
        return this.compare();
    }
  }

  /** The button of what failed, or of a stopped sandbox, which reading starts. */
  private mend(): Promise<void> {
    const { errors, providers, watch } = this.app;
    const { error } = providers.state;
    return error && !watch.isSandboxStopped
      ? errors.act(error, () => void providers.refresh())
      : providers.refresh();
  }

  private ask(change: Partial<ProviderQuery>): void {
    this.query = { ...this.query, ...change };
    this.update();
  }

  /** The best first: cheap and soon, fast and reliable. */
  private sort(column: ProviderQuery["sort"]): void {
    const { sort, isDescending } = this.query;
    const isMoreBetter = column === "speed" || column === "uptime";
    this.ask({ sort: column, isDescending: sort === column ? !isDescending : isMoreBetter });
  }

  private async compare(): Promise<void> {
    if (await ensureWallet(this.app)) await this.app.pages.show("comparison", { prompt: this.query.prompt });
  }

  /** One small prompt through everything that a question goes through: gate, limits, account and consent, verdict and receipt. */
  private async measure(row: string): Promise<void> {
    const running = this.measuring.get(row);
    if (running) return running.abort();
    const item = this.items().find((one) => idOf(one) === row);
    if (!item || item.service.serviceType !== "chatbot") return;
    if (!(await ensureWallet(this.app))) return;
    const abort = new AbortController();
    this.measuring.set(row, abort);
    this.update();
    try {
      const { asking, chat: checks, clock, log } = this.app;
      const { provider, model } = item.service;
      const question = { provider, model, plan: planMeasuring };
      const answered = await answer(asking, question, () => undefined, abort.signal);
      await firstVerdict({ checks, clock, log }, answered);
    } finally {
      this.measuring.delete(row);
      await this.readMeasured();
    }
  }

  private async readMeasured(): Promise<void> {
    const network = this.app.session.tryNetwork();
    this.measured = network ? await this.measurements.of(networkKeyOf(network)) : new Map();
    this.update();
  }

  private items(): readonly ProviderItem[] {
    return this.app.providers.state.value ?? [];
  }

  private compared(item: ProviderItem, promptTokens: number): ComparedProvider {
    const info = item.models?.find(({ id }) => id === item.service.model);
    const service = pricedAs(item.service, info);
    const { prompt, answerTokens } = this.query;
    const isChat = service.serviceType === "chatbot";
    const isAsked = prompt.trim() !== "";
    const price = isAsked ? priceOfPrompt(service, promptTokens, answerTokens) : undefined;
    const measured = isChat ? this.measured.get(answererKey(service)) : undefined;
    return {
      ...{ id: idOf(item), item: { ...item, service }, isAsked, isMeasuring: this.measuring.has(idOf(item)) },
      ...(price ? { price } : {}),
      ...(measured ? { measured } : {}),
      ...(isChat ? { measuringCost: planMeasuring(item.service, info).worstCase } : {}),
    };
  }

  private update(): void {
    if (!this.isReady) return;
    const { app, query } = this;
    const promptTokens = promptTokensOf(query.prompt);
    const facts = {
      ...{ state: app.providers.state, query, promptTokens, network: app.session.tryNetwork() },
      providers: this.items().map((item) => this.compared(item, promptTokens)),
      isSandboxStopped: app.watch.isSandboxStopped,
    };
    const message: ToProviderTablePanel = {
      kind: "state",
      state: providerTableState(facts, { t, now: app.clock.now() }),
    };
    void this.panel.webview.postMessage(message);
  }
}

/** What the page kept before its window was closed, or what it was opened with. */
function keptQuestion(kept: unknown): Partial<ProviderQuery> {
  const { prompt, answerTokens } = (kept ?? {}) as Record<string, unknown>;
  return {
    ...(typeof prompt === "string" ? { prompt } : {}),
    ...(typeof answerTokens === "number" ? { answerTokens: tokensOf(answerTokens) } : {}),
  };
}

function tokensOf(asked: number): number {
  return Number.isFinite(asked) ? Math.min(mostAnswerTokens, Math.max(1, Math.trunc(asked))) : 1;
}

function idOf({ service }: ProviderItem): string {
  return `${service.serviceType} ${answererKey(service)}`;
}
