// What the user picks to go along with a question: from the editor, the Explorer, a dialog, or dropped on the chat and pasted there.
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { mostAttachments, type Attachment } from "../../domain/attachment.js";
import { DisposableList, type Disposable } from "../../domain/event.js";
import {
  DraftAttachments,
  type AttachmentPlace,
  type DraftAttachment,
  type Taken,
} from "../../services/chat/draftAttachments.js";
import { PastedPictures, type PastedPicture } from "../../services/chat/pastedPictures.js";
import { createFolder } from "../../system/folder.js";
import { brokenText, pastedName, placeText, refusalText } from "../../view/chat/attachmentView.js";
import type { Entry } from "../../view/choice.js";
import type { App } from "../app.js";
import { showInformation, showWarning } from "../notices.js";
import { plainLine } from "../../view/text.js";
import { pickOne } from "../questions.js";
import { t } from "../translate.js";
import { ensureTrust } from "../trust.js";
import { uriInWorkspace, urisOf } from "../uriList.js";
import { likelyFolder } from "../workspaceFolder.js";
import type { LastEditor } from "./lastEditor.js";
import { createPlaceReader, lineEdits, namesPicture, placeOf, selectedPlaces } from "./editorText.js";

interface Pick extends Entry {
  /** Absent: chosen in a dialog. */
  readonly places?: readonly AttachmentPlace[];
}

/** Typing changes a document with every key. */
const lookAfterMs = 300;

export class ChatAttachments implements Disposable {
  private readonly owned = new DisposableList();
  private readonly kept: DraftAttachments;
  private readonly pasted: PastedPictures;
  /** What is being asked. */
  private readonly asking = new Map<Taken, readonly DraftAttachment[]>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    app: App,
    private readonly editor: LastEditor,
    draft: string | undefined,
    onChange: () => void,
  ) {
    const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
    this.kept = new DraftAttachments({ read: createPlaceReader(), state: app.drafts, random, draft });
    const folder = createFolder(vscode.Uri.joinPath(app.storage, "pasted-pictures").fsPath);
    this.pasted = new PastedPictures({ folder, random, clock: app.clock });
    const { owned } = this;
    owned.add(this.kept);
    owned.add(this.kept.onDidChange(onChange));
    owned.add(vscode.workspace.onDidChangeTextDocument((event) => this.edited(event)));
    // A document without a file is opened again some time after the window is.
    owned.add(vscode.workspace.onDidOpenTextDocument(() => this.lookSoon()));
    owned.add(vscode.workspace.onDidCloseTextDocument(() => this.lookSoon()));
    owned.add({ dispose: () => clearTimeout(this.timer) });
    void this.kept.look();
  }

  get draft(): string {
    return this.kept.draft;
  }

  get items(): readonly DraftAttachment[] {
    return this.kept.items;
  }

  get attachments(): readonly Attachment[] {
    return this.kept.attachments;
  }

  get hasPictures(): boolean {
    return this.items.some(({ picture }) => picture !== undefined);
  }

  /** Also of what is being asked: its bytes may not be where those of questions are yet. */
  picture(sha256: string): DraftAttachment | undefined {
    return [...this.items, ...[...this.asking.values()].flat()].find(
      ({ picture }) => picture?.sha256 === sha256,
    );
  }

  look(): Promise<void> {
    return this.kept.look();
  }

  /** Asks what. */
  async pick(): Promise<void> {
    if (!(await ensureTrust())) return;
    const title = t("Attach to the question");
    const placeHolder = t("What the question is about");
    const picked = await pickOne(this.choices(), { title, placeHolder, matchOnDescription: true });
    if (picked) await this.add(picked.places ?? (await chooseFiles()));
  }

  /** Says what could not be; false when that was anything. */
  async add(places: readonly AttachmentPlace[]): Promise<boolean> {
    const refusal = refusalText(await this.kept.add(places), t);
    this.warn(refusal);
    return refusal === undefined;
  }

  /** Of the workspace alone: the panel says what was dropped, and nobody but the user picks other files. */
  async drop(list: string): Promise<void> {
    if (!(await ensureTrust())) return;
    const uris = urisOf(list, mostAttachments + 1).filter(({ path }) => path !== "");
    const inside = uris.flatMap((uri) => uriInWorkspace(uri) ?? []);
    if (inside.length < uris.length)
      void showInformation(
        t("Only files of the workspace can be dropped here: attach others with the button."),
      );
    await this.add(inside.map((uri) => placeOf(uri)));
  }

  /** A picture that is no file of the workspace. */
  async takePicture(name: string, picture: PastedPicture): Promise<void> {
    if (!(await ensureTrust())) return;
    const path = name === "" ? pastedName(this.items, t) : plainLine(name, 80);
    const kept = await this.pasted.keep(picture);
    const place = { uri: "", path };
    if ("problem" in kept) return this.warn(refusalText([{ place, problem: kept.problem }], t));
    const isAdded = await this.add([{ uri: vscode.Uri.file(kept.file).toString(), path }]);
    if (!isAdded) await this.pasted.forget([kept.file]);
  }

  async remove(id: string): Promise<void> {
    const removed = this.items.filter((one) => one.id === id);
    await this.kept.remove(id);
    await this.forget(removed);
  }

  /** What is sent. Undefined: something cannot be, and the user was told. */
  async take(): Promise<Taken | undefined> {
    const { items } = this.kept;
    if (items.length > 0 && !(await ensureTrust())) return undefined;
    const taken = await this.kept.take();
    if (!taken) void showWarning(brokenText(this.kept.items, t));
    else this.asking.set(taken, items);
    return taken;
  }

  /** What was taken and not asked. */
  async putBack(taken: Taken): Promise<void> {
    this.asking.delete(taken);
    await this.kept.putBack(taken);
  }

  /** What was taken and not asked belongs to another draft than what is here now. */
  async leave(taken: Taken): Promise<readonly AttachmentPlace[]> {
    const items = this.asking.get(taken) ?? [];
    this.asking.delete(taken);
    await this.kept.asked(taken);
    return items.map(({ uri, path, lines }) => ({ uri, path, lines }));
  }

  /** What was taken stands with its question. */
  asked(taken: Taken): Promise<void> {
    return this.kept.asked(taken);
  }

  /** The bytes of its pictures do, too. */
  async settle(taken: Taken): Promise<void> {
    const items = this.asking.get(taken) ?? [];
    this.asking.delete(taken);
    await this.forget(items);
  }

  dispose(): void {
    this.owned.dispose();
  }

  private async forget(items: readonly DraftAttachment[]): Promise<void> {
    await this.pasted.forget(items.map(({ uri }) => vscode.Uri.parse(uri).fsPath));
  }

  private warn(text: string | undefined): void {
    if (text !== undefined) void showWarning(text);
  }

  private edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const uri = document.uri.toString();
    if (contentChanges.length === 0 || !this.kept.items.some((item) => item.uri === uri)) return;
    this.kept.edited(uri, lineEdits(contentChanges));
    this.lookSoon();
  }

  private lookSoon(): void {
    if (this.kept.isEmpty) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.kept.look(), lookAfterMs);
  }

  private choices(): readonly Pick[] {
    const editor = this.editor.used;
    const selected = editor ? selectedPlaces(editor) : [];
    const open = openFiles(editor?.document.uri);
    return [
      ...selected.map((place) => choice(t("Selection"), "list-selection", place)),
      ...(editor ? [choice(t("This file"), "file", placeOf(editor.document.uri))] : []),
      ...open.map((uri) => choice(t("Open file"), "files", placeOf(uri))),
      { label: t("Choose files…"), icon: "folder-opened" },
    ];
  }
}

function choice(label: string, icon: string, place: AttachmentPlace): Pick {
  return { label, icon, description: placeText(place, t), places: [place] };
}

/** Other than the one in front, each once. */
function openFiles(front: vscode.Uri | undefined): readonly vscode.Uri[] {
  const inputs = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ input }) => input));
  const uris = inputs.flatMap((input) =>
    input instanceof vscode.TabInputText || isPictureTab(input) ? [input.uri] : [],
  );
  const byAddress = new Map(uris.map((uri) => [uri.toString(), uri]));
  if (front) byAddress.delete(front.toString());
  return [...byAddress.values()];
}

/** A picture is shown in an editor of its own. */
function isPictureTab(input: unknown): input is vscode.TabInputCustom {
  return input instanceof vscode.TabInputCustom && namesPicture(input.uri);
}

async function chooseFiles(): Promise<readonly AttachmentPlace[]> {
  const uris = await vscode.window.showOpenDialog({
    title: t("Attach to the question"),
    openLabel: t("Attach"),
    canSelectMany: true,
    defaultUri: likelyFolder(),
  });
  return (uris ?? []).map((uri) => placeOf(uri));
}

/** What a command of the editor's menus is about: the files of the Explorer, else the selection, else the file in front. */
export function placesOf([first, all]: readonly unknown[]): readonly AttachmentPlace[] {
  if (Array.isArray(all) && all.length > 0)
    return all.flatMap((uri: unknown) => (uri instanceof vscode.Uri ? [placeOf(uri)] : []));
  const editor = vscode.window.activeTextEditor;
  const isElsewhere = first instanceof vscode.Uri && first.toString() !== editor?.document.uri.toString();
  if (isElsewhere) return [placeOf(first)];
  const selected = editor ? selectedPlaces(editor) : [];
  if (selected.length > 0 || !editor) return selected;
  return [placeOf(editor.document.uri)];
}

export function placesSelected(): readonly AttachmentPlace[] {
  const editor = vscode.window.activeTextEditor;
  return editor ? selectedPlaces(editor) : [];
}
