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

/** Imported with `import()` and kept as files of their own, so that activation parses none of what a start does not need. */
const lazyChunks = {
  broker: "src/broker/broker.ts",
  acknowledging: "src/services/fineTuning/acknowledging.ts",
  checks: "src/services/receipts/verifying.ts",
  consent: "src/view/money/consent.ts",
  dataset: "src/dataset/reading.ts",
  markdown: "src/view/markdown/markdown.ts",
  performers: "src/services/fineTuning/performers.ts",
  planning: "src/services/fineTuning/planning.ts",
  pages: "src/vscode/pages/pageDesk.ts",
  proof: "src/vscode/proof/proofPanels.ts",
  sentences: "src/view/errors/errors.ts",
  unzip: "src/system/unzip.ts",
  rows: "src/vscode/treeRows.ts",
  chat: "src/vscode/chat/chatHost.ts",
  task: "src/vscode/task/taskHost.ts",
  conversations: "src/vscode/chat/conversationSteps.ts",
  doctor: "src/vscode/doctor/steps.ts",
  endpoint: "src/vscode/endpoint/steps.ts",
  general: "src/vscode/general/steps.ts",
  keys: "src/vscode/apiKeys/steps.ts",
  measurements: "src/services/providers/measurements.ts",
  media: "src/vscode/media/mediaDesk.ts",
  models: "src/vscode/languageModels/editorModels.ts",
  money: "src/vscode/money/steps.ts",
  notices: "src/vscode/fineTuning/notices.ts",
  diagnostics: "src/vscode/fineTuning/diagnostics.ts",
  receipts: "src/vscode/receipts/steps.ts",
  tuning: "src/vscode/fineTuning/steps.ts",
  turns: "src/services/chat/turns.ts",
  wallets: "src/vscode/wallets/steps.ts",
  tcb: "src/broker/attestation/tcb.ts",
};
const lazy = {
  name: "lazy-chunks",
  setup(b) {
    const nameOf = new Map(Object.entries(lazyChunks).map(([name, file]) => [path.resolve(file), name]));
    b.onResolve({ filter: /\.js$/ }, ({ kind, path: imported, resolveDir }) => {
      if (kind !== "dynamic-import") return undefined;
      const name = nameOf.get(path.resolve(resolveDir, imported.replace(/js$/, "ts")));
      return name && { path: `./${name}.js`, external: true };
    });
  },
};

// The package's main file carries every algorithm as one piece; of this one the bundler takes keccak alone: 13 KB instead of 219.
// Of the quote library the evaluation alone: fetching is ours, and brings 300 KB of URL tables for an old Node.
const alias = {
  "hash-wasm": "hash-wasm/dist/index.esm.js",
  "@phala/dcap-qvl": "@phala/dcap-qvl/src/verify.js",
};
/** Its cryptography for browsers stands in the way of Node's own, which it takes where there is one: 140 KB. */
const nodeCrypto = {
  name: "node-crypto",
  setup(b) {
    b.onResolve({ filter: /^\.\/crypto-compat$/ }, () => ({ path: "node:crypto", external: true }));
  },
};
const shared = {
  bundle: true,
  alias,
  minify,
  sourcemap: !minify,
  logLevel,
  legalComments: "none",
  outdir: "dist",
};
// Native helpers of ethers' web socket, which we do not use: it goes on without them.
const absent = ["bufferutil", "utf-8-validate"];
const node = { ...shared, platform: "node", format: "cjs", target: "node20", external: absent };
const browser = {
  ...shared,
  platform: "browser",
  format: "iife",
  target: "es2022",
  loader: { ".css": "css" },
};

const sandbox = { ...node, entryPoints: { sandbox: "src/cli/sandbox.ts" } };
const editor = { ...node, external: ["vscode", ...absent], plugins: [lazy, nodeCrypto] };
const all = [
  { ...editor, entryPoints: { extension: "src/extension.ts", ...lazyChunks } },
  { ...node, entryPoints: { "verify-receipt": "src/cli/verifyReceipt.ts" } },
  { ...node, entryPoints: { "hash-worker": "src/broker/storage/hashWorker.ts" } },
  sandbox,
  { ...browser, entryPoints: { "webview-chat": "webview/answers.ts" } },
  { ...browser, entryPoints: { "webview-task": "webview/task/main.ts" } },
  { ...browser, entryPoints: { "webview-tables": "webview/tables.ts" } },
  { ...browser, entryPoints: { "webview-proof": "webview/proof/main.ts" } },
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

/** dist/base-model.bin: the sandbox's language model, trained on its help page. Kept and made again as the genesis is. */
async function writeBaseModel() {
  const source = "src/sandbox/model";
  const entryPoints = [`${source}/build.ts`];
  const shape = { bundle: true, platform: "node", format: "esm", target: "node20" };
  const made = await build({ ...shape, entryPoints, write: false, logLevel });
  const code = made.outputFiles[0].text;
  const help = readFileSync(`${source}/help.md`);
  const key = createHash("sha256").update(code).update(help).digest("hex").slice(0, 16);
  const cache = path.resolve("node_modules/.cache/base-model");
  const [script, cached] = [path.join(cache, `${key}.mjs`), path.join(cache, `${key}.bin`)];
  mkdirSync(cache, { recursive: true });
  if (!existsSync(script)) writeFileSync(script, code);
  const { buildBaseModel } = await import(pathToFileURL(script).href);
  const { milliseconds, loss } = await buildBaseModel(source, cached);
  if (milliseconds > 0 && logLevel === "info") {
    console.log(`  base model trained in ${(milliseconds / 1000).toFixed(1)} s, loss ${loss.toFixed(3)}`);
  }
  copyFileSync(cached, "dist/base-model.bin");
}

await writeGenesis();
await writeBaseModel();

const inputs = {};
for (const options of onlySandbox ? [sandbox] : all) {
  if (!Object.values(options.entryPoints).every((file) => existsSync(file))) continue;
  if (watch) await (await context(options)).watch();
  else Object.assign(inputs, (await build({ ...options, metafile: true })).metafile.inputs);
}
// What the bundles were made of: THIRD_PARTY_NOTICES is checked against it.
if (!watch && !onlySandbox) writeFileSync("dist/meta.json", JSON.stringify({ inputs }));
