// The one output channel. A last line of defence takes keys and bearers out of whatever reaches it.
import * as vscode from "vscode";
import type { Clock } from "../domain/clock.js";
import type { Disposable } from "../domain/event.js";
import { withoutSecrets, type Log } from "../domain/log.js";
import type { LogEntry } from "../view/doctor/supportLog.js";

export interface EditorLog extends Log, Disposable {
  show(): void;
  /** The last ones that tell what happened, oldest first. */
  readonly recent: readonly LogEntry[];
}

const most = 200;

export function createLog(clock: Clock): EditorLog {
  const channel = vscode.window.createOutputChannel("0G Compute", { log: true });
  const recent: LogEntry[] = [];
  const keep = (level: LogEntry["level"]) => (message: string, error?: unknown) => {
    const text = withoutSecrets(error === undefined ? message : `${message}: ${describe(error)}`);
    if (recent.push({ at: clock.now(), level, text }) > most) recent.shift();
    channel[level](text);
  };
  return {
    error: keep("error"),
    warn: keep("warn"),
    info: keep("info"),
    debug: (message) => channel.debug(withoutSecrets(message)),
    trace: (message) => channel.trace(withoutSecrets(message)),
    show: () => channel.show(),
    recent,
    dispose: () => channel.dispose(),
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  const said = `${error.message}${cause}`;
  const code = systemCode(error);
  const coded = code === undefined || said.includes(code) ? said : `${said} (${code})`;
  return `${coded}${error.stack ? `\n${error.stack}` : ""}`;
}

/** Of the error or what caused it; a message need not have it. */
function systemCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string" && /^[A-Z][A-Z\d_]{2,59}$/.test(code)) return code;
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return undefined;
}
