// One question to several providers at once: agreed to once, each by its own gate, limits, reservation, verdict and receipt. One that fails
// leaves the others. Nothing of it is kept but the receipts.
import type { Answer, Turn } from "../../domain/chat.js";
import type { ChatSettings } from "../../domain/chatSettings.js";
import { cancelled, ComputeError, toComputeError } from "../../domain/error.js";
import { type Disposable, DisposableList, Emitter, type Event } from "../../domain/event.js";
import type { ProviderId, TurnId } from "../../domain/ids.js";
import { neuron, type Neuron, zeroNeuron } from "../../domain/money.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import type { Verdict } from "../../domain/verdict.js";
import { answer, type Answered, type AnswerEvent, type AnsweringOptions } from "./answering.js";
import type { ChatService } from "./chat.js";
import { planChat, type ChatPlan } from "./chatRequest.js";
import { checkLength } from "./questionLength.js";
import { notTaken, type ComparedAnswer } from "./comparedAnswer.js";
import { inferenceEntry } from "../providers/entries.js";
import { keptError } from "../loaded.js";
import { speedOf } from "../providers/measurements.js";
import { checkPriced } from "../money/counted.js";
import { checkAccount } from "../money/paying.js";
import { pendingVerdict } from "./pendingVerdict.js";
import type { Confirmation, Random } from "../ports.js";
import { randomId } from "../randomId.js";
import { orAborted } from "../sandbox.js";
import { neededScope } from "../wallets/scope.js";

export interface ComparisonOptions extends AnsweringOptions {
  readonly checks: Pick<ChatService, "checkAnswer" | "onDidCheckLate">;
  readonly random: Random;
  readonly confirmation: (asked: readonly AskedProvider[]) => Confirmation;
}

/** Who is asked, and the most that may cost. */
export interface AskedProvider {
  readonly service: InferenceService;
  readonly model: string;
  readonly worstCase: Neuron;
  /** With the answer the user agrees to this limit, of which so much is spent; absent: that was agreed to, or is asked every time. */
  readonly limit?: { readonly max: Neuron; readonly spent: Neuron };
}

export interface ComparedModel {
  readonly provider: ProviderId;
  readonly model: string;
}

export type ComparisonChange =
  | { readonly kind: "columns" }
  | { readonly kind: "column"; readonly column: ComparedAnswer }
  | {
      readonly kind: "delta";
      readonly turn: TurnId;
      readonly channel: "text" | "reasoning";
      readonly text: string;
    };

export interface ComparisonEstimate {
  readonly cost: Neuron;
  readonly worstCase: Neuron;
}

export const mostCompared = 3;

type Ready = readonly [ComparedAnswer, AskedProvider];

export class Comparison implements Disposable {
  private readonly owned = new DisposableList();
  private readonly changed = this.owned.add(new Emitter<ComparisonChange>());
  readonly onDidChange: Event<ComparisonChange> = this.changed.event;
  private shown: readonly ComparedAnswer[] = [];
  private readonly running = new Map<TurnId, AbortController>();

  constructor(private readonly options: ComparisonOptions) {
    this.owned.add(
      options.checks.onDidCheckLate(({ receipt, verdict }) => {
        const column = this.shown.find((one) => one.receipt === receipt);
        if (column) this.change(column.turn.id, { verdict });
      }),
    );
  }

  get columns(): readonly ComparedAnswer[] {
    return this.shown;
  }

  get isRunning(): boolean {
    return this.running.size > 0;
  }

  /** All together, before anything is asked; undefined where one is not listed. */
  estimate(
    text: string,
    picks: readonly ComparedModel[],
    settings?: ChatSettings,
  ): ComparisonEstimate | undefined {
    const plans = picks.map(({ provider, model }) => {
      const { providers } = this.options;
      const item = providers.find(provider);
      return item && planChat(item.service, providers.knownInfo(provider, model), [], text, settings);
    });
    const known = plans.filter((plan) => plan !== undefined);
    if (known.length === 0 || known.length < plans.length) return undefined;
    return {
      cost: sum(known.map(({ cost }) => cost)),
      worstCase: sum(known.map(({ worstCase }) => worstCase)),
    };
  }

  /** Resolves when every answer has ended and was checked once. What went wrong is part of its column. While one runs: nothing. */
  async ask(text: string, picks: readonly ComparedModel[], settings?: ChatSettings): Promise<void> {
    const question = text.trim();
    if (question === "" || picks.length === 0 || this.isRunning) return;
    const turns = picks.slice(0, mostCompared).map((pick) => this.newTurn(question, pick));
    this.shown = turns.map((turn) => ({ turn, settings }));
    await this.run(this.shown);
  }

  /** The same question to the same provider, in place of its answer. */
  async again(id: TurnId): Promise<void> {
    const before = this.column(id);
    if (!before || this.running.has(id)) return;
    const { question, answer: past } = before.turn;
    const column = { turn: this.newTurn(question, past), settings: before.settings };
    this.shown = this.shown.map((one) => (one.turn.id === id ? column : one));
    await this.run([column]);
  }

  /** Ends one answer at once, or all of them, keeping what arrived. */
  stop(id?: TurnId): void {
    for (const [turn, abort] of this.running) {
      if (id !== undefined && id !== turn) continue;
      this.change(turn, {
        state: "stopped",
        waitSeconds: undefined,
        finishedAt: this.options.clock.now(),
      });
      this.over(turn);
      abort.abort();
    }
  }

  /** What runs is stopped; what arrived is still checked and has its receipt. */
  dispose(): void {
    for (const abort of this.running.values()) abort.abort();
    this.owned.dispose();
  }

  private newTurn(question: string, { provider, model }: ComparedModel): Turn {
    const { session, clock, random } = this.options;
    const network = session.tryNetwork()?.id;
    return {
      id: randomId(random) as TurnId,
      question,
      answer: {
        ...{ state: "waiting", text: "", provider, model, startedAt: clock.now() },
        ...(network ? { network } : {}),
      },
    };
  }

  private async run(columns: readonly ComparedAnswer[]): Promise<void> {
    for (const { turn } of columns) this.running.set(turn.id, new AbortController());
    this.changed.fire({ kind: "columns" });
    const ready = (await Promise.all(columns.map((column) => this.prepared(column)))).filter(
      (one) => one !== undefined,
    );
    // What they said of their models is known now, and the price on the page is the one that is agreed to.
    if (ready.length > 0) this.changed.fire({ kind: "columns" });
    const agreed = await this.agreed(ready);
    await Promise.all(
      agreed.map(([column, asked]) => this.guarded(column.turn, () => this.answer(column, asked))),
    );
  }

  /** Whatever would stop it is found before anything is asked or sent. Undefined: it was, and its column says so. */
  private async prepared(column: ComparedAnswer): Promise<Ready | undefined> {
    const asked = await this.guarded(column.turn, (signal) => this.prepare(column, signal), false);
    return asked && [column, asked];
  }

  private async prepare({ turn, settings }: ComparedAnswer, signal: AbortSignal): Promise<AskedProvider> {
    const { question, answer: past } = turn;
    const { provider, model } = past;
    const { session, providers, gate, limits } = this.options;
    const scope = neededScope(session);
    const broker = await orAborted(session.broker(signal), signal);
    const reader = inferenceEntry(broker, provider, "chatbot", signal);
    const service = await reader.read(false);
    await gate.allow(reader.recipientOf(service));
    const info = await providers.modelInfo(provider, model, signal);
    checkPriced(service, model, info);
    const plan = planChat(service, info, [], question, settings);
    checkLength(model, plan.own.fewest, info);
    this.change(turn.id, {}, notTaken(settings, info));
    limits.checkAnswer(scope, provider, plan.worstCase);
    await checkAccount(this.options, service, signal);
    return this.askedOf(service, model, plan);
  }

  private askedOf(service: InferenceService, model: string, { worstCase }: ChatPlan): AskedProvider {
    const { session, limits } = this.options;
    const { provider } = service;
    const [scope, max] = [session.scope(), limits.limitPerProvider()];
    const isSandbox = session.network().isSandbox && session.wallet()?.kind === "sandbox";
    const isNew = !isSandbox && scope !== undefined && limits.needsConsent(scope, provider, worstCase);
    const limit = isNew && max !== undefined ? { max, spent: limits.spentAt(scope, provider) } : undefined;
    return { service, model, worstCase, ...(limit ? { limit } : {}) };
  }

  /** One question for all of them. Those that were stopped while it was read are not asked. */
  private async agreed(ready: readonly Ready[]): Promise<readonly Ready[]> {
    if (ready.length === 0) return [];
    const { dialogs, confirmation } = this.options;
    const isAgreed = await dialogs.confirm(confirmation(ready.map(([, asked]) => asked)));
    for (const [{ turn }] of ready) if (!isAgreed) this.end(turn, cancelled());
    return ready.filter(([{ turn }]) => this.running.has(turn.id));
  }

  private async answer({ turn, settings }: ComparedAnswer, agreedTo: AskedProvider): Promise<void> {
    const { dialogs, confirmation } = this.options;
    const { id, question } = turn;
    const { provider, model } = turn.answer;
    const signal = this.signalOf(id);
    let agreed = agreedTo;
    /** What the user has read was about another price or another kind of provider: asked again, this one alone. */
    const plan = async (service: InferenceService, info: ModelInfo | undefined) => {
      const made = planChat(service, info, [], question, settings);
      this.change(id, {}, notTaken(settings, info));
      const asked = this.askedOf(service, model, made);
      const isSame = made.worstCase <= agreed.worstCase && service.privacy === agreed.service.privacy;
      if (!isSame && !(await orAborted(dialogs.confirm(confirmation([asked])), signal))) throw cancelled();
      if (!isSame) agreed = asked;
      return made;
    };
    // The one question named every limit.
    const options = { ...this.options, dialogs: { confirm: async () => true } };
    const hear = (event: AnswerEvent<ChatPlan>) => {
      if (!signal.aborted || event.kind === "lost") this.hear(id, event);
    };
    const answered = await answer(options, { provider, model, plan }, hear, signal);
    await this.ended(turn, answered);
  }

  private hear(id: TurnId, event: AnswerEvent<ChatPlan>): void {
    const now = this.options.clock.now();
    switch (event.kind) {
      case "sent":
        return this.change(id, { waitSeconds: undefined, startedAt: now });
      case "waiting":
        return this.change(id, { waitSeconds: event.seconds });
      case "delta":
        return this.append(id, "text", event.text);
      case "reasoning":
        return this.append(id, "reasoning", event.text);
      case "lost":
        return this.change(id, { mostCost: event.most });
      case "planned":
      case "refused":
        return;
    }
  }

  private append(id: TurnId, channel: "text" | "reasoning", text: string): void {
    const before = this.column(id)?.turn.answer;
    if (!before) return;
    const grown = { [channel]: (before[channel] ?? "") + text };
    const isFirst = before.firstTokenAt === undefined;
    if (isFirst)
      return this.change(id, { ...grown, state: "streaming", firstTokenAt: this.options.clock.now() });
    this.replace(id, { ...before, ...grown });
    this.changed.fire({ kind: "delta", turn: id, channel, text });
  }

  private async ended({ id, answer: { provider } }: Turn, answered: Answered): Promise<void> {
    const { exchange, cost } = answered;
    const isCut = exchange.ended === "cut";
    const error = new ComputeError("providerUnavailable", { provider, detail: "cut" });
    const speed = exchange.ended === "complete" ? speedOf(exchange) : undefined;
    const verdict = await pendingVerdict(exchange, this.options.clock.now());
    const ended: Partial<Answer> = {
      state: exchange.ended === "complete" ? "done" : isCut ? "failed" : "stopped",
      ...(isCut ? { error: keptError(error) } : {}),
      ...{ text: exchange.text, usage: exchange.usage, cost, privacy: exchange.service.privacy, verdict },
      ...(exchange.reasoning === "" ? {} : { reasoning: exchange.reasoning }),
      ...{ startedAt: exchange.sentAt, firstTokenAt: exchange.firstTokenAt },
      ...{ finishedAt: exchange.finishedAt, waitSeconds: undefined },
    };
    this.over(id);
    this.change(id, ended, speed === undefined ? {} : { tokensPerSecond: speed });
    await this.options.checks.checkAnswer(answered, async (found: Verdict, receipt) =>
      this.change(id, { verdict: found }, receipt === undefined ? {} : { receipt }),
    );
  }

  /** What stops it ends its column alone. */
  private async guarded<T>(
    turn: Turn,
    work: (signal: AbortSignal) => Promise<T>,
    isLast = true,
  ): Promise<T | undefined> {
    try {
      return await work(this.signalOf(turn.id));
    } catch (error) {
      this.end(turn, error);
      return undefined;
    } finally {
      if (isLast) this.over(turn.id);
    }
  }

  private end({ id }: Turn, error: unknown): void {
    const known = toComputeError(error);
    if (known.code === "internal") this.options.log.error("A compared answer ended by a defect", error);
    this.running.get(id)?.abort();
    this.over(id);
    const isStopped = known.code === "cancelled";
    this.change(id, {
      ...(isStopped ? { state: "stopped" } : { state: "failed", error: keptError(known) }),
      ...{ waitSeconds: undefined, finishedAt: this.options.clock.now() },
    });
  }

  /** With the last of them another question may be asked. */
  private over(id: TurnId): void {
    if (this.running.delete(id) && !this.isRunning) this.changed.fire({ kind: "columns" });
  }

  private signalOf(id: TurnId): AbortSignal {
    return this.running.get(id)?.signal ?? AbortSignal.abort();
  }

  private column(id: TurnId): ComparedAnswer | undefined {
    return this.shown.find(({ turn }) => turn.id === id);
  }

  private change(id: TurnId, part: Partial<Answer>, more: Partial<ComparedAnswer> = {}): void {
    const before = this.column(id);
    if (!before) return;
    this.replace(id, { ...before.turn.answer, ...part }, more);
    const column = this.column(id);
    if (column) this.changed.fire({ kind: "column", column });
  }

  private replace(id: TurnId, next: Answer, more: Partial<ComparedAnswer> = {}): void {
    this.shown = this.shown.map((one) =>
      one.turn.id === id ? { ...one, ...more, turn: { ...one.turn, answer: next } } : one,
    );
  }
}

function sum(amounts: readonly Neuron[]): Neuron {
  return amounts.reduce((total, amount) => neuron(total + amount), zeroNeuron);
}
