// Text for people: nothing untranslatable in the source, no key without a text, no text without a key.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

describe("texts", () => {
  it("are all in the bundle for translators, word for word", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", "src/cli/messages.ts", "--check"],
      {
        encoding: "utf8",
      },
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout, /\d{2,} messages/);
  });

  it("of the manifest are there, and none too many", () => {
    const manifest = readFileSync("package.json", "utf8");
    const texts = Object.keys(JSON.parse(readFileSync("package.nls.json", "utf8")) as object);
    const used = [...manifest.matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]!);
    assert.ok(used.length > 30);
    assert.deepEqual(
      [...new Set(used)].filter((key) => !texts.includes(key)),
      [],
    );
    assert.deepEqual(
      texts.filter((key) => !used.includes(key)),
      [],
    );
  });
});
