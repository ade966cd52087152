// What is shipped, and what `npm start` opens.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { packagedExtension, repositoryRoot, run } from "../editor/tools.mjs";
import { zipNames } from "./zipNames.js";

/** What the start leaves for later, by the build's own list: one that is missing shows only when it is needed. */
const build = readFileSync(join(repositoryRoot, "esbuild.mjs"), "utf8");
const chunks = [...build.matchAll(/^ {2}(\w+): "src\/.+",$/gm)].map(([, name]) => `dist/${name}.js`);

describe("the package", () => {
  it("holds what the extension runs and the texts about it, and nothing else", () => {
    const allowed = [
      /^extension\.vsixmanifest$/,
      /^\[Content_Types\]\.xml$/,
      /^extension\/package(\.nls(\.[a-z-]+)?)?\.json$/,
      /^extension\/(readme|changelog)\.md$/i,
      /^extension\/LICENSE(\.txt)?$/,
      /^extension\/THIRD_PARTY_NOTICES(\.\w+)?$/,
      /^extension\/dist\/[\w-]+\.(js|css|bin)$/,
      /^extension\/l10n\/[\w.-]+\.json$/,
      /^extension\/media\/[\w/-]+\.(svg|png|md)$/,
    ];
    const names = zipNames(packagedExtension).map(({ name }) => name);
    assert.deepEqual(
      names.filter((name) => !allowed.some((pattern) => pattern.test(name))),
      [],
    );
    assert.ok(chunks.length > 20, chunks.join());
    for (const needed of [
      "package.json",
      "dist/extension.js",
      "dist/broker.js",
      ...chunks,
      "dist/hash-worker.js",
      "dist/sandbox.js",
      "dist/genesis.bin",
    ])
      assert.ok(names.includes(`extension/${needed}`), `${needed} is missing`);
  });

  it("has at most 230 KB to parse when it starts", () => {
    const start = zipNames(packagedExtension).find(({ name }) => name === "extension/dist/extension.js");
    console.log(`      ${((start?.size ?? 0) / 1024).toFixed(0)} KB`);
    assert.ok(start && start.size <= 230 * 1024, `${start?.size} bytes`);
  });

  it("is at most 2 MB", () => {
    const { size } = statSync(packagedExtension);
    console.log(`      ${(size / 1e6).toFixed(2)} MB`);
    assert.ok(size <= 2_000_000, `${size} bytes`);
  });
});

describe("npm start", () => {
  it("serves a VS Code that only the printed address opens, with the extension in it", async function () {
    this.timeout(180_000);
    const start = join(repositoryRoot, "test", "editor", "start.mjs");
    const { code, output } = await run(process.execPath, [start, "--smoke"]);
    assert.equal(code, 0, output);
    assert.match(output, /VS Code [\d.]+ answered with the extension installed\./);
  });
});
