// The broker's upload against the sandbox's storage nodes: uneven shards, interruptions, faults.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, utimesSync, writeFileSync } from "node:fs";
import type { Progress } from "../../src/broker/storage/api.js";
import type { Clock } from "../../src/domain/clock.js";
import { neuron } from "../../src/domain/money.js";
import { realClock } from "../../src/system/realClock.js";
import { failure } from "./ledgerSupport.js";
import { counts, segment, sentSegments, StorageDesk } from "./storageSupport.js";
import { sleepingClock } from "../support/sleepingClock.js";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("uploading to storage", function () {
  this.timeout(60_000);
  let desk: StorageDesk;

  before(async () => (desk = await StorageDesk.open()));
  after(() => desk.close());
  afterEach(() => desk.calm());

  for (const [what, size] of [
    ["one byte", 1],
    ["a chunk and a byte", 257],
    ["a segment", segment],
    ["a segment and a byte", segment + 1],
    ["five segments, which two shards share unevenly", 4 * segment + 65_537],
    ["seventeen segments, whose padding is a segment of its own", 17 * segment],
    ["twenty-three segments: more than one request to each node", 22 * segment + 5],
  ] as const)
    it(`brings ${what} there and back`, async () => {
      const client = desk.client();
      const file = desk.file(size, 1);
      const plan = await client.storage.planUpload(file);
      assert.equal(plan.state, "new");
      assert.ok(plan.fee > 0n && plan.maxGasFee > 0n && plan.walletBalance > plan.fee);
      const before = await client.broker.chain.balance(client.user.address);
      const stored = await client.storage.uploadFile(plan);
      const paid = before - (await client.broker.chain.balance(client.user.address));
      assert.ok(paid > plan.fee && paid <= plan.fee + plan.maxGasFee, `paid ${paid}`);
      assert.equal(stored.root, plan.fileRoot.root);
      assert.ok(stored.hash);
      const count = Math.ceil(size / segment);
      assert.deepEqual(
        sentSegments(client.requests),
        Array.from({ length: count }, (_, index) => index),
      );
      assert.equal(await client.storage.isAvailable(stored.root), true);
      const back = desk.path(`back-${size}`);
      assert.deepEqual(await client.storage.downloadFile(stored.root, back), { size });
      assert.equal(sha256(desk.read(back)), sha256(desk.read(file)));
    });

  it("tells of hashing, sending and confirming, up to the end", async () => {
    const client = desk.client();
    const file = desk.file(9 * segment, 2);
    const seen: Progress[] = [];
    const onProgress = (progress: Progress) => void seen.push(progress);
    await client.storage.uploadFile(await client.storage.planUpload(file, { onProgress }), { onProgress });
    for (const stage of ["hash", "upload", "confirm"] as const) {
      const steps = seen.filter((progress) => progress.stage === stage);
      assert.ok(steps.length > 0, stage);
      assert.ok(
        steps.every(({ done }, at) => at === 0 || done >= steps[at - 1]!.done),
        stage,
      );
      assert.equal(steps.at(-1)!.done, steps.at(-1)!.total, stage);
    }
    assert.equal(seen.findLast(({ stage }) => stage === "upload")!.total, 9 * segment);
  });

  it("does nothing for a file that is stored", async () => {
    const file = desk.file(3 * segment, 3);
    const first = await desk.client().upload(file);
    const entries = await desk.entries();
    const again = desk.client({ hasSigner: false });
    const plan = await again.storage.planUpload(file);
    assert.deepEqual([plan.state, plan.fee, plan.maxGasFee, plan.txSeq], ["stored", 0n, 0n, first.txSeq]);
    const stored = await again.storage.uploadFile(plan);
    assert.deepEqual(stored, { root: first.root, size: first.size, txSeq: first.txSeq });
    assert.equal(await desk.entries(), entries);
    assert.deepEqual(sentSegments(again.requests), []);
  });

  for (const after of [0, 1, 3])
    it(`goes on where it was stopped after ${after} requests, without paying again`, async () => {
      const file = desk.file(61 * segment, 10 + after);
      const first = desk.client();
      const stop = new AbortController();
      let uploads = 0;
      first.onRequest = ({ method }) => {
        if (method.startsWith("zgs_upload") && uploads++ === after) stop.abort();
      };
      let hash: string | undefined;
      const options = { signal: stop.signal, onSent: (sent: string) => void (hash = sent) };
      await failure(first.upload(file, options), "cancelled");
      assert.ok(hash);
      const entries = await desk.entries();

      const second = desk.client({ hasSigner: false });
      const plan = await second.storage.planUpload(file);
      assert.deepEqual([plan.state, plan.fee], ["resume", 0n]);
      const held = await heldSegments(desk, plan.txSeq!, 61);
      const stored = await second.storage.uploadFile(plan);
      assert.equal(stored.txSeq, plan.txSeq);
      assert.equal(await desk.entries(), entries);
      const missing = Array.from({ length: 61 }, (_, index) => index).filter(
        (index) => !held.includes(index),
      );
      assert.deepEqual(sentSegments(second.requests), missing);
      assert.equal(await second.storage.isAvailable(stored.root), true);
    });

  it("finds the entry of an earlier transaction before anything is paid", async () => {
    const file = desk.file(2 * segment, 20);
    const first = desk.client();
    const plan = await first.storage.planUpload(file);
    const stop = new AbortController();
    let hash: `0x${string}` | undefined;
    first.onRequest = ({ method }) => {
      if (method === "zgs_getFileInfoByTxSeq") stop.abort();
    };
    const onSent = (sent: string) => void (hash = sent as never);
    await failure(first.storage.uploadFile(plan, { signal: stop.signal, onSent }), "cancelled");
    const entries = await desk.entries();
    // The nodes do not know of it yet: only the chain does.
    desk.fault("late-entry", 1e12, 2);
    const second = desk.client();
    const stored = await second.storage.uploadFile(plan, { earlierHash: hash as never });
    assert.equal(stored.hash, hash);
    assert.equal(await desk.entries(), entries);
  });

  it("pays anew when the earlier transaction is nobody's, or was for another file", async () => {
    const client = desk.client();
    const other = await client.upload(desk.file(100, 21));
    const entries = await desk.entries();
    for (const [salt, earlierHash] of [
      [22, `0x${"ab".repeat(32)}`],
      [23, other.hash],
    ] as const) {
      const stored = await client.upload(desk.file(100, salt), { earlierHash: earlierHash as never });
      assert.notEqual(stored.hash, earlierHash);
      assert.notEqual(stored.txSeq, other.txSeq);
    }
    assert.equal(await desk.entries(), entries + 2);
  });

  it("does not pay more than was confirmed", async () => {
    const client = desk.client();
    const plan = await client.storage.planUpload(desk.file(1000, 24));
    const entries = await desk.entries();
    const dearer = { ...plan, fee: neuron(plan.fee - 1n) };
    assert.equal((await failure(client.storage.uploadFile(dearer), "rejectedByChain")).reason, "feeRose");
    const noGas = client.storage.uploadFile(plan, { maxFee: neuron(1n) });
    assert.equal((await failure(noGas, "rejectedByChain")).reason, "feeRose");
    assert.equal(await desk.entries(), entries);
  });

  it("notices a file that changed between the plan and the sending, whatever its date says", async () => {
    const client = desk.client();
    const file = desk.file(3 * segment, 25);
    const plan = await client.storage.planUpload(file);
    const bytes = desk.read(file);
    bytes[segment + 5]! ^= 1;
    writeFileSync(file, bytes);
    utimesSync(file, 1, 1);
    assert.match((await failure(client.storage.uploadFile(plan), "badFile")).detail, /changed/);
    assert.ok(!sentSegments(client.requests).includes(1));
    appendFileSync(file, "more");
    assert.match((await failure(client.storage.uploadFile(plan), "badFile")).detail, /changed/);
  });

  it("refuses an empty file, a folder, and what is not there", async () => {
    const { storage } = desk.client();
    writeFileSync(desk.path("empty"), "");
    for (const [path, detail] of [
      [desk.path("empty"), /empty/],
      [desk.folder, /folder|no file/],
      [desk.path("nowhere"), /does not exist/],
    ] as const)
      assert.match((await failure(storage.planUpload(path), "badFile")).detail, detail);
  });

  it("waits for nodes that see the submission late", async () => {
    const client = desk.client();
    desk.fault("late-entry", 1e12, 5);
    await client.upload(desk.file(segment + 9, 26));
    assert.ok(counts(client.requests).zgs_getFileInfoByTxSeq! > 3);
  });

  it("tries again when nodes are too busy, and when the answer to an upload is lost", async () => {
    const client = desk.client();
    desk.fault("busy", undefined, 3);
    await client.upload(desk.file(5 * segment, 27));
    desk.fault("drop-upload", undefined, 2);
    await client.upload(desk.file(5 * segment, 28));
  });

  it("tells which node refuses for good", async () => {
    const client = desk.client();
    desk.fault("full");
    const { what, detail, url } = await failure(client.upload(desk.file(5 * segment, 29)), "network");
    assert.equal(what, "storage");
    assert.match(detail, /No space left/);
    assert.ok(desk.net.storage.ready.nodes.includes(`http://${url}`), url);
  });

  it("gives up on a file that never becomes final, and on nodes that never see it", async () => {
    desk.fault("never-final");
    const hasty = () => desk.client({ clock: skippingClock() });
    assert.match((await failure(hasty().upload(desk.file(10, 30)), "network")).detail, /finalized/);
    desk.clear();
    desk.fault("late-entry", 1e12);
    assert.match((await failure(hasty().upload(desk.file(10, 31)), "network")).detail, /submission/);
  });

  it("does not send to a contract that is not the network's, nor to nodes that disagree, nor to another chain", async () => {
    const client = desk.client();
    desk.fault("wrong-flow", `0x${"12".repeat(20)}`);
    const pinned = await failure(client.storage.planUpload(desk.file(10, 32)), "verificationFailed");
    assert.match(pinned.detail ?? "", /not the network's/);
    desk.clear();
    desk.fault("wrong-flow", `0x${"12".repeat(20)}`, 1);
    const apart = await failure(client.storage.planUpload(desk.file(10, 32)), "verificationFailed");
    assert.match(apart.detail ?? "", /different contracts/);
    desk.clear();
    const plan = await client.storage.planUpload(desk.file(10, 32));
    const changed = { ...plan, flow: client.user.address };
    await failure(client.storage.uploadFile(changed), "verificationFailed");
    desk.fault("wrong-chain");
    await failure(client.storage.planUpload(desk.file(10, 32)), "network");
  });

  it("says which network has no storage, and that nobody answers", async () => {
    const none = desk.client({ network: { storageIndexer: undefined } });
    await failure(none.storage.planUpload(desk.file(10, 33)), "badSetting");
    desk.fault("node-down", "indexer");
    assert.equal(
      (await failure(desk.client().storage.planUpload(desk.file(10, 33)), "network")).what,
      "storage",
    );
    desk.clear();
    desk.fault("node-down", 1);
    const { detail } = await failure(desk.client().storage.planUpload(desk.file(10, 33)), "network");
    assert.match(detail, /do not keep everything/);
  });

  it("says when the wallet does not hold the fee", async () => {
    const poor = desk.client({ index: 40 });
    const { account, need } = await failure(
      poor.storage.planUpload(desk.file(segment, 34)),
      "insufficientFunds",
    );
    assert.equal(account, "wallet");
    assert.ok(need > 0n);
  });
});

/** Half a minute passes in each pause between two looks; what takes longer is a deadline, and those are real. */
function skippingClock(): Clock {
  let skipped = 0;
  return sleepingClock({
    now: () => Date.now() + skipped,
    sleep: async (ms, signal) => {
      if (ms > 1000) return realClock.sleep(ms, signal);
      skipped += 30_000;
      await realClock.sleep(1, signal);
    },
  });
}

async function heldSegments(desk: StorageDesk, txSeq: number, count: number): Promise<number[]> {
  const held: number[] = [];
  for (let index = 0; index < count; index++)
    for (const node of [0, 1]) {
      const { result } = await desk.net.node(node, "zgs_downloadSegmentByTxSeq", [
        txSeq,
        index * 1024,
        index * 1024 + 1,
      ]);
      if (typeof result === "string") held.push(index);
    }
  return held;
}
