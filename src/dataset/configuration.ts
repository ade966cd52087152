// A training configuration as it is being written (spec datasets.md 2): what the provider refuses, and what will surprise.
import type { ConfigurationReport, Place, RuleFacts, RuleId } from "../domain/dataset.js";
import { trainingPlan } from "../domain/trainingPlan.js";
import { jsonTree, type JsonIssue, type JsonMember, type JsonNode } from "./jsonTree.js";
import { Problems } from "./problems.js";
import {
  checkTrainingParams,
  isParameterName,
  parameterNames,
  parameterProblem,
  type ParameterName,
  type TrainingParams,
} from "./trainingParams.js";

export interface ConfigurationOptions {
  /** Of the dataset it is for; without it nothing is said of steps. */
  readonly rows?: number;
}

const enoughKeys = 2;

/** Whether a JSON text is about a training: at least two of the five keys stand at its top level. While it cannot be read, anywhere in it. */
export function isConfiguration(text: string): boolean {
  const { root } = jsonTree(text);
  const has = root
    ? (name: string) => root.members.some(({ key }) => key === name)
    : (name: string) => new RegExp(`"${name}"\\s*:`).test(text);
  return parameterNames.filter(has).length >= enoughKeys;
}

export function analyseConfiguration(text: string, { rows }: ConfigurationOptions = {}): ConfigurationReport {
  const check = new Configuration(text);
  const tree = jsonTree(text);
  const verdict = checkTrainingParams(text);
  const detail = verdict.error;
  for (const issue of tree.issues) check.issue(issue, detail);
  const { root } = tree;
  if (root?.kind === "object") check.keys(root);
  else if (root) check.issue({ kind: "syntax", start: root.start, end: root.end }, detail);
  if (verdict.isAccepted && root && rows !== undefined && rows > 0) check.steps(root, rows, verdict.params);
  return { problems: check.problems.list(), refusal: detail };
}

const valueRules: Readonly<Record<ParameterName, "OC04" | "OC05" | "OC06" | "OC07" | "OC08">> = {
  learning_rate: "OC04",
  num_train_epochs: "OC05",
  per_device_train_batch_size: "OC06",
  neftune_noise_alpha: "OC07",
  max_steps: "OC08",
};

const noLossSteps = 10;

class Configuration {
  readonly problems = new Problems();

  constructor(private readonly text: string) {}

  issue(issue: JsonIssue, detail: string): void {
    // A comma or a comment too many is repaired with one click; what cannot be read at all is not.
    const severity = issue.kind === "syntax" ? "error" : "warning";
    this.problems.add("OC12", () => this.place(issue, { why: issue.kind, detail }), severity);
  }

  keys(root: JsonNode): void {
    const names = root.members.map((member) => member.key);
    const missing = parameterNames.filter((name) => !names.includes(name));
    // At the opening brace: a line under the whole file would hide what else there is to mend.
    const brace = { start: root.start, end: root.start + 1 };
    if (missing.length > 0) this.problems.add("OC01", () => this.place(brace, { keys: missing }));
    for (const member of root.members) {
      const { key } = member;
      if (!isParameterName(key))
        this.problems.add("OC02", () => this.place(keyRange(member), { key: key.slice(0, 60) }));
      else if (root.members.findLast((other) => other.key === key) === member) this.value(key, member);
    }
  }

  steps(root: JsonNode, rows: number, params: TrainingParams): void {
    const { effectiveBatch, steps, percentOfBilled } = trainingPlan(rows, params);
    const range = (name: ParameterName) =>
      root.members.findLast((member) => member.key === name)?.value ?? root;
    if (params.maxSteps > 0 && percentOfBilled < 100) {
      const percent = Math.max(1, Math.floor(percentOfBilled));
      this.problems.add("OC09", () => this.place(range("max_steps"), { percent }));
    }
    const decides = params.maxSteps > 0 ? "max_steps" : "num_train_epochs";
    if (steps <= noLossSteps) this.problems.add("OC10", () => this.place(range(decides), { steps }));
    const batch = range("per_device_train_batch_size");
    this.problems.add("OC11", () => this.place(batch, { effectiveBatch, steps }));
  }

  private value(name: ParameterName, { value }: JsonMember): void {
    const literal = this.text.slice(value.start, value.end);
    const number = value.kind === "number" ? Number(literal) : Number.NaN;
    if (parameterProblem(name, number, literal) === undefined) return;
    const isExponent = name === "learning_rate" && value.kind === "number" && /e/i.test(literal);
    const rule = isExponent ? "OC03" : valueRules[name];
    this.problems.add(rule, () => this.place(value, {}));
  }

  /** From offsets to line and columns, lines as an editor has them. */
  private place<R extends RuleId>(
    { start, end }: { readonly start: number; readonly end: number },
    facts: RuleFacts[R],
  ): Place<R> {
    const from = this.position(start);
    const to = this.position(end);
    return {
      line: from.line,
      start: from.column,
      end: to.column,
      ...(to.line === from.line ? {} : { endLine: to.line }),
      byteOffset: Buffer.byteLength(this.text.slice(0, start - from.column)),
      facts,
    };
  }

  private position(offset: number): { line: number; column: number } {
    const before = this.text.slice(0, offset).split(/\r\n|\r|\n/);
    return { line: before.length, column: before.at(-1)?.length ?? 0 };
  }
}

function keyRange({ keyStart, keyEnd }: JsonMember): { start: number; end: number } {
  return { start: keyStart, end: keyEnd };
}
