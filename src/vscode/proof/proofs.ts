// The door to verification: a chunk of its own, loaded with the first page, receipt, file or message. What is known from the start is here alone.
import * as vscode from "vscode";
import type { Turn } from "../../domain/chat.js";
import type { ConversationId } from "../../domain/ids.js";
import type { EnclaveGate, EntryReader, LoadBroker } from "../../services/ports.js";
import type { App } from "../app.js";
import { watchClosing } from "../webviewHtml.js";
import type { ProofPanels } from "./proofPanels.js";

export class Proofs
  implements
    EnclaveGate,
    vscode.Disposable,
    vscode.WebviewPanelSerializer,
    vscode.CustomReadonlyEditorProvider
{
  private loaded: Promise<ProofPanels> | undefined;
  private readonly registration = vscode.Disposable.from(
    vscode.window.registerWebviewPanelSerializer("zgCompute.proof", this),
    vscode.window.registerCustomEditorProvider("zgCompute.receipt", this, {
      supportsMultipleEditorsPerDocument: true,
    }),
  );

  constructor(
    private readonly app: () => App,
    private readonly extensionUri: vscode.Uri,
    private readonly loadBroker: LoadBroker,
  ) {}

  readonly load = (): Promise<ProofPanels> =>
    (this.loaded ??= import("./proofPanels.js").then(
      ({ ProofPanels }) => new ProofPanels(this.app(), this.extensionUri, this.loadBroker),
    ));

  async allow(...recipient: Parameters<EnclaveGate["allow"]>): Promise<void> {
    await (await this.load()).enclaves.allow(...recipient);
  }

  async allowPublic(): Promise<void> {
    await (await this.load()).enclaves.allowPublic();
  }

  async beforeSending<E>(reader: EntryReader<E>, signal?: AbortSignal): Promise<E> {
    return (await this.load()).enclaves.beforeSending(reader, signal);
  }

  async beforeSendingUnasked<E>(reader: EntryReader<E>): Promise<E> {
    return (await this.load()).enclaves.beforeSendingUnasked(reader);
  }

  async verified(...of: Parameters<EnclaveGate["verified"]>): ReturnType<EnclaveGate["verified"]> {
    return (await this.load()).enclaves.verified(...of);
  }

  async ofAnswer(conversation: ConversationId, { id, answer }: Turn): Promise<void> {
    const shown = {
      provider: answer.provider,
      service: "inference",
      answer: { conversation, turn: id },
    } as const;
    (await this.load()).show(shown);
  }

  async receiptOf({ answer }: Turn): Promise<void> {
    await (await this.load()).showReceiptOf(answer);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    (await this.load()).restore(panel, state);
  }

  /** Nothing is read for it: the page reads the file, each time anew. */
  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): Promise<void> {
    const isClosed = watchClosing(panel);
    const panels = await this.load();
    if (!isClosed()) panels.showIn(panel, uri);
  }

  dispose(): void {
    this.registration.dispose();
    void this.loaded?.then((panels) => panels.dispose());
  }
}
