// The messages between the host and the activity's panel. The host filters, sorts and pages; the panel gets one page at a time, complete.

export type ActivityColumn = "time" | "kind" | "amount" | "provider" | "note" | "transaction";
/** Those that rows can be put in order by. */
export type ActivitySort = "time" | "kind" | "amount" | "provider";

export type ToActivityHost =
  | { readonly kind: "ready" }
  | { readonly kind: "refresh" }
  | { readonly kind: "mend" } // the one button of the problem
  | { readonly kind: "filter"; readonly what: "provider" | "kind"; readonly value: string } // "" for all
  | { readonly kind: "sort"; readonly column: ActivitySort } // the same again: the other way round
  | { readonly kind: "page"; readonly page: number } // from 0
  | { readonly kind: "openTransaction"; readonly row: string }
  | { readonly kind: "export" };

export type ToActivityPanel = { readonly kind: "state"; readonly state: ActivityPanelState };

export interface ActivityPanelState {
  readonly title: string;
  /** The wallet, short. */
  readonly subtitle: string;
  readonly network: string;
  readonly isSandbox: boolean;
  readonly status: string;
  /** Share of the chain that was read, while reading takes its time. */
  readonly progress?: number;
  readonly problem?: { readonly text: string; readonly action?: string };
  /** What the table cannot show, in sentences. */
  readonly notices: readonly string[];
  readonly sums: readonly ActivitySumView[];
  readonly filters: readonly ActivityFilterView[];
  readonly canExport: boolean;
  readonly table: ActivityTableView;
  readonly totals: readonly TotalsView[];
  readonly strings: ActivityStrings;
}

export interface ActivitySumView {
  readonly label: string;
  readonly value: string;
  /** Every digit. */
  readonly exact: string;
}

export interface ActivityFilterView {
  readonly what: "provider" | "kind";
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export interface ActivityTableView {
  readonly caption: string;
  readonly columns: readonly ActivityColumnView[];
  readonly rows: readonly ActivityRowView[];
  /** Instead of rows. */
  readonly empty: string;
  readonly paging: { readonly text: string; readonly page: number; readonly pages: number };
}

export interface ActivityColumnView {
  readonly id: ActivityColumn;
  readonly label: string;
  readonly sort?: ActivitySort;
  readonly order?: "ascending" | "descending";
}

export interface ActivityRowView {
  readonly id: string;
  /** As this machine's clock writes it, and in ISO 8601. */
  readonly time: string;
  readonly timestamp: string;
  readonly label: string;
  /** "Wallet → ledger" */
  readonly route: string;
  readonly amount: string;
  readonly exact: string;
  /** Short, and whole. */
  readonly provider: string;
  readonly providerAddress: string;
  readonly note: string;
  /** Short; empty for what is not on the chain. */
  readonly transaction: string;
  readonly hash: string;
  readonly hasLink: boolean;
}

/** Sums under headings; the first column names what each row is about. */
export interface TotalsView {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly {
    readonly name: string;
    readonly title: string;
    readonly cells: readonly string[];
  }[];
  readonly note: string;
}

/** Labels of the panel's own controls. */
export interface ActivityStrings {
  readonly refresh: string;
  readonly exportCsv: string;
  readonly filters: string;
  readonly sums: string;
  readonly previousPage: string;
  readonly nextPage: string;
  readonly pages: string;
  readonly openTransaction: string; // "{0}: show in the explorer"
  readonly table: string;
}
