import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NotMined } from "../../../src/sandbox/marketplace.js";
import { prepare, someBytes, TestStorage } from "./storageSupport.js";

const mib = 1024 * 1024;

describe("the sandbox's own use of its storage", function () {
  this.timeout(60_000);
  let folder: string;
  let test: TestStorage;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "storage-vault-"));
    test = await TestStorage.start({ folder });
  });
  afterEach(async () => {
    await test.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const balance = async () =>
    BigInt(String(await test.test.chain.request("eth_getBalance", [test.key.address])));

  for (const size of [1, 256, 257, 262_144, 262_145, 1_114_113])
    it(`stores ${size} bytes on both nodes, pays for them, and reads them back`, async () => {
      const bytes = someBytes(size);
      const file = await prepare(bytes);
      const stored = await test.storage.upload(bytes, test.key);
      assert.deepEqual(stored, { root: file.root, size, txSeq: 0 });
      for (const shard of [0, 1])
        assert.equal((await test.node(shard, "zgs_checkFileFinalized", [file.root])).result, true);
      const read = await test.storage.read(file.root, size);
      assert.deepEqual(Buffer.from(read!), Buffer.from(bytes));
      assert.equal(await test.storage.sizeOf(file.root), size);
      await assert.rejects(test.storage.read(file.root, size - 1), /more than/);
    });

  it("takes a file by its path, and pays nothing for what is there or paid for already", async () => {
    const bytes = someBytes(2 * mib + 3);
    const path = join(folder, "file.bin");
    writeFileSync(path, bytes);
    const file = await prepare(bytes);
    const { txSeq } = await test.submit(file);
    for (const shard of [0, 1]) await test.node(shard, "zgs_uploadSegments", [file.segments.slice(0, 2)]);
    const before = await balance();
    assert.deepEqual(await test.storage.upload(path, test.key), {
      root: file.root,
      size: bytes.length,
      txSeq,
    });
    await test.storage.upload(bytes, test.key);
    assert.equal(await balance(), before);
    assert.deepEqual(Buffer.from((await test.storage.read(file.root, mib * 3))!), Buffer.from(bytes));
  });

  it("gives nothing of a root that is unknown, no root, or not stored in full", async () => {
    const file = await prepare(someBytes(600));
    await test.submit(file);
    for (const root of [file.root, `0x${"1".repeat(64)}`, "0x12", "../../etc"]) {
      assert.equal(await test.storage.sizeOf(root), undefined);
      assert.equal(await test.storage.read(root, mib), undefined);
    }
  });

  it("sees when what it kept was changed", async () => {
    const { root } = await test.storage.upload(someBytes(600), test.key);
    const name = readdirSync(folder).find((one) => one.startsWith(root.slice(2)))!;
    const kept = join(folder, name, "0");
    writeFileSync(kept, Buffer.alloc(32 + 768));
    await assert.rejects(test.storage.read(root, mib), /is damaged/);
  });

  it("refuses an empty file, and says when the chain does not mine", async () => {
    await assert.rejects(test.storage.upload(new Uint8Array(), test.key), /empty/);
    test.test.faults.set("chain", "no-mining");
    await assert.rejects(test.storage.upload(someBytes(5), test.key), NotMined);
    test.test.faults.clear();
    await test.test.chain.mine();
    const before = await balance();
    await test.storage.upload(someBytes(5), test.key);
    assert.equal(await balance(), before, "the first submission came through");
  });
});
