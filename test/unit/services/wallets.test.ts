import assert from "node:assert/strict";
import * as broker from "../../../src/broker/broker.js";
import { isComputeError, type ErrorCode } from "../../../src/domain/error.js";
import type { WalletId } from "../../../src/domain/ids.js";
import { WalletService } from "../../../src/services/wallets/wallets.js";
import { realClock } from "../../../src/system/realClock.js";
import { memoryLog, MemorySecrets, MemoryState, random } from "../../support/ports.js";

const testnet = { id: "testnet", isSandbox: false } as const;
const sandbox = { id: "sandbox", isSandbox: true } as const;
/** The first account of the public test mnemonic. */
const publicTestMnemonic = "test test test test test test test test test test test junk";
const key = `0x${"1".repeat(64)}`;

function setUp() {
  const secrets = new MemorySecrets();
  const state = new MemoryState();
  const log = memoryLog();
  const open = () =>
    new WalletService({ secrets, state, log, random, clock: realClock, loadBroker: async () => broker });
  return { secrets, state, log, open, wallets: open() };
}

const rejects = (work: Promise<unknown>, code: ErrorCode, why?: string) =>
  assert.rejects(work, (error) => {
    assert.ok(isComputeError(error, code), String(error));
    if (why !== undefined) assert.equal((error.facts as { why?: string }).why, why);
    return true;
  });

describe("Wallets", () => {
  it("hand out the words once and keep only the key, in the keychain", async () => {
    const { wallets, secrets, state, log, open } = setUp();
    const { wallet, mnemonic } = await wallets.create({ name: "Main", network: testnet });
    assert.equal(mnemonic.split(" ").length, 12);
    assert.equal(wallets.active(testnet)?.id, wallet.id);
    assert.equal(secrets.kept.size, 1);
    const kept = [...secrets.kept.values()][0]!;
    assert.equal(broker.walletTools.fromMnemonic(mnemonic).privateKey, kept);
    const everythingElse = [...state.kept.values(), ...log.lines].join("\n");
    assert.ok(!everythingElse.includes(kept.slice(2)), "the key is in the keychain alone");
    assert.ok(!everythingElse.includes(mnemonic.split(" ").slice(0, 3).join(" ")));
    assert.equal(open().active(testnet)?.address, wallet.address, "it is there after a restart");
    assert.equal(await open().signer(wallet).key(), kept);
  });

  it("say so when the keychain refuses or forgets, and keep nothing", async () => {
    for (const [mood, why] of [
      ["refuse", "refused"],
      ["forget", "readBack"],
    ] as const) {
      const { wallets, secrets, state } = setUp();
      secrets.mood = mood;
      await rejects(wallets.importKey({ name: "Main", network: testnet }, key), "walletLocked", why);
      assert.deepEqual(wallets.list, []);
      assert.equal(wallets.active(testnet), undefined);
      assert.ok(![...state.kept.values()].join().includes("1111"));
    }
  });

  it("keep a key in memory for this window when asked to after that", async () => {
    const { wallets, secrets, open } = setUp();
    secrets.mood = "refuse";
    const wallet = await wallets.importKey({ name: "Now", network: testnet, isForSession: true }, key);
    assert.equal(wallet.kind, "session");
    assert.equal(wallets.active(testnet)?.id, wallet.id);
    assert.equal(await wallets.export(wallet.id), key);
    assert.deepEqual(open().list, [], "another window knows nothing of it");
  });

  it("leave no key behind that removing everything would not find, wherever adding was killed", async () => {
    for (const killAt of ["before", "after"] as const) {
      const { wallets, secrets, open } = setUp();
      secrets.beforeStore = () => {
        if (killAt === "before") throw new Error("killed");
      };
      if (killAt === "after")
        secrets.get = async () => {
          throw new Error("killed");
        };
      secrets.delete = async () => {
        throw new Error("killed");
      };
      await assert.rejects(wallets.importKey({ name: "Main", network: testnet }, key));
      const next = new MemorySecrets();
      for (const [name, value] of secrets.kept) next.kept.set(name, value);
      secrets.get = next.get.bind(next);
      secrets.store = next.store.bind(next);
      secrets.delete = next.delete.bind(next);
      const again = open();
      assert.deepEqual(again.list, []);
      await again.removeAll();
      assert.equal(next.kept.size, 0, killAt);
    }
  });

  it("refuse published keys on a live network and confine them to the sandbox", async () => {
    const { wallets } = setUp();
    await rejects(
      wallets.importMnemonic({ name: "Dev", network: testnet }, publicTestMnemonic),
      "badWallet",
      "devKey",
    );
    const wallet = await wallets.importMnemonic({ name: "Dev", network: sandbox }, publicTestMnemonic);
    assert.equal(wallets.active(testnet), undefined);
    assert.deepEqual(wallets.listFor(testnet), []);
    await rejects(wallets.switch(wallet.id, testnet), "badWallet", "devKey");
  });

  it("use the sandbox's wallet on the sandbox alone, and the user's only where he chose it", async () => {
    const { wallets } = setUp();
    const user = await wallets.importKey({ name: "Main", network: testnet }, key);
    assert.equal(wallets.active(sandbox), undefined, "a user's wallet is not taken for the sandbox");
    const own = await wallets.ensureSandboxWallet();
    assert.equal((await wallets.ensureSandboxWallet()).id, own.id);
    assert.equal(wallets.active(sandbox)?.id, own.id);
    assert.equal(wallets.active(testnet)?.id, user.id);
    await rejects(wallets.switch(own.id, testnet), "badWallet");
    await wallets.switch(user.id, sandbox);
    assert.equal(wallets.active(sandbox)?.id, user.id);
  });

  it("remember the choice per network and fall back to the one used last", async () => {
    const { wallets, open } = setUp();
    const a = await wallets.importKey({ name: "A", network: testnet }, key);
    const b = await wallets.importKey({ name: "B", network: testnet }, `0x${"2".repeat(64)}`);
    assert.equal(wallets.active(testnet)?.id, b.id);
    await wallets.switch(a.id, { id: "mainnet", isSandbox: false });
    assert.equal(open().active({ id: "mainnet", isSandbox: false })?.id, a.id);
    assert.equal(open().active(testnet)?.id, b.id);
    assert.equal(open().active({ id: "custom", isSandbox: false })?.id, a.id);
  });

  it("rename, export, remove, and tell whoever listens", async () => {
    const { wallets, secrets } = setUp();
    let changes = 0;
    wallets.onDidChange(() => changes++);
    const wallet = await wallets.importKey({ name: "A", network: testnet }, key.slice(2));
    await wallets.rename(wallet.id, "B");
    assert.deepEqual(
      wallets.list.map(({ name }) => name),
      ["B"],
    );
    assert.equal(await wallets.export(wallet.id), key);
    await wallets.remove(wallet.id);
    assert.deepEqual(wallets.list, []);
    assert.equal(secrets.kept.size, 0);
    assert.equal(changes, 3);
    await rejects(wallets.export(wallet.id), "walletLocked", "missing");
  });

  it("stay visible when the keychain does not let go of the key", async () => {
    const { wallets, secrets } = setUp();
    const wallet = await wallets.importKey({ name: "A", network: testnet }, key);
    secrets.mood = "refuse";
    await rejects(wallets.remove(wallet.id), "walletLocked", "refused");
    assert.equal(wallets.list.length, 1);
  });

  it("take the same key only once, even when it is imported twice at a time", async () => {
    const { wallets } = setUp();
    const add = { name: "A", network: testnet };
    const [a, b] = await Promise.all([wallets.importKey(add, key), wallets.importKey(add, key)]);
    assert.equal(a.id, b.id);
    assert.equal(wallets.list.length, 1);
  });

  it("never repeat a bad secret in the error", async () => {
    const { wallets } = setUp();
    const secret = "correct horse battery staple";
    for (const work of [
      wallets.importKey({ name: "A", network: testnet }, secret),
      wallets.importMnemonic({ name: "A", network: testnet }, secret),
      wallets.importKeystore({ name: "A", network: testnet }, secret, secret),
      wallets.importCliConfig({ name: "A", network: testnet }, secret),
    ])
      await assert.rejects(work, (error) => {
        assert.ok(isComputeError(error, "badWallet"), String(error));
        assert.ok(!JSON.stringify([error.message, error.facts, error.stack]).includes("horse"));
        return true;
      });
  });

  it("do not know a wallet that is not there", async () => {
    const { wallets } = setUp();
    await rejects(wallets.switch("nobody" as WalletId, testnet), "noWallet");
  });
});
