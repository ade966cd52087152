import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { overwriteFile, replaceFile } from "../../../src/system/replaceFile.js";

const source = new URL("../../../src/system/replaceFile.ts", import.meta.url);

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

describe("A file that is saved over another", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "overwrite-"))));
  afterEach(async () => {
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true });
  });
  const target = () => join(folder, "answers.md");
  const bytes = (text: string) => new TextEncoder().encode(text);

  it("takes its place, keeps its mode, and leaves nothing beside it", async () => {
    await writeFile(target(), "old");
    await chmod(target(), 0o640);
    await overwriteFile(target(), bytes("new"));
    assert.equal(await readFile(target(), "utf8"), "new");
    if (process.platform !== "win32") assert.equal((await stat(target())).mode & 0o777, 0o640);
    assert.deepEqual(await readdir(folder), ["answers.md"]);
  });

  it("is there as any new file when nothing was", async () => {
    await writeFile(join(folder, "usual"), "");
    await overwriteFile(target(), bytes("new"));
    assert.equal((await stat(target())).mode, (await stat(join(folder, "usual"))).mode);
    assert.deepEqual(await readdir(folder), ["answers.md", "usual"]);
  });

  describe("on a disk that takes no more", () => {
    before(function () {
      skipOnWindows(this, "no limit of that kind");
    });

    beforeEach(() => chmod(folder, 0o777));

    it("fails, and the old one is as it was", async () => {
      await writeFile(target(), "old");
      await chmod(target(), 0o666);
      assert.equal(await overwriteLimited(target()), "EFBIG");
      assert.equal(await readFile(target(), "utf8"), "old");
      assert.deepEqual(await readdir(folder), ["answers.md"]);
    });

    it("fails, and what a link leads to is as it was", async () => {
      const real = join(folder, "real.md");
      await writeFile(real, "old");
      await chmod(real, 0o666);
      await symlink(real, target());
      assert.equal(await overwriteLimited(target()), "EFBIG");
      assert.equal(await readFile(target(), "utf8"), "old");
      assert.deepEqual(await readdir(folder), ["answers.md", "real.md"]);
    });

    it("fails, and leaves no part of a new one", async () => {
      assert.equal(await overwriteLimited(target()), "EFBIG");
      assert.deepEqual(await readdir(folder), []);
    });
  });

  describe("where files have owners and links", () => {
    before(function () {
      skipOnWindows(this, "links that need a right, and folders without a mode");
    });

    it("is written where a link leads, and the link stays one", async () => {
      await mkdir(join(folder, "far"));
      const far = join(folder, "far", "real.md");
      await writeFile(far, "old");
      await symlink(far, target());
      await overwriteFile(target(), bytes("new"));
      assert.equal(await readlink(target()), far);
      assert.equal(await readFile(far, "utf8"), "new");
      assert.deepEqual(await readdir(join(folder, "far")), ["real.md"]);
    });

    it("is made where a link leads that led nowhere", async () => {
      await symlink("later.md", target());
      await overwriteFile(target(), bytes("new"));
      assert.ok((await lstat(target())).isSymbolicLink());
      assert.equal(await readFile(join(folder, "later.md"), "utf8"), "new");
    });

    it("does not take the place of a folder or a device", async () => {
      await mkdir(target());
      await assert.rejects(overwriteFile(target(), bytes("new")), { code: "EISDIR" });
      await overwriteFile("/dev/null", bytes("new"));
      assert.ok((await stat("/dev/null")).isCharacterDevice());
    });

    it("is written in its place where the folder takes no new file", async () => {
      await writeFile(target(), "old");
      await chmod(target(), 0o666);
      await chmod(folder, 0o555);
      assert.equal(await overwriteAsAnyone(target()), "none");
      assert.match(await readFile(target(), "utf8"), /^(?:new ){250000}$/);
      assert.deepEqual(await readdir(folder), ["answers.md"]);
    });

    it("is not made where the folder takes none", async () => {
      await chmod(folder, 0o555);
      assert.equal(await overwriteAsAnyone(target()), "EACCES");
    });

    it("does not go round what says that the file is not to be written", async () => {
      await writeFile(target(), "old");
      await chmod(target(), 0o444);
      await chmod(folder, 0o777);
      assert.equal(await overwriteAsAnyone(target()), "EACCES");
      assert.equal(await readFile(target(), "utf8"), "old");
    });
  });
});

function skipOnWindows(context: Mocha.Context, why: string): void {
  if (process.platform !== "win32") return;
  console.log(`      skipped: Windows has ${why}`);
  context.skip();
}

/** In a process whose files the system cuts off after some kilobytes; the code of its failure. */
function overwriteLimited(path: string): Promise<string> {
  return overwriteInChild(path, "ulimit -f 8");
}

/** In a process of somebody whom modes hold back, as they do not hold back the superuser. */
function overwriteAsAnyone(path: string): Promise<string> {
  return overwriteInChild(path, ":");
}

async function overwriteInChild(path: string, before: string): Promise<string> {
  const script = `
    const { overwriteFile } = require(${JSON.stringify(fileURLToPath(source))});
    if (process.getuid() === 0) process.setuid(65534);
    overwriteFile(${JSON.stringify(path)}, Buffer.alloc(1_000_000, "new "))
      .then(() => "none", (error) => error.code ?? String(error))
      .then((code) => process.stdout.write(code));`;
  const run = `${before}; exec "$0" --import tsx -e "$1"`;
  const { stdout } = await promisify(execFile)("sh", ["-c", run, process.execPath, script], {
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    env: { ...process.env, TSX_DISABLE_CACHE: "1" }, // its files would be cut off, too
  });
  return stdout;
}
