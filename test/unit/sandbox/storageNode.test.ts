import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rawMember } from "../../../src/sandbox/storage/rawMember.js";
import { type Json, post } from "./chainSupport.js";
import { bytesOf, prepare, someBytes, TestStorage } from "./storageSupport.js";

const flow = "0x9a9f2ccfde556a7e9ff0848998aa4a0cfd8863ae";
const kib = 1024;
/** What a node refuses with: code, message, data. */
const refusal = ({ error }: { error?: { code: number; message: string; data?: string } }) =>
  error && [error.code, error.message, ...(error.data === undefined ? [] : [error.data])];

describe("a storage node", function () {
  this.timeout(60_000);
  let one: TestStorage;
  before(async () => (one = await TestStorage.start({ shards: 1 })));
  after(() => one.close());
  afterEach(() => one.test.faults.clear());
  let salt = 0;
  const aFile = (size: number) => prepare(someBytes(size, ++salt));

  it("says which chain and contract it follows, and how far it has come", async () => {
    await one.test.chain.mine();
    const { result } = await one.node(0, "zgs_getStatus");
    const { number, hash } = one.test.chain.head();
    assert.deepEqual(result, {
      connectedPeers: 1,
      logSyncHeight: number,
      logSyncBlock: hash,
      nextTxSeq: 0,
      networkIdentity: {
        chainId: 31337,
        flowAddress: flow,
        p2pProtocolVersion: { major: 0, minor: 4, build: 1 },
      },
    });
    assert.deepEqual((await one.node(0, "zgs_getShardConfig")).result, { shardId: 0, numShard: 1 });
  });

  it("gives every id back letter by letter, above 2^53 too", async () => {
    const { url } = { url: one.storage.ready.nodes[0]! };
    for (const id of ["18014398509481985", '"a\\u0062\\""', "-1", "1e3", "null", "18446744073709551617"]) {
      const body = `{ "method":"zgs_getShardConfig", "params": [ {"id":7}, "id\\"" ] ,"id" : ${id} }`;
      const { text } = await post(url, body);
      assert.ok(text.includes(`"id":${id},`), text);
    }
    assert.equal(rawMember('{"a":{"id":1},"b":["id",2]}', "id"), undefined);
    assert.equal(rawMember('{"id":1,"\\u0069d":2}', "id"), "2");
    assert.equal(rawMember("[1]", "id"), undefined);
  });

  it("answers what is no call with an error of its kind", async () => {
    const url = one.storage.ready.nodes[0]!;
    const code = async (body: string) => JSON.parse((await post(url, body)).text).error.code;
    assert.equal(await code("{"), -32600);
    assert.equal(await code("[]"), -32600);
    assert.equal(await code('{"id":1,"method":"zgs_nothing"}'), -32601);
    assert.equal(await code('{"id":1,"method":"toString"}'), -32601);
    assert.equal((await post(url, "{}", { origin: "http://evil.example" })).status, 403);
    assert.equal((await post(url, " ".repeat(10 * kib * kib + 1))).status, 413);
  });

  it("knows nothing of a file before its submission, and everything of it after", async () => {
    const file = await aFile(300_000);
    assert.equal((await one.node(0, "zgs_getFileInfo", [file.root, false])).result, null);
    assert.equal((await one.node(0, "zgs_checkFileFinalized", [file.root])).result, null);
    const { txSeq, start } = await one.submit(file);
    const expected = {
      tx: {
        streamIds: [],
        data: [],
        dataMerkleRoot: file.root,
        merkleNodes: file.nodes.map(({ root, height }) => [height + 1, root]),
        startEntryIndex: start,
        size: 300_000,
        seq: txSeq,
      },
      finalized: false,
      isCached: false,
      uploadedSegNum: 0,
      pruned: false,
    };
    assert.deepEqual(
      file.nodes.map(({ height }) => height),
      [10, 8],
    );
    for (const [method, params] of [
      ["zgs_getFileInfo", [file.root.toUpperCase().replace("0X", "0x"), true]],
      ["zgs_getFileInfoByTxSeq", [txSeq]],
    ] as const)
      assert.deepEqual((await one.node(0, method, [...params])).result, expected);
    assert.equal((await one.node(0, "zgs_checkFileFinalized", [txSeq])).result, false);
    assert.equal((await one.node(0, "zgs_downloadSegmentWithProof", [file.root, 0])).result, null);
    assert.equal((await one.node(0, "zgs_getFileInfoByTxSeq", [txSeq + 1])).result, null);
  });

  it("takes segments in any order, tells the progress, and is final with the last", async () => {
    const file = await aFile(3 * 256 * kib + 5);
    const { txSeq } = await one.submit(file);
    const info = async () => (await one.node(0, "zgs_getFileInfoByTxSeq", [txSeq])).result;
    const put = (...indexes: number[]) =>
      one.node(0, "zgs_uploadSegmentsByTxSeq", [indexes.map((index) => file.segments[index]), txSeq]);
    assert.deepEqual(await put(3, 0), { jsonrpc: "2.0", id: 1, result: null });
    assert.equal((await info()).uploadedSegNum, 1);
    assert.deepEqual(await put(0, 1), { jsonrpc: "2.0", id: 1, result: null }, "the duplicate is skipped");
    assert.equal((await info()).uploadedSegNum, 2);
    const single = await one.node(0, "zgs_uploadSegmentByTxSeq", [file.segments[1], txSeq]);
    assert.deepEqual(refusal(single), [-32000, "segment has already been uploaded or is being uploaded"]);
    await put(2);
    const { finalized, uploadedSegNum } = await info();
    assert.deepEqual([finalized, uploadedSegNum], [true, 4]);
    assert.equal((await one.node(0, "zgs_checkFileFinalized", [file.root])).result, true);
    assert.deepEqual(refusal(await put(2)), [
      -32602,
      "Invalid params: root",
      "already uploaded and finalized",
    ]);
  });

  it("gives back the very segments, with and without proof, and any range of chunks", async () => {
    const file = await aFile(2 * 256 * kib + 700);
    const { txSeq } = await one.submit(file);
    await one.node(0, "zgs_uploadSegments", [file.segments]);
    for (const [index, segment] of file.segments.entries())
      for (const [method, which] of [
        ["zgs_downloadSegmentWithProof", file.root],
        ["zgs_downloadSegmentWithProofByTxSeq", txSeq],
      ] as const)
        assert.deepEqual((await one.node(0, method, [which, index])).result, segment);
    const chunks = async (start: number, end: number) =>
      one.node(0, "zgs_downloadSegment", [file.root, start, end]);
    const padded = Buffer.concat([file.bytes, Buffer.alloc(68)]);
    for (const [start, end] of [
      [0, 1],
      [0, 1024],
      [1000, 1030],
      [2048, 2051],
      [2050, 2051],
    ] as const)
      assert.deepEqual(
        bytesOf((await chunks(start, end)).result),
        padded.subarray(start * 256, end * 256),
        `${start} to ${end}`,
      );
    for (const [start, end] of [
      [5, 5],
      [0, 1025],
      [2050, 2052],
      [-1, 2],
      [0.5, 1],
    ] as const)
      assert.equal((await chunks(start, end)).error!.code, -32602);
    const beyond = await one.node(0, "zgs_downloadSegmentWithProof", [file.root, 3]);
    assert.deepEqual(refusal(beyond), [-32602, "Invalid params: index", "index out of bound"]);
  });

  it("refuses whatever does not belong to the file", async () => {
    const file = await aFile(256 * kib + 300);
    const other = await aFile(256 * kib + 300);
    const { txSeq } = await one.submit(file);
    const first = file.segments[0];
    const second = file.segments[1];
    const cut = (segment: Json, bytes: number) => ({
      ...segment,
      data: bytesOf(segment).subarray(0, bytes).toString("base64"),
    });
    const flipped = bytesOf(first);
    flipped[100]! ^= 1;
    const sibling = { ...first.proof, lemma: [...first.proof.lemma] };
    sibling.lemma[1] = other.segments[1].proof.lemma[0];
    const cases: [string, Json, string][] = [
      ["no data", { ...first, data: "" }, "Invalid params: data"],
      ["half a chunk", cut(first, 100), "Invalid params: data"],
      ["a short segment", cut(first, 1023 * 256), "Invalid params: data"],
      [
        "more than the file has",
        { ...second, data: Buffer.alloc(768).toString("base64") },
        "Invalid params: data",
      ],
      ["another file's root", other.segments[0], "Invalid params: root"],
      ["another size", { ...first, fileSize: first.fileSize + 1 }, "Invalid params: file_size"],
      ["an index beyond", { ...second, index: 2 }, "Invalid params: index"],
      ["the wrong place", { ...second, index: 0 }, "Invalid params: data"],
      ["one bit", { ...first, data: flipped.toString("base64") }, "Invalid params: proof"],
      ["a wrong sibling", { ...first, proof: sibling }, "Invalid params: proof"],
      ["no path", { ...first, proof: { lemma: [first.proof.lemma[0]], path: [] } }, "Invalid params: proof"],
      ["the mirrored path", { ...first, proof: { ...first.proof, path: [false] } }, "Invalid params: proof"],
      ["no base64", { ...first, data: "*".repeat(400) }, "Invalid params: segment"],
      ["no proof", { ...first, proof: undefined }, "Invalid params: segment"],
    ];
    for (const [what, segment, message] of cases) {
      const { error } = await one.node(0, "zgs_uploadSegmentByTxSeq", [segment, txSeq]);
      assert.deepEqual([error?.code, error?.message], [-32602, message], what);
    }
    assert.equal((await one.node(0, "zgs_getFileInfo", [file.root, true])).result.uploadedSegNum, 0);
    assert.deepEqual((await one.node(0, "zgs_uploadSegmentByTxSeq", [first, txSeq])).result, null);
  });

  it("keeps small files that are ahead of their submission for five minutes, and no large ones", async () => {
    const file = await aFile(256 * kib + 1);
    assert.equal((await one.node(0, "zgs_uploadSegments", [file.segments])).result, null);
    assert.equal((await one.node(0, "zgs_getFileInfo", [file.root, false])).result, null);
    const { txSeq } = await one.submit(file);
    assert.equal((await one.node(0, "zgs_checkFileFinalized", [txSeq])).result, true);

    const late = await aFile(1000);
    await one.node(0, "zgs_uploadSegment", [late.segments[0]]);
    one.test.clock.now += 300_000;
    await one.submit(late);
    assert.equal((await one.node(0, "zgs_checkFileFinalized", [late.root])).result, false);

    const large = { ...file.segments[0], root: `0x${"1".repeat(64)}`, fileSize: 10 * kib * kib + 1 };
    assert.deepEqual(refusal(await one.node(0, "zgs_uploadSegments", [[large]])), [
      -32602,
      "Invalid params: file_size",
      "caching of large file when tx is unavailable is not supported",
    ]);
    const wrong = {
      ...late.segments[0],
      data: Buffer.alloc(1024).toString("base64"),
      root: `0x${"2".repeat(64)}`,
    };
    assert.equal((await one.node(0, "zgs_uploadSegment", [wrong])).error?.message, "Invalid params: proof");
  });

  it("prefers the final one of several submissions with one root, and tells sizes apart", async () => {
    const short = await prepare(new Uint8Array([7]));
    const long = await prepare(Buffer.concat([new Uint8Array([7]), Buffer.alloc(255)]));
    assert.equal(short.root, long.root);
    await one.submit(short);
    const { txSeq } = await one.submit(long);
    await one.node(0, "zgs_uploadSegmentByTxSeq", [long.segments[0], txSeq]);
    const { tx, finalized } = (await one.node(0, "zgs_getFileInfo", [short.root, true])).result;
    assert.deepEqual([tx.seq, tx.size, finalized], [txSeq, 256, true]);
    await one.node(0, "zgs_uploadSegments", [short.segments]);
    assert.equal((await one.node(0, "zgs_checkFileFinalized", [txSeq - 1])).result, true);
  });

  it("forgets what a chain that was taken back no longer has", async () => {
    const { chain } = one.test;
    const snapshot = await chain.request("evm_snapshot");
    const file = await aFile(600);
    const { txSeq } = await one.submit(file);
    assert.equal((await one.node(0, "zgs_getFileInfo", [file.root, true])).result.tx.seq, txSeq);
    await chain.request("evm_revert", [snapshot]);
    assert.equal((await one.node(0, "zgs_getFileInfo", [file.root, true])).result, null);
    const next = await aFile(700);
    assert.deepEqual((await one.submit(next)).txSeq, txSeq);
    assert.equal((await one.node(0, "zgs_getFileInfoByTxSeq", [txSeq])).result.tx.dataMerkleRoot, next.root);
  });

  it("counts its calls by method, and no invented ones", async () => {
    await one.node(0, "zgs_somethingElse");
    const [counters] = one.storage.counters().nodes;
    assert.ok(counters!.zgs_getFileInfo! > 3);
    assert.equal(counters!.zgs_somethingElse, undefined);
  });
});

describe("two storage nodes", function () {
  this.timeout(60_000);
  let folder: string;
  let two: TestStorage;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "storage-nodes-"));
    two = await TestStorage.start({ folder });
  });
  afterEach(async () => {
    await two.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("share a file by its place in the log, and each is final with its own part", async () => {
    const [small, file] = [await prepare(someBytes(10)), await prepare(someBytes(5 * 256 * kib - 3))];
    await two.submit(small);
    const { txSeq, start } = await two.submit(file);
    const first = Math.floor(start / 1024);
    const owner = (index: number) => (first + index) % 2;
    for (const [index, segment] of file.segments.entries()) {
      const foreign = await two.node(1 - owner(index), "zgs_uploadSegmentsByTxSeq", [[segment], txSeq]);
      // The node that keeps segment 3 has all it needs by then.
      const complaint = index === 4 ? "root" : "index";
      assert.equal(foreign.error?.message, `Invalid params: ${complaint}`);
      const own = await two.node(owner(index), "zgs_uploadSegmentsByTxSeq", [[segment], txSeq]);
      assert.equal(own.result, null);
      const isLast = index >= 3;
      const final = await two.node(owner(index), "zgs_checkFileFinalized", [txSeq]);
      assert.equal(final.result, isLast, `segment ${index}`);
    }
    for (const [index, segment] of file.segments.entries()) {
      const get = (shard: number) => two.node(shard, "zgs_downloadSegmentWithProof", [file.root, index]);
      assert.deepEqual((await get(owner(index))).result, segment);
      assert.equal((await get(1 - owner(index))).result, null);
    }
    const across = await two.node(0, "zgs_downloadSegment", [file.root, 1000, 1030]);
    assert.equal(across.result, null, "no node has chunks of both");
  });

  it("take a broadcast of all segments and keep their own", async () => {
    const file = await prepare(someBytes(3 * 256 * kib));
    await two.node(0, "zgs_uploadSegments", [file.segments]);
    await two.submit(file);
    await two.node(1, "zgs_uploadSegments", [file.segments]);
    for (const shard of [0, 1])
      assert.equal((await two.node(shard, "zgs_checkFileFinalized", [file.root])).result, true);
  });

  it("are listed by the indexer, selected when they cover everything, and found by the files they know", async () => {
    const [a, b] = two.storage.ready.nodes as [string, string];
    const { trusted, discovered } = (await two.indexer("indexer_getShardedNodes")).result;
    assert.deepEqual(discovered, []);
    assert.deepEqual(
      trusted.map(({ url, config }: Json) => [url, config]),
      [
        [a, { shardId: 0, numShard: 2 }],
        [b, { shardId: 1, numShard: 2 }],
      ],
    );
    assert.ok(trusted.every(({ latency, since }: Json) => latency > 0 && since > 1e9));
    const select = (...params: unknown[]) => two.indexer("indexer_getSelectedNodes", params);
    assert.deepEqual((await select(1, "min", true, [])).result.trusted, trusted);
    assert.equal((await select(1, "2", true, null)).result.trusted.length, 2);
    for (const params of [
      [2, "min", true, []],
      [1, "min", true, [a]],
      [1, "4", true, []],
    ])
      assert.equal((await select(...params)).error!.code, -32000);
    const file = await prepare(someBytes(300));
    const find = () => two.indexer("indexer_getFileLocations", [file.root]);
    assert.deepEqual(refusal(await find()), [-32000, "file not found"]);
    await two.submit(file);
    assert.deepEqual(
      (await find()).result.map(({ url }: Json) => url),
      [a, b],
    );
    assert.deepEqual((await two.indexer("indexer_getNodeLocations")).result, {});
  });

  it("have everything again after a restart, with another number of shards too", async () => {
    const file = await prepare(someBytes(4 * 256 * kib));
    const { txSeq } = await two.submit(file);
    for (const shard of [0, 1]) await two.node(shard, "zgs_uploadSegments", [file.segments.slice(0, 3)]);
    await two.restart({ shards: 1 });
    assert.equal(two.storage.ready.nodes.length, 1);
    assert.equal((await two.node(0, "zgs_getFileInfo", [file.root, true])).result.uploadedSegNum, 3);
    await two.node(0, "zgs_uploadSegmentsByTxSeq", [file.segments, txSeq]);
    await two.restart();
    for (const shard of [0, 1])
      assert.equal((await two.node(shard, "zgs_checkFileFinalized", [txSeq])).result, true);
    assert.deepEqual(Buffer.from((await two.storage.read(file.root, 1e9))!), Buffer.from(file.bytes));
  });

  it("count a half-written segment as missing, and clear away what a crash left", async () => {
    const file = await prepare(someBytes(2 * 256 * kib));
    const { txSeq } = await two.submit(file);
    for (const shard of [0, 1]) await two.node(shard, "zgs_uploadSegments", [file.segments]);
    const [name] = readdirSync(folder);
    const kept = join(folder, name!);
    assert.deepEqual(readdirSync(kept).sort(), ["0", "1"]);
    truncateSync(join(kept, "1"), 1000);
    writeFileSync(join(kept, "0.1.tmp"), "half");
    await two.restart({ shards: 1 });
    const info = async () => (await two.node(0, "zgs_getFileInfoByTxSeq", [txSeq])).result;
    assert.deepEqual([(await info()).finalized, (await info()).uploadedSegNum], [false, 1]);
    assert.deepEqual(readdirSync(kept), ["0"]);
    await two.node(0, "zgs_uploadSegmentsByTxSeq", [file.segments, txSeq]);
    assert.equal((await info()).finalized, true);
  });
});
