// Verifying a file as the rest of the program sees it: what it is, and every check that applies to it, without asking anyone.
import type { Clock } from "../../domain/clock.js";
import type { FileProof, KeysOnChain, KnownModel } from "../../domain/fileProof.js";
import type { Log } from "../../domain/log.js";
import type { ProgressOptions } from "../storage/api.js";

export interface FileToolsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** As a broker's. */
  readonly hashWorker?: string;
}

/** A file of this machine, or the bytes of one that is elsewhere. */
export type FileSource = { readonly path: string } | { readonly bytes: Uint8Array };

export interface CheckFileOptions extends ProgressOptions {
  /** Models that were delivered here: which of them an encrypted file is. */
  readonly models?: readonly KnownModel[];
  /** Somebody wants to know: JSON of any size is read, and not only what takes no time. */
  readonly isAsked?: boolean;
}

export interface FileTools {
  /** Throws `cancelled` and nothing else: what cannot be read is a kind of its own. An encrypted model is streamed. */
  check(source: FileSource, options?: CheckFileOptions): Promise<FileProof>;
  /** The same proof, compared with the keys that the chain names now. */
  withKeys(proof: FileProof, chain: KeysOnChain): FileProof;
}
