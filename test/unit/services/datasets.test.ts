import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatasetService, type LookedAt } from "../../../src/services/datasets.js";
import { defaultParameters } from "../../support/trainingParams.js";

describe("The dataset service", () => {
  const folder = mkdtempSync(join(tmpdir(), "zg-datasets-"));
  const service = new DatasetService();
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("tells rows and tokens of the sample file, and what was looked at", async () => {
    const seen: LookedAt[] = [];
    const subscription = service.onDidLook((looked) => seen.push(looked));
    const { rows, tokens } = await service.read("test/fixtures/workspace/data/support.jsonl", "tee");
    subscription.dispose();
    assert.ok(rows > 10);
    assert.ok(tokens.low <= tokens.likely && tokens.likely <= tokens.high && tokens.low > rows);
    assert.equal(seen[0]?.report.rows, rows);
    assert.deepEqual(
      seen[0]?.report.problems.filter(({ severity }) => severity === "error"),
      [],
    );
  });

  it("refuses what a provider would train on nothing of, with the first line and the number of problems", async () => {
    const good = `{"instruction":"a","output":"b"}\n`;
    const path = file("rows.jsonl", `${good.repeat(12)}{"prompt":"a","completion":"b"}\n${good}not json\n`);
    await assert.rejects(
      service.read(path, "tee"),
      (error: { code?: string; facts?: Record<string, unknown> }) => {
        assert.equal(error.code, "badDataset");
        assert.equal(error.facts?.line, 13);
        assert.equal(error.facts?.problems, 2);
        return true;
      },
    );
  });

  it("says of a file that is not there that it cannot be read", async () => {
    await assert.rejects(service.read(join(folder, "none.jsonl"), "tee"), { code: "badFile" });
  });

  it("finds in an open document what is not saved yet", async () => {
    const report = await service.lookAtText("open.jsonl", `[{"instruction":"a"}]`);
    assert.ok(report.problems.some(({ rule }) => rule === "OG004"));
  });

  it("knows a configuration by two of its keys, and says what a provider would refuse in it", async () => {
    assert.equal(await service.lookAtConfiguration(`{"max_steps": 3}`), undefined);
    assert.equal(await service.lookAtConfiguration(`{"a": {"max_steps": 3, "learning_rate": 1}}`), undefined);
    assert.equal(await service.lookAtConfiguration("[1, 2"), undefined);
    const report = await service.lookAtConfiguration(`{"max_steps": 0,\n "learning_rate": 2e-4}`);
    assert.notEqual(report?.refusal, "");
    assert.deepEqual(
      report?.problems.map(({ rule, places: [place] }) => [rule, place?.line, place?.start, place?.end]),
      [
        ["OC01", 1, 0, 1],
        ["OC03", 2, 18, 22],
        ["OC08", 1, 14, 15],
      ],
    );
    // while it is being written it stays one
    const broken = await service.lookAtConfiguration(`{"max_steps": 3, "learning_rate": }`);
    assert.deepEqual(
      broken?.problems.map(({ rule }) => rule),
      ["OC12"],
    );
  });

  it("reckons a configuration with the rows of its dataset, where they are known", async () => {
    const text = JSON.stringify({ ...defaultParameters, max_steps: 3 });
    const rules = async (rows?: number) =>
      (await service.lookAtConfiguration(text, rows))?.problems.map(({ rule }) => rule);
    assert.deepEqual(await rules(), []);
    assert.deepEqual(await rules(1000), ["OC09", "OC10", "OC11"]);
  });
});
