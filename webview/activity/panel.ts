// The whole activity panel: head, filters, table, totals. The host filters, sorts and pages; each state it sends is complete.
import type {
  ActivityPanelState,
  ActivityStrings,
  ToActivityHost,
  ToActivityPanel,
} from "../../src/protocol/activity.js";
import { el } from "../dom.js";
import { whenChanged } from "../task/changed.js";
import { Filters } from "./filters.js";
import { Head } from "./head.js";
import { MovementTable } from "./table.js";
import { totalsFolds } from "./totals.js";

export interface EditorApi {
  postMessage(message: ToActivityHost): void;
}

export interface ActivityContext {
  readonly post: (message: ToActivityHost) => void;
  readonly strings: ActivityStrings;
}

export class ActivityPanel {
  private readonly status = el("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  /** Built with the first state: the words of the controls come with it. */
  private parts: Parts | undefined;
  private asked: string | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly post: (message: ToActivityHost) => void,
  ) {}

  /** Takes any value; what is no message of the protocol is ignored. */
  receive(message: unknown): void {
    if (typeof message !== "object" || message === null || !("kind" in message)) return;
    const { kind, state } = message as ToActivityPanel;
    if (kind !== "state") return;
    if (!this.parts) {
      this.parts = new Parts({ post: this.post, strings: state.strings });
      this.root.replaceChildren(this.parts.element, this.status);
    }
    this.parts.show(state);
    this.announce(state);
  }

  /** Only what the reader asked for: rows that come while the chain is read are not told one by one. */
  private announce({ filters, table: { columns, paging, caption } }: ActivityPanelState): void {
    const orders = columns.map(({ order }) => order);
    const asked = JSON.stringify([filters.map(({ value }) => value), orders, paging.page]);
    if (this.asked !== undefined && this.asked !== asked) this.status.replaceChildren(caption);
    this.asked = asked;
  }
}

class Parts {
  readonly element: HTMLElement;
  private readonly head: Head;
  private readonly filters: Filters;
  private readonly table: MovementTable;
  private readonly totals = el("div", { class: "totals" });

  constructor(context: ActivityContext) {
    this.head = new Head(context);
    this.filters = new Filters(context);
    this.table = new MovementTable(context);
    this.element = el(
      "main",
      { class: "activity" },
      this.head.element,
      this.filters.element,
      this.table.element,
      this.totals,
    );
  }

  show(state: ActivityPanelState): void {
    this.head.show(state);
    this.filters.show(state);
    this.table.show(state.table);
    this.showTotals(state.totals);
  }

  private readonly showTotals = whenChanged((totals: ActivityPanelState["totals"]) => {
    const open = new Set([...this.totals.querySelectorAll("details[open]")].map(({ id }) => id));
    this.totals.replaceChildren(...totalsFolds(totals, open));
  });
}
