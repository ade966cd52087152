// Encrypts and decrypts model files, AES-256-GCM chunk by chunk (spec fine-tuning.md 11.2), in pieces of any size and constant memory.
import { createCipheriv, createDecipheriv, type CipherGCM, type DecipherGCM } from "node:crypto";
import {
  chunkNonce,
  chunkSize,
  modelFileHeader,
  ModelFileWalk,
  tagsDigest,
  type ModelFileSeal,
} from "./modelFile.js";

const algorithm = "aes-256-gcm";

/** A chunk's tag does not match: another key, or damaged bytes. */
export class ModelCipherError extends Error {
  constructor(readonly chunk: number) {
    super(`chunk ${chunk} cannot be decrypted`);
    this.name = "ModelCipherError";
  }
}

/**
 * Plaintext comes out before its chunk is authenticated, and the signature over all chunks is for the caller to check: nothing that was
 * written counts until `end` has returned and `sealSigner` of its result is right.
 */
export class ModelFileDecryption {
  private readonly walk: ModelFileWalk;
  private out: Uint8Array[] = [];
  private firstNonce = new Uint8Array(0);
  private decipher?: DecipherGCM;
  private chunk = 0;

  constructor(key: Uint8Array) {
    this.walk = new ModelFileWalk({
      header: (_, firstNonce) => (this.firstNonce = Uint8Array.from(firstNonce)),
      chunk: (index) => {
        this.chunk = index;
        this.decipher = createDecipheriv(algorithm, key, chunkNonce(this.firstNonce, index));
      },
      ciphertext: (bytes) => this.emit(this.decipher?.update(bytes)),
      tag: (tag) => this.closeChunk(tag),
    });
  }

  /** The plaintext that this piece completes. Throws ModelCipherError. */
  push(piece: Uint8Array): Uint8Array[] {
    this.walk.push(piece);
    return this.take();
  }

  /** Undefined when the file is cut off. Throws ModelCipherError. */
  end(): { readonly rest: Uint8Array[]; readonly seal: ModelFileSeal } | undefined {
    const seal = this.walk.end();
    return seal && { rest: this.take(), seal };
  }

  private closeChunk(tag: Uint8Array): void {
    try {
      this.decipher?.setAuthTag(tag);
      this.emit(this.decipher?.final());
    } catch {
      throw new ModelCipherError(this.chunk);
    }
  }

  private emit(bytes: Uint8Array | undefined): void {
    if (bytes && bytes.length > 0) this.out.push(bytes);
  }

  private take(): Uint8Array[] {
    const out = this.out;
    this.out = [];
    return out;
  }
}

/** Gives the file from behind its header on; the header can only be made at the end, and belongs in front. */
export class ModelFileEncryption {
  private readonly tags: Uint8Array[] = [];
  private cipher?: CipherGCM;
  private inChunk = 0;

  constructor(
    private readonly key: Uint8Array,
    private readonly firstNonce: Uint8Array,
  ) {}

  push(plaintext: Uint8Array): Uint8Array[] {
    const out: Uint8Array[] = [];
    for (let rest = plaintext; rest.length > 0;) {
      const taken = rest.subarray(0, chunkSize - this.inChunk);
      this.cipher ??= createCipheriv(algorithm, this.key, chunkNonce(this.firstNonce, this.tags.length));
      out.push(this.cipher.update(taken));
      this.inChunk += taken.length;
      if (this.inChunk === chunkSize) out.push(this.closeChunk(this.cipher));
      rest = rest.subarray(taken.length);
    }
    return out;
  }

  /** `digest` (0x hex) is what the enclave signs, as it is; `header` takes that signature. */
  end(): {
    readonly rest: Uint8Array[];
    readonly digest: string;
    readonly tags: readonly Uint8Array[];
    readonly header: (signature: string) => Uint8Array;
  } {
    const rest = this.cipher ? [this.closeChunk(this.cipher)] : [];
    const header = (signature: string) => modelFileHeader(signature, this.firstNonce);
    return { rest, digest: tagsDigest(this.tags), tags: this.tags, header };
  }

  private closeChunk(cipher: CipherGCM): Uint8Array {
    cipher.final();
    const tag = cipher.getAuthTag();
    this.tags.push(tag);
    this.cipher = undefined;
    this.inChunk = 0;
    return tag;
  }
}
