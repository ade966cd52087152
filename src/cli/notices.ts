// Writes THIRD_PARTY_NOTICES: every npm package whose code ends up in dist/, with its licence text.
//   npx tsx src/cli/notices.ts [--check]     (after a build; --check only compares and exits 1 when it differs)
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface BuildInputs {
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Contract bytecode in dist/genesis.bin comes from these; no code of theirs is bundled. */
const bytecodeSources = ["@0gfoundation/0g-compute-ts-sdk", "@0gfoundation/0g-ts-sdk"];

const file = "THIRD_PARTY_NOTICES";

function bundledPackages(): string[] {
  const meta = JSON.parse(readFileSync("dist/meta.json", "utf8")) as BuildInputs;
  const found = new Set(bytecodeSources);
  for (const input of Object.keys(meta.inputs)) {
    const inside = input.split("node_modules/").at(-1) ?? "";
    if (!input.includes("node_modules/")) continue;
    const [scope = "", name = ""] = inside.split("/");
    found.add(scope.startsWith("@") ? `${scope}/${name}` : scope);
  }
  return [...found].sort();
}

function notice(name: string): string {
  const folder = join("node_modules", name);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    license?: string;
    homepage?: string;
    repository?: string | { url?: string };
  };
  const repository = typeof manifest.repository === "string" ? manifest.repository : manifest.repository?.url;
  const source = (repository ?? manifest.homepage ?? "").replace(/^git\+/, "").replace(/\.git$/, "");
  const licence = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  const text = licence
    ? readFileSync(join(folder, licence), "utf8").trim()
    : `Licence: ${manifest.license ?? "not stated"}`;
  const what = bytecodeSources.includes(name)
    ? "\nUsed: the bytecode of its contracts, for the sandbox.\n"
    : "\n";
  return `${name} (${manifest.license ?? "see below"})\n${source}\n${what}\n${text.replaceAll("\r\n", "\n")}\n`;
}

const rule = "\n" + "-".repeat(80) + "\n\n";
const head =
  "0G Compute for VS Code contains code of the following packages, unmodified.\n" +
  "Their source is available at the addresses below and from the npm registry.\n";
const text = [head, ...bundledPackages().map(notice)].join(rule);

if (process.argv.includes("--check")) {
  const isCurrent = existsSync(file) && readFileSync(file, "utf8") === text;
  if (!isCurrent) console.error(`${file} is out of date. Run: npm run notices`);
  process.exitCode = isCurrent ? 0 : 1;
} else writeFileSync(file, text);
