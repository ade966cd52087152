// Who may import whom, and the manners that a machine can check. The table is the one in CONTRIBUTING.md.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import ts from "typescript";

const root = join(import.meta.dirname, "../..");

interface Rule {
  /** Areas of src, or folders in them, that may be imported for their values. */
  readonly values: readonly string[];
  /** May be imported with `import type`. */
  readonly types?: readonly string[];
  readonly packages: "none" | "free";
  /** Of the packages that are not for everyone. */
  readonly special?: readonly ("node" | "vscode" | "ethers" | "eciesjs")[];
}

const table: Readonly<Record<string, Rule>> = {
  domain: { values: ["domain"], packages: "none" },
  system: { values: ["domain", "system"], packages: "free", special: ["node"] },
  dataset: { values: ["domain", "system", "dataset"], packages: "free", special: ["node"] },
  broker: { values: ["domain", "broker"], packages: "free", special: ["ethers", "eciesjs", "node"] },
  services: { values: ["domain", "dataset", "system", "services"], types: ["broker"], packages: "free" },
  sandbox: {
    values: ["domain", "system", "dataset", "sandbox", "broker/wire", "broker/contracts", "broker/wallet"],
    packages: "free",
    special: ["ethers", "eciesjs", "node"],
  },
  // the panel protocol is types and nothing else: what a panel is told is made here
  view: { values: ["domain", "view"], types: ["services", "protocol"], packages: "free" },
  vscode: {
    values: ["domain", "services", "system", "view", "protocol", "vscode"],
    packages: "free",
    special: ["vscode", "node"],
  },
  cli: {
    values: ["domain", "system", "dataset", "broker", "sandbox", "cli"],
    packages: "free",
    special: ["ethers", "eciesjs", "node"],
  },
  protocol: { values: [], types: ["domain", "view", "services", "protocol"], packages: "none" },
  extension: {
    values: ["domain", "dataset", "system", "services", "sandbox", "view", "vscode", "protocol"],
    types: ["broker"],
    packages: "free",
    special: ["vscode", "node"],
  },
  webview: { values: ["protocol", "domain", "view", "webview"], packages: "free" },
};

const toolkit = "@vscode/webview-ui-toolkit";
const maxLines = 400;

const doors: readonly (readonly [RegExp, string])[] = [
  [/\bwindow\s*\.\s*show(?:Information|Warning|Error)Message\b/, "src/vscode/notices.ts"],
  [/\bwindow\s*\.\s*showQuickPick\b/, "src/vscode/questions.ts"],
];

/** Whose imports close no circle: what everything is handed names it, and a thing's description names the thing. Types, both. */
const faces: Readonly<Record<string, RegExp>> = {
  "src/vscode/app.ts": /^src\/vscode\//,
  "src/sandbox/providers/definition.ts": /^src\/sandbox\/providers\/provider\.ts$/,
};

interface Import {
  readonly specifier: string;
  readonly kind: "value" | "type" | "dynamic";
}

/** What is wrong with a file, as sentences. `path` from the root, with slashes. */
function violations(path: string, source: string): string[] {
  const tree = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const found = importsOf(tree).flatMap((one) => badImport(path, one));
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.push("says any");
    if (ts.isNonNullExpression(node)) found.push("says ! to the compiler");
    if (ts.isExportAssignment(node) || isDefault(node)) found.push("has a default export");
    const isConsole = ts.isPropertyAccessExpression(node) && node.expression.getText() === "console";
    if (isConsole && areaOf(path) !== "cli") found.push("writes to the console");
    ts.forEachChild(node, visit);
  };
  visit(tree);
  if (source.split("\n").length > maxLines) found.push(`has more than ${maxLines} lines`);
  if (/\b(?:TODO|FIXME)\b/.test(source)) found.push("puts something off");
  if (posix.basename(path) === "index.ts") found.push("is a barrel");
  // What others wrote becomes links and pictures there: the doors take that away.
  for (const [call, door] of doors)
    if (path !== door && call.test(source)) found.push(`does not go through ${door}`);
  return found;
}

function isDefault(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    !!ts.getModifiers(node)?.some((one) => one.kind === ts.SyntaxKind.DefaultKeyword)
  );
}

function importsOf(tree: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      const { text } = node.moduleSpecifier as ts.StringLiteral;
      found.push({ specifier: text, kind: isTypeOnly(node) ? "type" : "value" });
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      found.push({ specifier: (node.argument.literal as ts.StringLiteral).text, kind: "type" });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      found.push({
        specifier: argument && ts.isStringLiteralLike(argument) ? argument.text : "?",
        kind: "dynamic",
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const bindings = clause.namedBindings;
  return (
    !clause.name &&
    !!bindings &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every((one) => one.isTypeOnly)
  );
}

function badImport(path: string, { specifier, kind }: Import): string[] {
  const area = areaOf(path);
  const rule = table[area];
  if (!rule) return [`${path} belongs to no known folder`];
  if (!specifier.startsWith("."))
    return isPackageAllowed(path, rule, specifier) ? [] : [`imports ${specifier}`];
  if (specifier.endsWith(".css")) return area === "webview" ? [] : [`imports ${specifier}`];
  if (!specifier.endsWith(".js")) return [`imports ${specifier} without .js`];
  const target = posix.join(dirname(path), specifier);
  const allowed = [...rule.values, ...(kind === "type" ? (rule.types ?? []) : [])];
  const inSource = target.replace(/^src\//, "").replace(/\.js$/, "");
  // The composition root loads the broker late: the one door to it.
  if (area === "extension" && kind === "dynamic" && inSource === "broker/broker") return [];
  return allowed.some((one) => inSource === one || inSource.startsWith(`${one}/`))
    ? []
    : [`imports ${inSource}`];
}

function isPackageAllowed(path: string, rule: Rule, specifier: string): boolean {
  const isOfNode = specifier.startsWith("node:") || specifier === "http" || specifier === "https";
  const name = isOfNode ? "node" : specifier.replace(/^(@[^/]+\/[^/]+|[^/]+).*$/, "$1");
  if (name === "node" || name === "vscode" || name === "ethers" || name === "eciesjs")
    return rule.special?.includes(name) ?? false;
  if (name === toolkit) return path === "webview/controls.ts";
  return rule.packages === "free";
}

/** "broker" for src/broker/…, "extension" for src/extension.ts, "webview" for webview/…. */
function areaOf(path: string): string {
  const [top = "", next = ""] = path.split("/");
  return top === "src" ? next.replace(/\.ts$/, "") : top;
}

function sources(): string[] {
  return ["src", "webview"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes("node_modules"))
      .map((name) =>
        relative(root, join(root, folder, name))
          .split(sep)
          .join("/"),
      ),
  );
}

type Arrows = ReadonlyMap<string, readonly string[]>;

/** From each file to those of ours that it names, in whatever way. */
function arrows(files: readonly (readonly [path: string, source: string])[]): Arrows {
  return new Map(
    files.map(([path, source]) => {
      const tree = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
      const named = importsOf(tree)
        .filter(({ specifier }) => specifier.startsWith(".") && specifier.endsWith(".js"))
        .map(({ specifier }) => posix.join(dirname(path), specifier).replace(/\.js$/, ".ts"));
      return [path, named.filter((to) => !faces[path]?.test(to))];
    }),
  );
}

/** The first circle there is: a file, what it imports, and so on back to it. */
function circle(all: Arrows): readonly string[] | undefined {
  const done = new Set<string>();
  const follow = (path: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const next of all.get(path) ?? []) {
      const found = follow(next, [...way, path]);
      if (found) return found;
    }
    done.add(path);
    return undefined;
  };
  for (const path of all.keys()) {
    const found = follow(path, []);
    if (found) return found;
  }
  return undefined;
}

describe("the architecture", function () {
  this.timeout(30_000);

  it("is kept by every file of src and webview", () => {
    const files = sources();
    assert(files.length > 100, `only ${files.length} files were looked at`);
    const found = files.flatMap((path) =>
      violations(path, readFileSync(join(root, path), "utf8")).map((what) => `${path} ${what}`),
    );
    assert.deepEqual(found, []);
  });

  it("has no files that import each other, not even as types, but for the two faces", () => {
    const files = sources().map((path) => [path, readFileSync(join(root, path), "utf8")] as const);
    const found = arrows(files);
    assert([...found.values()].flat().length > 1000, "hardly an import was looked at");
    assert.equal(circle(found)?.join(" -> "), undefined);
  });

  it("notices a circle, of whatever imports", () => {
    const found = arrows([
      ["src/a.ts", `import type { B } from "./b/b.js";`],
      ["src/b/b.ts", `void import("./c.js");`],
      ["src/b/c.ts", `import { a } from "../a.js"; import "node:fs";`],
      ["src/d.ts", `import { a } from "./a.js";`],
    ]);
    assert.deepEqual(circle(found), ["src/a.ts", "src/b/b.ts", "src/b/c.ts", "src/a.ts"]);
  });

  for (const [path, source, expected] of [
    ["src/domain/a.ts", `import { createHash } from "node:crypto";`, "imports node:crypto"],
    ["src/domain/a.ts", `import type { B } from "../broker/api.js";`, "imports broker/api"],
    ["src/domain/a.ts", `import x from "p-limit";`, "imports p-limit"],
    ["src/system/a.ts", `import { b } from "../broker/b.js";`, "imports broker/b"],
    ["src/services/chat.ts", `import { createBroker } from "../broker/broker.js";`, "imports broker/broker"],
    ["src/services/chat.ts", `import { type A, b } from "../broker/api.js";`, "imports broker/api"],
    ["src/services/chat.ts", `export { b } from "../broker/api.js";`, "imports broker/api"],
    ["src/services/chat.ts", `const b = await import("../broker/broker.js");`, "imports broker/broker"],
    ["src/services/chat.ts", `import { readFile } from "node:fs";`, "imports node:fs"],
    ["src/services/chat.ts", `import type { Uri } from "vscode";`, "imports vscode"],
    ["src/sandbox/a.ts", `import { b } from "../broker/ledger/ledger.js";`, "imports broker/ledger/ledger"],
    ["src/sandbox/a.ts", `import { b } from "../broker/wirework.js";`, "imports broker/wirework"],
    ["src/view/a.ts", `import { b } from "../services/chat.js";`, "imports services/chat"],
    ["src/vscode/a.ts", `import { id } from "ethers";`, "imports ethers"],
    [
      "src/vscode/a.ts",
      `void vscode.window.showErrorMessage(text);`,
      "does not go through src/vscode/notices.ts",
    ],
    ["src/vscode/a.ts", `vscode.window.showQuickPick(all);`, "does not go through src/vscode/questions.ts"],
    ["src/vscode/a.ts", `import type { Broker } from "../broker/api.js";`, "imports broker/api"],
    ["src/broker/a.ts", `import * as v from "vscode";`, "imports vscode"],
    ["src/cli/a.ts", `import { window } from "vscode";`, "imports vscode"],
    ["src/extension.ts", `import { createBroker } from "./broker/broker.js";`, "imports broker/broker"],
    ["src/extension.ts", `void import("./broker/ledger/ledger.js");`, "imports broker/ledger/ledger"],
    [
      "webview/chat/main.ts",
      `import { c } from "../../src/services/chat/chat.js";`,
      "imports services/chat/chat",
    ],
    ["webview/chat/main.ts", `import { provideVSCodeDesignSystem } from "${toolkit}";`, `imports ${toolkit}`],
    ["src/broker/a.ts", `import { b } from "./b";`, "imports ./b without .js"],
    ["src/broker/a.ts", `console.log(1);`, "writes to the console"],
    ["src/broker/a.ts", `const a: any = 1;`, "says any"],
    ["src/broker/a.ts", `a!.b();`, "says ! to the compiler"],
    ["src/broker/a.ts", `export default 1;`, "has a default export"],
    ["src/broker/a.ts", `export default function f() {}`, "has a default export"],
    ["src/broker/index.ts", ``, "is a barrel"],
    ["src/broker/a.ts", "\n".repeat(maxLines), `has more than ${maxLines} lines`],
  ] as const)
    it(`notices when ${path} ${expected}`, () => {
      assert.deepEqual(violations(path, source), [expected]);
    });

  for (const [path, source] of [
    [
      "src/services/chat.ts",
      `import type { Broker } from "../broker/api.js"; import { type Chat } from "../broker/api.js";`,
    ],
    ["src/services/chat.ts", `type B = import("../broker/api.js").Broker;`],
    [
      "src/view/a.ts",
      `import type { S } from "../services/ports.js"; import { b } from "../domain/money.js";`,
    ],
    [
      "src/sandbox/a.ts",
      `import { b } from "../broker/wire/sse.js"; import { id } from "ethers"; import "node:fs";`,
    ],
    ["src/extension.ts", `const load = () => import("./broker/broker.js"); import { window } from "vscode";`],
    ["webview/controls.ts", `import { Button } from "${toolkit}"; import "./styles.css";`],
    ["src/cli/sandbox.ts", `console.log(1);`],
    ["src/domain/a.ts", `const any = "any!"; if (!any) throw any; // console.log`],
  ] as const)
    it(`lets ${path} be: ${source.slice(0, 60)}`, () => {
      assert.deepEqual(violations(path, source), []);
    });
});
