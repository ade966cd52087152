// Conversations: what is asked, answered, paid and proved. The service owns them; panels only show them.
import type { ChatEvent } from "../broker/api.js";
import type { Answer, Conversation, ConversationSummary, Turn } from "../domain/chat.js";
import { orLate } from "../domain/clock.js";
import { ComputeError, toComputeError } from "../domain/error.js";
import type { Disposable, Event } from "../domain/event.js";
import { zeroAddress, type ConversationId, type ProviderId, type TurnId } from "../domain/ids.js";
import { neuron, zeroNeuron, type Neuron } from "../domain/money.js";
import type { Verdict } from "../domain/verdict.js";
import { answerQuestion, type Answered, type AnsweringOptions } from "./answering.js";
import { planChat, titleOf, type ChatPlan } from "./chatRequest.js";
import { ConversationStore } from "./conversations.js";
import { keptError } from "./loaded.js";
import { OpenConversations, type ChatChange } from "./openConversations.js";
import type { Folder, Random } from "./ports.js";
import { randomId } from "./randomId.js";
import type { ReceiptKeeper } from "./receipts.js";
import { checkAnswer, pendingVerdict } from "./verifying.js";

export interface ChatServiceOptions extends AnsweringOptions {
  /** Where conversations are kept, one file each. */
  readonly folder: Folder;
  readonly random: Random;
  readonly receipts: ReceiptKeeper;
}

export type { ChatChange };

/** A question's price before it is asked. Tokens are a guess from the number of characters. */
export interface Estimate {
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** For a usual answer. */
  readonly cost: Neuron;
  /** For the longest answer asked for: what the limit is checked with. */
  readonly worstCase: Neuron;
  /** Earlier questions that do not fit the model's context and are not sent. */
  readonly leftOut: number;
  /** What may still be spent with the provider; absent: asked every time. */
  readonly left?: Neuron;
}

interface Running {
  readonly turn: TurnId;
  readonly abort: AbortController;
  /** Resolves when another question may be asked. */
  readonly ended: Promise<void>;
}

/** How long a window that closes waits for the end of its answers: VS Code gives all of it five seconds. */
const closeMs = 2000;

export class ChatService implements Disposable {
  readonly onDidChange: Event<ChatChange>;
  private readonly store: ConversationStore;
  private readonly opened: OpenConversations;
  private readonly runningTurns = new Map<ConversationId, Running>();
  private readonly replacedBy = new Map<TurnId, TurnId>();
  private readonly closing = new AbortController();
  /** Questions whose answer has not ended or not been checked once. */
  private readonly asking = new Set<Promise<void>>();
  private isClosing = false;

  constructor(private readonly options: ChatServiceOptions) {
    this.store = new ConversationStore(options);
    this.opened = new OpenConversations({ store: this.store, clock: options.clock, log: options.log });
    this.onDidChange = this.opened.onDidChange;
    this.onDidChange((change) => {
      if (change.kind === "deleted" && change.isElsewhere)
        this.runningTurns.get(change.conversation)?.abort.abort();
    });
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
    await this.opened.deleteAll();
  }

  /** The model for the next question. */
  async pick(id: ConversationId, provider: ProviderId, model: string): Promise<void> {
    const conversation = this.opened.get(id);
    if (!conversation) return;
    this.opened.replace({ ...conversation, provider, model });
    if (conversation.turns.length > 0) await this.opened.save(id);
  }

  /**
   * Asks; resolves when the answer has ended and was checked once. What went wrong is part of the turn. While one runs: nothing.
   * False, and nothing was asked: the conversation was deleted, here or in another window.
   */
  async send(id: ConversationId, text: string): Promise<boolean> {
    const conversation = (await this.open(id)) && (await this.refresh(id));
    if (conversation) await this.ask(conversation, conversation.turns, text);
    return conversation !== undefined;
  }

  /** Asks the same question again; this turn and all later ones are replaced. */
  async regenerate(id: ConversationId, turn: TurnId): Promise<void> {
    const now = this.standsFor(turn);
    const question = this.opened.get(id)?.turns.find((candidate) => candidate.id === now)?.question;
    if (question !== undefined) await this.edit(id, turn, question);
  }

  /** Asks another question in its place; this turn and all later ones are replaced. An answer that still runs is given up. */
  async edit(id: ConversationId, turn: TurnId, text: string): Promise<void> {
    const running = this.runningTurns.get(id);
    this.stop(id);
    await running?.ended;
    const conversation = await this.refresh(id);
    const now = this.standsFor(turn);
    const at = conversation?.turns.findIndex((candidate) => candidate.id === now) ?? -1;
    if (conversation && at >= 0) await this.ask(conversation, conversation.turns.slice(0, at), text, now);
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

  /** Price of that draft with the picked model; undefined while the service is not known. */
  estimate(id: ConversationId, draft: string): Estimate | undefined {
    const conversation = this.opened.get(id);
    const provider = conversation?.provider;
    const item = provider && this.options.providers.find(provider);
    if (!conversation || !provider || !item) return undefined;
    const model = item.models?.find((candidate) => candidate.id === conversation.model);
    const plan = planChat(item.service, model, conversation.turns, draft);
    const scope = this.options.session.scope();
    const left = scope && this.options.limits.leftAt(scope, provider);
    const { promptTokens, usualTokens, cost, worstCase, leftOut } = plan;
    return {
      promptTokens,
      answerTokens: usualTokens,
      cost,
      worstCase,
      leftOut,
      ...(left === undefined ? {} : { left }),
    };
  }

  /** Sum of the answers' costs in an open conversation. */
  spent(id: ConversationId): Neuron {
    const turns = this.opened.get(id)?.turns ?? [];
    return turns.reduce((sum, { answer }) => neuron(sum + (answer.cost ?? zeroNeuron)), zeroNeuron);
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
  }

  private ask(
    conversation: Conversation,
    before: readonly Turn[],
    text: string,
    replaced?: TurnId,
  ): Promise<void> {
    const asking = this.askAndCheck(conversation, before, text, replaced).finally(() =>
      this.asking.delete(asking),
    );
    this.asking.add(asking);
    return asking;
  }

  private async askAndCheck(
    conversation: Conversation,
    before: readonly Turn[],
    text: string,
    replaced?: TurnId,
  ): Promise<void> {
    const question = text.trim();
    const { id } = conversation;
    if (question === "" || this.runningTurns.has(id) || this.isClosing) return;
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const turnId = randomId(this.options.random) as TurnId;
    const running: Running = { turn: turnId, abort: new AbortController(), ended };
    this.runningTurns.set(id, running);
    if (replaced) this.replacedBy.set(replaced, turnId);
    const turn = this.begin(conversation, before, question, running.turn);
    await this.opened.save(id);
    this.opened.announceList();
    let answered: Answered | undefined;
    try {
      answered = await this.answer(id, turn, before, running.abort.signal);
    } catch (error) {
      this.fail(id, running.turn, error);
    } finally {
      this.runningTurns.delete(id);
      end();
      await this.opened.save(id);
      this.opened.announce(id);
    }
    if (answered) await this.verify(id, running.turn, answered);
  }

  private begin(conversation: Conversation, before: readonly Turn[], question: string, id: TurnId): Turn {
    const { session, clock } = this.options;
    const { provider = zeroAddress, model = "" } = conversation;
    const network = session.tryNetwork()?.id ?? conversation.network;
    const answer: Answer = { state: "waiting", text: "", network, provider, model, startedAt: clock.now() };
    const turn = { id, question, answer };
    const title = conversation.title === "" || before.length === 0 ? titleOf(question) : conversation.title;
    this.opened.replace({ ...conversation, title, network, turns: [...before, turn] });
    return turn;
  }

  /** Streams into the turn; what stopped it before an answer is thrown. Undefined: there is nothing to check. */
  private async answer(
    id: ConversationId,
    turn: Turn,
    before: readonly Turn[],
    signal: AbortSignal,
  ): Promise<Answered | undefined> {
    const { provider, model } = await this.picked(id, signal);
    this.opened.change(id, turn.id, { provider, model });
    const hear = (event: ChatEvent | { readonly kind: "planned"; readonly plan: ChatPlan }) => {
      if (!signal.aborted) this.hear(id, turn.id, event);
    };
    const question = { provider, model, before, text: turn.question };
    const answered = await answerQuestion(this.options, question, hear, signal);
    const { exchange, cost } = answered;
    const isCut = exchange.ended === "cut";
    // What the closing window cut short stays unproven, whatever its provider signs: nobody has to wait for that.
    const isClosed = this.isClosing && exchange.ended === "stopped";
    const pending = await pendingVerdict(exchange, this.options.clock.now());
    this.opened.change(id, turn.id, {
      state: exchange.ended === "complete" ? "done" : isCut ? "failed" : "stopped",
      ...(isCut
        ? { error: keptError(new ComputeError("providerUnavailable", { provider, detail: "cut" })) }
        : {}),
      text: exchange.text,
      ...(exchange.reasoning === "" ? {} : { reasoning: exchange.reasoning }),
      usage: exchange.usage,
      cost,
      privacy: exchange.service.privacy,
      firstTokenAt: exchange.firstTokenAt,
      finishedAt: exchange.finishedAt,
      waitSeconds: undefined,
      verdict: isClosed ? { ...pending, level: "unsigned", reason: "closed" } : pending,
    });
    return isClosed ? undefined : answered;
  }

  /** The conversation's model; the list's first chat service where none was picked. */
  private async picked(
    id: ConversationId,
    signal: AbortSignal,
  ): Promise<{ provider: ProviderId; model: string }> {
    const conversation = this.opened.get(id);
    if (conversation?.provider && conversation.model !== undefined)
      return { provider: conversation.provider, model: conversation.model };
    const { providers } = this.options;
    if (providers.chatServices.length === 0) await providers.refresh(signal);
    const first = providers.chatServices[0]?.service;
    if (!first) {
      const { error } = providers.state;
      throw error
        ? new ComputeError(error.code, error.facts)
        : new ComputeError("unknownProvider", { provider: "" });
    }
    const pick = { provider: first.provider, model: first.model };
    await this.pick(id, pick.provider, pick.model);
    return pick;
  }

  private hear(
    id: ConversationId,
    turn: TurnId,
    event: ChatEvent | { readonly kind: "planned"; readonly plan: ChatPlan },
  ): void {
    switch (event.kind) {
      case "planned":
        if (event.plan.leftOut > 0) this.opened.change(id, turn, { leftOut: event.plan.leftOut });
        return;
      case "refused":
        return;
      case "sent":
        this.opened.change(id, turn, { waitSeconds: undefined });
        return;
      case "waiting":
        this.opened.change(id, turn, { waitSeconds: event.seconds });
        return;
      case "delta":
        this.opened.append(id, turn, "text", event.text);
        return;
      case "reasoning":
        this.opened.append(id, turn, "reasoning", event.text);
    }
  }

  private fail(id: ConversationId, turn: TurnId, error: unknown): void {
    const known = toComputeError(error);
    const finishedAt = this.options.clock.now();
    if (known.code === "cancelled") {
      this.opened.change(id, turn, { state: "stopped", waitSeconds: undefined, finishedAt });
      return;
    }
    if (known.code === "internal") this.options.log.error("An answer ended by a defect", error);
    this.opened.change(id, turn, {
      state: "failed",
      error: keptError(known),
      waitSeconds: undefined,
      finishedAt,
    });
  }

  /** The first verdict is waited for; later tries go on by themselves. */
  private async verify(id: ConversationId, turn: TurnId, { exchange, ...answered }: Answered): Promise<void> {
    const show = async (verdict: Verdict) => {
      this.opened.change(id, turn, { verdict });
      await this.opened.save(id);
    };
    await checkAnswer({ ...this.options, ...answered }, exchange, show, this.closing.signal);
  }
}
