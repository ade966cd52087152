// The one build: extension, broker (a chunk of its own, loaded on first use), sandbox, webview.
//   node esbuild.mjs [--minify] [--watch] [--sandbox] [--quiet]
import { build, context } from "esbuild";
import { existsSync, writeFileSync } from "node:fs";

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
const browser = { ...shared, platform: "browser", format: "iife", target: "es2022", loader: { ".css": "css" } };

const sandbox = { ...node, entryPoints: { sandbox: "src/cli/sandbox.ts" } };
const all = [
  { ...node, entryPoints: { extension: "src/extension.ts" }, external: ["vscode"], plugins: [lazyBroker] },
  { ...node, entryPoints: { broker: "src/broker/broker.ts" } },
  sandbox,
  { ...browser, entryPoints: { "webview-chat": "webview/chat/main.ts" } },
];

const inputs = {};
for (const options of onlySandbox ? [sandbox] : all) {
  if (!Object.values(options.entryPoints).every((file) => existsSync(file))) continue;
  if (watch) await (await context(options)).watch();
  else Object.assign(inputs, (await build({ ...options, metafile: true })).metafile.inputs);
}
// What the bundles were made of: THIRD_PARTY_NOTICES is checked against it.
if (!watch && !onlySandbox) writeFileSync("dist/meta.json", JSON.stringify({ inputs }));
