// Pictures by the hash of their bytes: the host is asked for each once, and those seen last are kept, as they are shown in several places.
import type { AttachmentToPanel } from "../../src/protocol/attachments.js";
import type { ToHost } from "../../src/protocol.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";

type Arrived = Extract<AttachmentToPanel, { kind: "picture" }>;
type Show = (shown: Arrived["shown"]) => void;

/** Characters of all that are kept: some five at their largest. */
const mostKept = 40_000_000;
const isPicture = /^data:image\/(?:png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}$/;

export class Pictures {
  private readonly kept = new Map<string, string>();
  private readonly waiting = new Map<string, Show[]>();
  private readonly post: (message: ToHost) => void;

  constructor(post: (message: ToHost) => void) {
    this.post = post;
  }

  /** A small one beside its name: nothing to read. */
  thumbnail(picture: string): HTMLElement {
    const frame = el("span", { class: "thumbnail" });
    this.ask(picture, (shown) => {
      if ("problem" in shown) frame.replaceChildren(icon("warning"));
      else frame.replaceChildren(image(shown.source, ""));
    });
    return frame;
  }

  /** All of it, or why there is none. */
  whole(picture: string, name: string): HTMLElement {
    const frame = el("div", { class: "sent-picture" });
    this.ask(picture, (shown) => {
      if ("problem" in shown) frame.replaceChildren(el("p", {}, shown.problem));
      else frame.replaceChildren(image(shown.source, name));
    });
    return frame;
  }

  receive({ picture, shown }: Arrived): void {
    if ("source" in shown && !isPicture.test(shown.source)) return;
    if ("source" in shown) this.keep(picture, shown.source);
    const shows = this.waiting.get(picture) ?? [];
    this.waiting.delete(picture);
    for (const show of shows) show(shown);
  }

  private ask(picture: string, show: Show): void {
    const source = this.kept.get(picture);
    if (source !== undefined) {
      this.keep(picture, source);
      return show({ source });
    }
    const others = this.waiting.get(picture);
    this.waiting.set(picture, [...(others ?? []), show]);
    if (!others) this.post({ kind: "readPicture", picture });
  }

  /** As the one that was seen last. */
  private keep(picture: string, source: string): void {
    this.kept.delete(picture);
    this.kept.set(picture, source);
    let size = [...this.kept.values()].reduce((sum, { length }) => sum + length, 0);
    for (const [oldest, { length }] of this.kept) {
      if (size <= mostKept) return;
      this.kept.delete(oldest);
      size -= length;
    }
  }
}

function image(src: string, alt: string): HTMLElement {
  return el("img", { src, alt, decoding: "async", draggable: "false" });
}
