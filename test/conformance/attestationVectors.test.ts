// attestation.json through the runner: whole, and when something in it was changed. The reports are of real enclaves and no part of this
// project: the file is read where it stands, in a folder `shared/vectors` beside the project or above it.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { casesOf, runFile, type Counts } from "../../src/cli/conformance/runner.js";
import { createSuites } from "../../src/cli/conformance/suites.js";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- vectors as they were parsed, changed by the test
type Entry = Record<string, any>;

const path = foundAbove(join("shared", "vectors", "attestation.json"));

function foundAbove(name: string): string | undefined {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, name);
    if (existsSync(file)) return file;
  }
  return undefined;
}

async function run(file: object): Promise<Counts & { lines: string[] }> {
  const lines: string[] = [];
  const counts = await runFile("file.json", JSON.stringify(file), createSuites(), (line) => lines.push(line));
  return { ...counts, lines };
}

describe("attestation vectors", function () {
  this.timeout(60_000);

  before(function () {
    if (path !== undefined) return;
    console.log(
      "      skipped: no folder shared/vectors with attestation.json beside the project or above it",
    );
    this.skip();
  });

  const vectors = () => JSON.parse(readFileSync(path ?? "", "utf8")) as Record<string, unknown>;

  it("hold whole: the real report is proven to Intel's root, and nothing that the official client refuses is", async () => {
    const { passed, failed, skipped, lines } = await run(vectors());
    assert.deepEqual(lines, []);
    assert.deepEqual({ passed, failed, skipped }, { passed: 15, failed: 0, skipped: 0 });
  });

  const good = "combined, all good, string fields";
  const real = "real sample: broker report";
  const other = "0x00000000000000000000000000000000000000aA";
  // One thing of one entry is changed: the section must notice.
  const damages: [section: string, name: string, damage: (entry: Entry) => void][] = [
    ["attestation", good, (entry) => (entry.service.teeSignerAddress = other)],
    ["attestation", good, (entry) => (entry.report_text = entry.report_text.replace("0.8.5", "0.8.6"))],
    ["attestation", good, (entry) => (entry.expected.official.signer.reportAddresses[0].match = false)],
    ["attestation", good, (entry) => (entry.expected.images_clean = [])],
    ["attestation", good, (entry) => (entry.expected.requested_urls = [])],
    ["attestation", real, (entry) => (entry.service.teeSignerAddress = other)],
    ["attestation", real, (entry) => (entry.report_text = entry.report_text.replace("b24d3b24", "b24d3b25"))],
    [
      "attestation",
      real,
      (entry) => (entry.report_text = entry.report_text.replace(/\bmysql:8.0/, "mysql:8.1")),
    ],
    ["attestation", real, (entry) => (entry.expected.official.compose.passed = false)],
    ["tdx_quote", "#0", (entry) => (entry.quote_hex = entry.quote_hex.replace("b24d3b24", "b24d3b25"))],
    ["tdx_quote", "#0", (entry) => (entry.expected.trailing = 0)],
    ["tdx_quote", "#0", (entry) => (entry.expected.debug = true)],
    ["tdx_quote", "#0", (entry) => (entry.expected.something = true)],
    ["tdx_quote", "#1", (entry) => (entry.expected.quoteSig = true)],
  ];
  for (const [index, [section, name, damage]] of damages.entries())
    it(`notice change ${index + 1}, in ${section} "${name}"`, async () => {
      const file = vectors();
      const found = casesOf(file[section]).find((one) => one.name === name);
      assert.ok(found);
      damage(found.entry as Entry);
      const { failed, lines } = await run({ tdx_quote: file.tdx_quote, [section]: file[section] });
      assert.ok(failed > 0, lines.join("\n"));
    });
});
