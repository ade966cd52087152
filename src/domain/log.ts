/** Where plain English log lines go. Never keys, tokens or prompts; addresses short. */
export interface Log {
  error(message: string, error?: unknown): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
  trace(message: string): void;
}

const secrets: readonly [RegExp, string][] = [
  [/app-sk-[\w+/=-]+/g, "app-sk-…"],
  [/zg-local-[\w-]+/g, "zg-local-…"],
  // Recovery words are twelve or more of three to eight letters; no sentence of ours has as many without a shorter one.
  [/\b(?:[a-z]{3,8}[\s,;]+){11,}[a-z]{3,8}\b/gi, "(words)"],
  // A private key has the same shape as a transaction hash; hashes are only ever logged after one of these words.
  [/(?<!transaction |sending )\b(0x)?[0-9a-fA-F]{64}\b/g, "(64 hex)"],
];

/** The last line of defence, whatever reaches the log. */
export function withoutSecrets(text: string): string {
  return secrets.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);
}
