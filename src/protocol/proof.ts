// The messages between the host and the verification page. The host checks; the page gets the whole chain of custody each time.
import type { ConversationId, ProviderId, TurnId } from "../domain/ids.js";
import type { ServiceName } from "../domain/provider.js";
import type { CheckStatus } from "../domain/verdict.js";

/** What a page is about; it keeps this over a reload of the window. */
export type ProofRef = ProviderRef | FileRef;

export interface ProviderRef {
  readonly provider: ProviderId;
  readonly service: ServiceName;
  /** The answer it was opened from: the chain goes on to it. */
  readonly answer?: { readonly conversation: ConversationId; readonly turn: TurnId };
}

/** A file, by its address as text. */
export interface FileRef {
  readonly file: string;
}

export type ToProofHost =
  | { readonly kind: "ready" }
  | { readonly kind: "again" } // downloads and checks once more
  | { readonly kind: "mend" } // the one button of the problem
  | { readonly kind: "acceptChange" } // what is there now is to be expected from here on
  | { readonly kind: "copyValue"; readonly link: number; readonly side: "left" | "right" }
  | { readonly kind: "copyAll" }
  | { readonly kind: "exportReports" }
  | { readonly kind: "askChain" }; // of a file: whose key the chain says it is

export type ToProofPanel = { readonly kind: "state"; readonly state: ProofPanelState };

export interface ProofPanelState {
  /** Absent: what is shown cannot be made again after a reload, such as a text that is not on disk. */
  readonly shown?: ProofRef;
  readonly title: string;
  /** Of whom: the provider's whole address, or a file's name. */
  readonly subject: string;
  /** Absent: it is of none, or nobody knows of which. */
  readonly network?: string;
  readonly isSandbox: boolean;
  /** What a file says of itself. */
  readonly facts: readonly ProofFactView[];
  readonly status: string;
  readonly isBusy: boolean;
  /** `isNotice`: nothing went wrong, such as a file that was not read yet. */
  readonly problem?: { readonly text: string; readonly action?: string; readonly isNotice?: boolean };
  /** Absent until something was checked. */
  readonly summary?: ProofSummaryView;
  readonly change?: ProofChangeView;
  /** In order: the headings of the line and the steps on it. */
  readonly links: readonly ProofLinkView[];
  /** Buttons that only some pages have: absent where they are not. */
  readonly canExport?: boolean;
  readonly canAskChain?: boolean;
  readonly strings: ProofStrings;
}

export type ProofWord = "proven" | "notProven" | "failed";

export interface ProofSummaryView {
  readonly word: ProofWord;
  readonly label: string;
  readonly sentence: string;
  /** "12 proven", "1 failed": only those that there are. */
  readonly counts: readonly { readonly status: CheckStatus; readonly text: string }[];
}

/** Something is not as it was when this provider was first verified. */
export interface ProofChangeView {
  readonly text: string;
  readonly rows: readonly { readonly label: string; readonly before: string; readonly now: string }[];
  readonly accept: string;
}

/** A station has a heading and no check: the root, a report's beginning, the provider, the answer. */
export type ProofLinkView = ProofStationView | ProofStepView;

export interface ProofStationView {
  readonly kind: "station";
  readonly mark: "root" | "report" | "service" | "answer" | "file" | "end";
  readonly label: string;
  readonly text: string;
}

export interface ProofStepView {
  readonly kind: "step";
  readonly status: CheckStatus;
  readonly statusLabel: string;
  readonly label: string;
  readonly explanation: string;
  readonly left?: ProofValueView;
  readonly right?: ProofValueView;
}

export interface ProofValueView {
  readonly label: string;
  /** Shortened in the middle where it is long; what is copied is the whole. */
  readonly value: string;
}

export interface ProofFactView {
  readonly label: string;
  readonly value: string;
}

/** Labels of the page's own controls. */
export interface ProofStrings {
  readonly again: string;
  readonly copyAll: string;
  readonly exportReports: string;
  readonly askChain: string;
  readonly copy: string; // "Copy: {0}"
  readonly copied: string;
  readonly chain: string;
  readonly summary: string;
  readonly before: string;
  readonly now: string;
}
