// What was found in a dataset or in a training configuration (spec datasets.md), as data. Sentences are made in view/fineTuning/datasetView.ts.

/** How the file gets to the provider: with some shapes it makes a difference. */
export type Destination = "tee" | "0g-storage";

/** What the first row makes of all (spec fine-tuning.md 5.2). `instruction` is also what every unknown shape is read as. */
export type DatasetShape = "messages" | "text" | "instruction";

/** A row as training gets it: what is not here is lost. */
export type ConvertedRow =
  | { readonly instruction: string; readonly input: string; readonly output: string }
  | { readonly text: string };

/** An error keeps a task from being started. */
export type Severity = "error" | "warning" | "information";

type None = Record<string, never>;

/** The rules by their stable ids, with what each has to say of a place. */
export interface RuleFacts {
  OG001: None;
  OG002: { byteOffset: number };
  OG003: None;
  OG004: None;
  OG005: { format: "CSV" | "TSV" | "Parquet" };
  OG006: { size: number };
  OG007: { name: string };
  OG008: { rows: number };
  OG009: { rows: number; wanted: number };
  /** `detail` in the words of the provider's parser. */
  OG010: { detail: string; guess?: "comma" | "quotes" | "newline" };
  OG011: { kind: string };
  OG012: None;
  OG013: { lines: number };
  OG014: None;
  OG015: None;
  OG016: { key: string };
  /** `isTextEmpty`: the right key, with nothing in it. */
  OG020: { keys: readonly string[]; isTextEmpty?: boolean };
  OG021: { own: DatasetShape; file: DatasetShape };
  OG022: None;
  OG023: { keys: readonly string[] };
  OG024: { why: "missing" | "notAList" | "empty" };
  OG025: { why: "noRole" | "noContent" | "neither" | "notAMessage" };
  OG026: { role: string };
  OG027: { kind: string };
  OG028: None;
  OG029: None;
  OG030: None;
  OG031: { dropped: number };
  OG032: None;
  OG033: { role: string };
  OG034: { key: string };
  OG040: { key: string; kind: string };
  OG041: None;
  OG042: None;
  OG043: None;
  OG050: { tokens: number; lost: number };
  OG051: { tokens: number };
  OG052: { tokens: TokenRange };
  OG053: { percent: number };
  OC01: { keys: readonly string[] };
  OC02: { key: string };
  OC03: None;
  OC04: None;
  OC05: None;
  OC06: None;
  OC07: None;
  OC08: None;
  OC09: { percent: number };
  OC10: { steps: number };
  OC11: { effectiveBatch: number; steps: number };
  /** `syntax`: JSON that cannot be read at all. */
  OC12: { why: "comma" | "comment" | "syntax"; detail: string };
}

export type RuleId = keyof RuleFacts;

/** Lines count from 1, as the provider counts them; columns are UTF-16 units from 0, `end` behind the last. */
export interface Place<R extends RuleId = RuleId> {
  readonly line: number;
  readonly start: number;
  /** In the same line, unless `endLine` says otherwise. */
  readonly end: number;
  readonly endLine?: number;
  /** Of the line's first byte in the file. */
  readonly byteOffset: number;
  readonly facts: RuleFacts[R];
}

export interface Problem<R extends RuleId = RuleId> {
  readonly rule: R;
  readonly severity: Severity;
  /** file: said once, whatever the rows. */
  readonly scope: "file" | "row";
  /** Places in all, of which the first hundred are listed. */
  readonly total: number;
  readonly places: readonly Place<R>[];
}

/** Tokens without the model's own tokenizer: an estimate, and what the count can hardly be below or above. */
export interface TokenRange {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}

export interface DatasetReport {
  readonly name: string;
  readonly size: number;
  readonly destination: Destination;
  /** Lines that are not blank; 0 where the file cannot be read as rows at all. */
  readonly rows: number;
  /** Rows too large to be looked into: their syntax was checked and their length guessed. */
  readonly unreadRows: number;
  /** Undefined without a first row that can be read. */
  readonly shape?: DatasetShape;
  /** In the order of their ids, errors first. */
  readonly problems: readonly Problem[];
  /** Of the whole training text, template included, before it is cut. */
  readonly tokens: TokenRange;
  /** What a fee may count. The public counter leaves the instruction out; what providers run is not public. */
  readonly billedTokens: TokenRange;
  /** The same for models whose tokens are words. */
  readonly billedWords: TokenRange;
  /** Rows that are probably cut at 512 tokens. */
  readonly cutRows: number;
}

export interface ConfigurationReport {
  readonly problems: readonly Problem[];
  /** The provider's words when it would refuse the text; "" when it takes it. */
  readonly refusal: string;
}

/** A row beside what is left of it. */
export interface PreviewRow {
  readonly line: number;
  /** As it stands in the file, cut where it is very long. */
  readonly original: string;
  /** Undefined for a line that is no row. */
  readonly converted?: ConvertedRow;
  /** What the model is trained on, before it is cut at 512 tokens. */
  readonly trainingText: string;
  /** Texts of a chat that training never sees, as role and text. */
  readonly dropped: readonly { readonly role: string; readonly text: string }[];
  /** Keys that are not read. */
  readonly ignoredKeys: readonly string[];
  readonly isPromptEmpty: boolean;
  readonly isAnswerEmpty: boolean;
}
