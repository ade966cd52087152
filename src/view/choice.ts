// What a question of several steps offers.

/** An entry of a quick pick, as data. */
export interface Choice<T> {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  /** Stands beside the first of those that have it in common. */
  readonly group?: string;
  readonly value: T;
}
