// The one build: extension, broker (a chunk of its own, loaded on first use), sandbox, webview.
//   node esbuild.mjs [--minify] [--watch] [--sandbox] [--quiet]
import { build, context } from "esbuild";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";

const flags = new Set(process.argv.slice(2));
const minify = flags.has("--minify");
const watch = flags.has("--watch");
const onlySandbox = flags.has("--sandbox");
const logLevel = flags.has("--quiet") ? "error" : "info";

/** `extension.ts` imports the broker lazily; it stays a file of its own so that activation never parses ethers. */
const lazyBroker = {
  name: "lazy-broker",
  setup(b) {
    b.onResolve({ filter: /\/broker\/broker\.js$/ }, (args) =>
      args.kind === "dynamic-import" ? { path: "./broker.js", external: true } : undefined,
    );
  },
};

const shared = { bundle: true, minify, sourcemap: !minify, logLevel, legalComments: "none", outdir: "dist" };
const node = { ...shared, platform: "node", format: "cjs", target: "node20" };
const browser = {
  ...shared,
  platform: "browser",
  format: "iife",
  target: "es2022",
  loader: { ".css": "css" },
};

const sandbox = { ...node, entryPoints: { sandbox: "src/cli/sandbox.ts" } };
const all = [
  { ...node, entryPoints: { extension: "src/extension.ts" }, external: ["vscode"], plugins: [lazyBroker] },
  { ...node, entryPoints: { broker: "src/broker/broker.ts" } },
  sandbox,
  { ...browser, entryPoints: { "webview-chat": "webview/chat/main.ts" } },
];

/**
 * dist/genesis.bin: the sandbox chain with the contracts of the official packages deployed.
 * Kept under node_modules/.cache by the hash of the code that makes it and of the lock file, and made again only when these change.
 */
async function writeGenesis() {
  const entryPoints = ["src/sandbox/chain/genesis.ts"];
  const made = await build({
    ...{ entryPoints, bundle: true, platform: "node", format: "esm", target: "node20", packages: "external" },
    ...{ write: false, logLevel },
  });
  const code = made.outputFiles[0].text;
  const key = createHash("sha256")
    .update(code)
    .update(readFileSync("package-lock.json"))
    .digest("hex")
    .slice(0, 16);
  const cache = path.resolve("node_modules/.cache/genesis");
  const cached = path.join(cache, `${key}.bin`);
  if (!existsSync(cached)) {
    mkdirSync(cache, { recursive: true });
    writeFileSync(path.join(cache, "genesis.mjs"), code);
    const { buildGenesis } = await import(pathToFileURL(path.join(cache, "genesis.mjs")).href);
    writeFileSync(cached, await buildGenesis(import.meta.dirname));
  }
  mkdirSync("dist", { recursive: true });
  copyFileSync(cached, "dist/genesis.bin");
}

await writeGenesis();

const inputs = {};
for (const options of onlySandbox ? [sandbox] : all) {
  if (!Object.values(options.entryPoints).every((file) => existsSync(file))) continue;
  if (watch) await (await context(options)).watch();
  else Object.assign(inputs, (await build({ ...options, metafile: true })).metafile.inputs);
}
// What the bundles were made of: THIRD_PARTY_NOTICES is checked against it.
if (!watch && !onlySandbox) writeFileSync("dist/meta.json", JSON.stringify({ inputs }));
