// What takes room: measured on a real folder, told the largest first.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderSize } from "../../../src/system/diskSpace.js";
import { roomEntries } from "../../../src/view/doctor/diskUse.js";
import { formatSize } from "../../../src/view/size.js";
import { english } from "../../../src/view/translate.js";

describe("What takes room", () => {
  it("is counted through all folders, without what links lead to", async () => {
    const root = mkdtempSync(join(tmpdir(), "zg-room-"));
    try {
      mkdirSync(join(root, "models/a/b"), { recursive: true });
      writeFileSync(join(root, "models/a/b/lora"), Buffer.alloc(3_000));
      writeFileSync(join(root, "models/list"), Buffer.alloc(50));
      symlinkSync(root, join(root, "models/around"));
      assert.equal(await folderSize(join(root, "models")), 3_050);
      assert.equal(await folderSize(join(root, "nowhere")), 0);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it("is told the largest first, each with what makes it less, and our folder last", () => {
    const folders = { models: 3 * 2 ** 30, datasets: 0, receipts: 5 * 2 ** 20, conversations: 2 ** 11 };
    const use = { all: 4 * 2 ** 30, folders: { ...folders, images: 0, sandbox: 2 ** 28 } };
    assert.deepEqual(
      roomEntries(use, "/home/me/ours", english).map(({ label, description, action }) =>
        [label, description, action?.id].join(" | "),
      ),
      [
        "Trained models | 3 GB | ",
        "Sandbox | 256 MB | zgCompute.resetSandbox",
        "Receipts | 5 MB | zgCompute.deleteReceipt",
        "Conversations | 2 KB | zgCompute.openChat",
        "Our folder | 4 GB in all, 762 MB of it in other files | ",
      ],
    );
  });
});

describe("Sizes", () => {
  it("have a tenth where it tells something, are called less rather than more, and never nothing", () => {
    const sizes = [0, 3, 1023, 2047, 2 ** 20 - 1, 2 ** 20, 1.29 * 2 ** 20, 10 * 2 ** 20 - 1, 12.9 * 2 ** 20];
    assert.deepEqual(
      [...sizes, 2 ** 30 - 1, 2 ** 30, 4.27 * 2 ** 30, 25.9 * 2 ** 30].map((size) =>
        formatSize(size, english),
      ),
      [
        ...["0 KB", "1 KB", "1 KB", "1 KB", "1023 KB", "1 MB", "1.2 MB", "9.9 MB", "12 MB"],
        ...["1023 MB", "1 GB", "4.2 GB", "25 GB"],
      ],
    );
  });
});
