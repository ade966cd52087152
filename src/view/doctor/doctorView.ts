// What the doctor found as rows, the most urgent first, and as lines of a text.
import type { Finding, Word } from "../../services/doctor/doctorFinding.js";
import { remedies } from "./doctorRemedies.js";
import { checkLabel, doctorSentence, type DoctorTelling, wordText } from "./doctorSentences.js";
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

const urgency: readonly Word[] = ["broken", "look", "notChecked", "fine"];

const icons: Readonly<Record<Word, string>> = {
  broken: "error",
  look: "warning",
  notChecked: "circle-slash",
  fine: "pass",
};

export function doctorRows(findings: readonly Finding[], telling: DoctorTelling): readonly DoctorRow[] {
  return inOrder(findings).map((finding, index, all) => ({
    id: `${finding.check}:${all.slice(0, index).filter(({ check }) => check === finding.check).length}`,
    word: wordText(finding.word, telling.t),
    icon: icons[finding.word],
    label: checkLabel(finding.check, telling.t),
    sentence: doctorSentence(finding, telling),
    remedies: remedies(finding, telling),
  }));
}

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return urgency.flatMap((word) => findings.filter((finding) => finding.word === word));
}

/** What there is of each word, for the list's heading: "1 broken, 2 look, 8 fine". */
export function doctorSummary(findings: readonly Finding[], { t }: DoctorTelling): string {
  return urgency
    .map((word) => ({ word, count: findings.filter((finding) => finding.word === word).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${wordText(word, t)}`)
    .join(", ");
}

/** One line for each, for a text. */
export function doctorLines(findings: readonly Finding[], telling: DoctorTelling): string {
  return doctorRows(findings, telling)
    .map(({ word, label, sentence }) => `- ${word} · ${label}: ${sentence}`)
    .join("\n");
}
