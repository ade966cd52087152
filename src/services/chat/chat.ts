// Conversations: what is asked, answered, paid and proved. The service owns them; panels only show them.
import type { AskedText } from "../../domain/attachment.js";
import type { BilledExchange } from "../../broker/media/api.js";
import type { ChatSettings } from "../../domain/chatSettings.js";
import type { Conversation, ConversationSummary, Turn } from "../../domain/chat.js";
import { orLate } from "../../domain/clock.js";
import { Emitter, type Disposable, type Event } from "../../domain/event.js";
import type { ConversationId, ProviderId, TurnId } from "../../domain/ids.js";
import type { Verdict } from "../../domain/verdict.js";
import type { Answered, AnsweringOptions } from "./answering.js";
import { ConversationStore } from "./conversations.js";
import type { AnswerPlace, LateNote, LateVerdict } from "../receipts/lateNote.js";
import { OpenConversations, type ChatChange } from "./openConversations.js";
import { PictureStore } from "./pictures.js";
import type { Folder, Random } from "../ports.js";
import { randomId } from "../randomId.js";
import type { ReceiptKeeper } from "../receipts/receipts.js";
import type { Turns } from "./turns.js";
import type { AnswerChecks, VerifyingOptions } from "../receipts/verifying.js";

export interface ChatServiceOptions extends AnsweringOptions {
  /** Where conversations are kept, one file each. */
  readonly folder: Folder;
  /** Where their pictures are. */
  readonly pictures: Folder;
  /** Where it is noted which answers are asked about again. */
  readonly lateChecks: Folder;
  readonly random: Random;
  readonly receipts: ReceiptKeeper;
}

export type { ChatChange };

interface Asking extends AskedText {
  /** The bytes of those that are new. */
  readonly pictures: readonly Uint8Array[];
  /** The question is in the conversation, and on disk. */
  readonly begun?: () => void;
}

interface Running {
  readonly turn: TurnId;
  readonly abort: AbortController;
  /** Resolves when another question may be asked. */
  readonly ended: Promise<void>;
}

/** How long a window that closes waits for the end of its answers: VS Code gives all of it five seconds. */
const closeMs = 2000;
/** What another window left to be checked: not at once, since a start has better things to do. */
const firstLookMs = 3000;

export class ChatService implements Disposable {
  readonly onDidChange: Event<ChatChange>;
  readonly pictures: PictureStore;
  private readonly store: ConversationStore;
  private readonly opened: OpenConversations;
  private readonly checkedLate = new Emitter<LateVerdict>();
  /** Of any answer, whoever asked: in this window, a later verdict than the first. */
  readonly onDidCheckLate: Event<LateVerdict> = this.checkedLate.event;
  private loadingChecks: Promise<AnswerChecks> | undefined;
  private loadingTurns: Promise<Turns> | undefined;
  private readonly runningTurns = new Map<ConversationId, Running>();
  private readonly replacedBy = new Map<TurnId, TurnId>();
  private readonly closing = new AbortController();
  /** Questions whose answer has not ended or not been checked once. */
  private readonly asking = new Set<Promise<unknown>>();
  private isClosing = false;

  constructor(private readonly options: ChatServiceOptions) {
    this.pictures = new PictureStore(options.pictures);
    this.store = new ConversationStore({ ...options, pictures: this.pictures });
    this.opened = new OpenConversations({ store: this.store, clock: options.clock, log: options.log });
    this.onDidChange = this.opened.onDidChange;
    this.onDidChange((change) => {
      if (change.kind === "deleted" && change.isElsewhere)
        this.runningTurns.get(change.conversation)?.abort.abort();
    });
    void this.lookForLateChecks();
  }

  /** Newest first; every word of `query` must occur in the title or in what was said, in whatever case. */
  async list(query?: string): Promise<readonly ConversationSummary[]> {
    return this.store.list(query);
  }

  /** A new, empty conversation on the current network; kept on disk from its first question on. */
  create(pick?: { provider: ProviderId; model: string }): Conversation {
    const now = this.options.clock.now();
    const conversation: Conversation = {
      id: randomId(this.options.random) as ConversationId,
      title: "",
      network: this.options.session.tryNetwork()?.id ?? "sandbox",
      ...pick,
      turns: [],
      createdAt: now,
      updatedAt: now,
    };
    this.opened.add(conversation);
    return conversation;
  }

  /** One that was made elsewhere, on disk from now on, with its pictures. */
  async add(conversation: Conversation, pictures: readonly Uint8Array[] = []): Promise<void> {
    this.opened.add(conversation);
    await this.opened.save(conversation.id);
    for (const picture of pictures) await this.pictures.keep(picture);
    this.opened.announceList();
  }

  /** Reads it from disk unless it is open already; undefined when there is none (any more). */
  async open(id: ConversationId): Promise<Conversation | undefined> {
    return this.opened.open(id);
  }

  /** What the disk refused; told again when it still does. */
  async saveAgain(): Promise<void> {
    await this.opened.saveAgain();
  }

  /** With what other windows did to an open one since; undefined when it was deleted there. */
  async refresh(id: ConversationId): Promise<Conversation | undefined> {
    return this.opened.refresh(id);
  }

  /** An open conversation. */
  get(id: ConversationId): Conversation | undefined {
    return this.opened.get(id);
  }

  /** Stops what runs in it and deletes its file. Throws `diskFull`, `badFile` when the file cannot be removed. */
  async delete(id: ConversationId): Promise<void> {
    this.stop(id);
    await this.opened.delete(id);
  }

  /** Deletes every conversation on disk, unreadable ones too. */
  async deleteAll(): Promise<void> {
    for (const id of this.opened.ids) this.stop(id);
    await (await this.checks()).late.forgetAll();
    await this.opened.deleteAll();
  }

  /** The model for the next question. */
  async pick(id: ConversationId, provider: ProviderId, model: string): Promise<void> {
    const conversation = this.opened.get(id);
    if (!conversation) return;
    this.opened.replace({ ...conversation, provider, model });
    if (conversation.turns.length > 0) await this.opened.save(id);
  }

  /** How the next question is asked. On disk at once: a text may have been written for it. */
  async configure(id: ConversationId, settings: ChatSettings | undefined): Promise<void> {
    const conversation = this.opened.get(id);
    if (!conversation) return;
    this.opened.replace({ ...conversation, settings });
    await this.opened.save(id);
  }

  /**
   * Asks; resolves when the answer has ended and was checked once. What went wrong is part of the turn. False, and nothing was asked:
   * another question runs, or the conversation was deleted, here or in another window.
   */
  async send(
    id: ConversationId,
    question: string,
    attachments?: AskedText["attachments"],
    pictures: readonly Uint8Array[] = [],
    begun?: Asking["begun"],
  ): Promise<boolean> {
    const conversation = (await this.open(id)) && (await this.refresh(id));
    const asked = { question, attachments, pictures, begun };
    return conversation !== undefined && (await this.ask(conversation, conversation.turns, asked));
  }

  /** As `edit`, with the same question. */
  async regenerate(id: ConversationId, turn: TurnId): Promise<boolean> {
    const now = this.standsFor(turn);
    const question = this.opened.get(id)?.turns.find((candidate) => candidate.id === now)?.question;
    return question !== undefined && (await this.edit(id, turn, question));
  }

  /**
   * Asks another question about the same in its place; this turn and all later ones are replaced. An answer that still runs is given up.
   * Answers stand again where no provider took the question: then it throws what kept it from that. False, and nothing was asked: as with
   * `send`, or the turn is gone.
   */
  async edit(id: ConversationId, turn: TurnId, question: string): Promise<boolean> {
    const running = this.runningTurns.get(id);
    this.stop(id);
    await running?.ended;
    const conversation = await this.refresh(id);
    const now = this.standsFor(turn);
    const at = conversation?.turns.findIndex((candidate) => candidate.id === now) ?? -1;
    if (!conversation || at < 0) return false;
    const asked = { question, attachments: conversation.turns[at]?.attachments, pictures: [] };
    return this.ask(conversation, conversation.turns.slice(0, at), asked, now);
  }

  /** The turn that took that one's place; itself while none did. A panel may name a turn whose replacement it has not heard of yet. */
  standsFor(turn: TurnId): TurnId {
    let now = turn;
    for (let next = this.replacedBy.get(now); next; next = this.replacedBy.get(now)) now = next;
    return now;
  }

  /** Ends the running answer at once, keeping what arrived. */
  stop(id: ConversationId, turn?: TurnId): void {
    const running = this.runningTurns.get(id);
    if (!running || (turn !== undefined && turn !== running.turn)) return;
    this.opened.change(id, running.turn, {
      state: "stopped",
      waitSeconds: undefined,
      finishedAt: this.options.clock.now(),
    });
    running.abort.abort();
  }

  /** The running turn of a conversation. */
  running(id: ConversationId): TurnId | undefined {
    return this.runningTurns.get(id)?.turn;
  }

  /** Stops what runs; waits a moment for what it came to and for checks under way, then until everything is on disk. */
  async close(): Promise<void> {
    this.isClosing = true;
    for (const id of [...this.runningTurns.keys()]) {
      this.stop(id);
      await this.opened.save(id); // should the editor not wait
    }
    await orLate(Promise.allSettled(this.asking), closeMs, undefined, this.options.clock);
    this.closing.abort();
    await this.store.flush();
  }

  dispose(): void {
    this.isClosing = true;
    for (const { abort } of this.runningTurns.values()) abort.abort();
    this.closing.abort();
    this.opened.dispose();
    this.checkedLate.dispose();
  }

  private ask(
    conversation: Conversation,
    before: readonly Turn[],
    asked: Asking,
    replaced?: TurnId,
  ): Promise<boolean> {
    const asking = this.askAndCheck(conversation, before, asked, replaced).finally(() =>
      this.asking.delete(asking),
    );
    this.asking.add(asking);
    return asking;
  }

  /** False where nothing was asked. */
  private async askAndCheck(
    conversation: Conversation,
    before: readonly Turn[],
    asked: Asking,
    replaced?: TurnId,
  ): Promise<boolean> {
    const question = asked.question.trim();
    const { id } = conversation;
    if (question === "" || this.runningTurns.has(id) || this.isClosing) return false;
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const turnId = randomId(this.options.random) as TurnId;
    const running: Running = { turn: turnId, abort: new AbortController(), ended };
    this.runningTurns.set(id, running);
    if (replaced) this.replacedBy.set(replaced, turnId);
    let answered: Answered | undefined;
    try {
      const turns = await this.turns();
      const now = this.opened.get(id); // a model may have been picked meanwhile
      if (!now) return false; // or all of it deleted
      const old = now.turns.slice(before.length);
      const turn = turns.begin(now, before, { ...asked, question }, turnId);
      const isTentative = old.some(({ answer }) => answer.text !== "");
      if (isTentative) this.opened.replacing(now, turnId, old);
      else await this.opened.save(id); // of a replacement the disk has what stands until it is out
      this.opened.announceList();
      asked.begun?.();
      answered = await turns.answered(id, turn, before, asked.pictures, running.abort.signal);
      if (this.opened.isUnsent(id)) {
        if (replaced) this.replacedBy.delete(replaced);
        if (old[0]) this.replacedBy.set(turnId, old[0].id);
        throw turns.failureOf(id, turnId);
      }
    } finally {
      this.opened.settle(id);
      this.runningTurns.delete(id);
      end();
      await this.opened.save(id);
      this.opened.announce(id);
      this.opened.announceList();
    }
    if (replaced) await this.store.sweepPictures(this.opened.all);
    if (answered) await this.verify(id, running.turn, answered);
    return true;
  }

  /** Loaded with the first question. */
  private turns(): Promise<Turns> {
    const { opened, pictures } = this;
    const pick = (...picked: Parameters<ChatService["pick"]>) => this.pick(...picked);
    return (this.loadingTurns ??= import("./turns.js").then(
      ({ Turns }) => new Turns({ ...this.options, opened, pictures, isClosing: () => this.isClosing, pick }),
    ));
  }

  private async verify(id: ConversationId, turn: TurnId, answered: Answered): Promise<void> {
    const place = { conversation: id, turn };
    await this.checkAnswer(answered, (verdict) => this.setVerdict(place, verdict), place);
  }

  /** Resolves after the first verdict was shown. `place`: absent for an answer that no conversation has. */
  async checkAnswer(
    answered: Answered<BilledExchange>,
    show: VerifyingOptions["show"],
    place?: AnswerPlace,
  ): Promise<void> {
    await (await this.checks()).check(place, answered, show);
  }

  /** Loaded with the first answer, or the first look at what another window left. */
  private checks(): Promise<AnswerChecks> {
    const { lateChecks: folder } = this.options;
    const show = async ({ place, receipt }: LateNote, verdict: Verdict | undefined) => {
      if (verdict) this.checkedLate.fire({ receipt, verdict });
      if (place) await this.setVerdict(place, verdict);
    };
    const { signal } = this.closing;
    return (this.loadingChecks ??= import("../receipts/verifying.js").then(
      ({ AnswerChecks }) => new AnswerChecks({ ...this.options, folder, show, signal }),
    ));
  }

  private async lookForLateChecks(): Promise<void> {
    const { clock, log } = this.options;
    try {
      await clock.sleep(firstLookMs, this.closing.signal);
      await this.checks();
    } catch (error) {
      if (!this.closing.signal.aborted) log.error("Late checks could not be looked for", error);
    }
  }

  /** Undefined: the one that is there is the last. A turn that was replaced meanwhile has other bytes, or is gone. */
  private async setVerdict({ conversation, turn }: AnswerPlace, verdict: Verdict | undefined): Promise<void> {
    if (!(await this.opened.open(conversation)) || !(await this.opened.refresh(conversation))) return;
    const before = this.opened.find(conversation, turn)?.answer.verdict;
    if (!before || (verdict && verdict.responseHash !== before.responseHash)) return;
    this.opened.change(conversation, turn, { verdict: verdict ?? { ...before, isAskedAgain: undefined } });
    await this.opened.save(conversation);
  }
}
