// One verification page: has its subject checked, hands the page what to show, and does what its messages ask.
import * as vscode from "vscode";
import type { KeptError } from "../../domain/chat.js";
import { toComputeError } from "../../domain/error.js";
import { DisposableList, type Disposable, type Event } from "../../domain/event.js";
import type { ProofPanelState, ProofRef, ToProofHost, ToProofPanel } from "../../protocol/proof.js";
import { keptError } from "../../services/loaded.js";
import type { ProofLink } from "../../view/proof/proofLinks.js";
import { proofMarkdown } from "../../view/proof/proofMarkdown.js";
import type { App } from "../app.js";
import { parseMessage, type MessageShape } from "../panelMessages.js";
import { t } from "../translate.js";

const shapes: { readonly [K in ToProofHost["kind"]]: MessageShape } = {
  ready: {},
  again: {},
  mend: {},
  acceptChange: {},
  copyValue: { link: "number", side: ["left", "right"] },
  copyAll: {},
  exportReports: {},
  askChain: {},
};

export interface Page {
  readonly state: ProofPanelState;
  /** With whole values. */
  readonly links: readonly ProofLink[];
}

/** What a page is about: a provider or a file. What only one of them has is absent from the other. */
export interface ProofSubject extends Disposable {
  readonly ref: ProofRef;
  /** again: what was found does not hold any more. shown: there is something new to show. */
  readonly onDidChange: Event<"again" | "shown">;
  /** `isAsked`: by somebody, and not because it opened or changed. Throws what keeps it from being checked. */
  check(signal: AbortSignal, isAsked: boolean): Promise<void>;
  page(more: { readonly isBusy: boolean; readonly error?: KeptError }): Promise<Page>;
  askChain?(signal: AbortSignal): Promise<void>;
  acceptChange?(): Promise<void>;
  exportReports?(): Promise<void>;
}

export interface ProofHostOptions {
  readonly app: App;
  readonly webview: vscode.Webview;
  readonly subject: ProofSubject;
}

export class ProofHost implements Disposable {
  private readonly owned = new DisposableList();
  private error: KeptError | undefined;
  /** What went wrong last, or goes on. */
  private work: (signal: AbortSignal) => Promise<void>;
  private working: AbortController | undefined;
  private isReady = false;

  constructor(private readonly options: ProofHostOptions) {
    const { webview, subject } = options;
    this.work = (signal) => subject.check(signal, true);
    this.owned.add(subject);
    this.owned.add(webview.onDidReceiveMessage((raw) => this.receive(raw)));
    this.owned.add(subject.onDidChange((what) => (what === "again" ? void this.check(false) : this.renew())));
  }

  get ref(): ProofRef {
    return this.options.subject.ref;
  }

  dispose(): void {
    this.working?.abort();
    this.owned.dispose();
  }

  check(isAsked: boolean): Promise<void> {
    return this.run((signal) => this.options.subject.check(signal, isAsked));
  }

  /** Never throws: what went wrong is shown on the page. What is under way is given up. */
  private async run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.working?.abort();
    this.work = work;
    const abort = new AbortController();
    this.working = abort;
    this.update();
    try {
      await work(abort.signal);
      if (this.working === abort) this.error = undefined;
    } catch (error) {
      if (toComputeError(error).code !== "cancelled" && this.working === abort) this.error = keptError(error);
    } finally {
      if (this.working === abort) this.working = undefined;
      this.update();
    }
  }

  /** What went wrong before is not about what is there now. */
  private renew(): void {
    this.error = undefined;
    this.update();
  }

  private receive(raw: unknown): void {
    const message = parseMessage<ToProofHost>(raw, shapes);
    if (!message) return this.options.app.log.warn("A verification page sent a message of no known form");
    this.handle(message).catch((error: unknown) => this.options.app.errors.show(error));
  }

  private async handle(message: ToProofHost): Promise<void> {
    const { app, subject } = this.options;
    switch (message.kind) {
      case "ready":
        this.isReady = true;
        return this.update();
      case "again":
        return this.check(true);
      case "mend":
        return this.error ? app.errors.act(this.error, () => void this.run(this.work)) : this.check(true);
      case "acceptChange":
        return subject.acceptChange?.();
      case "askChain":
        return subject.askChain && this.run((signal) => subject.askChain?.(signal) ?? Promise.resolve());
      case "copyValue": {
        const link = (await this.page()).links[message.link];
        const value = link?.kind === "step" ? link[message.side]?.value : undefined;
        if (value !== undefined) await vscode.env.clipboard.writeText(value);
        return;
      }
      case "copyAll": {
        const { state, links } = await this.page();
        return vscode.env.clipboard.writeText(proofMarkdown(state, links, t));
      }
      case "exportReports":
        return subject.exportReports?.();
    }
  }

  private page(): Promise<Page> {
    const { error } = this;
    return this.options.subject.page({ isBusy: this.working !== undefined, ...(error ? { error } : {}) });
  }

  private update(): void {
    if (!this.isReady) return;
    void this.page().then(({ state }) => {
      const message: ToProofPanel = { kind: "state", state };
      void this.options.webview.postMessage(message);
    });
  }
}
