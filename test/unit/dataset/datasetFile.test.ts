import assert from "node:assert/strict";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readDataset } from "../../../src/dataset/datasetFile.js";
import { ComputeError } from "../../../src/domain/error.js";

describe("a training file on disk", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "dataset-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const refusal = async (name: string, content: string | undefined): Promise<ComputeError> => {
    const path = join(folder, name);
    if (content !== undefined) await writeFile(path, content);
    const error: unknown = await readDataset(path, "tee").then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ComputeError, `${name} was taken`);
    return error as ComputeError;
  };

  it("has as many rows as lines that hold something", async () => {
    const path = join(folder, "good.jsonl");
    await writeFile(path, '{"a":1}\r\n\n  \t\n{"a":2}\nnull');
    assert.deepEqual(await readDataset(path, "tee"), { rows: 3 });
  });

  it("is refused with the line and the reason", async () => {
    const error = await refusal("bad.jsonl", '{"a":1}\n{"a":\n');
    assert.equal(error.code, "badDataset");
    assert.equal((error.facts as { line?: number }).line, 2);
  });

  it("is refused when it is empty, is called something else, is too large or is not there", async () => {
    assert.equal((await refusal("empty.jsonl", " \n\n")).code, "badDataset");
    assert.equal((await refusal("rows.txt", '{"a":1}\n')).code, "badDataset");
    assert.equal((await refusal("missing.jsonl", undefined)).code, "badFile");
    const handle = await open(join(folder, "large.jsonl"), "w");
    await handle.truncate(100 * 2 ** 20 + 1);
    await handle.close();
    assert.equal((await refusal("large.jsonl", undefined)).code, "badDataset");
  });
});
