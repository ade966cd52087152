// The training log as lines of the panel. It is a stranger's text and grows without end: cleaned, cut and bounded here.
import type { LogLine, LogView } from "../../protocol.js";

/** What a panel keeps of a log; earlier lines are counted and left out. */
export const mostLogLines = 5000;
const longestLine = 2000;

/** Terminal colours and cursor movements; what remains of hidden characters is shown by its number. */
const terminalCodes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

export class TaskLogText {
  private lines: LogLine[] = [];
  /** The last line may still grow. */
  private rest = "";
  private dropped = 0;

  /** Takes what is new of the log; returns the lines from the first one that changed. */
  append(text: string): LogView {
    const from = this.dropped + this.lines.length;
    const pieces = (this.rest + text).split("\n");
    this.rest = (pieces.pop() ?? "").slice(-2 * longestLine);
    this.dropped += Math.max(0, this.lines.length + pieces.length - mostLogLines);
    this.lines = [...this.lines, ...pieces.slice(-mostLogLines).map(lineOf)].slice(-mostLogLines);
    return this.since(from);
  }

  /** Everything kept. */
  all(): LogView {
    return this.since(this.dropped);
  }

  private since(from: number): LogView {
    const start = Math.max(from, this.dropped);
    const open = this.rest === "" ? [] : [lineOf(this.rest)];
    return {
      from: start,
      dropped: this.dropped,
      lines: [...this.lines.slice(start - this.dropped), ...open],
    };
  }
}

/** As a terminal would leave it: a carriage return writes over the line. */
function lineOf(raw: string): LogLine {
  const bounded = raw.length > 8 * longestLine ? raw.slice(-8 * longestLine) : raw;
  const text = bounded.replace(terminalCodes, "").replace(/\r+$/, "");
  const seen = text.slice(text.lastIndexOf("\r") + 1);
  const cut = seen.length > longestLine ? `${seen.slice(0, longestLine)}…` : seen;
  return {
    text: cut,
    isError: /^(\[[^\]]{1,40}\] )?(\[ERROR\]|Error\b|=== Container Failed)|Traceback \(/.test(cut),
  };
}
