// The broker's download against the sandbox's storage nodes: what is not the file never gets its name, and nothing is fetched twice.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StoredFile } from "../../src/broker/storage/api.js";
import type { Hash } from "../../src/domain/ids.js";
import { failure, fastClock } from "./ledgerSupport.js";
import { counts, segment, StorageDesk } from "./storageSupport.js";

const download = "zgs_downloadSegmentWithProofByTxSeq";

describe("downloading from storage", function () {
  this.timeout(60_000);
  const size = 22 * segment + 5;
  let desk: StorageDesk;
  let stored: StoredFile;
  let original: Buffer;
  let names = 0;

  const target = () => desk.path(`back${names++}`);
  const parts = () => readdirSync(desk.folder).filter((name) => name.endsWith(".part"));

  before(async () => {
    desk = await StorageDesk.open();
    const file = desk.file(size, 1);
    original = readFileSync(file);
    stored = await desk.client().upload(file);
  });
  after(() => desk.close());
  afterEach(async () => {
    await desk.calm();
    for (const name of parts()) truncateSync(join(desk.folder, name), 0); // of no use to the next test
  });

  it("fetches each segment once, from the node that has it", async () => {
    const client = desk.client({ hasSigner: false });
    const back = target();
    const seen: number[] = [];
    await client.storage.downloadFile(stored.root, back, { onProgress: ({ done }) => void seen.push(done) });
    assert.deepEqual(readFileSync(back), original);
    assert.equal(counts(client.requests)[download], 23);
    assert.deepEqual([seen[0], seen.at(-1)], [0, size]);
    assert.deepEqual(parts(), []);
  });

  for (const [fault, value] of [
    ["bad-proof", undefined],
    ["bad-proof", "lemma"],
    ["forged-short-proof", undefined],
    ["wrong-index", undefined],
    ["short-segment", undefined],
  ] as const) {
    it(`never takes a segment with ${fault}${value ? ` (${value})` : ""}, and asks again`, async () => {
      const client = desk.client();
      desk.fault(fault, value, 3);
      const back = target();
      await client.storage.downloadFile(stored.root, back);
      assert.deepEqual(readFileSync(back), original);
      assert.equal(counts(client.requests)[download], 26);
    });

    it(`keeps nothing under the name when all have ${fault}${value ? ` (${value})` : ""}`, async () => {
      const client = desk.client();
      desk.fault(fault, value);
      const back = target();
      const { what, why } = await failure(
        client.storage.downloadFile(stored.root, back),
        "verificationFailed",
      );
      assert.deepEqual([what, why], ["storage", "proof"]);
      assert.equal(existsSync(back), false);
    });
  }

  it("does not take a single-segment file with a forged proof, which the official client accepts", async () => {
    const client = desk.client();
    const small = await client.upload(desk.file(1000, 2));
    desk.fault("forged-short-proof");
    const back = target();
    await failure(client.storage.downloadFile(small.root, back), "verificationFailed");
    assert.equal(existsSync(back), false);
  });

  for (const [fault, value] of [
    ["cut-download", 5000],
    ["no-segment", undefined],
    ["wrong-root", undefined],
    ["slow", 50],
  ] as const)
    it(`comes through ${fault}`, async () => {
      const client = desk.client();
      desk.fault(fault, value, 4);
      const back = target();
      await client.storage.downloadFile(stored.root, back);
      assert.deepEqual(readFileSync(back), original);
    });

  it("says that a node is down, when nobody else has its segments", async () => {
    const client = desk.client({ clock: fastClock(5) });
    desk.fault("node-down", 1);
    const back = target();
    const { what, detail } = await failure(client.storage.downloadFile(stored.root, back), "network");
    assert.equal(what, "storage");
    assert.match(detail, /do not have all/);
    assert.equal(await client.storage.isAvailable(stored.root), false);
    desk.fault("node-down");
    await failure(client.storage.downloadFile(stored.root, back), "network");
    await failure(client.storage.isAvailable(stored.root), "network");
    assert.equal(existsSync(back), false);
  });

  it("goes on where it was stopped, and hashes what is there again", async () => {
    const back = target();
    const stop = new AbortController();
    const first = desk.client();
    let asked = 0;
    first.onRequest = ({ method }) => {
      if (method === download && ++asked === 15) stop.abort();
    };
    await failure(first.storage.downloadFile(stored.root, back, { signal: stop.signal }), "cancelled");
    const [part] = parts().filter((name) => name.includes(back.slice(-5)));
    assert.ok(part);
    assert.equal(existsSync(back), false);

    const bytes = readFileSync(desk.path(part));
    const roots = size + 40;
    const isThere = (index: number) =>
      bytes.subarray(roots + index * 32, roots + index * 32 + 32).some((one) => one !== 0);
    const there = Array.from({ length: 23 }, (_, index) => index).filter(isThere);
    assert.ok(there.length > 0 && there.length < 23, String(there));
    bytes[there[0]! * segment + 7]! ^= 1; // as after a crash of the system: the root was written, the bytes were not
    writeFileSync(desk.path(part), bytes);

    const second = desk.client();
    await second.storage.downloadFile(stored.root, back);
    assert.deepEqual(readFileSync(back), original);
    const fetched = second.requests
      .filter(({ method }) => method === download)
      .map(({ params }) => params[1]);
    assert.deepEqual(
      fetched.sort((a, b) => Number(a) - Number(b)),
      Array.from({ length: 23 }, (_, index) => index).filter(
        (index) => index === there[0] || !there.includes(index),
      ),
    );
    assert.ok(!existsSync(desk.path(part)));
  });

  it("begins anew when what lies there belongs to something else", async () => {
    const back = desk.path("other");
    writeFileSync(desk.path(`.other.${stored.root.slice(2, 10)}.part`), Buffer.alloc(size + 40 + 23 * 32, 7));
    const client = desk.client();
    await client.storage.downloadFile(stored.root, back);
    assert.deepEqual(readFileSync(back), original);
    assert.equal(counts(client.requests)[download], 23);
  });

  it("does not touch a file that exists, nor write into a folder that does not", async () => {
    const client = desk.client();
    const back = desk.path("mine");
    writeFileSync(back, "mine");
    assert.match((await failure(client.storage.downloadFile(stored.root, back), "badFile")).detail, /exists/);
    assert.equal(readFileSync(back, "utf8"), "mine");
    assert.deepEqual(client.requests, []);
    const nowhere = join(desk.folder, "no", "where");
    assert.match(
      (await failure(client.storage.downloadFile(stored.root, nowhere), "badFile")).detail,
      /not exist/,
    );
  });

  it("refuses a file that is larger than allowed, or said to be, before a byte is written", async () => {
    const client = desk.client();
    const back = target();
    const options = { maxBytes: size - 1 };
    await failure(client.storage.downloadFile(stored.root, back, options), "badFile");
    desk.fault("wrong-size");
    await failure(client.storage.downloadFile(stored.root, back), "verificationFailed");
    desk.clear();
    desk.fault("wrong-size", size + 1, 1); // within the padding: the nodes have to agree
    const { why } = await failure(client.storage.downloadFile(stored.root, back), "verificationFailed");
    assert.equal(why, "structure");
    assert.equal(counts(client.requests)[download], undefined);
    assert.deepEqual(
      parts().filter((name) => name.includes(back.slice(-6))),
      [],
    );
  });

  it("does not take bytes behind the end that are not zeros", async () => {
    const client = desk.client();
    const file = desk.file(1000, 3);
    const { root } = await client.upload(file);
    desk.fault("wrong-size", 900, 99);
    const back = target();
    const { detail } = await failure(client.storage.downloadFile(root, back), "verificationFailed");
    assert.match(detail ?? "", /padding/);
    assert.equal(existsSync(back), false);
  });

  it("knows what is not there", async () => {
    const client = desk.client();
    const nobody = `0x${"5a".repeat(32)}` as Hash;
    assert.equal(await client.storage.isAvailable(nobody), false);
    assert.match(
      (await failure(client.storage.downloadFile(nobody, target()), "network")).detail,
      /no storage node has/,
    );
    const stop = new AbortController();
    const paid = desk.client();
    paid.onRequest = ({ method }) => {
      if (method.startsWith("zgs_upload")) stop.abort();
    };
    const file = desk.file(3000, 4);
    const { fileRoot } = await paid.storage.planUpload(file);
    await failure(paid.upload(file, { signal: stop.signal }), "cancelled");
    assert.equal(await client.storage.isAvailable(fileRoot.root), false);
  });
});
