// The messages between the host and the provider table. The host prices, filters and sorts; the panel gets all rows, complete.

export type ProviderColumn =
  "provider" | "class" | "price" | "prices" | "firstToken" | "speed" | "uptime" | "measure";
/** Those that rows can be put in order by. */
export type ProviderSort = Exclude<ProviderColumn, "prices" | "measure">;

export type ToProviderTableHost =
  | { readonly kind: "ready" }
  | { readonly kind: "refresh" }
  | { readonly kind: "mend" } // the one button of the problem
  | { readonly kind: "price"; readonly prompt: string; readonly answerTokens: number }
  | { readonly kind: "narrow"; readonly service: string; readonly find: string } // "" for all
  | { readonly kind: "sort"; readonly column: ProviderSort } // the same again: the other way round
  | { readonly kind: "measure"; readonly row: string } // again while it runs: stops it
  | { readonly kind: "compare" }; // answers to the prompt that is priced

export type ToProviderTablePanel = { readonly kind: "state"; readonly state: ProviderTableState };

export interface ProviderTableState {
  readonly title: string;
  readonly network: string;
  readonly isSandbox: boolean;
  readonly status: string;
  /** `isNotice`: nothing went wrong. */
  readonly problem?: { readonly text: string; readonly action?: string; readonly isNotice?: boolean };
  readonly question: {
    readonly prompt: string;
    readonly answerTokens: number;
    /** "About 12 tokens sent. …" */
    readonly note: string;
  };
  readonly filter: {
    readonly value: string;
    readonly options: readonly { readonly value: string; readonly label: string }[];
  };
  readonly caption: string;
  readonly columns: readonly ProviderColumnView[];
  readonly rows: readonly ProviderRowView[];
  /** Instead of rows. */
  readonly empty: string;
  readonly canCompare: boolean;
  readonly strings: ProviderTableStrings;
}

export interface ProviderColumnView {
  readonly id: ProviderColumn;
  readonly label: string;
  /** What the column means, where its name does not say it. */
  readonly title?: string;
  readonly sort?: ProviderSort;
  readonly order?: "ascending" | "descending";
}

export interface ProviderRowView {
  readonly id: string;
  /** The model: hostile input, cleaned. */
  readonly name: string;
  /** "Chat · 0xa48f…1c27" */
  readonly detail: string;
  readonly address: string;
  /** What else it serves: hostile input, cleaned. */
  readonly others?: {
    /** "and 2 more models" */
    readonly label: string;
    readonly names: readonly string[];
    readonly note: string;
    /** What is looked for is among them. */
    readonly isFound: boolean;
  };
  /** "Private", "Authentic", "Passed on", "Unverified" */
  readonly className: string;
  readonly classTitle: string;
  readonly price: FigureView;
  /** One line for each tier, and what belongs to all. */
  readonly prices: readonly PriceLineView[];
  readonly firstToken: FigureView;
  readonly speed: FigureView;
  readonly uptime: FigureView;
  /** Absent for what cannot be measured. */
  readonly measure?: {
    readonly label: string;
    /** "at most 0.0001 0G" */
    readonly cost: string;
    readonly isRunning: boolean;
    /** With the name of the row in it. */
    readonly name: string;
  };
}

export interface FigureView {
  /** Empty: there is nothing to be said. */
  readonly value: string;
  /** How it came to be, on a line of its own. */
  readonly detail: string;
  /** Every digit. */
  readonly title: string;
  /** A figure is known. */
  readonly isKnown: boolean;
}

export interface PriceLineView {
  /** "up to 8000 tokens"; empty where there is one price alone. */
  readonly label: string;
  readonly value: string;
  /** "0.05 0G in if repeated"; empty where there is no discount. */
  readonly detail: string;
  readonly title: string;
}

/** Labels of the panel's own controls. */
export interface ProviderTableStrings {
  readonly refresh: string;
  readonly compare: string;
  readonly prompt: string;
  readonly promptPlaceholder: string;
  readonly answerTokens: string;
  /** What the field takes, where it was given something else. */
  readonly answerTokensProblem: string;
  readonly service: string;
  readonly find: string;
  readonly findPlaceholder: string;
  readonly table: string;
}
