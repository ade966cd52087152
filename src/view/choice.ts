// What a quick pick offers, as data.
import { cleanText } from "./text.js";

export interface Entry {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  /** A picture before the label. */
  readonly icon?: string;
}

/** An entry of a question of several steps. */
export interface Choice<T> extends Entry {
  /** Stands beside the first of those that have it in common. */
  readonly group?: string;
  readonly value: T;
}

const longest = 300;

/** An entry as the editor takes it: the only picture in it is its own icon, whoever wrote its words. */
export function drawn<T extends Entry>(entry: T): T {
  const { label, description, detail, icon } = entry;
  const words = cleanText(label, longest);
  return {
    ...entry,
    label: icon === undefined ? words : `$(${icon}) ${words}`,
    ...(description === undefined ? {} : { description: cleanText(description, longest) }),
    ...(detail === undefined ? {} : { detail: cleanText(detail, longest) }),
  };
}
