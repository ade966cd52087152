// The whole verification page: the word, what changed, the chain of custody. Each state the host sends is complete.
import type { ProofPanelState, ToProofPanel } from "../../src/protocol/proof.js";
import { el } from "../dom.js";
import { whenChanged } from "../changed.js";
import { chainItems } from "./chain.js";
import type { ProofContext } from "./context.js";
import { Head } from "./head.js";

export class ProofPanel {
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

  receive({ kind, state }: ToProofPanel): void {
    if (kind !== "state") return;
    this.context.keep(state.shown);
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
