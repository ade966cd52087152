// How the panel looks, kept over a reload: draft, place in the transcript, open folds. Everything else is the host's.

/** Where the reader is: at the end (no anchor), or so many pixels below the top of a turn. */
export interface Place {
  readonly turn: string;
  readonly offset: number;
}

interface Kept {
  readonly draft: string;
  /** The question that the host has, as long as it is no turn and did not come back. */
  readonly sending: string;
  readonly conversation: string;
  /** Under what the host keeps what is attached to the draft. */
  readonly attached: string;
  readonly place?: Place;
  readonly openFolds: readonly string[];
  readonly isHistoryOpen: boolean;
}

/** The part of the editor's webview API that is used for it. */
export interface StateStore {
  getState(): unknown;
  setState(state: unknown): void;
}

const mostFolds = 200;

export class ViewState {
  private readonly store: StateStore;
  private kept: Kept;

  constructor(store: StateStore) {
    this.store = store;
    this.kept = parseKept(store.getState());
  }

  get conversation(): string {
    return this.kept.conversation;
  }

  get draft(): string {
    return this.kept.draft;
  }

  get sending(): string {
    return this.kept.sending;
  }

  get isHistoryOpen(): boolean {
    return this.kept.isHistoryOpen;
  }

  /** The place kept for this conversation; undefined means its end. */
  placeIn(conversation: string): Place | undefined {
    return this.kept.conversation === conversation ? this.kept.place : undefined;
  }

  setDraft(draft: string): void {
    if (draft !== this.kept.draft) this.keep({ draft });
  }

  setSending(sending: string): void {
    if (sending !== this.kept.sending) this.keep({ sending });
  }

  setAttached(attached: string): void {
    if (attached !== this.kept.attached) this.keep({ attached });
  }

  setHistoryOpen(isHistoryOpen: boolean): void {
    this.keep({ isHistoryOpen });
  }

  /** Which one is shown, also while there is no place in it yet. */
  setConversation(conversation: string): void {
    if (conversation !== this.kept.conversation) this.keep({ conversation, place: undefined });
  }

  setPlace(conversation: string, place: Place | undefined): void {
    this.keep({ conversation, place });
  }

  isFoldOpen(id: string): boolean {
    return this.kept.openFolds.includes(id);
  }

  setFoldOpen(id: string, isOpen: boolean): void {
    if (isOpen === this.isFoldOpen(id)) return;
    const others = this.kept.openFolds.filter((other) => other !== id);
    this.keep({ openFolds: isOpen ? [...others, id].slice(-mostFolds) : others });
  }

  private keep(change: Partial<Kept>): void {
    this.kept = { ...this.kept, ...change };
    this.store.setState(this.kept);
  }
}

function parseKept(value: unknown): Kept {
  const raw = isRecord(value) ? value : {};
  const place = isRecord(raw.place) ? raw.place : {};
  const { turn, offset } = place;
  return {
    draft: typeof raw.draft === "string" ? raw.draft : "",
    sending: typeof raw.sending === "string" ? raw.sending : "",
    conversation: typeof raw.conversation === "string" ? raw.conversation : "",
    attached: typeof raw.attached === "string" ? raw.attached : "",
    place: typeof turn === "string" && typeof offset === "number" ? { turn, offset } : undefined,
    openFolds: Array.isArray(raw.openFolds)
      ? raw.openFolds.filter((fold) => typeof fold === "string").slice(-mostFolds)
      : [],
    isHistoryOpen: raw.isHistoryOpen === true,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
