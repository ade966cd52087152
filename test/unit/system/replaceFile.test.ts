import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replaceFile } from "../../../src/system/replaceFile.js";

describe("A file that is downloaded over another", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "replace-"))));
  afterEach(() => rm(folder, { recursive: true }));
  const target = () => join(folder, "data.jsonl");
  const download = (path: string) => writeFile(path, "new", { flag: "wx" });

  it("takes its place when it is whole", async () => {
    await writeFile(target(), "old");
    await replaceFile(target(), download);
    assert.equal(await readFile(target(), "utf8"), "new");
    assert.deepEqual(await readdir(folder), ["data.jsonl"]);
  });

  it("leaves it as it is, and nothing beside it, when the download fails", async () => {
    await writeFile(target(), "old");
    const failing = replaceFile(target(), async (path) => {
      await writeFile(`${path}.part`, "ne");
      assert.equal(await readFile(target(), "utf8"), "old");
      throw new Error("no network");
    });
    await assert.rejects(failing, /no network/);
    assert.equal(await readFile(target(), "utf8"), "old");
    assert.deepEqual(await readdir(folder), ["data.jsonl"]);
  });

  it("is written where it belongs when nothing is there", async () => {
    await replaceFile(target(), download);
    assert.deepEqual(await readdir(folder), ["data.jsonl"]);
  });
});
