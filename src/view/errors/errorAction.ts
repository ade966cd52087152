// What an error is shown as, and what its one button does.
import type { ErrorCode, ErrorFacts } from "../../domain/error.js";

export interface ErrorAction {
  /** A command, or "retry": what was tried, once more. */
  readonly id: string;
  readonly title: string;
  readonly arguments?: readonly unknown[];
}

export interface ErrorView {
  readonly text: string;
  /** The first is the one that mends it. */
  readonly actions: readonly ErrorAction[];
}

/** A kept error has a code and facts as well. */
export type ErrorLike = {
  readonly [C in ErrorCode]: { readonly code: C; readonly facts: ErrorFacts[C] };
}[ErrorCode];
