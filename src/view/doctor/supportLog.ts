// The log as it may be given away: our own sentences alone. A line counts as ours only where the code of this very program holds its
// sentence; what was put into it is shown where it has one of a few harmless forms. Whatever else stood there is left out unread.
import type { ErrorCode } from "../../domain/error.js";
import { shortAddress } from "../address.js";
import { codesIn } from "./systemCodes.js";

export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly level: "error" | "warn" | "info";
  readonly text: string;
}

/** A file of the program, and its code. */
export interface ProgramFile {
  readonly name: string;
  readonly code: string;
}

interface Sentence {
  readonly pieces: readonly string[];
  readonly pattern: RegExp;
}

const leftOut = "…";
const longestLine = 300;
const mostFrames = 6;
/** Shorter ones would match anything. */
const fewestLetters = 5;

/** Compared by the compiler with the codes there are. */
const codes: Readonly<Record<ErrorCode, true>> = {
  ...{ cancelled: true, noWallet: true, walletLocked: true, badWallet: true, badApiKey: true },
  ...{ noApiKeyLeft: true, badAmount: true, insufficientFunds: true, limitReached: true },
  ...{ notAcknowledged: true, privateOnly: true, publicStorage: true, enclaveChanged: true, noLedger: true },
  ...{
    unknownProvider: true,
    unknownServiceType: true,
    unsupported: true,
    toolsCut: true,
    tooLong: true,
    unpriced: true,
    providerUnavailable: true,
  },
  ...{ rateLimited: true, refusedByProvider: true, rejectedByChain: true, verificationFailed: true },
  ...{ badParameters: true, badDataset: true, taskConflict: true, keyMissing: true, deadQueue: true },
  ...{ network: true, wrongChain: true, sandboxFailed: true, badSetting: true, journalDamaged: true },
  ...{
    apiKeysDamaged: true,
    badFile: true,
    diskFull: true,
    untrustedWorkspace: true,
    internal: true,
    pictureGone: true,
  },
};

/** One line for each, oldest first, and for errors where in our code they came from. */
export function supportLog(entries: readonly LogEntry[], program: readonly ProgramFile[]): readonly string[] {
  const sentences = program.flatMap(({ code }) => sentencesIn(code)).sort((a, b) => letters(b) - letters(a));
  const names = new Set(program.map(({ name }) => name));
  return entries.flatMap(({ at, level, text }) => {
    const [first = "", ...rest] = text.split("\n");
    const frames = rest.flatMap((line) => frameOf(line, names)).slice(0, mostFrames);
    return [
      `${new Date(at).toISOString()} ${level} ${ours(first.slice(0, longestLine), sentences)}`,
      ...frames,
    ];
  });
}

/** What the program writes to its log: the first argument of each such call, minified or not. */
export function sentencesIn(code: string): readonly Sentence[] {
  const calls = code.matchAll(/\.(?:error|warn|info)\(\s*(?:`((?:[^`\\]|\\.)*)`|"((?:[^"\\\n]|\\.)*)")/g);
  return [...calls].flatMap(([, template, text]) => {
    const pieces = template === undefined ? [text ?? ""] : template.split(/\$\{[^{}]*\}/);
    const isWhole = pieces.every((piece) => !piece.includes("${"));
    const sentence = { pieces, pattern: patternOf(pieces) };
    return isWhole && letters(sentence) >= fewestLetters ? [sentence] : [];
  });
}

function letters({ pieces }: Sentence): number {
  return pieces.join("").replace(/[^A-Za-z]/g, "").length;
}

/** An error's own words may follow. */
function patternOf(pieces: readonly string[]): RegExp {
  const parts = pieces.map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("(.*?)")}(?:: (.*))?$`);
}

function ours(line: string, sentences: readonly Sentence[]): string {
  for (const { pieces, pattern } of sentences) {
    const found = pattern.exec(line);
    if (!found) continue;
    const values = found.slice(1).map((value) => (value === undefined ? undefined : harmless(value)));
    const text = pieces.map((piece, at) => `${at === 0 ? "" : (values[at - 1] ?? "")}${piece}`).join("");
    const after = values.at(-1);
    return after === undefined ? text : `${text}: ${after}`;
  }
  return withoutOthers(line);
}

/** Words of others, of which only known codes are shown: "… (ECONNREFUSED)". */
export function withoutOthers(text: string): string {
  const found = codesIn(text);
  return found.length > 0 ? `${leftOut} (${found.join(", ")})` : leftOut;
}

/** Numbers, codes of errors, commands and shortened addresses. */
function harmless(value: string): string {
  if (/^\d{1,15}$/.test(value) || Object.hasOwn(codes, value)) return value;
  if (/^zgCompute(?:\.[A-Za-z]{1,40}){1,3}$/.test(value) || /^0x[0-9a-f]{1,8}$/i.test(value)) return value;
  if (/^0x[0-9a-f]{40}$/i.test(value)) return shortAddress(value);
  const [code] = codesIn(value);
  return code === value ? code : withoutOthers(value);
}

/** A place in a file of ours, without the folder it is in. */
function frameOf(line: string, names: ReadonlySet<string>): string[] {
  const [, name = "", place = ""] = /^\s+at .*[\\/]([\w.-]+):(\d+:\d+)\)?$/.exec(line) ?? [];
  return names.has(name) ? [`    at ${name}:${place}`] : [];
}
