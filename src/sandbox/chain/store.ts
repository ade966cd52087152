// Keeps a chain in a directory: an image (snapshot.json) and the log of what happened since (log.jsonl), a line each.
// A line is on the disk before its transaction is answered. A torn last line was never answered and is cut off; damage
// anywhere else is an error, because guessing would lose money silently. The directory is complete in itself: a later
// genesis does not disturb it.
import * as fs from "node:fs";
import * as path from "node:path";
import { isAlive } from "../../system/alive.js";
import type { Hex } from "./hex.js";
import { isObject } from "./hex.js";
import { type ChainImage, decodeImage, encodeImage } from "./image.js";

/** What can happen to a chain, in the words of its log. */
export type LogEntry =
  | { block: { timestamp: number; txs: Hex[]; hash: Hex; offset: number } }
  | { pool: Hex }
  | { clock: { offset: number; nextTimestamp?: number } }
  | { balance: { address: Hex; wei: Hex } };

/** The directory cannot be used: taken by another process, damaged, or not writable. */
export class StoreError extends Error {}

const snapshotName = "snapshot.json";
const logName = "log.jsonl";
const lockName = "lock";
/** Replaying this many entries takes well under half a second. */
const entriesPerSnapshot = 64;

export class Store {
  private entry: number;
  private sinceSnapshot = 0;
  private dirty = false;
  private failed: Error | undefined;

  private constructor(
    private readonly dir: string,
    private readonly log: number,
    private size: number,
    entry: number,
  ) {
    this.entry = entry;
  }

  /** Opens or makes the directory and gives what it holds: an image and the entries after it. */
  static open(
    dir: string,
    fresh: () => ChainImage,
  ): { store: Store; image: ChainImage; entries: LogEntry[] } {
    fs.mkdirSync(dir, { recursive: true });
    takeLock(path.join(dir, lockName));
    const snapshot = path.join(dir, snapshotName);
    if (!fs.existsSync(snapshot)) writeSafely(snapshot, encodeImage(fresh()));
    const image = readImage(snapshot);
    const logPath = path.join(dir, logName);
    const { entries, size, last } = readLog(logPath, image.entry);
    const log = fs.openSync(logPath, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
    fs.ftruncateSync(log, size);
    fs.fsyncSync(log);
    syncDir(dir);
    return { store: new Store(dir, log, size, last), image, entries };
  }

  /** Adds an entry; it is safe after the next `flush`. What cannot be written leaves no trace in the file. */
  append(entry: LogEntry): void {
    if (this.failed) throw this.failed;
    const line = Buffer.from(`${JSON.stringify({ n: this.entry + 1, ...entry })}\n`);
    try {
      for (let done = 0; done < line.length;)
        done += fs.writeSync(this.log, line, done, line.length - done, this.size + done);
    } catch (error) {
      fs.ftruncateSync(this.log, this.size);
      throw error;
    }
    this.size += line.length;
    this.entry++;
    this.sinceSnapshot++;
    this.dirty = true;
  }

  /** Everything appended is on the disk when this returns. After a failure nothing more is taken: the disk's state is unknown. */
  flush(): void {
    if (this.failed) throw this.failed;
    if (!this.dirty) return;
    try {
      fs.fdatasyncSync(this.log);
      this.dirty = false;
    } catch (error) {
      this.failed = new StoreError("the chain's log could not be written to the disk", { cause: error });
      throw this.failed;
    }
  }

  get wantsSnapshot(): boolean {
    return this.sinceSnapshot >= entriesPerSnapshot;
  }

  /** Replaces the image and empties the log. Entries that a crash leaves behind are older than the image and skipped. */
  snapshot(image: Omit<ChainImage, "entry">): void {
    writeSafely(path.join(this.dir, snapshotName), encodeImage({ ...image, entry: this.entry }));
    fs.ftruncateSync(this.log, 0);
    fs.fsyncSync(this.log);
    this.size = 0;
    this.sinceSnapshot = 0;
    this.dirty = false;
  }

  /** For a snapshot that can wait: the log holds everything, so a full disk here is no loss. */
  trySnapshot(image: Omit<ChainImage, "entry">): void {
    try {
      this.snapshot(image);
    } catch {
      this.sinceSnapshot = 0;
    }
  }

  close(): void {
    fs.closeSync(this.log);
    fs.rmSync(path.join(this.dir, lockName), { force: true });
  }
}

/** One process a directory: the lock holds its id, and a lock whose process is gone counts for nothing. */
function takeLock(file: string): void {
  const holder = fs.existsSync(file) ? Number(fs.readFileSync(file, "utf8")) : 0;
  if (holder > 0 && holder !== process.pid && isAlive(holder))
    throw new StoreError(`the chain's state is in use by process ${holder}`);
  fs.writeFileSync(file, String(process.pid), { mode: 0o600 });
}

function writeSafely(file: string, text: string): void {
  const temporary = `${file}.tmp`;
  const handle = fs.openSync(temporary, "w", 0o600);
  try {
    fs.writeFileSync(handle, text);
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
  fs.renameSync(temporary, file);
  syncDir(path.dirname(file));
}

/** A rename lasts only once its directory is written; Windows has no such call and needs none. */
function syncDir(dir: string): void {
  if (process.platform === "win32") return;
  const handle = fs.openSync(dir, "r");
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

function readImage(file: string): ChainImage {
  try {
    return decodeImage(fs.readFileSync(file, "utf8"));
  } catch (error) {
    throw new StoreError("the chain's snapshot is damaged", { cause: error });
  }
}

/** The entries after number `after`, how many bytes of the file are good, and the last entry's number. */
function readLog(file: string, after: number): { entries: LogEntry[]; size: number; last: number } {
  const bytes = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
  const entries: LogEntry[] = [];
  let last = after;
  let size = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, size)) {
    const line = parseLine(bytes.toString("utf8", size, end));
    if (line.n > after) {
      if (line.n !== last + 1) throw new StoreError(`the chain's log lacks entry ${last + 1}`);
      entries.push(line.entry);
      last = line.n;
    }
    size = end + 1;
  }
  return { entries, size, last };
}

function parseLine(text: string): { n: number; entry: LogEntry } {
  try {
    const { n, ...entry } = JSON.parse(text) as { n: unknown };
    if (typeof n === "number" && isObject(entry)) return { n, entry: entry as unknown as LogEntry };
  } catch (error) {
    throw new StoreError("the chain's log is damaged", { cause: error });
  }
  throw new StoreError("the chain's log is damaged");
}
