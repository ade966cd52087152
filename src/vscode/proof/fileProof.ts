// A file on a verification page: read and checked on this machine, and compared with the chain when that is asked for.
import * as vscode from "vscode";
import { DisposableList, Emitter } from "../../domain/event.js";
import type { FileProof } from "../../domain/fileProof.js";
import { mostUnasked } from "../../domain/receipt.js";
import type { FileRef } from "../../protocol/proof.js";
import type { FileProofs, FileSource } from "../../services/receipts/fileProofs.js";
import { fileLinksOf, fileProofState, type FileProofFacts } from "../../view/proof/fileProofView.js";
import type { ProofTelling } from "../../view/proof/proofView.js";
import { fileName } from "../../view/text.js";
import type { App } from "../app.js";
import { moment } from "../telling.js";
import { t } from "../translate.js";
import type { Page, ProofSubject } from "./proofHost.js";

/** Of what is not on this machine. */
const mostBytes = 128 * 1024 * 1024;

export class FileProofSubject implements ProofSubject {
  private readonly owned = new DisposableList();
  private readonly changed = new Emitter<"again" | "shown">();
  readonly onDidChange = this.changed.event;
  readonly ref: FileRef;
  private readonly telling: ProofTelling = { t, moment };
  private proof: FileProof | undefined;
  private checkedAt: number | undefined;
  private fraction: number | undefined;

  constructor(
    private readonly app: App,
    private readonly files: FileProofs,
    private readonly uri: vscode.Uri,
  ) {
    this.ref = { file: uri.toString() };
    this.owned.add(this.changed);
  }

  dispose(): void {
    this.owned.dispose();
  }

  /** Checked again whenever the file is written, replaced, removed or back. A name may hold what a pattern takes for more than itself. */
  follow(): void {
    const folder = vscode.Uri.joinPath(this.uri, "..");
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, "*"));
    const look = (written: vscode.Uri) => {
      if (written.toString() === this.ref.file) this.changed.fire("again");
    };
    this.owned.add(watcher);
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete])
      this.owned.add(event(look));
  }

  async check(signal: AbortSignal, isAsked: boolean): Promise<void> {
    this.fraction = undefined;
    const source = await sourceOf(this.uri, isAsked ? mostBytes : mostUnasked);
    if (typeof source === "number") {
      const proof: FileProof = { kind: "unknown", why: isAsked ? "tooLarge" : "unasked", size: source };
      return signal.aborted ? undefined : this.found(proof);
    }
    const onProgress = ({ done, total }: { readonly done: number; readonly total: number }) => {
      if (!signal.aborted) this.progressed(done / total);
    };
    const proof = await this.files.check(source, { signal, onProgress, isAsked });
    if (!signal.aborted) this.found(proof);
  }

  async askChain(signal: AbortSignal): Promise<void> {
    if (!this.proof) return;
    const proof = await this.files.askChain(this.proof, signal);
    if (!signal.aborted) this.found(proof);
  }

  page(more: Parameters<ProofSubject["page"]>[0]): Promise<Page> {
    const { proof, checkedAt, fraction, uri } = this;
    const facts: FileProofFacts = {
      ...(uri.scheme === "file" ? { shown: this.ref } : {}),
      ...{ name: fileName(uri.path), network: this.app.session.tryNetwork(), ...more },
      ...{ proof, checkedAt, fraction },
    };
    const state = fileProofState(facts, this.telling);
    return Promise.resolve({ state, links: fileLinksOf(facts, this.telling) });
  }

  private found(proof: FileProof): void {
    this.proof = proof;
    this.checkedAt = this.app.clock.now();
    this.fraction = undefined;
  }

  /** Each percent once: files may be as large as a disk. */
  private progressed(fraction: number): void {
    const before = this.fraction ?? -1;
    this.fraction = fraction;
    if (Math.floor(before * 100) !== Math.floor(fraction * 100)) this.changed.fire("shown");
  }
}

/** Of what was typed and not saved, the text; of what is elsewhere, the bytes, or how many where they are more; nothing where there are none. */
async function sourceOf(uri: vscode.Uri, most: number): Promise<FileSource | number> {
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
  if (document && (document.isDirty || uri.scheme !== "file"))
    return { bytes: new TextEncoder().encode(document.getText()) };
  if (uri.scheme === "file") return { path: uri.fsPath };
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    return size > most ? size : { bytes: await vscode.workspace.fs.readFile(uri) };
  } catch {
    // it is not there any more
  }
  return { bytes: new Uint8Array() };
}
