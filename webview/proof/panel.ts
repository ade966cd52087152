// The whole verification page: the word, what changed, the chain of custody. Each state the host sends is complete.
import type {
  ProofPanelState,
  ProofRef,
  ProofStrings,
  ToProofHost,
  ToProofPanel,
} from "../../src/protocol/proof.js";
import { el } from "../dom.js";
import { whenChanged } from "../task/changed.js";
import { chainItems } from "./chain.js";
import { Head } from "./head.js";

export interface EditorApi {
  postMessage(message: ToProofHost): void;
  /** Handed to the host when a window with this page is opened again. */
  setState(state: ProofRef | undefined): void;
}

export interface ProofContext {
  readonly post: (message: ToProofHost) => void;
  readonly strings: ProofStrings;
  /** Says a short sentence to assistive technology. */
  readonly announce: (text: string) => void;
}

export class ProofPanel {
  private readonly status = el("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  /** Built with the first state: the words of the controls come with it. */
  private parts: Parts | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly api: EditorApi,
  ) {}

  /** Takes any value; what is no message of the protocol is ignored. */
  receive(message: unknown): void {
    if (typeof message !== "object" || message === null || !("kind" in message)) return;
    const { kind, state } = message as ToProofPanel;
    if (kind !== "state") return;
    this.api.setState(state.shown);
    if (!this.parts) {
      const announce = (text: string) => this.status.replaceChildren(text);
      const post = (asked: ToProofHost) => this.api.postMessage(asked);
      this.parts = new Parts({ post, announce, strings: state.strings });
      this.root.replaceChildren(this.parts.element, this.status);
    }
    this.parts.show(state);
  }
}

class Parts {
  readonly element: HTMLElement;
  private readonly head: Head;
  private readonly chain = el("ol", { class: "chain", role: "list" });
  private readonly section: HTMLElement;
  private told: string | undefined;

  constructor(private readonly context: ProofContext) {
    const { strings } = context;
    this.head = new Head(context);
    this.section = el("section", { class: "custody" }, el("h2", {}, strings.chain), this.chain);
    this.element = el("main", { class: "proof" }, this.head.element, this.section);
  }

  show(state: ProofPanelState): void {
    const { summary, isBusy, links, isSandbox } = state;
    this.element.classList.toggle("is-sandbox", isSandbox);
    this.element.setAttribute("aria-busy", String(isBusy));
    this.head.show(state);
    this.section.hidden = links.length === 0;
    this.showChain(links);
    const word = isBusy ? state.status : summary && `${summary.label}. ${summary.sentence}`;
    if (word !== undefined && word !== this.told) this.context.announce(word);
    this.told = word;
  }

  private readonly showChain = whenChanged((links: ProofPanelState["links"]) =>
    this.chain.replaceChildren(...chainItems(links, this.context)),
  );
}
