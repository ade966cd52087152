// Pictures and transcripts as a user asks for them: questions, progress, the file, the word on its proof. The entry of its chunk.
import * as vscode from "vscode";
import { verdictWord } from "../../domain/verdict.js";
import {
  ImagesService,
  type EditRequest,
  type ImageRequest,
  type ImagesOptions,
  type MadeImages,
} from "../../services/media/images.js";
import type { Proof } from "../../services/media/proving.js";
import {
  TranscriptsService,
  type MadeTranscript,
  type TranscriptFormat,
} from "../../services/media/transcripts.js";
import {
  endingOf,
  isTooLarge,
  pictureName,
  savedText,
  stoppedTranscriptText,
  tooLargeText,
  unsavedTranscriptText,
  type SavedFacts,
} from "../../view/media/mediaView.js";
import { movedText, unsavedText } from "../../view/media/pictureOrders.js";
import { fileName } from "../../view/text.js";
import type { App } from "../app.js";
import { withProgress } from "../fineTuning/progress.js";
import { showError, showInformation, showWarning } from "../notices.js";
import { t } from "../translate.js";
import { fileInFront } from "../workspaceFolder.js";
import { askEdit, askGeneration, askTranscript } from "./asking.js";
import { insertLink, promptOf } from "./markdownPlace.js";
import { OrderDesk } from "./orderDesk.js";
import { audioFor, baseName, pictureFor, rootOf, save, targetFolder } from "./places.js";

/** Leads to what was made from where it was asked for. */
type Link = (files: readonly vscode.Uri[]) => Promise<void>;

/** How far the saving of pictures has come: what was saved before it failed is not saved again. */
interface Saving {
  readonly files: vscode.Uri[];
  readonly link?: Link | undefined;
}

export class MediaDesk {
  private readonly images: ImagesService;
  private readonly transcripts: TranscriptsService;
  private readonly orders: OrderDesk;
  private readonly savings = new WeakMap<MadeImages, Saving>();

  constructor(
    private readonly app: App,
    options: Omit<ImagesOptions, "movedText">,
    private readonly closing: AbortSignal,
  ) {
    this.images = new ImagesService({ ...options, movedText: (order, now) => movedText(order, now, t) });
    this.orders = new OrderDesk(app, this.images, (made, folder) => this.keep(made, { folder }), closing);
    this.transcripts = new TranscriptsService(options);
  }

  async generate(): Promise<void> {
    const place = promptOf(vscode.window.activeTextEditor);
    const file = fileInFront(); // before the questions, behind which another may be
    const order = await askGeneration(this.app, place?.prompt);
    const folder = order && (await targetFolder(file));
    if (!order || !folder) return;
    const { prompt } = order;
    const link: Link | undefined = place && ((files) => insertLink(place, prompt, files));
    await this.make(t("Generate image"), order, pictureName(prompt), folder, link);
  }

  async edit(uri: unknown): Promise<void> {
    const picture = await pictureFor(uri);
    if (!picture) return;
    // Before anything is asked, let alone an account there is paid for.
    await this.images.check(picture.fsPath, this.closing);
    const order = await askEdit(this.app, picture);
    if (!order) return;
    const folder = vscode.Uri.joinPath(picture, "..");
    await this.make(t("Edit image"), order, `${baseName(picture)}-edited`, folder);
  }

  async transcribe(uri: unknown): Promise<void> {
    const audio = await audioFor(uri);
    if (!audio) return;
    const title = t("Transcribe");
    const facts = await this.transcripts.facts(audio.fsPath, this.closing);
    const asked = await askTranscript(this.app, audio, facts);
    if (asked) await this.write(title, audio, asked.provider, asked.format);
  }

  /** What earlier windows ordered: each is saved and told of, once. */
  resume(): Promise<void> {
    return this.orders.resume();
  }

  showOrders(): Promise<void> {
    return this.orders.show();
  }

  private async make(
    title: string,
    request: ImageRequest | EditRequest,
    name: string,
    folder: vscode.Uri,
    link?: Link,
  ): Promise<void> {
    const root = rootOf(folder)?.toString();
    try {
      const found = await withProgress(this.app, title, ({ signal, onProgress }) =>
        this.images.make(
          request,
          { name, folder: folder.toString(), ...(root === undefined ? {} : { root }) },
          () => onProgress({ stage: "make", done: 0, total: 0 }),
          signal,
        ),
      );
      if (found) await this.orders.take(found, (made) => this.keep(made, { link }));
    } catch (error) {
      this.app.errors.show(error, () => void this.make(title, request, name, folder, link));
    }
  }

  /**
   * Where it was ordered for, or in a folder that the user has just named. What was made is paid for, and never made again: where it cannot
   * be saved it is set aside, and only the saving is repeated. Never rejects.
   */
  private async keep(
    made: MadeImages,
    { folder: named, link }: { readonly folder?: vscode.Uri; readonly link?: Link } = {},
  ): Promise<void> {
    const { name, folder: wanted, root } = made.order;
    const ordered = vscode.Uri.parse(wanted);
    const folder = named ?? ordered;
    const inside = folder === ordered && root !== undefined ? vscode.Uri.parse(root) : rootOf(folder);
    const saving = this.savings.get(made) ?? { files: [], link };
    this.savings.set(made, saving);
    const { files } = saving;
    try {
      for (const { bytes, type } of made.pictures.slice(files.length)) {
        const ending = type === "jpeg" ? "jpg" : type;
        files.push(await save({ folder, name, ending, root: inside?.fsPath }, bytes));
      }
      await made.saved();
    } catch (error) {
      made.setAside();
      const elsewhere = {
        title: t("Save elsewhere…"),
        take: () => void this.orders.saveElsewhere(made.order),
      };
      return this.app.errors.show(error, elsewhere, unsavedText(made.order, pathOf(folder), t));
    }
    this.showPictures(files, made, saving.link).catch((error: unknown) => this.app.errors.show(error));
  }

  private async showPictures(
    files: readonly vscode.Uri[],
    made: MadeImages,
    link: Link | undefined,
  ): Promise<void> {
    const large = made.pictures.findIndex(isTooLarge);
    const [first] = files;
    if (!first) return;
    const picture = made.pictures[large];
    if (picture) void showWarning(tooLargeText(fileName(files[large]?.path ?? ""), picture, t));
    else await this.openPicture(first, files, link);
    const count = { ordered: made.order.count, came: made.came };
    void this.tell(files, made, { isCostKnown: true, count });
  }

  private async openPicture(
    first: vscode.Uri,
    files: readonly vscode.Uri[],
    link: Link | undefined,
  ): Promise<void> {
    await link?.(files);
    const beside = link ? { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true } : {};
    await vscode.commands.executeCommand("vscode.open", first, beside);
  }

  private async write(
    title: string,
    audio: vscode.Uri,
    provider: ImageRequest["provider"],
    format: TranscriptFormat,
  ): Promise<void> {
    let isOut = false;
    let made: MadeTranscript | undefined;
    try {
      made = await withProgress(this.app, title, ({ signal, onProgress }) =>
        this.transcripts.make(
          { provider, source: audio.fsPath, format },
          (event) => {
            if (event.kind === "upload") {
              const isSent = event.done === event.total;
              onProgress(isSent ? { stage: "make", done: 0, total: 0 } : { ...event, stage: "upload" });
            } else if (event.kind !== "waiting") isOut = event.kind === "sent";
          },
          signal,
        ),
      );
    } catch (error) {
      return this.app.errors.show(error, () => void this.write(title, audio, provider, format));
    }
    if (made) await this.keepTranscript(audio, format, made);
    else if (isOut) void showInformation(stoppedTranscriptText(fileName(audio.path), t));
  }

  /** It is paid for, and nobody can fetch it again: what cannot be saved is open in an editor, which keeps it over a reload. Never rejects. */
  private async keepTranscript(
    audio: vscode.Uri,
    format: TranscriptFormat,
    made: MadeTranscript,
  ): Promise<void> {
    const folder = vscode.Uri.joinPath(audio, "..");
    try {
      const file = await save({ folder, name: baseName(audio), ending: endingOf(format) }, made.bytes);
      void this.tell([file], made, made);
      await vscode.commands
        .executeCommand("vscode.open", file)
        .then(undefined, (error: unknown) => this.app.errors.show(error));
    } catch (error) {
      await this.openTranscript(audio, format, made, error);
    }
  }

  private async openTranscript(
    audio: vscode.Uri,
    format: TranscriptFormat,
    made: MadeTranscript,
    why: unknown,
  ): Promise<void> {
    const name = fileName(audio.path);
    const content = new TextDecoder().decode(made.bytes);
    const language = endingOf(format) === "json" ? "json" : "plaintext";
    try {
      const document = await vscode.workspace.openTextDocument({ content, language });
      await vscode.window.showTextDocument(document, { preview: false });
      const elsewhere = async () => {
        await vscode.window.showTextDocument(document);
        await vscode.commands.executeCommand("workbench.action.files.saveAs");
      };
      const wayOut = { title: t("Save elsewhere…"), take: () => void elsewhere() };
      const folder = pathOf(vscode.Uri.joinPath(audio, ".."));
      this.app.errors.show(why, wayOut, unsavedTranscriptText(name, folder, t));
      const what = `${baseName(audio)}.${endingOf(format)}`;
      void this.tell([], made, { ...made, isSaved: false, what });
    } catch (error) {
      const again = { title: t("Save again"), take: () => void this.keepTranscript(audio, format, made) };
      this.app.errors.show(error, again);
    }
  }

  /** What was made stays, for whoever wants to look at it. That its check failed stays on the screen as well, as errors with a button do. */
  private async tell(
    files: readonly vscode.Uri[],
    { verdict, cost, receipt }: Proof,
    facts: Pick<SavedFacts, "isCostKnown" | "count" | "isSaved"> & { readonly what?: string },
  ): Promise<void> {
    const { what = files.map(({ path }) => fileName(path)).join(", "), isCostKnown, count, isSaved } = facts;
    const text = savedText({ what, cost, verdict, isCostKnown, count, isSaved }, t);
    const show = t("Show receipt");
    const others = t("Open the others");
    const buttons = [...(receipt ? [show] : []), ...(files.length > 1 ? [others] : [])];
    const picked =
      verdictWord(verdict) === "failed"
        ? await showError(text, ...(buttons.length > 0 ? buttons : [t("Close")]))
        : await showInformation(text, ...buttons);
    if (picked === show && receipt) (await this.app.proofs.load()).showReceipt(receipt);
    if (picked === others) await openAll(files.slice(1));
  }
}

function pathOf({ scheme, fsPath, path }: vscode.Uri): string {
  return scheme === "file" ? fsPath : path;
}

/** In tabs that stay. */
async function openAll(files: readonly vscode.Uri[]): Promise<void> {
  for (const file of files) await vscode.commands.executeCommand("vscode.open", file, { preview: false });
}
