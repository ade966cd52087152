// Answers for whoever else in the editor asks a model: the same way as a chat's, with its limits, its consent, its verdict and its receipt.
import type { ChatEvent, Exchange } from "../../broker/inference/exchange.js";
import { cancelled, ComputeError } from "../../domain/error.js";
import type { Disposable } from "../../domain/event.js";
import { addressKey, type ProviderId } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { Network } from "../../domain/networks.js";
import {
  answer,
  type Answered,
  type AnswerEvent,
  type AnsweringOptions,
  type AnswerPlan,
  type Asked,
} from "./answering.js";
import type { ChatService } from "./chat.js";
import { firstVerdict, type FirstVerdict } from "./firstVerdict.js";
import { type ModelRequest, planRequest } from "./modelRequest.js";
import type { Confirmation, Dialogs } from "../ports.js";
import { scopeKey } from "../wallets/scope.js";

export interface EditorAnswersOptions extends AnsweringOptions {
  readonly checks: Pick<ChatService, "checkAnswer">;
}

export interface EditorAnswer extends FirstVerdict {
  readonly exchange: Exchange;
  readonly network: Network;
  readonly cost: Neuron;
}

export class EditorAnswers implements Disposable {
  private readonly closing = new AbortController();
  /** Questions on screen, by what is agreed to and not by their words, which tell what was spent by then: others in the editor ask in parallel. */
  private readonly asking = new Map<string, Promise<boolean>>();
  private readonly declined = new Set<string>();

  constructor(private readonly options: EditorAnswersOptions) {}

  /** Throws what stopped it before a whole answer. */
  async ask(
    request: ModelRequest,
    on: (event: ChatEvent) => void,
    signal: AbortSignal,
  ): Promise<EditorAnswer> {
    const { provider, model } = request;
    const plan: Asked<AnswerPlan>["plan"] = (service, info) => planRequest(request, service, info);
    const hear = (event: AnswerEvent<AnswerPlan>) => {
      if (event.kind !== "planned" && event.kind !== "lost" && !signal.aborted) on(event);
    };
    const options = { ...this.options, dialogs: this.dialogs(provider) };
    const stop = AbortSignal.any([signal, this.closing.signal]);
    const answered = await answer(options, { provider, model, plan }, hear, stop);
    return this.checked(answered, signal);
  }

  dispose(): void {
    this.closing.abort();
  }

  /** What was stopped or cut has a receipt too; nobody waits for that one. */
  private async checked(answered: Answered, signal: AbortSignal): Promise<EditorAnswer> {
    const { broker, exchange, cost } = answered;
    const judging = firstVerdict(this.options, answered);
    const { provider } = exchange.service;
    if (signal.aborted || exchange.ended === "stopped") throw cancelled();
    if (exchange.ended === "cut") throw new ComputeError("providerUnavailable", { provider, detail: "cut" });
    return { exchange, network: broker.network, cost, ...(await judging) };
  }

  /**
   * Each question once: who asks while it is on screen waits for its answer, and a no stands for this window. Where there is no limit
   * every request has a question of its own.
   */
  private dialogs(provider: ProviderId): Dialogs {
    const { dialogs, limits, session } = this.options;
    if (limits.limitPerProvider() === undefined) return dialogs;
    return {
      confirm: (question) => {
        const scope = session.scope();
        const agreed = [scope && scopeKey(scope), addressKey(provider), String(limits.limitPerProvider())];
        return this.askOnce(JSON.stringify(agreed), question);
      },
    };
  }

  private async askOnce(agreed: string, question: Confirmation): Promise<boolean> {
    if (this.declined.has(agreed)) return false;
    const asked = this.asking.get(agreed) ?? this.options.dialogs.confirm(question);
    this.asking.set(agreed, asked);
    try {
      const isAgreed = await asked;
      if (!isAgreed) this.declined.add(agreed);
      return isAgreed;
    } finally {
      this.asking.delete(agreed);
    }
  }
}
