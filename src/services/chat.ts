// Conversations: what is asked, answered, paid and proved. The service owns them; panels only show them.
import type { ChatEvent } from "../broker/api.js";
import type { Answer, Conversation, ConversationSummary, Turn } from "../domain/chat.js";
import { ComputeError, toComputeError } from "../domain/error.js";
import { Emitter, type Disposable, type Event } from "../domain/event.js";
import { zeroAddress, type ConversationId, type ProviderId, type TurnId } from "../domain/ids.js";
import { neuron, zeroNeuron, type Neuron } from "../domain/money.js";
import type { Verdict } from "../domain/verdict.js";
import { answerQuestion, type Answered, type AnsweringOptions } from "./answering.js";
import { planChat, type ChatPlan } from "./chatRequest.js";
import { ConversationStore } from "./conversations.js";
import { keptError } from "./loaded.js";
import type { Folder, Random } from "./ports.js";
import { randomId } from "./randomId.js";
import { checkAnswer, pendingVerdict } from "./verifying.js";

export interface ChatServiceOptions extends AnsweringOptions {
  /** Where conversations are kept, one file each. */
  readonly folder: Folder;
  readonly random: Random;
}

export type ChatChange =
  | { readonly kind: "conversation"; readonly conversation: Conversation } // title, picked model, which turns there are
  | { readonly kind: "turn"; readonly conversation: ConversationId; readonly turn: Turn } // complete value
  | {
      readonly kind: "delta";
      readonly conversation: ConversationId;
      readonly turn: TurnId;
      readonly channel: "text" | "reasoning";
      readonly text: string;
    }
  | { readonly kind: "deleted"; readonly conversation: ConversationId }
  | { readonly kind: "list" }; // what `list` answers is another than before

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
}

const titleLength = 60;
const saveEveryMs = 2000;

export class ChatService implements Disposable {
  private readonly changed = new Emitter<ChatChange>();
  readonly onDidChange: Event<ChatChange> = this.changed.event;
  private readonly store: ConversationStore;
  private readonly opened = new Map<ConversationId, Conversation>();
  private readonly runningTurns = new Map<ConversationId, Running>();
  private readonly savedAt = new Map<ConversationId, number>();
  private readonly closing = new AbortController();

  constructor(private readonly options: ChatServiceOptions) {
    this.store = new ConversationStore(options);
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
      network: this.options.session.networkId() ?? "sandbox",
      ...pick,
      turns: [],
      createdAt: now,
      updatedAt: now,
    };
    this.opened.set(conversation.id, conversation);
    return conversation;
  }

  /** Reads it from disk unless it is open already; undefined when there is none (any more). */
  async open(id: ConversationId): Promise<Conversation | undefined> {
    const read = this.opened.get(id) ?? (await this.store.read(id));
    const conversation = this.opened.get(id) ?? read;
    if (conversation) this.opened.set(id, conversation);
    return conversation;
  }

  /** An open conversation. */
  get(id: ConversationId): Conversation | undefined {
    return this.opened.get(id);
  }

  /** Stops what runs in it and deletes its file. Throws `diskFull`, `badFile` when the file cannot be removed. */
  async delete(id: ConversationId): Promise<void> {
    this.stop(id);
    this.opened.delete(id);
    await this.store.delete(id);
    this.changed.fire({ kind: "deleted", conversation: id });
    this.changed.fire({ kind: "list" });
  }

  /** Deletes every conversation on disk, unreadable ones too. */
  async deleteAll(): Promise<void> {
    const ids = [...this.opened.keys()];
    for (const id of ids) this.stop(id);
    this.opened.clear();
    await this.store.deleteAll();
    for (const id of ids) this.changed.fire({ kind: "deleted", conversation: id });
    this.changed.fire({ kind: "list" });
  }

  /** The model for the next question. */
  async pick(id: ConversationId, provider: ProviderId, model: string): Promise<void> {
    const conversation = this.opened.get(id);
    if (!conversation) return;
    this.replace({ ...conversation, provider, model });
    if (conversation.turns.length > 0) await this.save(id);
  }

  /** Asks; resolves when the answer has ended and was checked once. What went wrong is part of the turn. While one runs: nothing. */
  async send(id: ConversationId, text: string): Promise<void> {
    const conversation = await this.open(id);
    if (conversation) await this.ask(conversation, conversation.turns, text);
  }

  /** Asks the same question again; this turn and all later ones are replaced. */
  async regenerate(id: ConversationId, turn: TurnId): Promise<void> {
    const question = this.opened.get(id)?.turns.find((candidate) => candidate.id === turn)?.question;
    if (question !== undefined) await this.edit(id, turn, question);
  }

  /** Asks another question in its place; this turn and all later ones are replaced. */
  async edit(id: ConversationId, turn: TurnId, text: string): Promise<void> {
    const conversation = this.opened.get(id);
    const at = conversation?.turns.findIndex((candidate) => candidate.id === turn) ?? -1;
    if (conversation && at >= 0) await this.ask(conversation, conversation.turns.slice(0, at), text);
  }

  /** Ends the running answer at once, keeping what arrived. */
  stop(id: ConversationId, turn?: TurnId): void {
    const running = this.runningTurns.get(id);
    if (!running || (turn !== undefined && turn !== running.turn)) return;
    this.change(id, running.turn, {
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

  /** Stops what runs and waits until everything is on disk. */
  async close(): Promise<void> {
    for (const id of [...this.runningTurns.keys()]) {
      this.stop(id);
      await this.save(id);
    }
    this.closing.abort();
    await this.store.flush();
  }

  dispose(): void {
    for (const { abort } of this.runningTurns.values()) abort.abort();
    this.closing.abort();
    this.changed.dispose();
  }

  private async ask(conversation: Conversation, before: readonly Turn[], text: string): Promise<void> {
    const question = text.trim();
    const { id } = conversation;
    if (question === "" || this.runningTurns.has(id) || this.closing.signal.aborted) return;
    const running: Running = { turn: randomId(this.options.random) as TurnId, abort: new AbortController() };
    this.runningTurns.set(id, running);
    const turn = this.begin(conversation, before, question, running.turn);
    await this.save(id);
    this.changed.fire({ kind: "list" });
    let answered: Answered | undefined;
    try {
      answered = await this.answer(id, turn, before, running.abort.signal);
    } catch (error) {
      this.fail(id, running.turn, error);
    } finally {
      this.runningTurns.delete(id);
      await this.save(id);
      this.announce(id);
    }
    if (answered) await this.verify(id, running.turn, answered);
  }

  private begin(conversation: Conversation, before: readonly Turn[], question: string, id: TurnId): Turn {
    const { session, clock } = this.options;
    const { provider = zeroAddress, model = "" } = conversation;
    const answer: Answer = { state: "waiting", text: "", provider, model, startedAt: clock.now() };
    const turn = { id, question, answer };
    const title = conversation.title === "" || before.length === 0 ? titleOf(question) : conversation.title;
    const network = session.networkId() ?? conversation.network;
    this.replace({ ...conversation, title, network, turns: [...before, turn] });
    return turn;
  }

  /** Streams into the turn; what stopped it before an answer is thrown. */
  private async answer(
    id: ConversationId,
    turn: Turn,
    before: readonly Turn[],
    signal: AbortSignal,
  ): Promise<Answered> {
    const { provider, model } = await this.picked(id, signal);
    this.change(id, turn.id, { provider, model });
    const hear = (event: ChatEvent | { readonly kind: "planned"; readonly plan: ChatPlan }) => {
      if (!signal.aborted) this.hear(id, turn.id, event);
    };
    const question = { provider, model, before, text: turn.question };
    const answered = await answerQuestion(this.options, question, hear, signal);
    const { exchange, cost } = answered;
    const isCut = exchange.ended === "cut";
    this.change(id, turn.id, {
      state: exchange.ended === "complete" ? "done" : isCut ? "failed" : "stopped",
      ...(isCut
        ? { error: keptError(new ComputeError("providerUnavailable", { provider, detail: "cut" })) }
        : {}),
      text: exchange.text,
      ...(exchange.reasoning === "" ? {} : { reasoning: exchange.reasoning }),
      usage: exchange.usage,
      cost,
      firstTokenAt: exchange.firstTokenAt,
      finishedAt: exchange.finishedAt,
      waitSeconds: undefined,
      verdict: await pendingVerdict(exchange, this.options.clock.now()),
    });
    return answered;
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
        if (event.plan.leftOut > 0) this.change(id, turn, { leftOut: event.plan.leftOut });
        return;
      case "sent":
        this.change(id, turn, { waitSeconds: undefined });
        return;
      case "waiting":
        this.change(id, turn, { waitSeconds: event.seconds });
        return;
      case "delta":
        this.append(id, turn, "text", event.text);
        return;
      case "reasoning":
        this.append(id, turn, "reasoning", event.text);
    }
  }

  /** Adds to the answer without a complete value for each token; what arrived is saved now and then. */
  private append(id: ConversationId, turn: TurnId, channel: "text" | "reasoning", text: string): void {
    const answer = this.find(id, turn)?.answer;
    if (!answer) return;
    const now = this.options.clock.now();
    const added =
      channel === "text" ? { text: answer.text + text } : { reasoning: (answer.reasoning ?? "") + text };
    const isFirst = answer.state === "waiting";
    if (isFirst) this.change(id, turn, { state: "streaming", firstTokenAt: now, waitSeconds: undefined });
    this.change(id, turn, added, false);
    this.changed.fire({ kind: "delta", conversation: id, turn, channel, text });
    if (now - (this.savedAt.get(id) ?? 0) >= saveEveryMs) void this.save(id);
  }

  private fail(id: ConversationId, turn: TurnId, error: unknown): void {
    const known = toComputeError(error);
    const finishedAt = this.options.clock.now();
    if (known.code === "cancelled") {
      this.change(id, turn, { state: "stopped", waitSeconds: undefined, finishedAt });
      return;
    }
    if (known.code === "internal") this.options.log.error("An answer ended by a defect", error);
    this.change(id, turn, { state: "failed", error: keptError(known), waitSeconds: undefined, finishedAt });
  }

  /** The first verdict is waited for; later tries go on by themselves. */
  private async verify(id: ConversationId, turn: TurnId, { broker, exchange }: Answered): Promise<void> {
    const show = async (verdict: Verdict) => {
      this.change(id, turn, { verdict });
      await this.save(id);
    };
    await checkAnswer({ ...this.options, broker }, exchange, show, this.closing.signal);
  }

  private find(id: ConversationId, turn: TurnId): Turn | undefined {
    return this.opened.get(id)?.turns.find((candidate) => candidate.id === turn);
  }

  /** Replaces part of an answer; a turn that was replaced or deleted meanwhile is left alone. */
  private change(id: ConversationId, turn: TurnId, part: Partial<Answer>, isAnnounced = true): void {
    const conversation = this.opened.get(id);
    const old = this.find(id, turn);
    if (!conversation || !old) return;
    const made = { ...old, answer: { ...old.answer, ...part } };
    const turns = conversation.turns.map((candidate) => (candidate === old ? made : candidate));
    this.opened.set(id, { ...conversation, turns });
    if (isAnnounced) this.changed.fire({ kind: "turn", conversation: id, turn: made });
  }

  private replace(conversation: Conversation): void {
    this.opened.set(conversation.id, { ...conversation, updatedAt: this.options.clock.now() });
    this.announce(conversation.id);
  }

  private announce(id: ConversationId): void {
    const conversation = this.opened.get(id);
    if (conversation) this.changed.fire({ kind: "conversation", conversation });
  }

  /** A disk that refuses must not end the chat: the text is on screen, the log has the reason. */
  private async save(id: ConversationId): Promise<void> {
    const conversation = this.opened.get(id);
    if (!conversation) return;
    this.savedAt.set(id, this.options.clock.now());
    try {
      await this.store.save(conversation);
    } catch (error) {
      this.options.log.error("A conversation could not be written to disk", error);
    }
  }
}

function titleOf(question: string): string {
  const line = question.replace(/\s+/g, " ").trim();
  const characters = [...line];
  return characters.length <= titleLength
    ? line
    : `${characters
        .slice(0, titleLength - 1)
        .join("")
        .trimEnd()}…`;
}
