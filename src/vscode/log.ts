// The one output channel. A last line of defence takes keys and bearers out of whatever reaches it.
import * as vscode from "vscode";
import type { Clock } from "../domain/clock.js";
import type { Disposable } from "../domain/event.js";
import type { Log } from "../domain/log.js";
import type { LogEntry } from "../view/supportLog.js";

export interface EditorLog extends Log, Disposable {
  show(): void;
  /** The last ones that tell what happened, oldest first. */
  readonly recent: readonly LogEntry[];
}

const most = 200;

const secrets: readonly [RegExp, string][] = [
  [/app-sk-[A-Za-z0-9+/=]+/g, "app-sk-…"],
  [/zg-local-[\w-]+/g, "zg-local-…"],
  // Recovery words are twelve or more of three to eight letters; no sentence of ours has as many without a shorter one.
  [/\b(?:[a-z]{3,8} ){11,}[a-z]{3,8}\b/g, "(words)"],
  // A private key has the same shape as a transaction hash; hashes are only ever logged after one of these words.
  [/(?<!transaction |sending )\b(0x)?[0-9a-fA-F]{64}\b/g, "(64 hex)"],
];

export function createLog(clock: Clock): EditorLog {
  const channel = vscode.window.createOutputChannel("0G Compute", { log: true });
  const recent: LogEntry[] = [];
  const keep = (level: LogEntry["level"]) => (message: string, error?: unknown) => {
    const text = clean(error === undefined ? message : `${message}: ${describe(error)}`);
    if (recent.push({ at: clock.now(), level, text }) > most) recent.shift();
    channel[level](text);
  };
  return {
    error: keep("error"),
    warn: keep("warn"),
    info: keep("info"),
    debug: (message) => channel.debug(clean(message)),
    trace: (message) => channel.trace(clean(message)),
    show: () => channel.show(),
    recent,
    dispose: () => channel.dispose(),
  };
}

function clean(text: string): string {
  return secrets.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${error.message}${cause}${error.stack ? `\n${error.stack}` : ""}`;
}
