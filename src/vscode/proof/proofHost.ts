// One verification page: checks, hands the page what to show, and does what its messages ask.
import * as vscode from "vscode";
import { toComputeError } from "../../domain/error.js";
import { DisposableList, type Disposable } from "../../domain/event.js";
import { sameAddress } from "../../domain/ids.js";
import type { Verdict } from "../../domain/verdict.js";
import type { ProofRef, ToProofHost, ToProofPanel } from "../../protocol/proof.js";
import type { Enclaves, Verification } from "../../services/enclaves.js";
import { keptError } from "../../services/loaded.js";
import { proofMarkdown } from "../../view/proofMarkdown.js";
import { linksOf, proofPanelState, type ProofFacts, type ProofTelling } from "../../view/proofView.js";
import type { App } from "../app.js";
import { parseMessage, type MessageShape } from "../panelMessages.js";
import { moment } from "../telling.js";
import { t } from "../translate.js";
import { exportReports } from "./exporting.js";

const shapes: { readonly [K in ToProofHost["kind"]]: MessageShape } = {
  ready: {},
  again: {},
  mend: {},
  acceptChange: {},
  copyValue: { link: "number", side: ["left", "right"] },
  copyAll: {},
  exportReports: {},
};

export interface ProofHostOptions {
  readonly app: App;
  readonly enclaves: Enclaves;
  readonly webview: vscode.Webview;
  readonly shown: ProofRef;
}

export class ProofHost implements Disposable {
  readonly shown: ProofRef;
  private readonly owned = new DisposableList();
  private readonly telling: ProofTelling = { t, moment };
  private found: Partial<Verification> & Pick<ProofFacts, "error"> = {};
  private checking: AbortController | undefined;
  private isReady = false;

  constructor(private readonly options: ProofHostOptions) {
    const { app, enclaves, webview, shown } = options;
    const { owned } = this;
    this.shown = shown;
    owned.add(webview.onDidReceiveMessage((raw) => this.receive(raw)));
    owned.add(app.session.onDidChange(() => this.networkChanged()));
    owned.add(
      enclaves.onDidAccept(({ provider, service }) => {
        if (service === shown.service && sameAddress(provider, shown.provider)) void this.check();
      }),
    );
  }

  dispose(): void {
    this.checking?.abort();
    this.owned.dispose();
  }

  /** Never throws: what went wrong is shown on the page. A check under way is given up. */
  async check(): Promise<void> {
    const { enclaves, shown } = this.options;
    this.checking?.abort();
    const abort = new AbortController();
    this.checking = abort;
    this.update();
    try {
      const { signedText: text, signature } = (await this.verdict()) ?? {};
      const answer = text !== undefined && signature !== undefined ? { text, signature } : undefined;
      const { signal } = abort;
      const found = await enclaves.verify(shown.provider, shown.service, { signal, answer });
      if (this.checking === abort) this.found = found;
    } catch (error) {
      if (toComputeError(error).code !== "cancelled" && this.checking === abort)
        this.found = { ...this.found, error: keptError(error) };
    } finally {
      if (this.checking === abort) this.checking = undefined;
      this.update();
    }
  }

  private receive(raw: unknown): void {
    const message = parseMessage<ToProofHost>(raw, shapes);
    if (!message) return this.options.app.log.warn("A verification page sent a message of no known form");
    this.handle(message).catch((error: unknown) => this.options.app.errors.show(error));
  }

  private async handle(message: ToProofHost): Promise<void> {
    const { app, enclaves, shown } = this.options;
    switch (message.kind) {
      case "ready":
        this.isReady = true;
        return this.update();
      case "again":
        return this.check();
      case "mend":
        return app.errors.act(this.found.error, () => void this.check());
      case "acceptChange":
        return enclaves.accept(shown.provider, shown.service);
      case "copyValue": {
        const link = linksOf(await this.facts(), this.telling)[message.link];
        const value = link?.kind === "step" ? link[message.side]?.value : undefined;
        if (value !== undefined) await vscode.env.clipboard.writeText(value);
        return;
      }
      case "copyAll": {
        const facts = await this.facts();
        const links = linksOf(facts, this.telling);
        const text = proofMarkdown(proofPanelState(facts, this.telling), links, t);
        return vscode.env.clipboard.writeText(text);
      }
      case "exportReports":
        return exportReports(this.found.verification);
    }
  }

  /** What was found on another network is not this one's. A check goes on there: it may be what has started the sandbox. */
  private networkChanged(): void {
    this.found = {};
    if (this.checking) void this.check();
    else this.update();
  }

  private async verdict(): Promise<Verdict | undefined> {
    const { answer } = this.shown;
    const conversation = answer && (await this.options.app.chat.open(answer.conversation));
    return conversation?.turns.find(({ id }) => id === answer?.turn)?.answer.verdict;
  }

  private async facts(): Promise<ProofFacts> {
    const { verification, differences = [], pin, error } = this.found;
    const verdict = await this.verdict();
    return {
      ...{ shown: this.shown, network: this.options.app.session.tryNetwork(), differences },
      isBusy: this.checking !== undefined,
      ...(verification ? { verification } : {}),
      ...(pin ? { pinnedAt: pin.since } : {}),
      ...(error ? { error } : {}),
      ...(verdict ? { verdict } : {}),
    };
  }

  private update(): void {
    if (!this.isReady) return;
    void this.facts().then((facts) => {
      const message: ToProofPanel = { kind: "state", state: proofPanelState(facts, this.telling) };
      void this.options.webview.postMessage(message);
    });
  }
}
