// 0G Storage inside the sandbox: nodes and an indexer on 127.0.0.1 on top of the chain's Flow contract (spec storage.md 15), and what
// the sandbox's own providers do with it without going over HTTP.
import type { Key } from "../accounts.js";

/** Where it can be reached, as the ready line says it. */
export interface StorageReady {
  /** URL of the indexer. */
  readonly indexer: string;
  /** URLs of the nodes, by shard. */
  readonly nodes: readonly string[];
  /** Address of the Flow contract, which takes submissions and their fee. */
  readonly flow: string;
}

/** A file that every node has all its segments of. */
export interface StoredFile {
  /** Merkle root: 0x and 64 lower-case hex characters. */
  readonly root: string;
  readonly size: number;
  /** Position of its submission in the Flow contract's log. */
  readonly txSeq: number;
}

export interface Storage {
  readonly ready: StorageReady;
  /**
   * Puts a file into 0G Storage: submits it to Flow with the key's money and hands all segments to the nodes. `source` is the content,
   * or the path of a file, which is read piece by piece. When it resolves the file is final on every node, and a restart does not
   * lose it. A file that is stored already, or paid for already, is not paid for again: after a crash simply upload it again.
   * Faults do not strike here. Rejects with NotMined while the chain does not mine, and for an empty file.
   */
  upload(source: Uint8Array | string, key: Key): Promise<StoredFile>;
  /** Size in bytes of a file that is stored in full; undefined for any other root. */
  sizeOf(root: string): Promise<number | undefined>;
  /** The whole content, checked against the root; undefined when it is not stored in full. Rejects when it is longer than `maxBytes`. */
  read(root: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Calls per method, of the indexer and of each node in turn. */
  counters(): { readonly indexer: Counters; readonly nodes: readonly Counters[] };
  close(): Promise<void>;
}

export type Counters = Readonly<Record<string, number>>;
