// The wire of fine-tuning beyond the golden vectors: hostile answers, pieces of any size, edges of the layout.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { computeAddress, id as keccakOf, SigningKey } from "ethers";
import {
  decryptFileKey,
  decryptWith,
  eciesParts,
  encryptTo,
} from "../../../src/broker/wire/fineTuning/ecies.js";
import { FrameStripper, logText } from "../../../src/broker/wire/fineTuning/logFrames.js";
import {
  ModelCipherError,
  ModelFileDecryption,
  ModelFileEncryption,
} from "../../../src/broker/wire/fineTuning/modelCipher.js";
import {
  chunkNonce,
  chunkSize,
  encryptedSize,
  ModelFileWalk,
  sealSigner,
  sizesOf,
} from "../../../src/broker/wire/fineTuning/modelFile.js";
import {
  modelPathSegment,
  parseCustomisedModel,
  parseCustomisedModels,
  predefinedModel,
  predefinedModels,
} from "../../../src/broker/wire/fineTuning/models.js";
import {
  parseCreatedTask,
  parseTask,
  parseTaskBody,
  parseTasks,
  taskBody,
} from "../../../src/broker/wire/fineTuning/task.js";
import {
  isInSignedWindow,
  isSignedBy,
  legacyTaskDigest,
  taskDigest,
  taskNonce,
  taskPublicKey,
} from "../../../src/broker/wire/fineTuning/taskSignature.js";
import { personalSign } from "../../../src/broker/wire/hash.js";
import type { Address } from "../../../src/domain/ids.js";

const key = `0x${"11".repeat(32)}`;
const user = computeAddress(key) as Address;
const provider = `0x${"ab".repeat(20)}` as Address;
const id = "3e2911d9-cdbe-40c7-a074-784684015adb";

describe("task signatures", () => {
  const claim = { user, nonce: 17989284469620040n, datasetHash: `0x${"5a".repeat(32)}` };

  it("use a nonce above the account's last, in the official scheme", () => {
    assert.equal(taskNonce(1798928446962, 0n), 17989284469620040n);
    for (const last of [17989284469620040n, 17989284469620041n, 17989284469629999n]) {
      const next = taskNonce(1798928446962, last);
      assert.equal(next, 17989284469630040n);
      assert(next > last && next % 10000n === 40n && BigInt(Number(next)) === next);
    }
    assert.equal(taskNonce(1798928446962, 17989284469630039n), 17989284469630040n);
  });

  it("tell today's layout from the one with the fee, and from another's signature", () => {
    const current = personalSign(taskDigest(claim), key);
    const legacy = personalSign(legacyTaskDigest(claim, 7n), key);
    const other = personalSign(taskDigest(claim), `0x${"22".repeat(32)}`);
    assert.equal(isSignedBy(taskDigest(claim), current, user), true);
    assert.equal(isSignedBy(taskDigest({ ...claim, nonce: claim.nonce + 1n }), current, user), false);
    assert.equal(isSignedBy(taskDigest(claim), legacy, user), false);
    assert.equal(isSignedBy(legacyTaskDigest(claim, 7n), legacy, user), true);
    assert.equal(isSignedBy(legacyTaskDigest(claim, 8n), legacy, user), false);
    assert.equal(isSignedBy(taskDigest(claim), other, user), false);
  });

  it("give the public key of the user, and of nobody else", () => {
    const signature = personalSign(taskDigest(claim), key);
    assert.equal(taskPublicKey(claim, signature), new SigningKey(key).publicKey);
    assert.equal(taskPublicKey({ ...claim, user: provider }, signature), undefined);
    const upperCase = { ...claim, datasetHash: claim.datasetHash.toUpperCase() };
    assert.equal(taskPublicKey(upperCase, signature), undefined, "the dataset's hash is signed as text");
    const compact = new SigningKey(key).sign(`0x${"00".repeat(32)}`).compactSerialized;
    assert.equal(taskPublicKey(claim, compact), undefined);
    assert.equal(taskPublicKey(claim, "0x"), undefined);
  });

  it("are fresh for 300 seconds, and 60 ahead of the provider's clock", () => {
    for (const [timestamp, isFresh] of [
      [700, true],
      [699, false],
      [1060, true],
      [1061, false],
      [Number.NaN, false],
      [1000.5, false],
    ] as const)
      assert.equal(isInSignedWindow(timestamp, 1000), isFresh, `${timestamp}`);
  });
});

describe("tasks on the wire", () => {
  const raw = {
    id: id.toUpperCase(),
    createdAt: "2026-11-20T18:04:49.123456789Z",
    updatedAt: "nonsense",
    userAddress: user.toLowerCase(),
    preTrainedModelHash: "0xm",
    datasetHash: "0xd",
    trainingParams: "{}",
    fee: "25000000000000000",
    nonce: "17989284469620040",
    signature: "0xs",
    progress: "Training",
    deliverIndex: 0,
    deliverTime: 1795190123,
    modelType: 0,
    wait: false,
  };

  it("are read into the domain's words", () => {
    assert.deepEqual(parseTask(raw, provider), {
      id,
      provider,
      user,
      createdAt: Date.parse("2026-11-20T18:04:49.123Z"),
      updatedAt: 0,
      stage: "Training",
      stageText: "Training",
      modelHash: "0xm",
      datasetHash: "0xd",
      trainingParams: "{}",
      fee: 25000000000000000n,
      nonce: 17989284469620040n,
      signature: "0xs",
      deliverTime: 1795190123,
    });
  });

  it("keep a stage that nobody knows, and take missing times, fees and texts as none", () => {
    const { id, userAddress } = raw;
    const sparse = parseTask({ id, userAddress, progress: "Completed", deliverTime: -1 }, provider);
    assert.deepEqual(
      [sparse?.stage, sparse?.stageText, sparse?.fee, sparse?.nonce, sparse?.createdAt, sparse?.deliverTime],
      ["unknown", "Completed", 0n, 0n, 0, 0],
    );
  });

  for (const [what, damage] of Object.entries({
    "another id": { id: `${id}0` },
    "an id of another type": { id: 7 },
    "no address": { userAddress: "0x12" },
    "a fee below zero": { fee: "-1" },
    "a fee of a number": { fee: 1 },
    "a nonce past 256 bits' digits": { nonce: "9".repeat(79) },
    "parameters of a megabyte": { trainingParams: "x".repeat(1_000_000) },
    "a hash that is a list": { datasetHash: [] },
  }))
    it(`are none with ${what}`, () => {
      assert.equal(parseTask({ ...raw, ...damage }, provider), undefined);
    });

  it("are left out of a list one by one", () => {
    assert.equal(parseTasks([raw, null, 5, { ...raw, id: "x" }, raw], provider)?.length, 2);
    assert.equal(parseTasks({ error: "no" }, provider), undefined);
    const ids = Array.from(
      { length: 54_000 },
      (_, n) => raw.id.toLowerCase().slice(0, -6) + n.toString().padStart(6, "0"),
    );
    const newest = parseTasks(
      ids.map((id) => ({ ...raw, id })),
      provider,
    );
    assert.deepEqual(
      newest?.map(({ id }) => id),
      ids.slice(0, 200),
    );
  });

  it("are created by a body that the provider reads back", () => {
    const body = taskBody({
      user,
      modelHash: "0xm",
      datasetHash: "0xd",
      trainingParams: "{ }",
      nonce: 5n,
      signature: "0xs",
      isWaiting: true,
    });
    assert.deepEqual(parseTaskBody(JSON.parse(JSON.stringify(body))), body);
    assert.equal(parseTaskBody({ ...body, wait: undefined })?.wait, false);
    for (const damage of [
      { fee: "" },
      { nonce: "0x5" },
      { wait: "yes" },
      { userAddress: "me" },
      { signature: 1 },
    ])
      assert.equal(parseTaskBody({ ...body, ...damage }), undefined, JSON.stringify(damage));
    assert.equal(parseCreatedTask({ id }), id);
    assert.equal(parseCreatedTask({ id: "x" }), undefined);
  });
});

describe("secrets for an account", () => {
  const secret = randomBytes(32);

  it("are opened by its key alone", () => {
    const sealed = encryptTo(new SigningKey(key).publicKey, secret);
    assert.equal(sealed.length, 129);
    assert.equal(eciesParts(sealed)?.ephemeralKey.length, 65);
    const hex = `0x${Buffer.from(sealed).toString("hex")}`;
    assert.deepEqual(Buffer.from(decryptFileKey(key, hex)!), secret);
    assert.equal(decryptFileKey(`0x${"22".repeat(32)}`, hex), undefined);
    for (const text of ["0x", "", hex.slice(0, -2), `${hex}00`, hex.slice(2)])
      assert.equal(decryptFileKey(key, text), undefined);
  });

  it("are opened by the official client's library, and opened when it made them", () => {
    const official = createRequire(createRequire(import.meta.url).resolve("@0gfoundation/0g-compute-ts-sdk"))(
      "eciesjs",
    ) as {
      encrypt(key: string, data: Uint8Array): Uint8Array;
      decrypt(key: string, data: Uint8Array): Uint8Array;
    };
    const { publicKey } = new SigningKey(key);
    assert.deepEqual(Buffer.from(official.decrypt(key, encryptTo(publicKey, secret))), secret);
    const theirs = Uint8Array.from(official.encrypt(publicKey, secret));
    assert.deepEqual(Buffer.from(decryptWith(key, theirs)!), secret);
  });

  it("notice every flipped bit of the first and last byte of each part", () => {
    const sealed = encryptTo(new SigningKey(key).publicKey, secret);
    for (const at of [0, 1, 64, 65, 80, 81, 96, 97, 128]) {
      const damaged = Uint8Array.from(sealed);
      damaged[at]! ^= 1;
      assert.equal(decryptWith(key, damaged), undefined, `byte ${at}`);
    }
  });
});

describe("model files", () => {
  const fileKey = randomBytes(32);
  const nonce = randomBytes(12);

  function encrypted(plaintext: Uint8Array, pieceSize: number): Buffer {
    const encryption = new ModelFileEncryption(fileKey, nonce);
    const out = pieces(plaintext, pieceSize).flatMap((piece) => encryption.push(piece));
    const { rest, digest, header } = encryption.end();
    return Buffer.concat([header(new SigningKey(key).sign(digest).serialized), ...out, ...rest]);
  }

  function decrypted(file: Uint8Array, pieceSize: number) {
    const decryption = new ModelFileDecryption(fileKey);
    const out = pieces(file, pieceSize).flatMap((piece) => decryption.push(piece));
    const end = decryption.end();
    return end && { plaintext: Buffer.concat([...out, ...end.rest]), seal: end.seal };
  }

  it("come back whole, whatever the pieces are", () => {
    for (const length of [0, 1, 15, 16, 17, 1000])
      for (const pieceSize of [1, 7, 16, 76, 77, 78, 5000]) {
        const plaintext = randomBytes(length);
        const file = encrypted(plaintext, pieceSize);
        assert.equal(file.length, encryptedSize(length));
        const back = decrypted(file, pieceSize)!;
        assert(back.plaintext.equals(plaintext), `${length} in ${pieceSize}`);
        assert.equal(sealSigner(back.seal), user);
        assert.equal(back.seal.size, file.length);
      }
  });

  it("come back whole over a chunk's border, and their seal is read without the key", function () {
    this.timeout(60_000);
    const plaintext = Buffer.alloc(chunkSize + 5, 7);
    const file = encrypted(plaintext, 1_000_003);
    const walk = new ModelFileWalk();
    for (const piece of pieces(file, 999_983)) walk.push(piece);
    const seal = walk.end()!;
    assert.deepEqual([seal.tags.length, seal.size], [2, encryptedSize(plaintext.length)]);
    assert.equal(sealSigner(seal), user);
    assert.equal(sha(decrypted(file, 65_536)!.plaintext), sha(plaintext));
    const shortened = decrypted(file.subarray(0, 77 + chunkSize + 16), 65_536)!;
    assert.notEqual(sealSigner(shortened.seal), user, "each chunk that is left is right, the list is not");
  });

  it("do not open when a byte of a chunk or its tag changed", () => {
    const file = encrypted(randomBytes(100), 100);
    for (const at of [65, 77, 176, 177, 192]) {
      const damaged = Buffer.from(file);
      damaged[at]! ^= 0x80;
      assert.throws(
        () => decrypted(damaged, 50),
        (error) => error instanceof ModelCipherError && error.chunk === 0,
      );
      if (at >= 177) {
        const walk = new ModelFileWalk();
        walk.push(damaged);
        assert.notEqual(sealSigner(walk.end()!), user);
      }
    }
  });

  it("have no chunk of a bare tag, and no half header", () => {
    const bare = encrypted(Buffer.alloc(0), 1);
    for (const length of [0, 1, 64, 76, 78, 92, 93]) {
      const walk = new ModelFileWalk();
      walk.push(Buffer.concat([bare, Buffer.alloc(100)]).subarray(0, length));
      assert.equal(walk.end(), undefined, `${length} bytes`);
      assert.equal(sizesOf(length), undefined, `${length} bytes`);
    }
    assert.deepEqual(sizesOf(77), { chunks: 0, plainSize: 0 });
    assert.deepEqual(sizesOf(94), { chunks: 1, plainSize: 1 });
  });

  it("have the length the formula says, at every border", () => {
    for (const plainSize of [1, chunkSize - 1, chunkSize, chunkSize + 1, 2 * chunkSize, 1e12]) {
      const size = encryptedSize(plainSize);
      assert.deepEqual(sizesOf(size), { chunks: Math.ceil(plainSize / chunkSize), plainSize });
    }
    for (const extra of [1, 15, 16]) assert.equal(sizesOf(encryptedSize(chunkSize) + extra), undefined);
    assert.equal(sizesOf(Number.NaN), undefined);
    assert.equal(sizesOf(1.5), undefined);
  });

  it("count nonces over all twelve bytes", () => {
    const hex = (text: string, index: number) =>
      Buffer.from(chunkNonce(Buffer.from(text, "hex"), index)).toString("hex");
    assert.equal(hex("8bac39bcdc16438af34cffff", 1), "8bac39bcdc16438af34d0000");
    assert.equal(hex("ffffffffffffffffffffffff", 1), "000000000000000000000000");
    assert.equal(hex("fffffffffffffffffffffffe", 3), "000000000000000000000001");
    assert.equal(hex("000000000000000000000000", 65_537), "000000000000000000010001");
  });
});

describe("models of a service", () => {
  const origin = { provider, chainId: 31337 };
  const described = {
    name: "sandbox-lm",
    hash: `0x${"AB".repeat(32)}`,
    image: "x",
    dataType: "text",
    trainingScript: "y",
    description: "d".repeat(30_000),
    tokenizer: "words",
  };

  it("are built in by network", () => {
    const names = (chainId: number) => predefinedModels(chainId).map((model) => model.name);
    assert.deepEqual(names(16661), ["Qwen2.5-0.5B-Instruct", "Qwen3-32B"]);
    assert.deepEqual(names(16602), ["Qwen2.5-0.5B-Instruct"]);
    assert.deepEqual(names(31337), []);
    const [small] = predefinedModels(16602);
    assert.deepEqual(predefinedModel(small!.hash), small);
    assert.equal(predefinedModel(small!.hash.toUpperCase()), undefined);
  });

  it("are described by their provider, in bounds", () => {
    const model = parseCustomisedModel(described, origin)!;
    assert.deepEqual(
      { ...model, description: model.description.length },
      {
        name: "sandbox-lm",
        hash: `0x${"ab".repeat(32)}`,
        kind: "customised",
        provider,
        tokenizer: "words",
        dataType: "text",
        description: 20_000,
      },
    );
    assert.equal(modelPathSegment(model), model.hash);
    const known = { ...described, hash: keccakOf("sandbox-lm") };
    const rule = { coefficient: 1n, storageReserve: 10n ** 16n };
    assert.deepEqual(parseCustomisedModel(known, origin)?.feeRule, rule);
    // by the network's table alone, whatever a provider elsewhere calls its own
    assert.equal(parseCustomisedModel(known, { provider, chainId: 16602 })?.feeRule, undefined);
    for (const damage of [
      { name: "" },
      { name: 5 },
      { hash: "0x12" },
      { dataType: "sound" },
      { name: "n".repeat(201) },
    ])
      assert.equal(parseCustomisedModel({ ...described, ...damage }, origin), undefined);
    assert.equal(parseCustomisedModels([described, 1, null], origin)?.length, 1);
    assert.equal(parseCustomisedModels({}, origin), undefined);
  });
});

describe("a task's log", () => {
  const frame = (kind: number, text: string) => {
    const head = Buffer.from([kind, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };

  it("loses docker's headers, in pieces of any size, and nothing else", () => {
    const long = "x".repeat(0x010a);
    const bytes = Buffer.concat([
      Buffer.from("[2026-11-20T18:04:50Z] Container logs:\n"),
      frame(1, "größer\n"),
      frame(2, `${long}\n`),
      frame(1, "end\u0001\u0002"),
    ]);
    const expected = `[2026-11-20T18:04:50Z] Container logs:\ngrößer\n${long}\nend\u0001\u0002`;
    assert.equal(logText(bytes), expected);
    for (let size = 1; size < 40; size++) {
      const frames = new FrameStripper();
      const out = pieces(bytes, size).map((piece) => frames.push(piece));
      assert.equal(Buffer.concat([...out, frames.end()]).toString(), expected, `in pieces of ${size}`);
    }
  });

  it("keeps bytes that only begin like a header", () => {
    for (const text of ["a\u0001", "a\u0001\u0000\u0000", "\u0001\u0000x", "\u0002\u0002\u0000\u0000b"])
      assert.equal(logText(Buffer.from(text)), text);
  });
});

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

function sha(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
