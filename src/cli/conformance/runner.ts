// Runs golden vectors: a file is recognised by the names of its sections, every entry of a section is a case.

/** A file of vectors, parsed. */
export type VectorFile = Readonly<Record<string, unknown>>;

export interface Section {
  readonly name: string;
  /** Throws when the entry does not hold. Entries of an object come as `{ key, value }`. */
  run(entry: unknown, file: VectorFile): Promise<void> | void;
  /** Splits the section where its direct children are not the cases. */
  entries?(section: unknown): readonly Case[];
  /** Waits for a part of the project, while the rest of its file is built. */
  readonly notBuilt?: string;
}

export interface Case {
  readonly name: string;
  readonly entry: unknown;
}

/** The sections of one kind of file; or, with `notBuilt`, those that wait for a part of the project. */
export interface Suite {
  readonly sections: readonly Section[];
  readonly notBuilt?: string;
  /** Ends what the sections keep for a file. */
  end?(file: VectorFile): Promise<void>;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** These describe a file and are no cases. */
const metadata: ReadonlySet<string> = new Set([
  "schema",
  "schemaVersion",
  "generator",
  "about",
  "notes",
  "note",
  "keys",
  "network",
  "accounts",
  "constants",
  "generators",
]);

/** Runs one file and tells each failure and skipped section through `say`. A file that nobody knows counts as one failure. */
export async function runFile(
  name: string,
  text: string,
  suites: readonly Suite[],
  say: (line: string) => void,
): Promise<Counts> {
  const file = parse(text);
  const names = file ? Object.keys(file).filter((key) => !metadata.has(key)) : [];
  const suite = suiteFor(names, suites);
  if (!file || !suite) {
    say(`FAILED ${name}: ${file ? "none of its sections is known" : "not a JSON object"}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    for (const section of names) add(counts, await runSection(name, section, file, suite, say));
  } finally {
    await suite.end?.(file);
  }
  return counts;
}

async function runSection(
  fileName: string,
  name: string,
  file: VectorFile,
  suite: Suite,
  say: (line: string) => void,
): Promise<Counts> {
  const section = suite.sections.find((one) => one.name === name);
  if (!section) {
    say(`FAILED ${fileName} ${name}: unknown section`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const cases = section.entries?.(file[name]) ?? casesOf(file[name]);
  const notBuilt = section.notBuilt ?? suite.notBuilt;
  if (notBuilt !== undefined) {
    say(`skipped ${fileName} ${name}: ${cases.length}, ${notBuilt}`);
    return { passed: 0, failed: 0, skipped: cases.length };
  }
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const one of cases) {
    const failure = await failureOf(section, one, file);
    if (failure === undefined) counts.passed++;
    else {
      counts.failed++;
      say(`FAILED ${fileName} ${name} "${one.name}": ${failure}`);
    }
  }
  return counts;
}

async function failureOf(section: Section, one: Case, file: VectorFile): Promise<string | undefined> {
  try {
    await section.run(one.entry, file);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The suite that knows most of the sections; several kinds of files share a name or two. */
function suiteFor(names: readonly string[], suites: readonly Suite[]): Suite | undefined {
  const known = (suite: Suite) =>
    names.filter((name) => suite.sections.some((one) => one.name === name)).length;
  const best = [...suites].sort((a, b) => known(b) - known(a))[0];
  return best && known(best) > 0 ? best : undefined;
}

/** Elements of a list under what they call themselves; members of an object under their keys. */
export function casesOf(section: unknown): Case[] {
  if (Array.isArray(section))
    return section.map((entry: unknown, index) => ({ name: nameOf(entry) ?? `#${index}`, entry }));
  if (typeof section === "object" && section !== null)
    return Object.entries(section).map(([key, value]: [string, unknown]) => ({
      name: key,
      entry: { key, value },
    }));
  return [{ name: "value", entry: section }];
}

function nameOf(entry: unknown): string | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const { id, name, step, note, text } = entry as Record<string, unknown>;
  return [id, name, step, note, text].find((value): value is string => typeof value === "string");
}

function parse(text: string): VectorFile | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as VectorFile)
      : undefined;
  } catch {
    return undefined; // said by the caller
  }
}

export function add(sum: { passed: number; failed: number; skipped: number }, counts: Counts): void {
  sum.passed += counts.passed;
  sum.failed += counts.failed;
  sum.skipped += counts.skipped;
}
