import assert from "node:assert/strict";
import { createKeccak } from "../../../src/broker/wire/storage/hash.js";
import { Merkle } from "../../../src/broker/wire/storage/merkle.js";
import { segmentFault } from "../../../src/broker/wire/storage/proof.js";
import { parseSegment } from "../../../src/broker/wire/storage/rpc.js";
import type { FaultName, FaultValue } from "../../../src/sandbox/faults.js";
import { readPieces } from "../../support/sandboxUser.js";
import { type Json, post } from "./chainSupport.js";
import { bytesOf, call, prepare, type Prepared, someBytes, TestStorage } from "./storageSupport.js";

describe("the storage's faults", function () {
  this.timeout(60_000);
  let test: TestStorage;
  let merkle: Merkle;
  /** Four segments, final on both nodes; node 0 keeps the first and the third. */
  let file: Prepared;
  let first: Json;

  before(async () => {
    test = await TestStorage.start();
    merkle = new Merkle(await createKeccak());
    file = await prepare(someBytes(4 * 256 * 1024 - 10));
    const { start } = await test.submit(file);
    first = (start / 1024) % 2;
    for (const shard of [0, 1]) await test.node(shard, "zgs_uploadSegments", [file.segments]);
  });
  after(() => test.close());
  afterEach(() => test.test.faults.clear());

  const fault = (name: FaultName, value?: FaultValue, times?: number) =>
    test.test.faults.set("storage", name, value, times);
  const download = async (index = 0): Promise<Json> =>
    (await test.node((first + index) % 2, "zgs_downloadSegmentWithProof", [file.root, index])).result;
  /** What a careful reader finds wrong with the answer. */
  const faultOf = async (index = 0) => {
    const segment = parseSegment(await download(index));
    assert.ok(segment);
    return segmentFault(merkle, file, index, segment.data, segment.proof);
  };

  it("are off by default", async () => {
    for (const index of [0, 1, 2, 3]) assert.equal(await faultOf(index), undefined);
  });

  it("node-down drops every connection of the node it names, of all nodes, or of the indexer", async () => {
    const status = (shard: number) => test.node(shard, "zgs_getStatus");
    fault("node-down", 1);
    await status(0);
    await assert.rejects(status(1));
    await test.indexer("indexer_getShardedNodes");
    fault("node-down");
    for (const shard of [0, 1]) await assert.rejects(status(shard));
    await test.indexer("indexer_getShardedNodes");
    fault("node-down", "indexer");
    await assert.rejects(test.indexer("indexer_getShardedNodes"));
    await status(0);
  });

  it("bad-proof flips a bit of the data, or a sibling: for as many calls as it was told", async () => {
    fault("bad-proof", undefined, 1);
    assert.equal(await faultOf(), "leaf");
    assert.equal(await faultOf(), undefined);
    fault("bad-proof", "lemma");
    assert.equal(await faultOf(1), "fold");
  });

  it("forged-short-proof proves other bytes with an empty path, which the official rule would take", async () => {
    fault("forged-short-proof");
    const segment: Json = await download();
    assert.deepEqual(segment.proof.path, []);
    const leaf = merkle.segmentRoot(bytesOf(segment), 1024);
    assert.deepEqual(segment.proof.lemma, [`0x${Buffer.from(leaf).toString("hex")}`]);
    assert.notDeepEqual(bytesOf(segment), bytesOf(file.segments[0]));
    assert.equal(await faultOf(), "path");
  });

  it("wrong-index, wrong-root, short-segment and no-segment answer as they say", async () => {
    fault("wrong-index");
    assert.deepEqual(await download(), { ...file.segments[2], index: 0 });
    assert.deepEqual(await download(3), { ...file.segments[1], index: 3 }); // the node's last has one before it
    assert.equal(await faultOf(), "path");
    test.test.faults.clear();
    fault("wrong-root");
    assert.notEqual((await download()).root, file.root);
    test.test.faults.clear();
    fault("short-segment");
    assert.equal(await faultOf(), "length");
    const plain = await test.node(first, "zgs_downloadSegment", [file.root, 0, 10]);
    assert.deepEqual(bytesOf(plain.result), Buffer.from(file.bytes.subarray(0, 9 * 256)));
    test.test.faults.clear();
    fault("no-segment");
    assert.equal(await download(), null);
  });

  it("slow waits before it answers", async () => {
    const { clock } = test.test;
    const before = clock.now;
    fault("slow", 1234, 1);
    await test.node(0, "zgs_getStatus");
    assert.equal(clock.now, before + 1234);
    fault("slow", undefined, 1);
    await test.indexer("indexer_getShardedNodes");
    assert.equal(clock.now, before + 1234 + 5000);
  });

  it("full and busy refuse uploads alone, and keep nothing", async () => {
    const other = await prepare(someBytes(900, 1));
    const { txSeq } = await test.submit(other);
    for (const [name, message] of [
      ["full", "No space left on device (os error 28)"],
      ["busy", "too many data writing: 16"],
    ] as const) {
      fault(name, undefined, 1);
      const { error } = await test.node(0, "zgs_uploadSegmentsByTxSeq", [other.segments, txSeq]);
      assert.deepEqual(error, { code: -32000, message });
      fault(name);
      assert.equal(await faultOf(), undefined);
      test.test.faults.clear();
    }
    const infos = [0, 1].map((shard) => test.node(shard, "zgs_getFileInfoByTxSeq", [txSeq]));
    const finals = (await Promise.all(infos)).map(({ result }) => result.finalized);
    assert.ok(finals.includes(false));
  });

  it("cut-download breaks the answer off after so many bytes", async () => {
    fault("cut-download", 5000);
    const body = JSON.stringify({ id: 1, method: "zgs_downloadSegmentWithProof", params: [file.root, 0] });
    const response = await fetch(test.storage.ready.nodes[first]!, { method: "POST", body });
    let received = 0;
    await assert.rejects(readPieces(response, (part) => (received += part.length)));
    assert.equal(received, 5000);
    await test.node(0, "zgs_getStatus");
  });

  it("drop-upload stores the segment and never says so", async () => {
    const other = await prepare(someBytes(256 * 1024, 2));
    const { txSeq, start } = await test.submit(other);
    const shard = (start / 1024) % 2;
    fault("drop-upload", undefined, 1);
    await assert.rejects(test.node(shard, "zgs_uploadSegmentsByTxSeq", [other.segments, txSeq]));
    assert.equal((await test.node(shard, "zgs_checkFileFinalized", [txSeq])).result, true);
  });

  it("wrong-size, never-final, wrong-flow and wrong-chain lie about the file and the network", async () => {
    const info = async () => (await test.node(0, "zgs_getFileInfo", [file.root, true])).result;
    fault("wrong-size");
    assert.equal((await info()).tx.size, 2 ** 50);
    fault("wrong-size", 77);
    assert.equal((await info()).tx.size, 77);
    fault("never-final");
    assert.equal((await info()).finalized, false);
    assert.equal((await test.node(1, "zgs_checkFileFinalized", [file.root])).result, false);
    const identity = async () => (await test.node(0, "zgs_getStatus")).result.networkIdentity;
    fault("wrong-flow");
    assert.equal((await identity()).flowAddress, `0x${"f1".repeat(20)}`);
    fault("wrong-chain", 16602);
    assert.equal((await identity()).chainId, 16602);
  });

  it("late-entry hides a new submission for a while", async () => {
    fault("late-entry", 2000);
    const other = await prepare(someBytes(33, 3));
    const { txSeq } = await test.submit(other);
    const info = async () => (await test.node(0, "zgs_getFileInfoByTxSeq", [txSeq])).result;
    assert.equal(await info(), null);
    const { error } = await test.indexer("indexer_getFileLocations", [other.root]);
    assert.equal(error!.message, "file not found");
    test.test.clock.now += 2000;
    assert.equal((await info()).tx.seq, txSeq);
  });

  it("are called for by the names of the control API alone", async () => {
    assert.throws(() => test.test.faults.set("storage", "no-such-fault"), /unknown fault/);
    assert.throws(() => test.test.faults.set("shelf", "slow"), /unknown target/);
    test.test.faults.set("*", "no-segment");
    assert.equal(await download(), null, "everyone includes the storage");
  });

  it("leaves a node usable after callers who gave up while they waited", async () => {
    const url = test.storage.ready.nodes[0]!;
    const body = JSON.stringify({ id: 1, method: "zgs_uploadSegments", params: [[file.segments[0]]] });
    const abort = new AbortController();
    const calls = Array.from({ length: 40 }, () =>
      fetch(url, { method: "POST", body, signal: abort.signal }).catch(() => undefined),
    );
    await post(url, "{}");
    abort.abort();
    await Promise.all(calls);
    assert.ok((await call(url, "zgs_getStatus")).result);
  });
});
