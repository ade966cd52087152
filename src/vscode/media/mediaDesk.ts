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
import { TranscriptsService, type TranscriptFormat } from "../../services/media/transcripts.js";
import { endingOf, pictureName, savedText } from "../../view/mediaView.js";
import { movedText } from "../../view/pictureOrders.js";
import { fileName } from "../../view/text.js";
import type { App } from "../app.js";
import { folderFor } from "../fineTuning/picking.js";
import { withProgress } from "../fineTuning/progress.js";
import { showInformation, showWarning } from "../notices.js";
import { t } from "../translate.js";
import { askEdit, askGeneration, askTranscript } from "./asking.js";
import { insertLink, promptOf, type PromptPlace } from "./markdownPlace.js";
import { OrderDesk } from "./orderDesk.js";
import { audioFor, baseName, pictureFor, rootOf, save, targetFolder } from "./places.js";

export class MediaDesk {
  private readonly images: ImagesService;
  private readonly transcripts: TranscriptsService;
  private readonly orders: OrderDesk;

  constructor(
    private readonly app: App,
    options: Omit<ImagesOptions, "movedText">,
    private readonly closing: AbortSignal,
  ) {
    this.images = new ImagesService({ ...options, movedText: (order, now) => movedText(order, now, t) });
    this.orders = new OrderDesk(app, this.images, (made) => this.keep(made), closing);
    this.transcripts = new TranscriptsService(options);
  }

  async generate(): Promise<void> {
    const place = promptOf(vscode.window.activeTextEditor);
    const order = await askGeneration(this.app, place?.prompt);
    const folder = order && (await targetFolder(place?.document.uri));
    if (order && folder)
      await this.make(t("Generate image"), order, pictureName(order.prompt), folder, place);
  }

  async edit(uri: unknown): Promise<void> {
    const picture = await pictureFor(uri);
    const order = picture && (await askEdit(this.app, picture));
    if (!picture || !order) return;
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
    place?: PromptPlace,
  ): Promise<void> {
    try {
      const found = await withProgress(this.app, title, ({ signal, onProgress }) =>
        this.images.make(
          request,
          { name, folder: folder.toString() },
          () => onProgress({ stage: "make", done: 0, total: 0 }),
          signal,
        ),
      );
      if (found) await this.orders.take(found, (made) => this.keep(made, place));
    } catch (error) {
      this.app.errors.show(error, () => void this.make(title, request, name, folder, place));
    }
  }

  /** What was made is paid for, and never made again: only the saving is repeated, in a folder that the user names. Never rejects. */
  private async saveIn(
    folder: vscode.Uri,
    name: string,
    write: (folder: vscode.Uri) => Promise<void>,
  ): Promise<void> {
    try {
      await write(folder);
    } catch (error) {
      const elsewhere = async () => {
        const picked = await folderFor(t("Where is “{0}” saved?", name), t("Save here"));
        await this.saveIn(picked ?? folder, name, write);
      };
      const what = t("“{0}” was made and is paid for, and is not saved yet.", name);
      this.app.errors.show(error, () => void elsewhere(), what);
    }
  }

  private keep(made: MadeImages, place?: PromptPlace): Promise<void> {
    const { name, folder: wanted } = made.order;
    return this.saveIn(vscode.Uri.parse(wanted), name, async (folder) => {
      const files: vscode.Uri[] = [];
      for (const { bytes, type } of made.pictures) {
        const ending = type === "jpeg" ? "jpg" : type;
        files.push(await save({ folder, name, ending, root: rootOf(folder) }, bytes));
      }
      await made.saved();
      this.showPictures(files, made, place).catch((error: unknown) => this.app.errors.show(error));
    });
  }

  private async showPictures(
    files: readonly vscode.Uri[],
    made: MadeImages,
    place: PromptPlace | undefined,
  ): Promise<void> {
    const [first] = files;
    if (!first) return;
    if (place) await insertLink(place, files);
    const beside = place ? { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true } : {};
    await vscode.commands.executeCommand("vscode.open", first, beside);
    void this.tell(files, made, true);
  }

  private async write(
    title: string,
    audio: vscode.Uri,
    provider: ImageRequest["provider"],
    format: TranscriptFormat,
  ): Promise<void> {
    try {
      const made = await withProgress(this.app, title, ({ signal, onProgress }) =>
        this.transcripts.make(
          { provider, source: audio.fsPath, format },
          (event) => {
            if (event.kind !== "upload") return;
            const isSent = event.done === event.total;
            onProgress(isSent ? { stage: "make", done: 0, total: 0 } : { ...event, stage: "upload" });
          },
          signal,
        ),
      );
      if (!made) return;
      const name = baseName(audio);
      await this.saveIn(vscode.Uri.joinPath(audio, ".."), name, async (folder) => {
        const file = await save({ folder, name, ending: endingOf(format) }, made.bytes);
        await vscode.commands.executeCommand("vscode.open", file);
        void this.tell([file], made, made.isCostKnown);
      });
    } catch (error) {
      this.app.errors.show(error, () => void this.write(title, audio, provider, format));
    }
  }

  /** Failed is told as a warning; what was made stays, for whoever wants to look at it. */
  private async tell(
    files: readonly vscode.Uri[],
    { verdict, cost, receipt }: Proof,
    isCostKnown: boolean,
  ): Promise<void> {
    const what = files.map(({ path }) => fileName(path)).join(", ");
    const text = savedText({ what, cost, isCostKnown, verdict }, t);
    const show = t("Show receipt");
    const buttons = receipt ? [show] : [];
    const picked = await (verdictWord(verdict.level) === "failed" ? showWarning : showInformation)(
      text,
      ...buttons,
    );
    if (picked === show && receipt) (await this.app.proofs.load()).showReceipt(receipt);
  }
}
