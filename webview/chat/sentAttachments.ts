// What went along with a question, each folded; its text comes from the host when it is unfolded, a picture is there small before.
import type { SentAttachmentView } from "../../src/protocol/attachments.js";
import type { TurnView } from "../../src/protocol.js";
import type { ChatContext } from "./context.js";
import { el, foreign } from "../dom.js";
import { icon } from "../icons.js";
import { fold } from "./fold.js";

export class SentAttachments {
  readonly element: HTMLElement;
  private readonly texts = new Map<number, HTMLElement>();

  constructor(turn: TurnView["id"], items: readonly SentAttachmentView[], context: ChatContext) {
    const folds = items.map(({ name, detail, title, picture }, attachment) => {
      const summary = [
        icon("chevron"),
        picture !== undefined && context.pictures.thumbnail(picture),
        el("span", { class: "chip-name", title }, foreign(name)),
        el("span", { class: "chip-detail" }, detail),
      ];
      const options = { id: `attachment-${turn}-${attachment}`, class: "sent-attachment", summary };
      return fold({ ...options, viewState: context.viewState }, () => {
        if (picture !== undefined) return [context.pictures.whole(picture, title)];
        const text = el("pre", { class: "sent-text", tabindex: 0, role: "region", "aria-label": title });
        this.texts.set(attachment, text);
        context.post({ kind: "readAttachment", turn, attachment });
        return [text];
      });
    });
    this.element = el(
      "ul",
      { class: "sent-attachments", role: "list", "aria-label": context.strings.attached },
      ...folds.map((one) => el("li", {}, one)),
    );
  }

  showText(attachment: number, text: string): void {
    this.texts.get(attachment)?.replaceChildren(foreign(text, "code"));
  }
}
