// The layout of an encrypted model file (spec fine-tuning.md 11.2): a header of signature and first nonce, then chunks of up to 64 MiB of
// ciphertext, each followed by its tag. Files are walked in pieces of any size; memory stays at one piece and the list of tags.
import { hexlify, keccak256 } from "ethers";
import type { Address } from "../../../domain/ids.js";
import { recoverDigest } from "../hash.js";
import { isSignedForChain } from "../signedForChain.js";

export const chunkSize = 64 * 1024 * 1024;
export const tagSize = 16;
export const nonceSize = 12;
const signatureSize = 65;
export const headerSize = signatureSize + nonceSize;

/** How long the encrypted form of so many bytes is. */
export function encryptedSize(plainSize: number): number {
  return plainSize + headerSize + tagSize * Math.ceil(plainSize / chunkSize);
}

export interface ModelFileSizes {
  readonly chunks: number;
  readonly plainSize: number;
}

/** What is in a file of that length; undefined when no file of this layout has it. */
export function sizesOf(fileSize: number): ModelFileSizes | undefined {
  const body = fileSize - headerSize;
  if (!Number.isSafeInteger(body) || body < 0) return undefined;
  const chunks = Math.ceil(body / (chunkSize + tagSize));
  const plainSize = body - chunks * tagSize;
  // A last chunk of a bare tag, or of less, has no plaintext to stand for.
  return encryptedSize(plainSize) === fileSize && plainSize >= 0 ? { chunks, plainSize } : undefined;
}

/** The nonce of chunk `index`: the first one, counted up over all its 12 bytes, big-endian, past the end from zero on. */
export function chunkNonce(first: Uint8Array, index: number): Uint8Array {
  const nonce = Uint8Array.from(first);
  let carry = index;
  for (let at = nonce.length - 1; at >= 0 && carry > 0; at--) {
    const sum = (nonce[at] ?? 0) + carry;
    nonce[at] = sum % 256;
    carry = Math.floor(sum / 256);
  }
  return nonce;
}

/** `signature`: 65 bytes in 0x hex. In files the last of them is 0 or 1. */
export function modelFileHeader(signature: string, firstNonce: Uint8Array): Uint8Array {
  const bytes = Buffer.concat([Buffer.from(signature.slice(2), "hex"), firstNonce]);
  const recovery = bytes[signatureSize - 1] ?? 0;
  bytes[signatureSize - 1] = recovery >= 27 ? recovery - 27 : recovery;
  return new Uint8Array(bytes);
}

/** What the enclave signs, as it is, without a prefix: 32 bytes in 0x hex. */
export function tagsDigest(tags: readonly Uint8Array[]): string {
  return keccak256(Buffer.concat(tags));
}

/**
 * What the same key signs elsewhere are typed data, whose 66 bytes are no list of tags, personal messages, which may be as long as one but begin
 * with words, and transactions.
 */
export function areTags(bytes: Uint8Array): boolean {
  const words = Buffer.from("\x19Ethereum Signed Message:\n");
  const isMessage = words.equals(bytes.subarray(0, words.length));
  return bytes.length % tagSize === 0 && !isMessage && !isSignedForChain(bytes);
}

/** What can be read of a file without its key. */
export interface ModelFileSeal {
  /** 0x hex. */
  readonly signature: string;
  readonly firstNonce: Uint8Array;
  readonly tags: readonly Uint8Array[];
  readonly size: number;
}

/**
 * Who signed the tags of all chunks; undefined when nobody did, or when what was signed is something else in their place. This needs no key:
 * it is checked before anything is paid for.
 */
export function sealSigner({
  signature,
  tags,
}: Pick<ModelFileSeal, "signature" | "tags">): Address | undefined {
  return areTags(Buffer.concat(tags)) ? recoverDigest(tagsDigest(tags), signature) : undefined;
}

export interface ModelFileVisitor {
  header?(signature: string, firstNonce: Uint8Array): void;
  /** A new chunk begins. */
  chunk?(index: number): void;
  /** Views on the piece that was pushed: copy what is kept. */
  ciphertext?(bytes: Uint8Array): void;
  tag?(tag: Uint8Array): void;
}

/** Takes a file apart, piece by piece. */
export class ModelFileWalk {
  private readonly header = new Uint8Array(headerSize);
  private readonly tags: Uint8Array[] = [];
  /** The last bytes of the chunk so far, 16 at most: its tag, unless more comes. */
  private held = new Uint8Array(0);
  private inChunk = 0;
  private size = 0;

  constructor(private readonly visitor: ModelFileVisitor = {}) {}

  push(piece: Uint8Array): void {
    let rest = this.takeHeader(piece);
    while (rest.length > 0) {
      const taken = rest.subarray(0, chunkSize + tagSize - this.inChunk);
      if (this.inChunk === 0) this.visitor.chunk?.(this.tags.length);
      this.takeBody(taken);
      this.inChunk += taken.length;
      this.size += taken.length;
      if (this.inChunk === chunkSize + tagSize) this.endChunk();
      rest = rest.subarray(taken.length);
    }
  }

  /** Undefined when the file is cut off inside its header or a chunk. */
  end(): ModelFileSeal | undefined {
    if (this.size < headerSize) return undefined;
    if (this.inChunk > 0) {
      if (this.inChunk <= tagSize) return undefined;
      this.endChunk();
    }
    return { ...splitHeader(this.header), tags: this.tags, size: this.size };
  }

  private takeHeader(piece: Uint8Array): Uint8Array {
    if (this.size >= headerSize) return piece;
    const part = piece.subarray(0, headerSize - this.size);
    this.header.set(part, this.size);
    this.size += part.length;
    if (this.size === headerSize) {
      const { signature, firstNonce } = splitHeader(this.header);
      this.visitor.header?.(signature, firstNonce);
    }
    return piece.subarray(part.length);
  }

  private takeBody(bytes: Uint8Array): void {
    const certain = this.held.length + bytes.length - tagSize; // bytes that cannot be of the tag
    if (certain <= 0) {
      this.held = Uint8Array.from([...this.held, ...bytes]);
      return;
    }
    const ofHeld = Math.min(certain, this.held.length);
    if (ofHeld > 0) this.visitor.ciphertext?.(this.held.subarray(0, ofHeld));
    if (certain > ofHeld) this.visitor.ciphertext?.(bytes.subarray(0, certain - ofHeld));
    this.held = Uint8Array.from([...this.held.subarray(ofHeld), ...bytes.subarray(certain - ofHeld)]);
  }

  private endChunk(): void {
    this.tags.push(this.held);
    this.visitor.tag?.(this.held);
    this.held = new Uint8Array(0);
    this.inChunk = 0;
  }
}

function splitHeader(header: Uint8Array): Pick<ModelFileSeal, "signature" | "firstNonce"> {
  return {
    signature: hexlify(header.subarray(0, signatureSize)),
    firstNonce: header.slice(signatureSize, headerSize),
  };
}
