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
    assert.equal(formatSize(2 ** 30 - 1, english), "1023 MB");
  });
});
