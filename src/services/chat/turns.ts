// One turn, from its question to the end of its answer: what arrives is written into the conversation as it comes. A chunk of its own.
import type { AskedText } from "../../domain/attachment.js";
import type { Answer, Conversation, Turn } from "../../domain/chat.js";
import { cancelled, ComputeError, toComputeError } from "../../domain/error.js";
import { type ConversationId, type ProviderId, type TurnId, zeroAddress } from "../../domain/ids.js";
import type { Verdict } from "../../domain/verdict.js";
import { type Answered, type AnswerEvent, type AnsweringOptions, answerQuestion } from "./answering.js";
import { type ChatPlan, titleOf } from "./chatRequest.js";
import { keptError } from "../loaded.js";
import type { OpenConversations } from "./openConversations.js";
import { pendingVerdict } from "./pendingVerdict.js";
import type { PictureStore } from "./pictures.js";

export interface TurnsOptions extends AnsweringOptions {
  readonly opened: OpenConversations;
  readonly pictures: PictureStore;
  readonly isClosing: () => boolean;
  readonly pick: (id: ConversationId, provider: ProviderId, model: string) => Promise<void>;
}

export class Turns {
  constructor(private readonly options: TurnsOptions) {}

  /** A new turn that waits for its answer, in place of those after `before`. */
  begin(conversation: Conversation, before: readonly Turn[], asked: AskedText, id: TurnId): Turn {
    const { question, attachments = [] } = asked;
    const { session, clock, opened } = this.options;
    const { provider = zeroAddress, model = "" } = conversation;
    const network = session.tryNetwork()?.id ?? conversation.network;
    const answer: Answer = { state: "waiting", text: "", network, provider, model, startedAt: clock.now() };
    const turn = { id, question, ...(attachments.length > 0 ? { attachments } : {}), answer };
    const title = conversation.title === "" || before.length === 0 ? titleOf(question) : conversation.title;
    opened.replace({ ...conversation, title, network, turns: [...before, turn] });
    return turn;
  }

  /**
   * Streams into the turn; what went wrong is part of it. Undefined: there is nothing to check. The bytes of its pictures come to disk once it
   * is there and names them: until then another window would take them for nobody's.
   */
  async answered(
    id: ConversationId,
    turn: Turn,
    before: readonly Turn[],
    pictures: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<Answered | undefined> {
    try {
      for (const picture of pictures) await this.options.pictures.keep(picture);
      return await this.answer(id, turn, before, signal);
    } catch (error) {
      this.fail(id, turn.id, error);
      return undefined;
    }
  }

  /** What kept it from an answer. */
  failureOf(id: ConversationId, turn: TurnId): ComputeError {
    const error = this.options.opened.find(id, turn)?.answer.error;
    return error ? new ComputeError(error.code, error.facts) : cancelled();
  }

  /** What stopped it before an answer is thrown. */
  private async answer(
    id: ConversationId,
    turn: Turn,
    before: readonly Turn[],
    signal: AbortSignal,
  ): Promise<Answered | undefined> {
    const { provider, model } = await this.picked(id, signal);
    this.options.opened.change(id, turn.id, { provider, model });
    const hear = (event: AnswerEvent<ChatPlan>) => {
      if (event.kind === "sent" || event.kind === "refused")
        this.options.opened.setOut(id, event.kind === "sent");
      if (!signal.aborted || event.kind === "lost") this.hear(id, turn.id, event);
    };
    const settings = this.options.opened.get(id)?.settings;
    const question = { provider, model, before, asked: turn, settings, pictures: this.options.pictures };
    const answered = await answerQuestion(this.options, question, hear, signal);
    const { exchange, cost } = answered;
    const isCut = exchange.ended === "cut";
    // What the closing window cut short stays unproven, whatever its provider signs: nobody has to wait for that.
    const isClosed = this.options.isClosing() && exchange.ended === "stopped";
    const pending = await pendingVerdict(exchange, this.options.clock.now());
    this.options.opened.change(id, turn.id, {
      state: exchange.ended === "complete" ? "done" : isCut ? "failed" : "stopped",
      ...(isCut
        ? { error: keptError(new ComputeError("providerUnavailable", { provider, detail: "cut" })) }
        : {}),
      text: exchange.text,
      ...(exchange.reasoning === "" ? {} : { reasoning: exchange.reasoning }),
      ...(exchange.toolCalls && exchange.toolCalls.length > 0 ? { toolCalls: exchange.toolCalls } : {}),
      usage: exchange.usage,
      cost,
      privacy: exchange.service.privacy,
      firstTokenAt: exchange.firstTokenAt,
      finishedAt: exchange.finishedAt,
      waitSeconds: undefined,
      verdict: isClosed ? closedVerdict(pending) : pending,
    });
    return isClosed ? undefined : answered;
  }

  /** The conversation's model; the list's first chat service where none was picked. */
  private async picked(
    id: ConversationId,
    signal: AbortSignal,
  ): Promise<{ provider: ProviderId; model: string }> {
    const conversation = this.options.opened.get(id);
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
    await this.options.pick(id, pick.provider, pick.model);
    return pick;
  }

  private hear(id: ConversationId, turn: TurnId, event: AnswerEvent<ChatPlan>): void {
    switch (event.kind) {
      case "planned":
        return this.leftOut(id, turn, event.plan);
      case "refused":
        return;
      case "lost":
        this.options.opened.change(id, turn, { mostCost: event.most });
        return;
      case "sent":
        this.options.opened.change(id, turn, { waitSeconds: undefined });
        return;
      case "waiting":
        this.options.opened.change(id, turn, { waitSeconds: event.seconds });
        return;
      case "delta":
        this.options.opened.append(id, turn, "text", event.text);
        return;
      case "reasoning":
        this.options.opened.append(id, turn, "reasoning", event.text);
    }
  }

  private leftOut(id: ConversationId, turn: TurnId, { leftOut, picturesLeftOut }: ChatPlan): void {
    const said = {
      ...(leftOut > 0 ? { leftOut } : {}),
      ...(picturesLeftOut > 0 ? { picturesLeftOut } : {}),
    };
    if (leftOut + picturesLeftOut > 0) this.options.opened.change(id, turn, said);
  }

  private fail(id: ConversationId, turn: TurnId, error: unknown): void {
    const known = toComputeError(error);
    const finishedAt = this.options.clock.now();
    if (known.code === "cancelled") {
      this.options.opened.change(id, turn, { state: "stopped", waitSeconds: undefined, finishedAt });
      return;
    }
    if (known.code === "internal") this.options.log.error("An answer ended by a defect", error);
    this.options.opened.change(id, turn, {
      state: "failed",
      error: keptError(known),
      waitSeconds: undefined,
      finishedAt,
    });
  }
}

function closedVerdict(pending: Verdict): Verdict {
  return { ...pending, level: "unsigned", reason: "closed", isAskedAgain: undefined };
}
