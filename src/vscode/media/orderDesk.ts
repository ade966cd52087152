// Orders of pictures after they went out: what came of each, and what the user wants with those that are not here.
import { commands, Uri } from "vscode";
import type { ComputeError } from "../../domain/error.js";
import type { FoundImages, ImagesService, KeptOrder, MadeImages } from "../../services/media/images.js";
import {
  busyText,
  elsewhereText,
  failedText,
  forgetText,
  lostText,
  openText,
  orderChoices,
  ownWhy,
  stoppedText,
  unsavedText,
  waitingText,
} from "../../view/media/pictureOrders.js";
import type { App } from "../app.js";
import { folderFor } from "../fineTuning/picking.js";
import { withProgress } from "../fineTuning/progress.js";
import { showInformation, showWarning } from "../notices.js";
import { pickOne } from "../questions.js";
import { moment } from "../telling.js";
import { t } from "../translate.js";
import { isOpenHere } from "./places.js";

/** In the folder it was ordered for, or in that one. */
type Keep = (made: MadeImages, folder?: Uri) => Promise<void>;

export class OrderDesk {
  /** Of which the user was told in this window: each change of the session looks again. */
  private readonly told = new Set<string>();

  constructor(
    private readonly app: App,
    private readonly images: ImagesService,
    private readonly keep: Keep,
    private readonly closing: AbortSignal,
  ) {}

  /** Looks after what no window looks after. What passes by itself is told to nobody. */
  async resume(): Promise<void> {
    const on = async (found: FoundImages) => {
      if (found.kind !== "waits" || !found.isPassing) await this.take(found);
    };
    await this.images.resume(on, this.closing, isHere);
  }

  /** Somebody waits for it, or would not know otherwise. */
  async take(found: FoundImages, keep: (made: MadeImages) => Promise<void> = this.keep): Promise<void> {
    switch (found.kind) {
      case "made":
        return keep(found.made);
      case "failed":
        return void this.tellFailed(found);
      case "lost":
        return void this.once(found.order, () => this.tellLost(found.order, found.error));
      case "elsewhere":
        return void this.once(found.order, () => this.tellElsewhere(found.order));
      case "waits":
        return void this.once(found.order, () => this.tellWaiting(found.order, found.error));
    }
  }

  /** All that are open, to ask after or to forget. */
  async show(): Promise<void> {
    const orders = await this.images.open();
    if (orders.length === 0) return void showInformation(t("No picture is on its way."));
    const options = { title: t("Picture orders"), placeHolder: t("Which one is it about?") };
    const isUnsaved = (order: KeptOrder) => this.images.isUnsaved(order);
    const order = (await pickOne(orderChoices(orders, moment, isUnsaved, t), options))?.value;
    if (!order) return;
    const isMade = isUnsaved(order);
    if (!isMade && !order.job) return this.tellLost(order);
    const again = isMade ? t("Save again") : t("Ask again");
    const text = isMade ? unsavedText(order, undefined, t) : openText(order, t);
    await this.answer(await showInformation(text, again, t("Forget this order")), again, order);
  }

  private async once(order: KeptOrder, tell: () => Promise<void>): Promise<void> {
    if (this.told.has(order.id)) return;
    this.told.add(order.id);
    try {
      await tell();
    } catch (error) {
      this.app.errors.show(error);
    }
  }

  /** Nothing can be done but to know it: whoever has closed the notification does. */
  private async tellLost(order: KeptOrder, error?: ComputeError): Promise<void> {
    const log = t("Show log");
    const text = lostText(order, error && (await this.why(error)), t);
    if ((await showWarning(text, t("Forget this order"), ...(error ? [log] : []))) === log) await showLog();
    await this.images.forget(order);
  }

  private async tellWaiting(order: KeptOrder, error: ComputeError): Promise<void> {
    const isStopped = error.code === "cancelled";
    if (isStopped && this.closing.aborted) return;
    const again = isStopped ? t("Go on waiting") : t("Ask again");
    const text = isStopped ? stoppedText(order, t) : waitingText(order, await this.why(error), t);
    const show = isStopped ? showInformation : showWarning;
    await this.answer(await show(text, again, t("Forget this order")), again, order);
  }

  private async tellFailed({
    order,
    error,
    receipt,
  }: Extract<FoundImages, { kind: "failed" }>): Promise<void> {
    const show = t("Show receipt");
    const log = t("Show log");
    const text = failedText(order, await this.why(error), error.code === "verificationFailed", t);
    const picked = await showWarning(text, ...(receipt ? [show] : []), log);
    if (picked === show && receipt) (await this.app.proofs.load()).showReceipt(receipt);
    if (picked === log) await showLog();
  }

  private async tellElsewhere(order: KeptOrder): Promise<void> {
    const choose = t("Choose a folder…");
    const text = elsewhereText(order, Uri.parse(order.root ?? "").path, t);
    await this.answer(await showInformation(text, choose, t("Forget this order")), choose, order);
  }

  private async answer(picked: string | undefined, again: string, order: KeptOrder): Promise<void> {
    if (picked === undefined) return;
    if (picked !== again) return this.forget(order);
    this.told.delete(order.id);
    await this.askAgain(order);
  }

  /** Where it was ordered for, unless its workspace is not open here. */
  private async askAgain(order: KeptOrder): Promise<void> {
    if (isHere(order)) await this.fetch(order);
    else await this.saveElsewhere(order);
  }

  /** In a folder that the user names; without one it stays as it is. */
  async saveElsewhere(order: KeptOrder): Promise<void> {
    const folder = await folderFor(t("Where is “{0}” saved?", order.name), t("Save here"));
    if (folder) await this.fetch(order, folder);
  }

  private async fetch(order: KeptOrder, folder?: Uri): Promise<void> {
    try {
      const found = await withProgress(this.app, t("Picture “{0}”", order.name), ({ signal, onProgress }) => {
        onProgress({ stage: "make", done: 0, total: 0 });
        return this.images.again(order, AbortSignal.any([signal, this.closing]));
      });
      if (found) await this.take(found, (made) => this.keep(made, folder));
      else void showInformation(busyText(order, t));
    } catch (error) {
      this.app.errors.show(error, () => void this.fetch(order, folder));
    }
  }

  private async forget(order: KeptOrder): Promise<void> {
    if (!(await this.app.dialogs.confirm(forgetText(order, t)))) return;
    this.told.add(order.id); // whatever waits for it here ends, and that is no news
    if (!(await this.images.forget(order))) void showInformation(busyText(order, t));
  }

  private async why(error: ComputeError): Promise<string> {
    const { errorView } = await import("../../view/errors/errors.js");
    return ownWhy(error, t) ?? errorView(error, t).text;
  }
}

function showLog(): Thenable<unknown> {
  return commands.executeCommand("zgCompute.showLog");
}

function isHere({ root }: KeptOrder): boolean {
  return root === undefined || isOpenHere(root);
}
