// What strangers send to a client of storage: addresses, lists, errors.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { NodeRefusal } from "../../../src/broker/storage/nodeRpc.js";
import { isNodeUrlAllowed } from "../../../src/broker/storage/nodeUrl.js";
import { isValidSubmission, nodeHeights } from "../../../src/broker/wire/storage/layout.js";
import { legalPath } from "../../../src/broker/wire/storage/proof.js";
import { parseRpcFailure } from "../../../src/broker/wire/storage/refusal.js";
import {
  fileInfoJson,
  parseFileInfo,
  parseNodes,
  parseSegment,
  parseSegmentData,
  parseShardConfig,
  parseShardedNodes,
  parseStatus,
  segmentJson,
  segmentsCallBytes,
} from "../../../src/broker/wire/storage/rpc.js";
import { ownedSegments, ownsSegment } from "../../../src/broker/wire/storage/shards.js";
import type { Hash } from "../../../src/domain/ids.js";
import { networks } from "../../../src/domain/networks.js";

const hash = `0x${"0f".repeat(32)}` as Hash;

describe("storage nodes' addresses", () => {
  for (const url of [
    "http://34.83.53.209:5678",
    "https://storage.example.com/node",
    "http://[2606:4700::1111]:5678",
  ])
    it(`lets ${url} be asked on a live network`, () =>
      assert.equal(isNodeUrlAllowed(url, networks.mainnet), true));

  for (const url of [
    "http://127.0.0.1:5678",
    "http://localhost:80",
    "http://x.localhost/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://10.1.2.3",
    "http://172.31.0.1",
    "http://192.168.1.1/admin",
    "http://169.254.169.254/latest/meta-data",
    "http://100.100.0.1",
    "http://0.0.0.0:1",
    "http://[::1]:1",
    "http://[::ffff:10.0.0.1]/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://router",
    "http://printer.local",
    "http://db.internal",
    "ftp://34.83.53.209",
    "file:///etc/passwd",
    "http://user:secret@34.83.53.209",
    "nonsense",
  ])
    it(`does not ask ${url} there`, () => assert.equal(isNodeUrlAllowed(url, networks.mainnet), false));

  it("asks this machine on networks that run here, over http alone", () => {
    assert.equal(isNodeUrlAllowed("http://127.0.0.1:5678", networks.sandbox), true);
    assert.equal(isNodeUrlAllowed("http://127.0.0.1:5678", { ...networks.testnet, id: "custom" }), true);
    assert.equal(isNodeUrlAllowed("file:///etc/passwd", networks.sandbox), false);
  });
});

describe("storage's JSON", () => {
  const info = {
    ...{ root: hash, size: 300_000, txSeq: 7, startEntryIndex: 1024, isFinalized: true, isCached: false },
    nodes: [{ root: hash, height: 10 }],
    ...{ isPruned: false, uploadedSegments: 2 },
  };

  it("reads what it writes, and old answers without pruned", () => {
    assert.deepEqual(parseFileInfo(JSON.parse(JSON.stringify(fileInfoJson(info)))), info);
    const { pruned, ...old } = fileInfoJson(info) as Record<string, unknown>;
    assert.equal(pruned, false);
    assert.deepEqual(parseFileInfo(old), info);
    const segment = {
      root: hash,
      data: Buffer.from("abc"),
      index: 1,
      fileSize: 9,
      proof: { lemma: [hash], path: [] },
    };
    assert.deepEqual(parseSegment(JSON.parse(JSON.stringify(segmentJson(segment)))), segment);
  });

  it("writes a call with segments byte for byte as JSON.stringify does, in pieces", () => {
    const segment = (length: number, index: number) => ({
      ...{ root: hash, data: randomBytes(length), index, fileSize: 900_000 },
      proof: { lemma: [hash, hash], path: [true, false] },
    });
    const [id, method] = [7, "zgs_uploadSegmentsByTxSeq"];
    // Around the length of a piece, and with each padding.
    for (const lengths of [[256], [49_151, 49_152, 49_153, 256], [262_144, 262_144], []]) {
      const segments = lengths.map(segment);
      const text = JSON.stringify({ jsonrpc: "2.0", id, method, params: [segments.map(segmentJson), 12] });
      const bytes = segmentsCallBytes({ id, method }, segments, [12]);
      assert.ok(Buffer.from(text).equals(bytes), String(lengths));
    }
  });

  const tx = (change: object) => {
    const json = fileInfoJson(info) as { tx: object };
    return { ...json, tx: { ...json.tx, ...change } };
  };
  for (const [what, value] of [
    ["null", null],
    ["a text", "x"],
    ["an info without an entry", {}],
    ["a short root", tx({ dataMerkleRoot: "0x12" })],
    ["no size", tx({ size: 0 })],
    ["a size that is no whole number", tx({ size: 1.5 })],
    ["a size past 2^53", tx({ size: 2 ** 60 })],
    ["a size as text", tx({ size: "300000" })],
    ["a negative position", tx({ startEntryIndex: -1 })],
    ["a node without a height", tx({ merkleNodes: [[null, hash]] })],
    ["a height of nothing", tx({ merkleNodes: [[0, hash]] })],
    ["too many nodes", tx({ merkleNodes: Array.from({ length: 65 }, () => [1, hash]) })],
    ["finalized as text", { ...fileInfoJson(info), finalized: "true" }],
  ] as const)
    it(`does not take ${what} for a file's info`, () => assert.equal(parseFileInfo(value), undefined));

  it("takes base64 of a segment at most, and nothing else", () => {
    assert.equal(parseSegmentData(Buffer.alloc(262_144).toString("base64"))?.length, 262_144);
    for (const text of [
      Buffer.alloc(262_147).toString("base64"),
      "abc",
      "a*bc",
      "ab\ncd===",
      12,
      null,
      { length: 4 },
    ])
      assert.equal(parseSegmentData(text), undefined, JSON.stringify(text).slice(0, 20));
  });

  it("does not read proofs without an end, shards that cannot be, and lists that are none", () => {
    const long = { lemma: Array(1000).fill(hash), path: Array(998).fill(true) };
    const segment = { root: hash, data: "", index: 0, fileSize: 1, proof: long };
    assert.equal(parseSegment(segment), undefined);
    for (const config of [
      { shardId: 2, numShard: 2 },
      { shardId: 0, numShard: 3 },
      { shardId: 0, numShard: 0 },
      { shardId: -1, numShard: 2 },
      { shardId: 0 },
      [0, 1],
    ])
      assert.equal(parseShardConfig(config), undefined, JSON.stringify(config));
    assert.deepEqual(parseShardedNodes({ trusted: null, discovered: null }), { trusted: [], discovered: [] });
    assert.deepEqual(parseShardedNodes(null), { trusted: [], discovered: [] });
    const node = { url: "http://a", config: { shardId: 0, numShard: 1 } };
    assert.deepEqual(parseNodes([node, null, { ...node, url: 1 }, { ...node, url: "x".repeat(3000) }]), [
      { url: "http://a", shard: node.config },
    ]);
    assert.equal(parseNodes(Array(5000).fill(node)).length, 1000);
    assert.equal(parseStatus({ networkIdentity: { chainId: 1, flowAddress: "0x12" } }), undefined);
  });

  for (const [error, kind] of [
    [{ code: -32602, message: "Invalid params: root", data: "already uploaded and finalized" }, "present"],
    [{ code: -32000, message: "segment has already been uploaded or is being uploaded" }, "present"],
    [{ code: -32000, message: "too many data writing: 16" }, "busy"],
    [{ code: -32603, message: "Internal error", data: "too many data writing: 16" }, "busy"],
    [
      { code: -32602, message: "x", data: "caching of large file when tx is unavailable is not supported" },
      "waiting",
    ],
    [{ code: -32000, message: "Transaction reverted during upload, please try again" }, "reverted"],
    [{ code: -32000, message: "file not found" }, "unknownFile"],
    [{ code: -32602, message: "Invalid params: data", data: "invalid data length" }, "fatal"],
    [{ code: -32000, message: "already pruned" }, "fatal"],
    [{ code: "x", message: 5, data: {} }, "fatal"],
  ] as const)
    it(`takes ${JSON.stringify(error).slice(0, 70)} for ${kind}`, () =>
      assert.equal(new NodeRefusal(parseRpcFailure(error)!).kind, kind));

  it("keeps a node's own words short", () => {
    const { message } = new NodeRefusal(
      parseRpcFailure({ code: 1, message: "x".repeat(9999), data: "y".repeat(9999) })!,
    );
    assert.ok(message.length < 700);
  });
});

describe("storage's numbers", () => {
  it("demand of a submission what the contract does", () => {
    for (const size of [1, 256, 257, 4097, 262_145, 17 * 262_144, 2 ** 40 + 1])
      assert.ok(isValidSubmission(size, nodeHeights(size)), String(size));
    assert.equal(isValidSubmission(0, [0]), false);
    assert.equal(isValidSubmission(257, [0]), false);
    assert.equal(isValidSubmission(1, [4, 0]), false);
    assert.equal(isValidSubmission(256 * 16, [3, 3]), false);
    assert.equal(isValidSubmission(256, [1]), false);
    assert.equal(isValidSubmission(1, []), false);
  });

  it("share each segment out to exactly one shard, wherever the file starts", () => {
    for (const start of [1, 1024, 5 * 1024, 123_392]) {
      const shards = [0, 1, 2, 3].map((shardId) => ({ shardId, numShard: 4 }));
      const owned = shards.map((shard) => ownedSegments(shard, start, 11));
      assert.deepEqual(
        owned.flat().sort((a, b) => a - b),
        Array.from({ length: 11 }, (_, index) => index),
      );
      owned.forEach((indices, at) =>
        assert.ok(indices.every((index) => ownsSegment(shards[at]!, start, index))),
      );
    }
  });

  it("give each leaf of a tree a path of its own", () => {
    for (const count of [1, 2, 3, 5, 18, 4609]) {
      const paths = new Set(Array.from({ length: count }, (_, index) => legalPath(index, count).join()));
      assert.equal(paths.size, count);
    }
  });
});
