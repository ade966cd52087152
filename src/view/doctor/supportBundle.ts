// The support bundle: one text that a user can read before giving it away. What stands in it has passed through supportLog, supportSettings
// or `withoutWords`; nothing else a user, a provider or a server wrote gets in.
import type { KeptError } from "../../domain/chat.js";
import { isAddressText } from "../../domain/ids.js";
import type { Network } from "../../domain/networks.js";
import type { Finding } from "../../services/doctor/doctorFinding.js";
import { shortAddress } from "../address.js";
import { doctorLines } from "./doctorView.js";
import { type LogEntry, type ProgramFile, supportLog, withoutOthers } from "./supportLog.js";
import { hostOnly, type SettingValue, supportSetting } from "./supportSettings.js";
import type { Translate } from "../translate.js";

export interface SupportFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Programs with their versions, as they name themselves. */
  readonly versions: readonly string[];
  /** Undefined while a setting cannot be used. */
  readonly network: Network | undefined;
  readonly wallet: string | undefined;
  readonly findings: readonly Finding[];
  /** Those that are not as they come. */
  readonly settings: readonly SettingValue[];
  readonly log: readonly LogEntry[];
  readonly program: readonly ProgramFile[];
}

export function supportBundle(facts: SupportFacts, t: Translate): string {
  const { now, versions, network, settings, log, program } = facts;
  const findings = facts.findings.map(withoutWords);
  const parts: readonly (readonly [string, readonly string[]])[] = [
    [t("Versions"), versions.map((version) => `- ${version}`)],
    [t("Network"), networkLines(facts, t)],
    [t("Doctor"), [doctorLines(findings, { t, now, network })]],
    [t("Settings that are not as they come"), settings.map((setting) => `- ${supportSetting(setting)}`)],
    [t("Log"), fenced(supportLog(log, program))],
  ];
  return [
    `# ${t("Support bundle of 0G Compute")}`,
    t("Made {0}. {1}", new Date(now).toISOString(), supportContents(t)),
    ...parts.map(([title, lines]) => `## ${title}\n\n${lines.length > 0 ? lines.join("\n") : t("None.")}`),
    "",
  ].join("\n\n");
}

/** What is in it and what never is. */
export function supportContents(t: Translate): string {
  return t(
    "It holds versions, the network and the hosts of its servers, what the doctor found, settings you changed and the last lines of the log. It holds no keys, recovery words, tokens, questions or answers, of URLs the host alone, and addresses shortened; where others' words stood there is “…”, with the codes of errors that were among them.",
  );
}

function networkLines({ network, wallet }: SupportFacts, t: Translate): readonly string[] {
  if (!network) return [];
  const hosts = network.rpcUrls.map((url) => hostOnly(url) ?? "…").join(", ");
  return [
    `- ${t("Network {0}, chain {1}, RPC: {2}", network.id, network.chainId, hosts || "…")}`,
    `- ${wallet === undefined ? t("No wallet") : t("Wallet {0}", shortAddress(wallet))}`,
  ];
}

function fenced(lines: readonly string[]): readonly string[] {
  return lines.length > 0 ? ["```", ...lines, "```"] : [];
}

/** A finding whose error keeps only what has a harmless form: its sentence is then made of our words. */
function withoutWords(finding: Finding): Finding {
  const { fact } = finding;
  if (fact.kind !== "error") return finding;
  const facts = Object.fromEntries(
    Object.entries(fact.error.facts).map(([key, value]: [string, unknown]) => [key, harmless(key, value)]),
  );
  return { ...finding, fact: { kind: "error", error: { ...fact.error, facts } as KeptError } };
}

const isHost = /^(?:localhost|(?:[a-z\d-]{1,40}\.){1,5}[a-z\d-]{1,20})(?::\d{1,5})?$/;

/** Words that are one of a few, by the type of the fact. */
const ownWords: ReadonlySet<string> = new Set([
  ...["why", "what", "limit", "way", "account", "by", "service", "member"],
]);

function isOwnWord(value: unknown): boolean {
  return typeof value === "string" && /^[A-Za-z-]{1,20}(?:\.[A-Za-z]{1,20})?$/.test(value);
}

function harmless(key: string, value: unknown): unknown {
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return key === "choices" ? value.filter(isOwnWord) : [];
  if (typeof value !== "string") return undefined;
  if (value === "" || (key === "provider" && isAddressText(value))) return value; // a sentence shortens it
  if (key === "url") return hostOnly(value) ?? (isHost.test(value) ? value : "…");
  const isOurs =
    (key === "setting" && /^zgCompute(?:\.[A-Za-z]{1,30}){1,3}$/.test(value)) ||
    (ownWords.has(key) && isOwnWord(value));
  return isOurs ? value : key === "detail" || key === "value" ? withoutOthers(value) : "…";
}
