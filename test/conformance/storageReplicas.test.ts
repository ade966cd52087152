// Several nodes with all of a file: one that lies or is gone costs a little time, and nothing else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Faults } from "../../src/sandbox/faults.js";
import { startStorage, type Storage } from "../../src/sandbox/storage/storage.js";
import { realClock } from "../../src/system/realClock.js";
import type { StoredFile } from "../../src/broker/storage/api.js";
import { segment, StorageDesk, type StorageClient } from "./storageSupport.js";

const download = "zgs_downloadSegmentWithProofByTxSeq";

describe("replicas of a stored file", function () {
  this.timeout(60_000);
  const size = 40 * segment + 9;
  let desk: StorageDesk;
  let second: Storage;
  const secondFaults = new Faults();
  let stored: StoredFile;
  let original: Buffer;
  let names = 0;

  before(async () => {
    desk = await StorageDesk.open(1);
    const { chain, clock } = desk.net.test;
    second = await startStorage({
      ...{ chain, faults: secondFaults, shards: 1, ports: { indexer: 0, nodes: [] }, now: () => clock.now },
      send: (transactions) => desk.net.market.send(transactions),
      sleep: (ms) => realClock.sleep(ms),
      log: (message) => assert.fail(message),
    });
    const file = desk.file(size, 1);
    original = readFileSync(file);
    stored = await desk.client().upload(file);
    // The other node follows the same chain: it knows the entry and lacks the data.
    const other = desk.client({ network: { storageIndexer: second.ready.indexer }, hasSigner: false });
    const plan = await other.storage.planUpload(file);
    assert.deepEqual([plan.state, plan.txSeq], ["resume", stored.txSeq]);
    await other.storage.uploadFile(plan);
  });
  after(async () => {
    await second?.close();
    await desk.close();
  });
  afterEach(() => {
    desk.clear();
    secondFaults.clear();
  });

  /** A client whose indexer names both nodes. */
  const clientOfBoth = (): StorageClient => {
    const nodes = [desk.net.storage.ready.nodes[0]!, second.ready.nodes[0]!];
    return desk.client({
      located: nodes.map((url) => ({ url, config: { shardId: 0, numShard: 1 }, latency: 1, since: 1 })),
    });
  };
  const perNode = (client: StorageClient) => {
    const asked = client.requests.filter(({ method }) => method === download);
    const ofFirst = asked.filter(({ url }) => url.startsWith(desk.net.storage.ready.nodes[0]!)).length;
    return { first: ofFirst, second: asked.length - ofFirst };
  };
  const fetchFrom = async (client: StorageClient) => {
    const target = desk.path(`replica${names++}`);
    await client.storage.downloadFile(stored.root, target);
    assert.deepEqual(readFileSync(target), original);
    return perNode(client);
  };

  it("share the work", async () => {
    const { first, second } = await fetchFrom(clientOfBoth());
    assert.equal(first + second, 41);
    assert.ok(first >= 10 && second >= 10, `${first} and ${second}`);
  });

  for (const fault of ["bad-proof", "forged-short-proof", "no-segment"])
    it(`are left when one answers with ${fault}, and the file comes whole from the other`, async () => {
      secondFaults.set("storage", fault);
      const { first, second } = await fetchFrom(clientOfBoth());
      assert.equal(first, 41);
      assert.ok(second >= 1 && second <= 10, `the bad one was asked ${second} times`);
    });

  it("are left when one is gone after it was chosen", async () => {
    const client = clientOfBoth();
    client.onRequest = ({ method }) => {
      if (method === download) secondFaults.set("storage", "node-down", 0);
    };
    const { first } = await fetchFrom(client);
    assert.equal(first, 41);
  });

  it("are outvoted by nobody: two that tell different sizes give no file", async () => {
    secondFaults.set("storage", "wrong-size", size + 1);
    await assert.rejects(fetchFrom(clientOfBoth()), { code: "verificationFailed" });
  });
});
