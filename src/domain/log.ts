/** Where plain English log lines go. Never keys, tokens or prompts; addresses short. */
export interface Log {
  error(message: string, error?: unknown): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
  trace(message: string): void;
}
