// storage.json through the runner when something in it was changed, and what the vectors do not hold: the parsers' bounds.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createKeccak, hashText } from "../../src/broker/wire/storage/hash.js";
import { Merkle } from "../../src/broker/wire/storage/merkle.js";
import { casesOf, runFile, type Counts } from "../../src/cli/conformance/runner.js";
import { createSuites } from "../../src/cli/conformance/suites.js";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- vectors as they were parsed, changed by the test
type Entry = Record<string, any>;
type Vectors = Record<string, unknown> & { files: { id: string; size: number }[] };

const path = join(import.meta.dirname, "../fixtures/vectors/storage.json");
const vectors = () => JSON.parse(readFileSync(path, "utf8")) as Vectors;

async function run(file: object): Promise<Counts & { lines: string[] }> {
  const lines: string[] = [];
  const counts = await runFile("file.json", JSON.stringify(file), createSuites(), (line) => lines.push(line));
  return { ...counts, lines };
}

describe("storage vectors", function () {
  this.timeout(60_000);

  const file = "lin-300000";
  const needed = [file, "lin-1", "lin-262144", "lin-262145"]; // by the entries below
  const damages: [section: string, name: string, damage: (entry: Entry) => void][] = [
    ["files", file, (entry) => set(entry, "root", flipped(entry.root))],
    ["files", file, (entry) => set(entry, "sha256", flipped(entry.sha256))],
    ["files", file, (entry) => set(entry, "paddedChunks", 1279)],
    ["files", file, (entry) => set(entry, "paddedSegments", 3)],
    ["files", file, (entry) => set(entry.nodes![1], "root", flipped(entry.root))],
    ["files", file, (entry) => set(entry.nodes![1], "height", 9)],
    ["files", file, (entry) => set(entry, "identity", flipped(entry.identity))],
    ["files", file, (entry) => set(entry.proofs![1], "dataBytes", 262144)],
    ["files", file, (entry) => set(entry.proofs![1], "leaf", flipped(entry.root))],
    ["files", file, (entry) => set(entry.proofs![0].proof, "path", [])],
    ["files", file, (entry) => set(entry, "generator", { name: "lin", a: 31, b: 8 })],
    ["tamperedProofs", "#0", (entry) => set(entry, "leaf", entry.proof.lemma[0])],
    ["tamperedProofs", "#0", (entry) => set(entry, "expect", "accept")],
    ["tamperedProofs", "#0", (entry) => set(entry, "leafCount", 2)],
    ["submitCalldata", "submitCalldata", (entry) => set(entry, "calldata", flipped(entry.calldata))],
    ["submitCalldata", "submitCalldata", (entry) => set(entry, "selector", "0xbc8c11f9")],
    ["submitLog", "submitLog", (entry) => set(entry.decoded, "startPos", 123393)],
    ["submitLog", "submitLog", (entry) => set(entry.topics, "0", flipped(entry.topics![0]))],
    ["shardSelection", "#1", (entry) => set(entry, "selected", ["http://n0"])],
    ["shardSelection", "#3", (entry) => set(entry, "ok", true)],
    ["nextSegmentIndex", "#4", (entry) => set(entry, "next", 7)],
    [
      "encryptionV1",
      "encryptionV1",
      (entry) => set(entry, "streamHex", `02${String(entry.streamHex).slice(2)}`),
    ],
  ];
  for (const [section, name, damage] of damages)
    it(`notice a change in ${section} (${damage
      .toString()
      .replace(/^.*=> ?/, "")
      .slice(0, 50)})`, async () => {
      const all = vectors();
      const files = all.files.filter(({ id }) => needed.includes(id));
      const part = section === "files" ? files.filter(({ id }) => id === file) : all[section];
      const isWhole = !Array.isArray(part);
      damage((isWhole ? part : casesOf(part).find((one) => one.name === name)!.entry) as Entry);
      const few = isWhole ? part : (part as unknown[]).slice(0, 8);
      const { passed, failed, lines } = await run(
        section === "files" ? { files: part } : { files, [section]: few },
      );
      assert.equal(failed, 1, lines.join("\n"));
      assert.ok(lines[0]?.startsWith(`FAILED file.json ${section} "${name}"`), lines[0]);
      assert.equal(
        passed,
        section === "files" ? 0 : files.length + (isWhole ? 0 : (few as unknown[]).length - 1),
      );
    });

  it("notice a change in allocation, in the entry where it is", async () => {
    const { allocation } = vectors() as unknown as { allocation: { submissions: Entry[] } };
    set(allocation.submissions[3], "startPos", 1025);
    const { passed, failed, lines } = await run({ allocation });
    assert.deepEqual([passed, failed], [allocation.submissions.length - 1, 1]);
    assert.ok(lines[0]?.startsWith('FAILED file.json allocation "#3"'), lines[0]);
  });

  it("name the roots of empty subtrees as the spec does", async () => {
    const { zeroSubtreeRoots } = vectors().constants as { zeroSubtreeRoots: string[] };
    const merkle = new Merkle(await createKeccak());
    const found = Array.from({ length: 11 }, (_, height) => hashText(merkle.emptyRoot(2 ** height)));
    assert.deepEqual(found, zeroSubtreeRoots.slice(0, 11));
  });
});

function set(target: unknown, key: string, value: unknown): void {
  (target as Record<string, unknown>)[key] = value;
}

/** The same text with its last hex digit changed. */
function flipped(text: string): string {
  return text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");
}
