// The messages between the host and the page that compares answers. Its answers are those of the chat, and so is what is said about one.
import type { ChatSettings } from "../domain/chatSettings.js";
import type { TurnId } from "../domain/ids.js";
import type { PanelStrings, SettingsView, ToHost, ToPanel, TurnView } from "../protocol.js";

/** About one answer, as in the chat. */
export type AboutAnswer = Extract<
  ToHost,
  {
    kind:
      | "stop"
      | "regenerate"
      | "code"
      | "copyAnswer"
      | "copyValue"
      | "showReceipt"
      | "verifyProvider"
      | "action"
      | "openLink";
  }
>;

export type ToComparisonHost =
  | { readonly kind: "ready" }
  | { readonly kind: "choose"; readonly slot: number; readonly model: string } // "" for none
  | { readonly kind: "estimate"; readonly text: string } // host answers with `state`
  | { readonly kind: "ask"; readonly text: string }
  | { readonly kind: "stopAll" }
  | { readonly kind: "start" } // the one button of what keeps it from being asked
  | Extract<ToHost, { kind: "settings" | "setting" }> // host answers with `state`
  | { readonly kind: "goOn"; readonly turn: TurnId } // in a conversation of its own
  | AboutAnswer;

export type ToComparisonPanel =
  | { readonly kind: "state"; readonly state: ComparisonState }
  | { readonly kind: "column"; readonly column: ComparedView } // complete; replaces all deltas
  | { readonly kind: "prompt"; readonly text: string } // puts text into the field
  | Extract<ToPanel, { kind: "delta" }>;

export interface ComparisonState {
  readonly title: string;
  readonly network: string;
  readonly isSandbox: boolean;
  /** Why nothing can be asked, and the button that mends it. `isNotice`: nothing went wrong. */
  readonly blocked?: { readonly text: string; readonly action?: string; readonly isNotice?: boolean };
  readonly slots: readonly ModelSlot[];
  /** "about 0.002 0G for all, at most 0.01 0G" */
  readonly estimate: string;
  readonly settings: SettingsView;
  /** What the settings are, for the page to keep. */
  readonly asking: ChatSettings;
  readonly canAsk: boolean;
  readonly isRunning: boolean;
  readonly columns: readonly ComparedView[];
  /** Instead of columns. */
  readonly empty: string;
  readonly strings: ComparisonStrings;
  /** Of the answers. */
  readonly answerStrings: PanelStrings;
}

export interface ModelSlot {
  /** "Model 1" */
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export interface ComparedView {
  readonly turn: TurnView;
  readonly isRunning: boolean;
  /** Time to the first token, tokens per second, cost: "–" as long as one is not known. */
  readonly figures: readonly { readonly label: string; readonly value: string; readonly title: string }[];
  /** "Stop phi-4" */
  readonly stop: string;
  /** What was not sent to this one, or not so much of it; empty: all was. */
  readonly note: string;
  /** "Go on with phi-4 in a chat"; absent: there is nothing to go on from yet. */
  readonly goOn?: string;
  /** Said once when it has ended: "phi-4: Verified" */
  readonly ended: string;
}

export interface ComparisonStrings {
  readonly prompt: string;
  readonly placeholder: string;
  readonly ask: string;
  readonly stopAll: string;
  readonly models: string;
  readonly answers: string;
}
