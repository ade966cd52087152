// The golden vectors through the runner, and the runner against vectors that must fail.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { casesOf, runFile, type Counts } from "../../src/cli/conformance/runner.js";
import { createSuites } from "../../src/cli/conformance/suites.js";

const kept = join(import.meta.dirname, "../fixtures/vectors");
const read = (name: string) => readFileSync(join(kept, name), "utf8");
const contracts = () => JSON.parse(read("contracts.json")) as Record<string, unknown>;

async function run(content: unknown): Promise<Counts & { lines: string[] }> {
  const lines: string[] = [];
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return { ...(await runFile("file.json", text, createSuites(), (line) => lines.push(line))), lines };
}

describe("golden vectors", function () {
  this.timeout(120_000);

  for (const name of ["contracts.json", "inference.json", "storage.json"])
    it(`hold whole: ${name}`, async () => {
      const { passed, failed, skipped, lines } = await run(read(name));
      assert.deepEqual({ failed, skipped, lines }, { failed: 0, skipped: 0, lines: [] });
      assert(passed > 100, `only ${passed} cases`);
    });

  it("are skipped by name and count while their part is missing", async () => {
    const lines: string[] = [];
    const later = { name: "later", run: () => assert.fail("it was run"), notBuilt: "belongs to later" };
    const text = JSON.stringify({ later: [{}, {}] });
    const counts = await runFile("file.json", text, [{ sections: [later] }], (line) => lines.push(line));
    assert.deepEqual(counts, { passed: 0, failed: 0, skipped: 2 });
    assert.deepEqual(lines, ["skipped file.json later: 2, belongs to later"]);
  });

  it("refuse a file that nobody knows, an unknown section, and what is no object", async () => {
    assert.deepEqual((await run({ foo: [1] })).lines, ["FAILED file.json: none of its sections is known"]);
    assert.deepEqual((await run("[1]")).lines, ["FAILED file.json: not a JSON object"]);
    const { units } = contracts();
    const { passed, failed, lines } = await run({ schemaVersion: 1, units, bogus: [1] });
    assert.deepEqual(
      { passed, failed, lines },
      { passed: 10, failed: 1, lines: ["FAILED file.json bogus: unknown section"] },
    );
  });

  it("need no section but the one that is asked about", async () => {
    const { network, accounts, contracts: addresses, calldata, eip712, flow } = contracts();
    for (const file of [
      { calldata },
      { accounts, eip712 },
      { network, accounts, contracts: addresses, flow },
    ])
      assert.equal((await run(file)).failed, 0);
  });

  // One character of one entry is changed: each section must notice.
  const damages: [section: string, entry: string, damage: (entry: Record<string, unknown>) => void][] = [
    ["calldata", "addLedger", (entry) => flipLast(entry, "data")],
    ["returns", "getLedger", (entry) => flipLast(entry, "callData")],
    ["returns", "getLedger", (entry) => (entry.decoded = [])],
    ["reverts", "getLedger-none", (entry) => flipLast(entry, "revertData")],
    ["logs", "updateInfo", (entry) => (entry.args = {})],
    ["flow", "addLedger", (entry) => (entry.gasUsed = "184709")],
    ["flow", "deposit", (entry) => (entry.walletDelta = "0")],
    ["flow", "deposit", (entry) => (entry.state = { ledger: null, inference: null, fineTuning: null })],
    ["deployment", "LedgerManager implementation", (entry) => flipLast(entry, "address")],
    ["eip712", "inf-settle-1", (entry) => flipLast(entry, "digest")],
    ["eip712", "inf-settle-1", (entry) => flipLast(entry, "signature")],
    ["units", "0", (entry) => (entry.neuron = "1")],
    ["refundRemaining", "#0", (entry) => (entry.remaining = 1)],
    [
      "modelRootHash",
      "32 raw bytes: one storage root or keccak256 of the file",
      (entry) => (entry.roots = []),
    ],
  ];
  for (const [section, name, damage] of damages)
    it(`notice a change in ${section} (${damage
      .toString()
      .replace(/^.*=> ?/, "")
      .slice(0, 40)})`, async () => {
      const all = contracts();
      // the first entries are enough, and the chain takes its time
      const part = (all[section] as unknown[]).slice(0, section === "deployment" ? 16 : 3);
      damage(casesOf(part).find((one) => one.name === name)!.entry as Record<string, unknown>);
      const { network, accounts, contracts: addresses } = all;
      const needed = section === "flow" ? { network, accounts, contracts: addresses } : { network, accounts };
      const settings = section === "deployment" ? { contracts: addresses } : {};
      const { failed, lines } = await run({ ...needed, ...settings, [section]: part });
      assert.equal(failed, 1, lines.join("\n"));
      assert(lines[0]?.startsWith(`FAILED file.json ${section} "${name}"`), lines[0]);
    });

  it("notice a change in a selector, and in an interface id", async () => {
    const { abi } = contracts() as {
      abi: { functions: Record<string, unknown>[]; interfaceIds: Record<string, unknown> };
    };
    flipLast(abi.functions[0]!, "selector");
    flipLast(abi.interfaceIds, "IServing");
    assert.equal((await run({ abi })).failed, 2);
  });

  it("notice a change in what is displayed, and in a setting", async () => {
    const all = contracts();
    (all.display as { ledger: { total: string } }).ledger.total = "12.500000000000000001";
    (all.contracts as { lockTime: number }).lockTime = 7200;
    const { network, accounts, contracts: settings, flow, display } = all;
    const { lines } = await run({
      network,
      accounts,
      contracts: settings,
      display,
      flow: (flow as unknown[]).slice(0, 40),
    });
    assert(
      lines.some((line) => line.includes('display "ledger"')),
      lines.join("\n"),
    );
  });

  it("count members of an object as cases", () => {
    assert.deepEqual(
      casesOf({ a: 1, b: 2 }).map((one) => one.name),
      ["a", "b"],
    );
    assert.equal(casesOf("text").length, 1);
  });
});

function flipLast(entry: Record<string, unknown>, field: string): void {
  const text = String(entry[field]);
  entry[field] = text.slice(0, -1) + (text.endsWith("1") ? "2" : "1");
}
