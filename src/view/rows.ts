// A row of a tree as data; the editor's part shows it without knowing what it means.
import type { ApiKeyId } from "../domain/apiKey.js";
import type { Address, ProviderId, TaskId, TransactionHash } from "../domain/ids.js";
import type { ServiceName } from "../domain/provider.js";
import type { RunId, StuckState } from "../services/fineTuning/types.js";

export interface Row {
  /** Stable, so that expansion and selection survive a refresh; unique within its view. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Markdown, hostile parts escaped. */
  readonly tooltip?: () => string;
  /** Name of a codicon, and a theme colour's id. */
  readonly icon?: string;
  readonly iconColor?: string;
  /** Words that menus test for: "provider", "chat", "subAccount", "ledger", "wallet", "network", "address", "task", "model", "apiKey", names of actions. */
  readonly context?: string;
  /** What a command started from this row acts on. */
  readonly subject?: RowSubject;
  readonly children?: readonly Row[];
  readonly isCollapsed?: boolean;
  /** What a click does; the row is its argument. */
  readonly command?: { readonly id: string };
  /** For screen readers, where label and description do not say it all. */
  readonly accessibleLabel?: string;
}

export interface RowSubject {
  readonly provider?: ProviderId;
  /** Absent: inference. */
  readonly service?: ServiceName;
  readonly address?: Address;
  readonly task?: TaskId;
  readonly run?: RunId;
  readonly stuck?: StuckState;
  readonly apiKey?: ApiKeyId;
  /** Hash of a transaction as it was first signed. */
  readonly transaction?: TransactionHash;
  /** One that waits for its turn: its entry in the journal. */
  readonly planned?: string;
}
