// Conversations: what is asked, answered, paid and proved. The service owns them; panels only show them.
import type { Conversation, ConversationSummary, Turn } from "../domain/chat.js";
import type { Clock } from "../domain/clock.js";
import { ComputeError } from "../domain/error.js";
import { Emitter, type Disposable, type Event } from "../domain/event.js";
import type { ConversationId, ProviderId, TurnId } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import type { Neuron } from "../domain/money.js";
import type { AccountsService } from "./accounts.js";
import type { LimitsService } from "./limits.js";
import type { ConfirmationTexts, Dialogs, Folder, Random } from "./ports.js";
import type { ProvidersService } from "./providers.js";
import type { Session } from "./session.js";

export interface ChatServiceOptions {
  readonly session: Session;
  readonly providers: ProvidersService;
  readonly accounts: AccountsService;
  readonly limits: LimitsService;
  readonly dialogs: Dialogs;
  readonly texts: ConfirmationTexts;
  /** Where conversations are kept, one file each. */
  readonly folder: Folder;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
}

export type ChatChange =
  | { readonly kind: "conversation"; readonly conversation: Conversation } // title, picked model, number of turns
  | { readonly kind: "turn"; readonly conversation: ConversationId; readonly turn: Turn } // complete value
  | {
      readonly kind: "delta";
      readonly conversation: ConversationId;
      readonly turn: TurnId;
      readonly channel: "text" | "reasoning";
      readonly text: string;
    }
  | { readonly kind: "deleted"; readonly conversation: ConversationId }
  | { readonly kind: "list" }; // summaries changed

/** A question's price before it is asked. Tokens are a guess from the number of characters. */
export interface Estimate {
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** For a usual answer. */
  readonly cost: Neuron;
  /** For the longest answer asked for: what the limit is checked with. */
  readonly worstCase: Neuron;
  /** Earlier turns that do not fit the model's context and are not sent. */
  readonly leftOut: number;
  /** What may still be spent with the provider; absent: asked every time. */
  readonly left?: Neuron;
}

export class ChatService implements Disposable {
  private readonly changed = new Emitter<ChatChange>();
  readonly onDidChange: Event<ChatChange> = this.changed.event;

  constructor(private readonly options: ChatServiceOptions) {}

  /** Newest first; `query` looks in titles and texts, ignoring case. */
  async list(query?: string): Promise<readonly ConversationSummary[]> {
    throw notYet(query);
  }

  /** A new, empty conversation on the current network; kept on disk with its first question. */
  create(pick?: { provider: ProviderId; model: string }): Conversation {
    throw notYet(pick);
  }

  /** Reads it from disk unless it is open already; undefined when there is none (any more). */
  async open(id: ConversationId): Promise<Conversation | undefined> {
    throw notYet(id);
  }

  /** An open conversation. */
  get(id: ConversationId): Conversation | undefined {
    throw notYet(id);
  }

  async delete(id: ConversationId): Promise<void> {
    throw notYet(id);
  }

  /** Deletes every conversation on disk. */
  async deleteAll(): Promise<void> {
    throw notYet();
  }

  /** The model for the next question. */
  async pick(id: ConversationId, provider: ProviderId, model: string): Promise<void> {
    throw notYet([id, provider, model]);
  }

  /** Asks; resolves when the answer has ended, in whatever way: what went wrong is part of the turn. Throws `badInput`-like only for unknown ids. */
  async send(id: ConversationId, text: string): Promise<void> {
    throw notYet([id, text]);
  }

  /** Ends the running answer, keeping what arrived. Without a turn: the conversation's running one. */
  stop(id: ConversationId, turn?: TurnId): void {
    throw notYet([id, turn]);
  }

  /** Asks the same question again; this turn and all later ones are replaced. */
  async regenerate(id: ConversationId, turn: TurnId): Promise<void> {
    throw notYet([id, turn]);
  }

  /** Asks another question in its place; this turn and all later ones are replaced. */
  async edit(id: ConversationId, turn: TurnId, text: string): Promise<void> {
    throw notYet([id, turn, text]);
  }

  /** The running turn of a conversation. */
  running(id: ConversationId): TurnId | undefined {
    throw notYet(id);
  }

  /** Price of that draft with the picked model; undefined while the service is not known. */
  estimate(id: ConversationId, draft: string): Estimate | undefined {
    throw notYet([id, draft]);
  }

  /** Sum of the answers' costs. */
  spent(id: ConversationId): Neuron {
    throw notYet(id);
  }

  /** Stops what runs and writes what is not yet on disk. */
  async close(): Promise<void> {
    throw notYet();
  }

  dispose(): void {
    this.changed.dispose();
  }
}

function notYet(used?: unknown): ComputeError {
  return new ComputeError("internal", { detail: `not yet ${typeof used}` });
}
