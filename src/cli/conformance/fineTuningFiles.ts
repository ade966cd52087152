// Of fine-tuning.json: secrets for an account and encrypted model files, whole, damaged, and of two chunks.
import assert from "node:assert/strict";
import { createDecipheriv, createHash, hkdfSync } from "node:crypto";
import { concat, getBytes, hexlify, keccak256, SigningKey } from "ethers";
import { keccak as fastKeccak } from "hash-wasm";
import { decryptFileKey, decryptWith, eciesParts, encryptTo } from "../../broker/wire/fineTuning/ecies.js";
import {
  ModelCipherError,
  ModelFileDecryption,
  ModelFileEncryption,
} from "../../broker/wire/fineTuning/modelCipher.js";
import {
  chunkNonce,
  chunkSize,
  encryptedSize,
  headerSize,
  ModelFileWalk,
  sealSigner,
  sizesOf,
  tagsDigest,
  tagSize,
  type ModelFileSeal,
} from "../../broker/wire/fineTuning/modelFile.js";
import { base64, keysOf, madeBytes, section, whole } from "./fineTuningVectors.js";
import { casesOf, type Case, type Section, type VectorFile } from "./runner.js";
import { storageRoot } from "./storageBytes.js";

interface SecretEntry {
  readonly recipientPrivateKey: string;
  readonly ciphertext: string;
}

export const eciesSections: readonly Section[] = [
  section("ecies", (entry: SecretEntry & { readonly plaintext: string }) => {
    const opened = decryptFileKey(entry.recipientPrivateKey, entry.ciphertext);
    assert.equal(opened && hexlify(opened), entry.plaintext);
    const { publicKey } = new SigningKey(entry.recipientPrivateKey);
    const sealed = encryptTo(publicKey, getBytes(entry.plaintext));
    assert.equal(sealed.length, getBytes(entry.ciphertext).length);
    assert.equal(hexlify(decryptWith(entry.recipientPrivateKey, sealed) ?? "0x"), entry.plaintext);
  }),
  section("eciesInvalid", ({ recipientPrivateKey, ciphertext }: SecretEntry) => {
    assert.equal(decryptWith(recipientPrivateKey, getBytes(ciphertext)), undefined);
    assert.equal(decryptFileKey(recipientPrivateKey, ciphertext), undefined);
  }),
  { ...section("eciesDeterministic", deterministic), entries: whole },
];

type DeterministicKey =
  | "recipientPrivateKey"
  | "recipientPublicKeyUncompressed"
  | "ephemeralPrivateKey"
  | "ephemeralPublicKeyUncompressed"
  | "sharedPointUncompressed"
  | "hkdfInput"
  | "hkdfSalt"
  | "hkdfInfo"
  | "aesKey"
  | "nonce"
  | "tag"
  | "encrypted"
  | "ciphertext"
  | "plaintext";

/** Where everything lies in the ciphertext, and every value on the way to the plaintext. */
function deterministic(entry: Readonly<Record<DeterministicKey, string>>): void {
  const recipient = new SigningKey(entry.recipientPrivateKey);
  const ephemeral = new SigningKey(entry.ephemeralPrivateKey);
  assert.equal(recipient.publicKey, entry.recipientPublicKeyUncompressed);
  assert.equal(ephemeral.publicKey, entry.ephemeralPublicKeyUncompressed);
  const parts = eciesParts(getBytes(entry.ciphertext));
  assert(parts, "not the layout");
  const { ephemeralKey, nonce, tag, encrypted } = parts;
  assert.deepEqual(
    [ephemeralKey, nonce, tag, encrypted].map((part) => hexlify(part)),
    [entry.ephemeralPublicKeyUncompressed, entry.nonce, entry.tag, entry.encrypted],
  );
  const shared = recipient.computeSharedSecret(hexlify(ephemeralKey));
  assert.equal(shared, entry.sharedPointUncompressed);
  const input = concat([ephemeralKey, shared]);
  assert.equal(input, entry.hkdfInput);
  const [salt, info] = [getBytes(entry.hkdfSalt), getBytes(entry.hkdfInfo)];
  const key = new Uint8Array(hkdfSync("sha256", getBytes(input), salt, info, 32));
  assert.equal(hexlify(key), entry.aesKey);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAuthTag(tag);
  assert.equal(hexlify(Buffer.concat([decipher.update(encrypted), decipher.final()])), entry.plaintext);
  const opened = decryptWith(entry.recipientPrivateKey, getBytes(entry.ciphertext));
  assert.equal(opened && hexlify(opened), entry.plaintext);
}

interface FileEntry {
  readonly aesKey: string;
  readonly expectedSigner: string;
  readonly fileBase64: string;
}

interface ModelEntry extends FileEntry {
  readonly plaintextBase64: string;
  readonly headerSignature: string;
  readonly iv: string;
  readonly tags: string;
  readonly tagsKeccak256: string;
  readonly fileKeccak256: string;
  readonly fileStorageMerkleRoot: string;
  readonly encryptedSecret?: string;
  readonly recipientPrivateKey?: string;
}

export function modelSections(): Section[] {
  const recipe = new TwoChunks();
  return [
    section("model", model),
    section("modelInvalid", (entry: FileEntry) => {
      const file = base64(entry.fileBase64);
      assert.equal(openFile(file, entry, file.length), undefined);
      assert.equal(openFile(file, entry, 1), undefined);
    }),
    { ...section("modelInvalidBase", base), entries: whole },
    {
      ...section("modelTwoChunksRecipe", (entry: { key: string; value: unknown }, file) =>
        recipe.check(entry.key, entry.value, file),
      ),
      entries: recipeCases,
    },
  ];
}

function base(entry: FileEntry & { readonly plaintextBase64: string }): void {
  const opened = openFile(base64(entry.fileBase64), entry, 33);
  assert(opened?.plaintext.equals(base64(entry.plaintextBase64)), "does not open");
}

async function model(entry: ModelEntry, file: VectorFile): Promise<void> {
  const bytes = base64(entry.fileBase64);
  assert.equal(await storageRoot(bytes), entry.fileStorageMerkleRoot);
  const plaintext = base64(entry.plaintextBase64);
  assert.equal(keccak256(bytes), entry.fileKeccak256);
  for (const size of [Math.max(bytes.length, 1), 1, 77]) {
    const seal = openSeal(bytes, size);
    assert(seal, "cut off");
    assert.equal(seal.signature, entry.headerSignature);
    assert.equal(hexlify(seal.firstNonce), entry.iv);
    assert.equal(concat([...seal.tags]), entry.tags);
    assert.equal(tagsDigest(seal.tags), entry.tagsKeccak256);
    assert.equal(sealSigner(seal), entry.expectedSigner);
    assert(openFile(bytes, entry, size)?.plaintext.equals(plaintext), `in pieces of ${size}`);
  }
  const sizes = { chunks: Math.ceil(plaintext.length / chunkSize), plainSize: plaintext.length };
  assert.deepEqual(sizesOf(bytes.length), sizes);
  const made = encrypted(plaintext, entry, keysOf(file).teeSigner.privateKey);
  // a recovery byte of 27 or 28 is read, and written as 0 or 1
  const isOther = (at: number) => at === 64 && (bytes[64] ?? 0) >= 27;
  assert(made.length === bytes.length && made.every((byte, at) => byte === bytes[at] || isOther(at)));
  if (entry.encryptedSecret === undefined) return;
  const key = decryptFileKey(entry.recipientPrivateKey ?? "", entry.encryptedSecret);
  assert.equal(key && hexlify(key), entry.aesKey);
}

function openSeal(bytes: Uint8Array, pieceSize: number): ModelFileSeal | undefined {
  const walk = new ModelFileWalk();
  for (let at = 0; at < bytes.length; at += pieceSize) walk.push(bytes.subarray(at, at + pieceSize));
  return walk.end();
}

/** As the broker does it: undefined unless structure, every chunk and the signature hold. */
function openFile(
  bytes: Uint8Array,
  { aesKey, expectedSigner }: Pick<FileEntry, "aesKey" | "expectedSigner">,
  pieceSize: number,
): { plaintext: Buffer; seal: ModelFileSeal } | undefined {
  const decryption = new ModelFileDecryption(getBytes(aesKey));
  const out: Uint8Array[] = [];
  try {
    for (let at = 0; at < bytes.length; at += pieceSize)
      out.push(...decryption.push(bytes.subarray(at, at + pieceSize)));
    const end = decryption.end();
    if (!end || sealSigner(end.seal) !== expectedSigner) return undefined;
    return { plaintext: Buffer.concat([...out, ...end.rest]), seal: end.seal };
  } catch (error) {
    if (error instanceof ModelCipherError) return undefined;
    throw error;
  }
}

function encrypted(
  plaintext: Uint8Array,
  { aesKey, iv }: Pick<ModelEntry, "aesKey" | "iv">,
  signingKey: string,
): Buffer {
  const encryption = new ModelFileEncryption(getBytes(aesKey), getBytes(iv));
  const out = encryption.push(plaintext);
  const { rest, digest, header } = encryption.end();
  return Buffer.concat([header(new SigningKey(signingKey).sign(digest).serialized), ...out, ...rest]);
}

interface Recipe {
  readonly plaintext: { readonly length: number; readonly byteAt: string };
  readonly aesKey: string;
  readonly iv: string;
  readonly expectedSigner: string;
  readonly teePrivateKey: string;
}

/** What the recipe starts from; all else in it comes of these, and is a case. */
const ingredients: ReadonlySet<string> = new Set(["plaintext", "aesKey", "iv", "teePrivateKey"]);

function recipeCases(value: unknown): Case[] {
  return casesOf(value).filter(({ name }) => !ingredients.has(name));
}

/** The file of two chunks is made once for all that is known of it. */
class TwoChunks {
  private made?: { readonly of: VectorFile; readonly facts: Promise<Readonly<Record<string, unknown>>> };

  async check(key: string, value: unknown, file: VectorFile): Promise<void> {
    if (this.made?.of !== file) this.made = { of: file, facts: factsOf(file.modelTwoChunksRecipe as Recipe) };
    assert.deepEqual((await this.made.facts)[key], value);
  }
}

async function factsOf(recipe: Recipe): Promise<Record<string, unknown>> {
  const plaintext = madeBytes(recipe.plaintext);
  const file = encrypted(plaintext, recipe, recipe.teePrivateKey);
  const opened = openFile(file, recipe, 1_000_003);
  assert(opened, "does not open");
  assert(opened.plaintext.equals(plaintext), "another plaintext");
  assert.equal(file.length, encryptedSize(plaintext.length));
  const { tags, signature, firstNonce } = opened.seal;
  const shortened = file.subarray(0, headerSize + chunkSize + tagSize);
  assert.equal(openFile(shortened, recipe, 1_000_003), undefined);
  return {
    ivOfSecondChunk: hexlify(chunkNonce(firstNonce, 1)),
    expectedSigner: sealSigner(opened.seal),
    tags: concat([...tags]),
    headerSignature: signature,
    fileLength: file.length,
    fileKeccak256: `0x${await fastKeccak(file, 256)}`,
    fileSha256: sha256(file),
    plaintextSha256: sha256(plaintext),
    dropLastChunk: {
      fileLength: shortened.length,
      mustFail: "tag-list signature does not match; every remaining chunk still authenticates",
    },
  };
}

function sha256(bytes: Uint8Array): string {
  return `0x${createHash("sha256").update(bytes).digest("hex")}`;
}
