import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatasetService, type LookedAt } from "../../../src/services/datasets.js";

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

  it("knows a configuration that a provider would refuse", () => {
    const text = `{"num_train_epochs": 1, "max_steps": -1, "lora_r": 8}`;
    const report = service.lookAtConfiguration(text);
    assert.notEqual(report?.refusal, "");
    assert.deepEqual(report?.problems.map(({ rule }) => rule).sort(), ["OC01", "OC02"]);
  });

  it("takes no other JSON for a configuration", () => {
    assert.equal(service.lookAtConfiguration(`{"name": "a", "learning_rate": 1}`), undefined);
    assert.equal(service.lookAtConfiguration("[]"), undefined);
  });
});
