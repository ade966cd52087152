// Where verifications are shown: one editor panel for each provider, service and answer, and the editor of receipts. The entry of their chunk.
import * as vscode from "vscode";
import { sameAddress } from "../../domain/ids.js";
import type { Answer } from "../../domain/chat.js";
import { receiptSuffix, type ReceiptId } from "../../domain/receipt.js";
import type { FileRef, ProofRef, ProviderRef } from "../../protocol/proof.js";
import { Enclaves } from "../../services/enclaves/enclaves.js";
import { FileProofs } from "../../services/receipts/fileProofs.js";
import type { LoadBroker } from "../../services/ports.js";
import { receiptOfAnswer } from "../../services/receipts/receiptOfAnswer.js";
import { createSharedFolder } from "../../system/sharedFolder.js";
import { createEnclaveTexts } from "../../view/proof/pinView.js";
import { verificationTitle } from "../../view/proof/proofView.js";
import { fileName } from "../../view/text.js";
import type { App } from "../app.js";
import { payeeFor } from "../money/picking.js";
import { showInformation, showWarning } from "../notices.js";
import { moment } from "../telling.js";
import { t } from "../translate.js";
import { webviewHtml, webviewOptions } from "../webviewHtml.js";
import { likelyFolder } from "../workspaceFolder.js";
import { FileProofSubject } from "./fileProof.js";
import { ProofHost, type ProofSubject } from "./proofHost.js";
import { ProviderProof } from "./providerProof.js";

const panelType = "zgCompute.proof";
const bundle = "webview-proof";

export class ProofPanels implements vscode.Disposable {
  readonly enclaves: Enclaves;
  private readonly files: FileProofs;
  private readonly panels = new Map<vscode.WebviewPanel, ProofHost>();

  constructor(
    private readonly app: App,
    private readonly extensionUri: vscode.Uri,
    loadBroker: LoadBroker,
  ) {
    const { session, settings, dialogs, clock, storage, log } = app;
    this.files = new FileProofs({
      ...{ session, loadBroker, clock, log },
      hashWorker: vscode.Uri.joinPath(extensionUri, "dist", "hash-worker.js").fsPath,
      models: () => app.fineTuning.models,
    });
    this.enclaves = new Enclaves({
      ...{ session, settings, dialogs, now: () => clock.now() },
      texts: createEnclaveTexts(t, moment),
      folder: createSharedFolder(vscode.Uri.joinPath(storage, "pins").fsPath),
      collateral: createSharedFolder(vscode.Uri.joinPath(storage, "collateral").fsPath),
      verify: async (provider, service, options) =>
        (await session.broker(options.signal)).attestation.verifyProvider(provider, service, options),
    });
    this.enclaves.onDidLose(({ kept }) => void this.tellLoss(kept));
  }

  /** Of the row, or one the user picks. */
  async verifyProvider(row: unknown): Promise<void> {
    const picked = await payeeFor(this.app, row, t("Verify provider"));
    if (picked) this.show(picked);
  }

  /** The one that is named, or one the user picks. */
  async verifyFile(uri: unknown): Promise<void> {
    const file = uri instanceof vscode.Uri ? uri : await pickFile();
    if (file) this.show({ file: file.toString() });
  }

  /** Whatever the editor in front shows of a file; without one it is picked. */
  async verifyActiveFile(): Promise<void> {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    const isOfFile = typeof input === "object" && input !== null && "uri" in input;
    await this.verifyFile(isOfFile ? input.uri : vscode.window.activeTextEditor?.document.uri);
  }

  async showReceiptOf(answer: Answer): Promise<void> {
    const id = await receiptOfAnswer(this.app.receipts, answer);
    if (id !== undefined) this.showReceipt(id);
    else void showInformation(t("There is no receipt of this answer on this machine any more."));
  }

  showReceipt(id: ReceiptId): void {
    const file = vscode.Uri.joinPath(this.app.storage, "receipts", `${id}${receiptSuffix}`);
    this.show({ file: file.toString() });
  }

  show(shown: ProofRef): void {
    const open = [...this.panels].find(([, host]) => isSame(host.ref, shown));
    if (!open) return this.adopt(newPanel(shown), this.subjectOf(shown), true);
    open[0].reveal();
    void open[1].check(true);
  }

  restore(panel: vscode.WebviewPanel, state: unknown): void {
    const shown = parseRef(state);
    if (shown) this.adopt(panel, this.subjectOf(shown), false);
    else panel.dispose();
  }

  /** As the editor of a file, which says at any time what the file is then. */
  showIn(panel: vscode.WebviewPanel, uri: vscode.Uri): void {
    const subject = new FileProofSubject(this.app, this.files, uri);
    subject.follow();
    this.adopt(panel, subject, false);
  }

  dispose(): void {
    for (const [panel, host] of this.panels) {
      host.dispose();
      panel.dispose();
    }
    this.enclaves.dispose();
  }

  /** Once: what cannot be read is set aside by whoever finds it. */
  private async tellLoss(kept: string): Promise<void> {
    const verify = t("Verify provider");
    const text = t(
      "What was remembered of providers' enclaves cannot be read any more; the file is kept as {0}. Each provider is asked about once more: verify it again to know what it is now.",
      kept,
    );
    if ((await showWarning(text, verify)) === verify) await this.verifyProvider(undefined);
  }

  private subjectOf(shown: ProofRef): ProofSubject {
    return isOfFile(shown)
      ? new FileProofSubject(this.app, this.files, vscode.Uri.parse(shown.file, true))
      : new ProviderProof(this.app, this.enclaves, shown);
  }

  private adopt(panel: vscode.WebviewPanel, subject: ProofSubject, isAsked: boolean): void {
    panel.webview.options = webviewOptions(this.extensionUri);
    const host = new ProofHost({ app: this.app, webview: panel.webview, subject });
    this.panels.set(panel, host);
    panel.onDidDispose(() => {
      host.dispose();
      this.panels.delete(panel);
    });
    panel.webview.html = webviewHtml(panel.webview, this.extensionUri, bundle, titleOf(subject.ref));
    void host.check(isAsked);
  }
}

async function pickFile(): Promise<vscode.Uri | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      ...{ title: t("Verify a file"), openLabel: t("Verify") },
      defaultUri: likelyFolder(),
    })) ?? [];
  return uri;
}

function newPanel(shown: ProofRef): vscode.WebviewPanel {
  return vscode.window.createWebviewPanel(panelType, titleOf(shown), vscode.ViewColumn.Active);
}

function titleOf(shown: ProofRef): string {
  if (!isOfFile(shown)) return verificationTitle(t);
  return t("Verification of {0}", fileName(vscode.Uri.parse(shown.file).path));
}

function isOfFile(shown: ProofRef): shown is FileRef {
  return "file" in shown;
}

function isSame(one: ProofRef, other: ProofRef): boolean {
  if (isOfFile(one) || isOfFile(other)) return isOfFile(one) && isOfFile(other) && one.file === other.file;
  return (
    sameAddress(one.provider, other.provider) &&
    one.service === other.service &&
    one.answer?.turn === other.answer?.turn
  );
}

function parseRef(state: unknown): ProofRef | undefined {
  if (typeof state !== "object" || state === null) return undefined;
  const { file } = state as Partial<FileRef>;
  // The page is ours, but it shows what strangers wrote: of all addresses a file of this machine alone is opened again.
  if (typeof file === "string") return file.startsWith("file:") ? { file } : undefined;
  const { provider, service, answer } = state as Partial<ProviderRef>;
  const isKnown = service === "inference" || service === "fine-tuning";
  if (typeof provider !== "string" || !isKnown) return undefined;
  const isWhole = typeof answer?.conversation === "string" && typeof answer.turn === "string";
  return { provider, service, ...(isWhole ? { answer } : {}) };
}
