// The official TypeScript storage SDK, as published, over our nodes; and what a kill in the middle of an upload leaves.
import { Indexer, ZgFile } from "@0gfoundation/0g-ts-sdk";
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JsonRpcProvider, Wallet } from "ethers";
import { parseSubmitLog, submitCalldata } from "../../src/broker/wire/storage/flow.js";
import { submissionFee } from "../../src/broker/wire/storage/submission.js";
import type { Address } from "../../src/domain/ids.js";
import { letGoOfLongTimers } from "../support/longTimers.js";
import { startSandbox, type TestSandboxProcess } from "../support/sandbox.js";
import { connect } from "../unit/sandbox/chainSupport.js";
import {
  bytesOf,
  call,
  prepare,
  type Prepared,
  pricePerSector,
  someBytes,
} from "../unit/sandbox/storageSupport.js";

const segment = 262_144;
const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../node_modules/@0gfoundation/0g-ts-sdk/package.json"), "utf8"),
);

/** The SDK tells its progress on the console. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { log, error, warn } = console;
  const said: unknown[] = [];
  console.log = console.error = console.warn = (...args: unknown[]) => void said.push(args.join(" "));
  try {
    return await work();
  } catch (failure) {
    throw new Error(`${String(failure)}\n${said.slice(-10).join("\n")}`, { cause: failure });
  } finally {
    Object.assign(console, { log, error, warn });
  }
}

describe(`the official storage SDK ${version} against the sandbox`, function () {
  this.timeout(120_000);
  let folder: string;
  let sandbox: TestSandboxProcess;
  let rpc: JsonRpcProvider;
  let wallet: Wallet;
  let takeTimersBack: () => void;

  const open = async (...args: string[]) => {
    sandbox = await startSandbox({ args: ["--settle", "0", ...args] });
    rpc = connect(sandbox.ready.rpcUrl);
    wallet = new Wallet(Wallet.createRandom().privateKey, rpc);
    await sandbox.control.fund(wallet.address, "10");
  };
  const shut = async () => {
    rpc.destroy();
    await sandbox.stop();
  };
  before(() => {
    assert.equal(version, "1.2.8");
    takeTimersBack = letGoOfLongTimers();
    folder = mkdtempSync(join(tmpdir(), "official-storage-"));
  });
  after(() => {
    takeTimersBack();
    rmSync(folder, { recursive: true, force: true });
  });

  const upload = (path: string, options: object = {}) =>
    quietly(async () => {
      const indexer = new Indexer(sandbox.ready.storage.indexer);
      const file = await ZgFile.fromFilePath(path);
      try {
        const [result, error] = await indexer.upload(file, sandbox.ready.rpcUrl, wallet, options);
        assert.equal(error, null);
        return result as { rootHash: string; txHash: string; txSeq: number; rootHashes?: string[] };
      } finally {
        await file.close();
      }
    });
  const download = (root: string, path: string) =>
    quietly(async () => {
      const error = await new Indexer(sandbox.ready.storage.indexer).download(root, path, true);
      assert.equal(error, null);
      return readFileSync(path);
    });
  const roundTrip = async (size: number) => {
    const bytes = someBytes(size, size);
    const path = join(folder, `${size}.bin`);
    writeFileSync(path, bytes);
    const { rootHash } = await upload(path);
    assert.equal(rootHash, (await prepare(bytes)).root);
    const copy = await download(rootHash, `${path}.copy`);
    rmSync(`${path}.copy`);
    assert.ok(copy.equals(bytes), "the same bytes");
    return { rootHash, path };
  };

  describe("on one shard", () => {
    before(() => open("--storage-shards", "1"));
    after(shut);

    for (const size of [1, 256, 257, segment, segment + 1, 1_114_113])
      it(`uploads and downloads ${size} bytes`, async () => void (await roundTrip(size)));

    it("finds what is stored already, and pays for nothing", async () => {
      const { path, rootHash } = await roundTrip(4242);
      const before = await rpc.getBalance(wallet.address);
      const again = await upload(path);
      assert.deepEqual([again.rootHash, again.txHash], [rootHash, ""]);
      assert.equal(await rpc.getBalance(wallet.address), before);
    });

    it("sends many segments in one request, up to what a body may hold", async () => {
      const bytes = someBytes(30 * segment, 9);
      const path = join(folder, "many.bin");
      writeFileSync(path, bytes);
      const { rootHash } = await upload(path, { taskSize: 29 });
      const copy = await download(rootHash, `${path}.copy`);
      assert.ok(copy.equals(bytes));
      const [counters] = (await sandbox.control.state()).counters.storage.nodes;
      assert.ok(counters!.zgs_uploadSegmentsByTxSeq! > 0);
    });

    it("uploads a file in fragments, each with a submission and a root of its own", async () => {
      const bytes = someBytes(2 * segment + 1000, 4);
      const path = join(folder, "fragments.bin");
      writeFileSync(path, bytes);
      const { rootHashes } = await upload(path, { fragmentSize: segment });
      assert.equal(rootHashes?.length, 3);
      for (const [at, root] of rootHashes.entries()) {
        const part = bytes.subarray(at * segment, (at + 1) * segment);
        assert.equal(root, (await prepare(part)).root);
        assert.ok((await download(root, `${path}.${at}`)).equals(part));
      }
    });

    it("is given wrong bytes by a node that lies, and believes them: why ours checks", async () => {
      const { rootHash, path } = await roundTrip(1000);
      await sandbox.control.fault("storage", "bad-proof");
      const wrong = await download(rootHash, `${path}.wrong`);
      await sandbox.control.clear();
      assert.equal(wrong.length, 1000);
      assert.ok(!wrong.equals(readFileSync(path)));
    });
  });

  describe("on two shards", () => {
    before(() => open());
    after(shut);

    for (const segments of [2, 4, 6])
      it(`uploads and downloads ${segments} segments`, async () =>
        void (await roundTrip(segments * segment - 11)));

    it("each node has half of them", async () => {
      const { nodes, indexer } = (await sandbox.control.state()).counters.storage;
      const sent = nodes.map((counters) => counters.zgs_uploadSegmentsByTxSeq);
      assert.deepEqual(sent, [6, 6]);
      assert.ok(indexer.indexer_getFileLocations! >= 3);
    });
  });

  describe("after a kill in the middle of an upload", () => {
    let state: string;
    beforeEach(() => mkdirSync((state = join(folder, "state")), { recursive: true }));
    afterEach(shut);

    const submit = async ({ size, nodes }: Prepared) => {
      const data = submitCalldata({ size, nodes, submitter: wallet.address as Address });
      const value = submissionFee(pricePerSector, nodes);
      const sent = await wallet.sendTransaction({ to: sandbox.ready.storage.flow, data, value });
      return parseSubmitLog((await sent.wait())!.logs.find((log) => parseSubmitLog(log))!)!.txSeq;
    };

    it("has every segment that was answered, no other bytes, and takes the rest from the SDK", async () => {
      await open("--state", state, "--storage-shards", "1");
      const file = await prepare(someBytes(24 * segment - 100, 3));
      const txSeq = await submit(file);
      const [url] = sandbox.ready.storage.nodes as [string];
      const answered = new Set<number>();
      let enough = () => {};
      const reached = new Promise<void>((resolve) => (enough = resolve));
      const sending = file.segments.map(async (one, index) => {
        await call(url, "zgs_uploadSegmentsByTxSeq", [[one], txSeq]);
        answered.add(index);
        if (answered.size === 7) enough();
      });
      const outcome = Promise.allSettled(sending);
      await reached;
      sandbox.child.kill("SIGKILL");
      await outcome;
      const kept = [...answered];
      assert.ok(kept.length >= 7 && kept.length < 24, `${kept.length} answered`);

      const { privateKey } = wallet;
      await shut();
      await open("--state", state, "--storage-shards", "1");
      assert.equal(sandbox.ready.storage.nodes[0], url, "on the port it had");
      wallet = new Wallet(privateKey, rpc);
      const info = (await call(url, "zgs_getFileInfo", [file.root, true])).result;
      assert.deepEqual([info.tx.seq, info.finalized], [txSeq, false]);
      let found = 0;
      for (const [index, sent] of file.segments.entries()) {
        const { result } = await call(url, "zgs_downloadSegmentWithProofByTxSeq", [txSeq, index]);
        if (result === null) assert.ok(!answered.has(index), `segment ${index} was answered and is gone`);
        else assert.deepEqual(result, sent);
        if (result !== null) found++;
      }
      console.log(`      killed after ${kept.length} answers of 24; ${found} segments were there`);
      const path = join(folder, "killed.bin");
      writeFileSync(path, file.bytes);
      const { rootHash, txHash } = await upload(path, { skipTx: true });
      assert.deepEqual([rootHash, txHash], [file.root, ""]);
      assert.ok((await download(file.root, `${path}.copy`)).equals(file.bytes));
      const { result } = await call(url, "zgs_downloadSegment", [file.root, 0, 1]);
      assert.deepEqual(bytesOf(result), Buffer.from(file.bytes.subarray(0, 256)));
    });
  });
});
