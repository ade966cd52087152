// Findings that one row tells: what waits for the same thing, what reads the same, and the same of several providers.
import type { ErrorFacts } from "../../domain/error.js";
import type { CheckId, Finding, Word } from "../../services/doctor/doctorFinding.js";
import { doctorSentence, type DoctorTelling, groupSentence, type Wait } from "./doctorSentences.js";

export interface Group {
  readonly word: Word;
  /** One at least. */
  readonly findings: readonly [Finding, ...Finding[]];
  readonly sentence: string;
}

const urgency: readonly Word[] = ["broken", "look", "notChecked", "fine"];

/** The most urgent first. */
export function grouped(findings: readonly Finding[], telling: DoctorTelling): readonly Group[] {
  const nodes = findings.filter(({ check }) => check === "nodes");
  return urgency.flatMap((word) => {
    const groups = new Map<
      string,
      { readonly wait: Wait | undefined; readonly of: [Finding, ...Finding[]] }
    >();
    for (const finding of findings.filter((one) => one.word === word)) {
      const wait = waitOf(finding, nodes);
      const key = wait
        ? `wait ${JSON.stringify(wait)}`
        : (kindOf(finding) ?? doctorSentence(finding, telling));
      const known = groups.get(key);
      if (known) known.of.push(finding);
      else groups.set(key, { wait, of: [finding] });
    }
    return [...groups.values()].map(({ wait, of }) => ({
      ...{ word, findings: of },
      sentence: groupSentence(of, wait, telling),
    }));
  });
}

/** The checks that a group is of, each once. */
export function checksOf({ findings }: Pick<Group, "findings">): readonly CheckId[] {
  return [...new Set(findings.map(({ check }) => check))];
}

function waitOf({ check, word, fact }: Finding, nodes: readonly Finding[]): Wait | undefined {
  if (word !== "notChecked") return undefined;
  if (fact.kind === "sandboxRests") return { for: "sandbox" };
  if (fact.kind === "noClock") return fact.why === "noBlock" ? { for: "rpc" } : undefined;
  if (fact.kind !== "error") return undefined;
  const { code, facts } = fact.error;
  switch (code) {
    case "noWallet":
      return { for: "wallet" };
    case "badSetting":
      return { for: "setting", name: (facts as ErrorFacts["badSetting"]).setting };
    case "network":
    case "wrongChain": {
      const isTold = check !== "nodes" && nodes.some((node) => node.word === "broken");
      if (!isTold) return undefined;
      return { for: nodes.every((node) => node.word === "broken") ? "rpc" : "mendedRpc" };
    }
    default:
      return undefined;
  }
}

/** Of facts that name a provider, those whose sentence can name several. */
function kindOf({ fact }: Finding): string | undefined {
  switch (fact.kind) {
    case "signer":
      return fact.look === "changed" ? undefined : `signer ${fact.look}`;
    case "short":
    case "unacknowledged":
      return fact.kind;
    default:
      return undefined;
  }
}
