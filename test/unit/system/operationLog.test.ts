import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isComputeError } from "../../../src/domain/error.js";
import { createOperationLog } from "../../../src/system/operationLog.js";

describe("the journal of an operation", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "journal-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("gives back what was appended, in order, for the user alone", async () => {
    const log = createOperationLog(join(folder, "deeper", "runs"));
    await log.append("one", { step: "upload" });
    await log.append("one", { step: "createTask", text: "a\nb\u2028c" });
    await log.append("two", 1);
    assert.deepEqual(await log.read("one"), [
      { step: "upload" },
      { step: "createTask", text: "a\nb\u2028c" },
    ]);
    assert.deepEqual((await log.list()).sort(), ["one", "two"]);
    assert.equal((await stat(join(folder, "deeper", "runs", "one.jsonl"))).mode & 0o077, 0);
  });

  it("has nothing of what was never begun, and of what was removed", async () => {
    const log = createOperationLog(join(folder, "runs"));
    assert.deepEqual(await log.list(), []);
    assert.equal(await log.read("one"), undefined);
    await log.append("one", 1);
    await log.remove("one");
    assert.equal(await log.read("one"), undefined);
  });

  it("takes every cut of the last line for a line that was never begun, and goes on after it", async () => {
    const log = createOperationLog(folder);
    const file = join(folder, "one.jsonl");
    await log.append("one", { a: 1 });
    const whole = (await readFile(file)).length;
    await log.append("one", { b: "two" });
    const all = (await readFile(file)).length;
    for (let length = all - 2; length >= whole; length--) {
      await truncate(file, length);
      assert.deepEqual(await log.read("one"), [{ a: 1 }], `cut to ${length}`);
    }
    await appendFile(file, '{"b":');
    await log.append("one", { c: 3 });
    assert.deepEqual(await log.read("one"), [{ a: 1 }, { c: 3 }]);
  });

  it("tells a line that cannot be read from one that was cut off", async () => {
    const log = createOperationLog(folder);
    const file = log.pathOf("one");
    await log.append("one", { a: 1 });
    await appendFile(file, '{"b":2,"c\u0000\u0000\n[1,\n');
    await log.append("one", { d: 4 });
    await appendFile(file, '{"e":');
    await log.append("one", { f: 6 });
    assert.deepEqual(await log.read("one"), [{ a: 1 }, undefined, undefined, { d: 4 }, { f: 6 }]);
  });

  it("shows no lock among the journals", async () => {
    const log = createOperationLog(folder);
    await log.append("one", 1);
    const lock = await log.lock("one");
    assert.deepEqual(await log.list(), ["one"]);
    await lock?.release();
  });

  it("says what the disk refused", async () => {
    const log = createOperationLog(join(folder, "file", "runs"));
    await appendFile(join(folder, "file"), "in the way");
    await assert.rejects(log.append("one", 1), (error) => isComputeError(error, "badFile"));
  });

  it("refuses names that lead elsewhere", async () => {
    await assert.rejects(async () => createOperationLog(folder).append("../one", 1));
    await assert.rejects(async () => createOperationLog(folder).lock("../one"));
  });
});
