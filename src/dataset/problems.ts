// Collects what the rules find: a hundred places each, and how many there are in all.
import type { Place, Problem, RuleFacts, RuleId, Severity } from "../domain/dataset.js";

const maxPlaces = 100;

/** As the table of the documents has it; two rules say theirs for each place. */
const severities: Readonly<Record<RuleId, Severity>> = {
  OG001: "error",
  OG002: "error",
  OG003: "error",
  OG004: "error",
  OG005: "error",
  OG006: "error",
  OG007: "error",
  OG008: "warning",
  OG009: "information",
  OG010: "error",
  OG011: "error",
  OG012: "error",
  OG013: "error",
  OG014: "information",
  OG015: "information",
  OG016: "warning",
  OG020: "error",
  OG021: "error",
  OG022: "error",
  OG023: "warning",
  OG024: "error",
  OG025: "error",
  OG026: "error",
  OG027: "error",
  OG028: "error",
  OG029: "error",
  OG030: "warning",
  OG031: "warning",
  OG032: "warning",
  OG033: "warning",
  OG034: "warning",
  OG040: "error",
  OG041: "warning",
  OG042: "information",
  OG043: "warning",
  OG050: "warning",
  OG051: "error",
  OG052: "information",
  OG053: "warning",
  OC01: "error",
  OC02: "error",
  OC03: "error",
  OC04: "error",
  OC05: "error",
  OC06: "error",
  OC07: "error",
  OC08: "error",
  OC09: "warning",
  OC10: "warning",
  OC11: "information",
  OC12: "warning",
};

const fileRules: ReadonlySet<RuleId> = new Set<RuleId>([
  "OG001",
  "OG002",
  "OG003",
  "OG004",
  "OG005",
  "OG006",
  "OG007",
  "OG008",
  "OG009",
  "OG014",
  "OG015",
  "OG022",
  "OG052",
]);

const order: readonly Severity[] = ["error", "warning", "information"];

interface Found {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly scope: "file" | "row";
  total: number;
  readonly places: Place[];
}

export class Problems {
  private readonly found = new Map<string, Found>();

  /** `place` is asked only while there is room: finding it may cost more than the rule. */
  add<R extends RuleId>(rule: R, place: () => Place<R>, severity: Severity = severities[rule]): void {
    const key = `${rule} ${severity}`;
    let found = this.found.get(key);
    if (!found) {
      const scope = fileRules.has(rule) || rule.startsWith("OC") ? "file" : "row";
      this.found.set(key, (found = { rule, severity, scope, total: 0, places: [] }));
    }
    found.total++;
    if (found.places.length < maxPlaces) found.places.push(place());
  }

  /** No more places of it are listed. */
  isFull(rule: RuleId): boolean {
    return (this.found.get(`${rule} ${severities[rule]}`)?.places.length ?? 0) >= maxPlaces;
  }

  /** Said of the file and not of a place in it. */
  addFile<R extends RuleId>(rule: R, facts: RuleFacts[R]): void {
    this.add(rule, () => ({ line: 1, start: 0, end: 0, byteOffset: 0, facts }));
  }

  list(): Problem[] {
    return [...this.found.values()].sort(
      (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || (a.rule < b.rule ? -1 : 1),
    );
  }
}
