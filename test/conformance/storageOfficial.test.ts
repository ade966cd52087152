// The official storage SDK and ours over the same nodes: what one stores the other fetches, and both name a file the same.
import { Indexer, ZgFile } from "@0gfoundation/0g-ts-sdk";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { segment, StorageDesk } from "./storageSupport.js";

describe("the official storage SDK 1.2.8 and ours", function () {
  this.timeout(120_000);
  let desk: StorageDesk;
  let log: typeof console.log;

  before(async () => {
    const { version } = JSON.parse(
      readFileSync(
        new URL("../../node_modules/@0gfoundation/0g-ts-sdk/package.json", import.meta.url),
        "utf8",
      ),
    ) as { version: string };
    assert.equal(version, "1.2.8");
    desk = await StorageDesk.open();
    log = console.log;
    console.log = () => undefined; // the SDK tells the console all it does
  });
  after(async () => {
    console.log = log;
    await desk.close();
  });

  const indexer = () => new Indexer(desk.net.storage.ready.indexer);

  // Not five: over two shards the SDK never sends the last of an uneven number of segments (spec storage.md 17).
  for (const size of [1, 257, segment, segment + 1, 4 * segment, 5 * segment + 99])
    it(`agree on ${size} bytes, whoever stores them`, async () => {
      const client = desk.client();
      const ours = desk.file(size, 1);
      const official = await ZgFile.fromFilePath(ours);
      const [tree, problem] = await official.merkleTree();
      assert.equal(problem, null);
      const fileRoot = await client.storage.rootOf(ours);
      assert.equal(tree!.rootHash(), fileRoot.root);
      await official.close();

      const stored = await client.upload(ours);
      const back = desk.path(`official-${size}`);
      assert.equal(await indexer().download(stored.root, back, true), null);
      assert.deepEqual(readFileSync(back), readFileSync(ours));

      const theirs = await ZgFile.fromFilePath(desk.file(size, 2));
      const signer = desk.net.test.wallet(7);
      const [sent, refused] = await indexer().upload(theirs, desk.net.test.chain.rpcUrl, signer, {
        finalityRequired: true,
      });
      await theirs.close();
      assert.equal(refused, null);
      assert.ok("rootHash" in sent);
      const fetched = desk.path(`ours-${size}`);
      await client.storage.downloadFile(sent.rootHash as never, fetched);
      assert.deepEqual(readFileSync(fetched), readFileSync(desk.file(size, 2)));
      const again = await client.storage.planUpload(desk.file(size, 2));
      assert.deepEqual([again.state, again.txSeq], ["stored", sent.txSeq]);
    });

  it("stores an uneven number of segments over two shards, which the SDK then fetches", async () => {
    const client = desk.client();
    const file = desk.file(4 * segment + 10, 3);
    const { root } = await client.upload(file);
    const back = desk.path("uneven");
    assert.equal(await indexer().download(root, back, true), null);
    assert.deepEqual(readFileSync(back), readFileSync(file));
  });
});
