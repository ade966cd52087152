// What the doctor found as rows, the most urgent first, and as lines of a text.
import { shortAddress } from "../address.js";
import type { Finding, Word } from "../../services/doctor/doctorFinding.js";
import { remedies } from "./doctorRemedies.js";
import { checksOf, type Group, grouped } from "./doctorGroups.js";
import { type DoctorTelling, findingLabel, wordText } from "./doctorSentences.js";
import type { ErrorAction } from "../errors/errorAction.js";

export interface DoctorRow {
  /** Stays the same when it is checked again. */
  readonly id: string;
  readonly word: string;
  readonly icon: string;
  readonly label: string;
  readonly sentence: string;
  readonly remedies: readonly ErrorAction[];
}

const icons: Readonly<Record<Word, string>> = {
  broken: "error",
  look: "warning",
  notChecked: "circle-slash",
  fine: "pass",
};

/** No two of them say the same. */
export function doctorRows(findings: readonly Finding[], telling: DoctorTelling): readonly DoctorRow[] {
  return grouped(findings, telling).map((group, index, all) => {
    const { word, sentence } = group;
    const [check] = checksOf(group);
    const before = all.slice(0, index).filter((other) => checksOf(other)[0] === check);
    return {
      id: `${check}:${before.length}`,
      word: wordText(word, telling.t),
      icon: icons[word],
      label: labelOf(group, telling),
      sentence,
      remedies: groupRemedies(group, telling),
    };
  });
}

function labelOf({ findings }: Group, { t }: DoctorTelling): string {
  return [...new Set(findings.map((finding) => findingLabel(finding, t)))].join(", ");
}

const mostRemedies = 4;

/** Of several providers: what mends the first, then the next. */
function groupRemedies({ findings }: Group, telling: DoctorTelling): readonly ErrorAction[] {
  const [one, ...more] = findings;
  if (more.length === 0 || !("provider" in one.fact)) return remedies(one, telling);
  const each = findings.flatMap((finding) => {
    const [first] = remedies(finding, telling);
    const { fact } = finding;
    if (!first || !("provider" in fact)) return [];
    return [{ ...first, title: telling.t("{0}: {1}", first.title, shortAddress(fact.provider)) }];
  });
  return each.slice(0, mostRemedies);
}

/** What there is of each word, for the list's heading: "1 broken, 2 to look at, 8 fine". */
export function doctorSummary(findings: readonly Finding[], telling: DoctorTelling): string {
  const counts = new Map<Word, number>();
  for (const { word } of grouped(findings, telling)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${wordText(word, telling.t)}`).join(", ");
}

/** One line for each, for a text. */
export function doctorLines(findings: readonly Finding[], telling: DoctorTelling): string {
  return doctorRows(findings, telling)
    .map(({ word, label, sentence }) => `- ${word} · ${label}: ${sentence}`)
    .join("\n");
}
