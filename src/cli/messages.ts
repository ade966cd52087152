// Keeps l10n/bundle.l10n.json in step with the source: every message given to `t(…)` in view/ and vscode/.
//   npx tsx src/cli/messages.ts [--check]     (--check only compares and exits 1 when it differs)
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const file = "l10n/bundle.l10n.json";

const sources = ["src/view", "src/vscode"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name)),
);

const problems: string[] = [];
const messages = [...new Set(sources.flatMap(messagesOf))].sort();
const bundle =
  JSON.stringify(Object.fromEntries(messages.map((message) => [message, message])), null, 2) + "\n";

if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
} else if (process.argv.includes("--check")) {
  const isCurrent = readText(file) === bundle;
  if (isCurrent) console.log(`${file}: ${messages.length} messages, as in the source.`);
  else console.error(`${file} is out of date. Run: npm run messages`);
  process.exitCode = isCurrent ? 0 : 1;
} else {
  mkdirSync("l10n", { recursive: true });
  writeFileSync(file, bundle);
}

/** A message must be a literal at the call, or nobody could translate it. */
function messagesOf(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === "t") {
      const [first] = node.arguments;
      if (first && ts.isStringLiteralLike(first)) found.push(first.text);
      else {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        problems.push(`${path}:${line + 1}: the message of t() is not a literal.`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
