// Every message between the host and its panels: the chat, and a fine-tuning task. Types only; imported by both sides.
// The host owns the chat. The panel may be destroyed at any moment and gets a full `snapshot` when it says `ready`.
// Messages to the host carry ids, never content to act on; what the user types, pastes and drops there is looked at like a stranger's. All text shown comes localised from the host.
import type { SettingName } from "./domain/chatSettings.js";
import type { ConversationId, ProviderId, TaskId, TurnId } from "./domain/ids.js";
import type { CheckStatus, VerdictWord } from "./domain/verdict.js";
import type {
  AttachmentToHost,
  AttachmentToPanel,
  AttachmentView,
  SentAttachmentView,
} from "./protocol/attachments.js";

export type ToHost =
  | { readonly kind: "ready" }
  | { readonly kind: "send"; readonly text: string }
  | { readonly kind: "stop"; readonly turn: TurnId }
  | { readonly kind: "regenerate"; readonly turn: TurnId }
  | { readonly kind: "edit"; readonly turn: TurnId; readonly text: string } // re-asks from that turn on
  | { readonly kind: "pickModel"; readonly provider: ProviderId; readonly model: string }
  | { readonly kind: "estimate"; readonly text: string } // the draft, debounced: host answers with `estimate`
  | {
      readonly kind: "code";
      readonly action: "copy" | "insert" | "newFile";
      readonly turn: TurnId;
      readonly block: number;
    }
  | { readonly kind: "copyAnswer"; readonly turn: TurnId }
  | {
      readonly kind: "copyValue";
      readonly turn: TurnId;
      readonly check: number;
      readonly side: "left" | "right";
    }
  | { readonly kind: "showReceipt"; readonly turn: TurnId }
  | { readonly kind: "verifyProvider"; readonly turn: TurnId } // the chain of custody behind the check of the enclave
  | { readonly kind: "action"; readonly turn: TurnId } // the one button of an error row
  | { readonly kind: "openLink"; readonly turn: TurnId; readonly link: number } // nth link of the answer, host opens it
  | { readonly kind: "settings" } // the sheet is open: host answers with `settings`, once it knows the model
  | { readonly kind: "setting"; readonly name: SettingName; readonly text: string } // as typed; host answers with `settings`
  | AttachmentToHost
  | { readonly kind: "newConversation" }
  | { readonly kind: "openConversation"; readonly id: ConversationId }
  | { readonly kind: "deleteConversation"; readonly id: ConversationId }
  | { readonly kind: "searchHistory"; readonly query: string } // host answers with `history`
  | { readonly kind: "start" }; // the one button of the welcome or of a blocked composer (try the sandbox / set up a wallet)

/** As a page says it: of the conversation that it shows, whatever its host is about to show. Absent: it shows none. */
export type FromPanel = ToHost & { readonly conversation?: ConversationId };

export type ToPanel =
  | { readonly kind: "snapshot"; readonly state: PanelState }
  | {
      readonly kind: "delta";
      readonly turn: TurnId;
      readonly text: string;
      readonly channel: "text" | "reasoning";
    }
  | { readonly kind: "turn"; readonly turn: TurnView } // complete; replaces all deltas
  | { readonly kind: "header"; readonly header: HeaderView }
  | { readonly kind: "models"; readonly models: readonly ModelOption[] }
  | { readonly kind: "estimate"; readonly text: string; readonly isTooLong?: boolean }
  | { readonly kind: "settings"; readonly settings: SettingsView }
  | { readonly kind: "history"; readonly items: readonly HistoryItem[] }
  | { readonly kind: "focus"; readonly what: "input" | "lastAnswer" }
  | { readonly kind: "draft"; readonly text: string } // what was not sent, before what the user has written since
  | { readonly kind: "suggest"; readonly text: string } // a command's question, after what the user has written there
  | AttachmentToPanel;

export interface PanelState {
  readonly conversation?: ConversationId;
  readonly title: string;
  readonly header: HeaderView;
  readonly models: readonly ModelOption[];
  readonly turns: readonly TurnView[];
  readonly history: readonly HistoryItem[];
  /** Shown instead of the transcript while there is nothing to chat with, or nothing asked yet. */
  readonly welcome?: WelcomeView;
  readonly estimate: string;
  /** The draft alone is more than the model reads. */
  readonly isTooLong?: boolean;
  readonly settings: SettingsView;
  /** What goes along with the draft; `draft` finds it again after a reload of the window. */
  readonly attached: { readonly draft: string; readonly items: readonly AttachmentView[] };
  readonly strings: PanelStrings;
}

/** How the model is asked in this conversation. */
export interface SettingsView {
  /** "system prompt · temperature 0.2"; empty: all is the provider's own choice. */
  readonly summary: string;
  readonly fields: readonly SettingField[];
}

export interface SettingField {
  readonly name: SettingName;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly lines: number;
  /** Why it is not taken, or not sent. */
  readonly problem?: string;
}

export interface HeaderView {
  /** "Sandbox", "Testnet": always visible. */
  readonly network: string;
  readonly isSandbox: boolean;
  /** Running total of this conversation, e.g. "0.0004 0G spent here". */
  readonly spent: string;
  /** What the picked provider's sub-account still allows; empty when unknown. */
  readonly balance: string;
  readonly canSend: boolean;
  /** Why sending is off, one sentence. */
  readonly blocked?: string;
  /** The button that mends it (`start`), where the welcome with the same button is not shown. */
  readonly startButton?: string;
}

export interface ModelOption {
  readonly provider: ProviderId;
  readonly model: string;
  /** The model's name. */
  readonly label: string;
  /** Price per million tokens and short provider address. */
  readonly detail: string;
  readonly badge: string; // "Private" | "Authentic" | "Unverified"
  readonly isPicked: boolean;
}

export interface TurnView {
  readonly id: TurnId;
  readonly question: string;
  readonly attachments?: readonly SentAttachmentView[];
  readonly answer: {
    readonly state: "waiting" | "streaming" | "done" | "stopped" | "failed";
    /** "Waiting for the provider…", "Stopped" and the like; empty when there is nothing to say. */
    readonly status: string;
    /** Markdown, hostile input. */
    readonly text: string;
    readonly reasoning: string;
    readonly tools?: ToolCallsView;
    /** "phi-4 · private · 0xa48f…c27" */
    readonly byline: string;
    /** "128 tokens · 0.00001 0G · 1.2 s" */
    readonly meter: string;
    readonly error?: { readonly text: string; readonly action?: string };
    readonly verdict?: VerdictView;
  };
}

/** Functions that the model asks for. */
export interface ToolCallsView {
  /** "Asks for 2 tools; nothing was run" */
  readonly summary: string;
  /** Hostile input. */
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
}

export interface VerdictView {
  readonly word: VerdictWord;
  /** "Verified", "Failed", "Not proven", "Checking…" */
  readonly label: string;
  /** One sentence: what that means here. */
  readonly sentence: string;
  readonly checks: readonly CheckView[];
  /** Label of the button that opens the answer's receipt; absent where there can be none. */
  readonly receipt?: string;
}

export interface CheckView {
  readonly status: CheckStatus;
  /** "proven", "observed", "not checked", "failed" */
  readonly statusLabel: string;
  readonly label: string;
  readonly explanation: string;
  readonly left?: { readonly label: string; readonly value: string };
  readonly right?: { readonly label: string; readonly value: string };
  /** Label of the button that opens what stands behind this check. */
  readonly follow?: string;
}

export interface HistoryItem {
  readonly id: ConversationId;
  readonly title: string;
  /** "3 questions · yesterday" */
  readonly detail: string;
  readonly isOpen: boolean;
}

export interface WelcomeView {
  readonly title: string;
  readonly text: string;
  /** Absent: just start typing. */
  readonly button?: string;
  /** Questions to click, when chatting is possible. */
  readonly suggestions: readonly string[];
}

/** Labels of the panel's own controls. */
export interface PanelStrings {
  readonly inputLabel: string;
  readonly inputPlaceholder: string;
  readonly attach: string;
  readonly attached: string;
  readonly removed: string;
  readonly send: string;
  readonly sending: string;
  readonly stop: string;
  readonly newConversation: string;
  readonly history: string;
  readonly searchHistory: string;
  readonly noHistory: string;
  readonly deleteConversation: string;
  readonly model: string;
  readonly settings: string;
  readonly copy: string;
  readonly copied: string;
  readonly insert: string;
  readonly newFile: string;
  readonly regenerate: string;
  readonly edit: string;
  readonly saveEdit: string;
  readonly cancelEdit: string;
  readonly copyAnswer: string;
  readonly you: string;
  readonly answer: string;
  readonly reasoning: string;
  readonly details: string;
  readonly jumpToLatest: string;
  readonly answerFinished: string; // "Answer finished, {0}"
  readonly opensLink: string; // "Opens {0}"
  readonly close: string;
}

/** What a task panel may ask for; each fits certain states, and the host checks again whether this one does. */
export type TaskActionId =
  | "acknowledgeModel"
  | "decryptModel"
  | "unpackModel"
  | "deployAdapter"
  | "chatWithAdapter"
  | "revealModel"
  | "exportModel"
  | "showReceipt"
  | "saveCalendar"
  | "acknowledgeDeliverable"
  | "cancelTask"
  | "recover";

export type ToTaskHost =
  | { readonly kind: "ready" }
  | { readonly kind: "action"; readonly action: TaskActionId }
  | { readonly kind: "mend" } // the one button of the problem
  | { readonly kind: "copy"; readonly fact: number }
  | { readonly kind: "openLog" }; // as a document of the editor

export type ToTaskPanel =
  | { readonly kind: "snapshot"; readonly state: TaskPanelState }
  | { readonly kind: "task"; readonly task: TaskView } // complete
  | { readonly kind: "log"; readonly log: LogView } // replaces everything from its first line on
  | { readonly kind: "focusLog" };

export interface TaskPanelState {
  /** Which task it is: all that a panel keeps over a reload. */
  readonly shown: { readonly provider: ProviderId; readonly id: TaskId };
  readonly task: TaskView;
  readonly log: LogView;
  readonly strings: TaskPanelStrings;
}

export interface TaskView {
  /** Unique; another task starts a new log. */
  readonly id: string;
  readonly title: string;
  /** Task id and provider, short. */
  readonly subtitle: string;
  readonly network: string;
  readonly isSandbox: boolean;
  readonly stage: string;
  /** What goes on now and what comes next. */
  readonly status: string;
  readonly deadline?: DeadlineView;
  readonly work?: { readonly text: string; readonly fraction?: number };
  readonly problem?: { readonly text: string; readonly action?: string };
  readonly actions: readonly TaskActionView[];
  readonly stages: readonly StageView[];
  readonly chart: LossChartView;
  readonly facts: readonly FactView[];
}

export interface DeadlineView {
  /** "11 h 20 min left" */
  readonly left: string;
  /** Until when, and what it costs to let it pass. */
  readonly sentence: string;
  readonly isUrgent: boolean;
}

export interface TaskActionView {
  readonly id: TaskActionId;
  readonly label: string;
  readonly isPrimary: boolean;
}

export interface StageView {
  readonly label: string;
  readonly state: "done" | "current" | "upcoming" | "failed";
  readonly stateLabel: string;
  /** When it began, as far as anybody saw it. */
  readonly time: string;
  readonly took: string;
}

export interface FactView {
  readonly label: string;
  /** Hostile where the provider says it. */
  readonly value: string;
  /** The whole of it, for the clipboard; absent where there is nothing to copy. */
  readonly isCopyable: boolean;
}

/** Places are fractions of the plot: 0 at the start of an axis, 1 at its end. */
export interface LossChartView {
  readonly caption: string;
  readonly plot?: {
    readonly points: readonly { readonly x: number; readonly y: number; readonly label: string }[];
    readonly across: readonly ChartTick[];
    readonly up: readonly ChartTick[];
    readonly acrossLabel: string;
    readonly upLabel: string;
    /** The picture in one sentence. */
    readonly summary: string;
  };
  readonly table?: {
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
    readonly note: string;
  };
}

export interface ChartTick {
  readonly at: number;
  readonly label: string;
}

/** Lines of the log from number `from` on; everything the panel holds from there is replaced. */
export interface LogView {
  readonly from: number;
  /** Lines at the start that are not kept. */
  readonly dropped: number;
  readonly lines: readonly LogLine[];
}

export interface LogLine {
  /** Hostile input. */
  readonly text: string;
  readonly isError: boolean;
}

/** Labels of the task panel's own controls. */
export interface TaskPanelStrings {
  readonly stages: string;
  readonly log: string;
  readonly noLog: string;
  readonly openLog: string;
  readonly earlierLines: string; // "{0} earlier lines are left out"
  readonly loss: string;
  readonly values: string;
  readonly facts: string;
  readonly actions: string;
  readonly copy: string; // "Copy {0}"
  readonly copied: string;
  readonly jumpToLatest: string;
  readonly stageIs: string; // "Stage: {0}"
}
