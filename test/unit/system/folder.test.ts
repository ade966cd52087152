import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isComputeError } from "../../../src/domain/error.js";
import { createFolder } from "../../../src/system/folder.js";
import { realClock } from "../../../src/system/realClock.js";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("A folder on disk", () => {
  let path: string;
  beforeEach(() => (path = mkdtempSync(join(tmpdir(), "zg-folder-"))));
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  it("gives back what was written, lists it, and forgets what was removed", async () => {
    const folder = createFolder(join(path, "a", "b"));
    assert.deepEqual(await folder.list(), []);
    assert.equal(await folder.read("x.json"), undefined);
    await folder.write("x.json", bytes("one"));
    await folder.write("x.json", bytes("two"));
    assert.deepEqual(await folder.read("x.json"), bytes("two"));
    assert.deepEqual(await folder.list(), ["x.json"]);
    await folder.remove("x.json");
    await folder.remove("x.json");
    assert.deepEqual(await folder.list(), []);
  });

  it("is for the user alone", async function () {
    if (process.platform === "win32") {
      console.log("      skipped: Windows keeps no such mode of a file");
      this.skip();
    }
    const folder = createFolder(join(path, "own"));
    await folder.write("x.json", bytes("secret"));
    assert.equal(statSync(join(path, "own")).mode & 0o777, 0o700);
    assert.equal(statSync(join(path, "own", "x.json")).mode & 0o777, 0o600);
  });

  it("never shows half a file to a reader, however many write at once", async () => {
    const folder = createFolder(path);
    const values = Array.from({ length: 20 }, (_, i) => String(i).repeat(50_000));
    let isDone = false;
    const writing = Promise.all(values.map((value) => folder.write("x", bytes(value)))).finally(
      () => (isDone = true),
    );
    while (!isDone) {
      const seen = await folder.read("x");
      if (seen) assert.ok(values.includes(new TextDecoder().decode(seen)));
    }
    await writing;
    assert.deepEqual(readdirSync(path), ["x"]);
  });

  it("clears what a killed process left behind, and only that", async () => {
    const old = join(path, "x.json.0badcafe.tmp");
    writeFileSync(old, "half");
    utimesSync(old, new Date(0), new Date(0));
    writeFileSync(join(path, "y.json.0badcafe.tmp"), "being written");
    const folder = createFolder(path);
    assert.deepEqual(await folder.list(), []);
    assert.deepEqual(readdirSync(path), ["y.json.0badcafe.tmp"]);
  });

  it("takes no name that leads elsewhere", async () => {
    const folder = createFolder(path);
    for (const name of ["../x", "a/b", ".hidden", "", "x.tmp", "a\\b", "C:x"])
      await assert.rejects(
        folder.write(name, bytes("x")),
        (error) => isComputeError(error, "internal"),
        name,
      );
  });

  it("says which file the disk refused", async function () {
    writeFileSync(join(path, "file"), "");
    const folder = createFolder(join(path, "file", "below"));
    await assert.rejects(folder.write("x", bytes("x")), (error) => isComputeError(error, "badFile"));
    if (process.platform === "win32" || process.getuid?.() === 0) return;
    chmodSync(path, 0o500);
    await assert.rejects(createFolder(path).write("x", bytes("x")), (error) =>
      isComputeError(error, "badFile"),
    );
    chmodSync(path, 0o700);
  });
});

describe("The system's clock", () => {
  it("ends a sleep early when told to", async () => {
    const abort = new AbortController();
    const sleeping = realClock.sleep(60_000, abort.signal);
    abort.abort();
    await assert.rejects(sleeping, (error) => isComputeError(error, "cancelled"));
    await assert.rejects(realClock.sleep(1, abort.signal), (error) => isComputeError(error, "cancelled"));
    const before = realClock.now();
    await realClock.sleep(5);
    assert.ok(realClock.now() >= before);
  });
});
