// Where verifications are shown: one editor panel for each provider, service and answer. The entry of their chunk.
import * as vscode from "vscode";
import { sameAddress } from "../../domain/ids.js";
import type { ProofRef } from "../../protocol/proof.js";
import { Enclaves } from "../../services/enclaves.js";
import { createSharedFolder } from "../../system/sharedFolder.js";
import { createEnclaveTexts } from "../../view/pinView.js";
import { verificationTitle } from "../../view/proofView.js";
import type { App } from "../app.js";
import { payeeFor } from "../money/picking.js";
import { moment } from "../telling.js";
import { t } from "../translate.js";
import { webviewHtml, webviewOptions } from "../webviewHtml.js";
import { ProofHost } from "./proofHost.js";

const panelType = "zgCompute.proof";
const bundle = "webview-proof";

export class ProofPanels implements vscode.Disposable {
  readonly enclaves: Enclaves;
  private readonly panels = new Map<vscode.WebviewPanel, ProofHost>();

  constructor(
    private readonly app: App,
    private readonly extensionUri: vscode.Uri,
  ) {
    const { session, settings, dialogs, clock, storage } = app;
    this.enclaves = new Enclaves({
      ...{ session, settings, dialogs, now: () => clock.now() },
      texts: createEnclaveTexts(t, moment),
      folder: createSharedFolder(vscode.Uri.joinPath(storage, "pins").fsPath),
      collateral: createSharedFolder(vscode.Uri.joinPath(storage, "collateral").fsPath),
      verify: async (provider, service, options) =>
        (await session.broker(options.signal)).attestation.verifyProvider(provider, service, options),
    });
  }

  /** Of the row, or one the user picks. */
  async verifyProvider(row: unknown): Promise<void> {
    const picked = await payeeFor(this.app, row, t("Verify provider"));
    if (picked) this.show(picked);
  }

  show(shown: ProofRef): void {
    const open = [...this.panels].find(([, host]) => isSame(host.shown, shown));
    if (!open) return this.adopt(newPanel(), shown);
    open[0].reveal();
    void open[1].check();
  }

  restore(panel: vscode.WebviewPanel, state: unknown): void {
    const shown = parseRef(state);
    if (shown) this.adopt(panel, shown);
    else panel.dispose();
  }

  dispose(): void {
    for (const [panel, host] of this.panels) {
      host.dispose();
      panel.dispose();
    }
    this.enclaves.dispose();
  }

  private adopt(panel: vscode.WebviewPanel, shown: ProofRef): void {
    panel.webview.options = webviewOptions(this.extensionUri);
    const host = new ProofHost({ app: this.app, enclaves: this.enclaves, webview: panel.webview, shown });
    this.panels.set(panel, host);
    panel.onDidDispose(() => {
      host.dispose();
      this.panels.delete(panel);
    });
    panel.webview.html = webviewHtml(panel.webview, this.extensionUri, bundle, verificationTitle(t));
    void host.check();
  }
}

function newPanel(): vscode.WebviewPanel {
  return vscode.window.createWebviewPanel(panelType, verificationTitle(t), vscode.ViewColumn.Active);
}

function isSame(one: ProofRef, other: ProofRef): boolean {
  return (
    sameAddress(one.provider, other.provider) &&
    one.service === other.service &&
    one.answer?.turn === other.answer?.turn
  );
}

function parseRef(state: unknown): ProofRef | undefined {
  if (typeof state !== "object" || state === null) return undefined;
  const { provider, service, answer } = state as Partial<ProofRef>;
  const isKnown = service === "inference" || service === "fine-tuning";
  if (typeof provider !== "string" || !isKnown) return undefined;
  const isWhole = typeof answer?.conversation === "string" && typeof answer.turn === "string";
  return { provider, service, ...(isWhole ? { answer } : {}) };
}
