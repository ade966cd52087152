// Files that take nobody's place, and stay where they are to be.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isComputeError } from "../../../src/domain/error.js";
import { fileError } from "../../../src/domain/fileError.js";
import { realPathInside } from "../../../src/system/insidePath.js";
import { plainName, writeNewFile } from "../../../src/system/newFile.js";

describe("a new file", () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "new-file-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const write = (name: string, folder = join(root, "images")) =>
    writeNewFile({ folder, name, ending: "png", root }, Buffer.from(name));
  const isBad = (detail: string) => (error: unknown) =>
    isComputeError(error, "badFile") && error.facts.detail === detail;

  it("takes the next free name and leaves what is there", async () => {
    assert.equal(await write("otter"), join(root, "images/otter.png"));
    writeFileSync(join(root, "images/otter-2.png"), "mine");
    assert.equal(await write("otter"), join(root, "images/otter-3.png"));
    assert.equal(readFileSync(join(root, "images/otter-2.png"), "utf8"), "mine");
  });

  it("has a name that is one part of a path", async () => {
    for (const name of ["../otter", "a/b", "a\\b", "..", ".", "", "c:otter", "a\0b"])
      await assert.rejects(write(name), isBad("no plain name"), name);
    assert.deepEqual(readdirSync(root), []);
  });

  it("is not written through a link that leads out", async () => {
    const outside = mkdtempSync(join(tmpdir(), "outside-"));
    symlinkSync(outside, join(root, "images"));
    const leadsOut = isBad("it leads out of the workspace");
    await assert.rejects(write("otter"), leadsOut);
    await assert.rejects(write("otter", join(root, "images/deep")), leadsOut);
    await assert.rejects(write("otter", join(root, "..")), leadsOut);
    assert.deepEqual(readdirSync(outside), []);
    rmSync(outside, { recursive: true });
    mkdirSync(join(root, "own"));
    rmSync(join(root, "images"));
    symlinkSync(join(root, "own"), join(root, "images"));
    assert.equal(readFileSync(await write("otter"), "utf8"), "otter");
  });

  it("is not left half written where the disk is full", async () => {
    const small = join(root, "small");
    mkdirSync(small);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]); // only root may
    const half = async function* () {
      yield Buffer.alloc(50_000);
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    };
    const bytes = mounted.status === 0 ? Buffer.alloc(200_000) : (half() as unknown as Uint8Array);
    try {
      writeFileSync(join(small, "otter.png"), "mine");
      const write = writeNewFile({ folder: small, name: "otter", ending: "png" }, bytes);
      await assert.rejects(write, { code: "diskFull" });
      assert.deepEqual(readdirSync(small), ["otter.png"]);
      assert.equal(readFileSync(join(small, "otter.png"), "utf8"), "mine");
    } finally {
      if (mounted.status === 0) spawnSync("umount", [small]);
    }
  });

  it("says in words what keeps it from being written", async () => {
    writeFileSync(join(root, "images"), "no folder");
    await assert.rejects(write("otter"), isBad("it is no folder"));
    await assert.rejects(write("otter", join(root, "images/deep")), isBad("it is no folder"));
    await assert.rejects(write("x".repeat(300), root), isBad("its name is too long"));
    const told = (code: string) => fileError("/ws/images", code, undefined).facts;
    assert.deepEqual(told("EROFS"), { path: "/ws/images", detail: "the disk is read-only" });
    assert.deepEqual(told("EXDEV"), { path: "/ws/images", detail: "EXDEV" });
  });
});

describe("A path of the workspace", () => {
  it("is what it really is, or leads out", async () => {
    const root = mkdtempSync(join(tmpdir(), "inside-"));
    const outside = mkdtempSync(join(tmpdir(), "outside-"));
    writeFileSync(join(outside, "id_rsa"), "secret");
    writeFileSync(join(root, "notes.md"), "mine");
    symlinkSync(join(outside, "id_rsa"), join(root, "linked.md"));
    symlinkSync(join(root, "notes.md"), join(root, "own.md"));
    symlinkSync(outside, join(root, "docs"));
    const seen = (name: string) => realPathInside(join(root, name), root);
    assert.equal(await seen("notes.md"), join(realpathSync(root), "notes.md"));
    assert.equal(await seen("own.md"), join(realpathSync(root), "notes.md"));
    for (const name of ["linked.md", "docs/id_rsa", "docs/new.md", "../x"])
      assert.equal(await seen(name), undefined, name);
    assert.equal(await seen("..notes/new.md"), join(realpathSync(root), "..notes/new.md"));
    for (const folder of [root, outside]) rmSync(folder, { recursive: true });
  });
});

describe("A file beside another", () => {
  it("has its name, in a form that every system takes", () => {
    assert.equal(plainName("Meeting 2026-11-26 10:30:00"), "Meeting 2026-11-26 10-30-00");
    assert.equal(plainName('a\\b/c*?"<>|\u0007'), "a-b-c-------");
    assert.equal(plainName("Grüße 👋"), "Grüße 👋");
    for (const name of ["", ".", "..", "..."]) assert.equal(plainName(name), "file");
    assert.equal(Buffer.byteLength(plainName("x".repeat(251))), 200);
    assert.equal(plainName("👋".repeat(100)), "👋".repeat(50));
  });
});
