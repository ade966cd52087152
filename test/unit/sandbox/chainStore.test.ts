import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import * as os from "node:os";
import * as path from "node:path";
import { Transaction, toBeHex } from "ethers";
import { type Chain, startChain } from "../../../src/sandbox/chain/chain.js";
import { StoreError } from "../../../src/sandbox/chain/store.js";
import { Faults } from "../../../src/sandbox/faults.js";
import { genesis, signTransfer, startTestChain } from "./chainSupport.js";

describe("a chain kept in a directory", () => {
  let dir: string;
  const log = () => path.join(dir, "log.jsonl");
  const snapshot = () => path.join(dir, "snapshot.json");

  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "chain-"));
  });
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  /** What the directory would be after a kill at this moment. */
  async function afterKill<T>(look: (chain: Chain) => Promise<T> | T, state = dir): Promise<T> {
    const copy = fs.mkdtempSync(path.join(os.tmpdir(), "chain-"));
    fs.cpSync(state, copy, { recursive: true });
    fs.rmSync(path.join(copy, "lock"), { force: true });
    try {
      const chain = await startChain({ genesis: await genesis(), stateDir: copy, faults: new Faults() });
      return await Promise.resolve(look(chain)).finally(() => chain.close());
    } finally {
      fs.rmSync(copy, { recursive: true });
    }
  }

  async function timestampOf(chain: Chain, number: number): Promise<number> {
    const block = await chain.request("eth_getBlockByNumber", [toBeHex(number), false]);
    return Number((block as { timestamp: string }).timestamp);
  }

  it("has, after a kill, every transaction that was answered, in the same blocks", async () => {
    const net = await startTestChain(dir);
    for (let nonce = 0; nonce < 5; nonce++) await net.chain.sendTransaction(await signTransfer(8, nonce));
    const head = net.chain.head();
    await afterKill(async (chain) => {
      assert.deepEqual(chain.head(), head);
      const receipt = await chain.request("eth_getTransactionReceipt", [
        Transaction.from(await signTransfer(8, 3)).hash,
      ]);
      assert.equal((receipt as { blockNumber: string }).blockNumber, "0x19");
    });
    await net.close();
  });

  it("keeps what waits, given money and the clock", async () => {
    const net = await startTestChain(dir);
    await net.chain.sendTransaction(await signTransfer(8, 1));
    await net.chain.setBalance(net.wallet(20).address, 77n);
    await net.chain.request("evm_increaseTime", [86_400]);
    await net.chain.request("evm_setNextBlockTimestamp", [2_000_000_000]);
    const { address } = net.wallet(20);
    await afterKill(async (chain) => {
      assert.equal(await chain.request("eth_getBalance", [address]), "0x4d");
      await chain.sendTransaction(await signTransfer(8, 0));
      assert.equal(chain.head().number, 23);
      assert.equal(await timestampOf(chain, 22), 2_000_000_000);
    });
    await net.close();
    await afterKill(async (chain) => {
      assert.equal(await chain.request("eth_getBalance", [address]), "0x4d");
      await chain.sendTransaction(await signTransfer(8, 0));
      assert.equal(await timestampOf(chain, 22), 2_000_000_000);
    });
  });

  it("goes on from an orderly end", async () => {
    const first = await startTestChain(dir);
    await first.chain.sendTransaction(await signTransfer(8, 0));
    const head = first.chain.head();
    await first.close();
    assert.equal(fs.statSync(log()).size, 0);
    const second = await startTestChain(dir);
    assert.deepEqual(second.chain.head(), head);
    await second.chain.sendTransaction(await signTransfer(8, 1));
    assert.equal(second.chain.head().number, 23);
    await second.close();
  });

  it("ignores a last line torn at any byte, and goes on after it", async () => {
    const net = await startTestChain(dir);
    await net.chain.sendTransaction(await signTransfer(8, 0));
    const before = net.chain.head();
    const whole = fs.statSync(log()).size;
    await net.chain.sendTransaction(await signTransfer(8, 1));
    const after = net.chain.head();
    const bytes = fs.readFileSync(log());
    const lengths = [whole, whole + 1, whole + 40, bytes.length - 2, bytes.length - 1, bytes.length];
    for (const length of lengths) {
      fs.writeFileSync(log(), bytes.subarray(0, length));
      await afterKill(async (chain) => {
        const complete = length === bytes.length;
        assert.deepEqual(chain.head(), complete ? after : before, `${length} of ${bytes.length} bytes`);
        await chain.sendTransaction(await signTransfer(8, complete ? 2 : 1));
        assert.equal(chain.head().number, complete ? 24 : 23);
      });
    }
    fs.writeFileSync(log(), bytes);
    await net.close();
  });

  it("survives a kill between a new snapshot and the cutting of the log", async () => {
    const net = await startTestChain(dir);
    for (let nonce = 0; nonce < 3; nonce++) await net.chain.sendTransaction(await signTransfer(8, nonce));
    const head = net.chain.head();
    const uncut = fs.readFileSync(log());
    await net.close();
    fs.writeFileSync(log(), uncut);
    await afterKill(async (chain) => {
      assert.deepEqual(chain.head(), head);
      await chain.sendTransaction(await signTransfer(8, 3));
      assert.equal(chain.head().number, 25);
    });
  });

  it("survives a kill in the middle of writing a snapshot", async () => {
    const net = await startTestChain(dir);
    await net.chain.sendTransaction(await signTransfer(8, 0));
    const head = net.chain.head();
    fs.writeFileSync(`${snapshot()}.tmp`, '{"version":1,"ent');
    await afterKill((chain) => assert.deepEqual(chain.head(), head));
    await net.close();
  });

  it("takes snapshots by itself, and the log starts anew", async () => {
    const net = await startTestChain(dir);
    const raws = await Promise.all(Array.from({ length: 70 }, (_, nonce) => signTransfer(8, nonce)));
    for (const raw of raws) await net.chain.sendTransaction(raw);
    const lines = fs.readFileSync(log(), "utf8").split("\n").length - 1;
    assert.equal(lines, 6);
    const head = net.chain.head();
    await afterKill((chain) => assert.deepEqual(chain.head(), head));
    await net.close();
  });

  it("remembers that it went back to a snapshot", async () => {
    const net = await startTestChain(dir);
    const saved = await net.chain.request("evm_snapshot");
    await net.chain.sendTransaction(await signTransfer(8, 0));
    await net.chain.request("evm_revert", [saved]);
    await net.chain.sendTransaction(await signTransfer(8, 0, { value: 2n }));
    const head = net.chain.head();
    await afterKill((chain) => assert.deepEqual(chain.head(), head));
    await net.close();
  });

  it("needs no genesis any more once it is there", async () => {
    const net = await startTestChain(dir);
    await net.chain.sendTransaction(await signTransfer(8, 0));
    const head = net.chain.head();
    await net.close();
    const chain = await startChain({ genesis: new Uint8Array(), stateDir: dir, faults: new Faults() });
    assert.deepEqual(chain.head(), head);
    await chain.close();
  });

  it("refuses a log that is damaged in the middle, lacks an entry, or comes out differently", async () => {
    const net = await startTestChain(dir);
    for (let nonce = 0; nonce < 3; nonce++) await net.chain.sendTransaction(await signTransfer(8, nonce));
    const lines = fs.readFileSync(log(), "utf8").trimEnd().split("\n");
    const damaged: Record<string, string[]> = {
      garbage: [lines[0]!, "{{{{", lines[2]!],
      gap: [lines[0]!, lines[2]!],
      time: [lines[0]!, lines[1]!.replace(/"timestamp":\d+/, '"timestamp":1900000000'), lines[2]!],
      transaction: [lines[0]!.replace(/0x02f8[0-9a-f]+/, await signTransfer(7, 0)), lines[1]!, lines[2]!],
    };
    for (const [what, text] of Object.entries(damaged)) {
      fs.writeFileSync(log(), text.join("\n") + "\n");
      await assert.rejects(
        afterKill(() => undefined),
        StoreError,
        what,
      );
    }
    fs.writeFileSync(log(), lines.join("\n") + "\n");
    await net.close();
  });

  it("refuses a damaged snapshot", async () => {
    await (await startTestChain(dir)).close();
    fs.writeFileSync(snapshot(), '{"version":1');
    await assert.rejects(
      afterKill(() => undefined),
      StoreError,
    );
  });

  it("refuses a directory that a living process uses, and takes over from a dead one", async () => {
    await (await startTestChain(dir)).close();
    const lock = path.join(dir, "lock");
    fs.writeFileSync(lock, String(process.ppid));
    await assert.rejects(startTestChain(dir), StoreError);
    fs.writeFileSync(lock, "999999999");
    await (await startTestChain(dir)).close();
    assert.equal(fs.existsSync(lock), false);
  });

  it("answers with an error, and is unchanged, when the disk takes no more", async () => {
    const net = await startTestChain(dir);
    await net.chain.sendTransaction(await signTransfer(8, 0));
    const head = net.chain.head();
    const write = fs.writeSync;
    try {
      // A disk cannot be filled in a test: the write fails as it would.
      fs.writeSync = () => {
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      };
      syncBuiltinESMExports();
      await assert.rejects(net.chain.sendTransaction(await signTransfer(8, 1)));
    } finally {
      fs.writeSync = write;
      syncBuiltinESMExports();
    }
    assert.deepEqual(net.chain.head(), head);
    assert.equal(
      await net.chain.request("eth_getTransactionCount", [net.wallet(8).address, "pending"]),
      "0x1",
    );
    await net.chain.sendTransaction(await signTransfer(8, 1));
    const later = net.chain.head();
    assert.equal(later.number, 23);
    await afterKill((chain) => assert.deepEqual(chain.head(), later));
    await net.close();
  });
});
