import assert from "node:assert/strict";
import { encryptKeystoreJson, recoverAddress, Transaction, verifyMessage } from "ethers";
import { ComputeError } from "../../../src/domain/error.js";
import type { Address } from "../../../src/domain/ids.js";
import { developmentAccount, developmentMnemonic } from "../../../src/broker/wallet/developmentKeys.js";
import {
  requireSigner,
  signDigest,
  signMessage,
  signTransaction,
} from "../../../src/broker/wallet/signer.js";
import { walletTools } from "../../../src/broker/wallet/walletTools.js";

const { address, privateKey } = developmentAccount(1); // public test key

function badWallet(why: string, secret?: string) {
  return (error: unknown) => {
    assert(error instanceof ComputeError);
    assert.equal(error.code, "badWallet");
    assert.deepEqual(error.facts, { why });
    if (secret)
      assert(!`${error.stack} ${JSON.stringify(error)}`.includes(secret), "the error holds the input");
    return true;
  };
}

describe("wallet", () => {
  it("makes twelve words that give the same account again", () => {
    const made = walletTools.create();
    assert.equal(made.mnemonic?.split(" ").length, 12);
    assert.match(made.privateKey, /^0x[0-9a-f]{64}$/);
    assert.deepEqual(walletTools.fromMnemonic(made.mnemonic), made);
    assert.equal(walletTools.fromPrivateKey(made.privateKey).address, made.address);
    assert.notEqual(walletTools.create().address, made.address);
  });

  it("reads a private key with and without 0x, in either case", () => {
    for (const text of [privateKey, privateKey.slice(2), `  0x${privateKey.slice(2).toUpperCase()}\n`])
      assert.deepEqual(walletTools.fromPrivateKey(text), { address, privateKey });
  });

  it("refuses what is no private key and keeps it out of the error", () => {
    const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    for (const text of [
      "",
      "0x",
      privateKey.slice(0, -1),
      `${privateKey}0`,
      "0".repeat(64),
      order,
      "zz".repeat(32),
    ])
      assert.throws(
        () => walletTools.fromPrivateKey(text),
        badWallet("key", text.length > 8 ? text.slice(4) : undefined),
      );
  });

  it("reads words in any case and spacing and refuses a wrong checksum", () => {
    assert.equal(
      walletTools.fromMnemonic(`  ${developmentMnemonic.toUpperCase().replaceAll(" ", "  \n")} `).address,
      developmentAccount(0).address,
    );
    for (const phrase of [
      "",
      "test ".repeat(12),
      developmentMnemonic.replace("junk", "test"),
      developmentMnemonic.slice(5),
    ])
      assert.throws(
        () => walletTools.fromMnemonic(phrase),
        badWallet("mnemonic", phrase.trim() || undefined),
      );
  });

  it("opens a keystore, reports progress and tells a wrong password from a broken file", async () => {
    const json = await encryptKeystoreJson({ address, privateKey }, "right", {
      scrypt: { N: 1024, r: 8, p: 1 },
    });
    const seen: number[] = [];
    const opened = await walletTools.fromKeystore(json, "right", (fraction) => seen.push(fraction));
    assert.deepEqual(opened, { address, privateKey });
    assert.equal(seen.at(-1), 1);
    await assert.rejects(walletTools.fromKeystore(json, "wrong"), badWallet("password", privateKey.slice(2)));
    await assert.rejects(walletTools.fromKeystore(json.slice(0, -1), "right"), badWallet("keystore"));
    await assert.rejects(walletTools.fromKeystore("{}", "right"), badWallet("keystore"));
  });

  it("tells what is no keystore without its password", () => {
    for (const json of ["", "{}", '{"version":3}', "[1]", "not JSON"])
      assert.throws(() => walletTools.checkKeystore(json), badWallet("keystore"), json);
  });

  it("opens a PBKDF2 keystore", async () => {
    // the PBKDF2 test vector of the Web3 Secret Storage definition
    const json = JSON.stringify({
      crypto: {
        cipher: "aes-128-ctr",
        cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
        ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        kdf: "pbkdf2",
        kdfparams: {
          c: 262144,
          dklen: 32,
          prf: "hmac-sha256",
          salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
        },
        mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
      },
      id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
      version: 3,
    });
    walletTools.checkKeystore(json);
    const opened = await walletTools.fromKeystore(json, "testpassword");
    assert.equal(opened.address, "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b");
    const greedy = json.replace("262144", "2621440000");
    await assert.rejects(walletTools.fromKeystore(greedy, "testpassword"), badWallet("keystore"));
    assert.throws(() => walletTools.checkKeystore(greedy), badWallet("keystore"));
  });

  it("reads the official command line tool's configuration", () => {
    const config = {
      privateKey,
      rpcEndpoint: "http://127.0.0.1:8545",
      network: "custom",
      lastUpdated: "2026-01-01T00:00:00.000Z",
    };
    assert.equal(walletTools.fromCliConfig(JSON.stringify(config, null, 2)).address, address);
    for (const text of ["", "{}", "[]", "null", `{"privateKey":1}`, `{"privateKey":"${privateKey}00"}`])
      assert.throws(() => walletTools.fromCliConfig(text), badWallet("cliConfig", privateKey.slice(2)));
  });

  it("knows the public development accounts in any spelling", () => {
    for (const index of [0, 1, 28, 49]) {
      const known = developmentAccount(index).address;
      assert(walletTools.isDevelopmentKey(known));
      assert(walletTools.isDevelopmentKey(known.toLowerCase() as Address));
    }
    assert(!walletTools.isDevelopmentKey(walletTools.create().address));
  });

  it("signs digests, messages and transactions with a key it asks for each time", async () => {
    let asked = 0;
    const signer = { address, key: async () => (asked++, privateKey) };
    const digest = `0x${"5a".repeat(32)}`;
    assert.equal(recoverAddress(digest, await signDigest(signer, digest)), address);
    assert.equal(verifyMessage("hello", await signMessage(signer, "hello")), address);
    const fields = {
      type: 2,
      chainId: 31337,
      nonce: 3,
      to: address,
      value: 1n,
      gasLimit: 21000n,
      maxFeePerGas: 1n,
      maxPriorityFeePerGas: 1n,
    };
    const signed = await signTransaction(signer, fields);
    const read = Transaction.from(signed.raw);
    assert.equal(read.from, address);
    assert.equal(read.hash, signed.hash);
    assert.equal(asked, 3);
  });

  it("does not sign with the key of another address", async () => {
    const other = { address: developmentAccount(2).address, key: async () => privateKey };
    await assert.rejects(
      signDigest(other, `0x${"00".repeat(32)}`),
      (error) => error instanceof ComputeError && error.code === "walletLocked",
    );
  });

  it("asks for a wallet when there is none, and hides a malformed stored key", async () => {
    assert.throws(
      () => requireSigner({}),
      (error) => error instanceof ComputeError && error.code === "noWallet",
    );
    const broken = { address, key: async () => "0xdeadbeefdeadbeef" };
    await assert.rejects(signDigest(broken, `0x${"00".repeat(32)}`), badWallet("key", "deadbeef"));
  });
});
