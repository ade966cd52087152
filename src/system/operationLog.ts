// Append-only journals: one file of JSON lines for each operation, each line on disk before `append` resolves. What was written before a power
// cut is read after it; a last line that was cut off is as if it had never been begun.
import { mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { atBorder, orUndefined } from "./folder.js";
import { createLocks, type Locks } from "./lock.js";

/** Same shape as the port of `services/`; names are flat. Throws `diskFull` and `badFile`. */
export interface DiskOperationLog extends Locks {
  list(): Promise<string[]>;
  /** Oldest first; undefined when there is no such journal. A line that cannot be read is undefined. */
  read(name: string): Promise<unknown[] | undefined>;
  pathOf(name: string): string;
  append(name: string, record: unknown): Promise<void>;
  remove(name: string): Promise<void>;
}

const suffix = ".jsonl";
const lineFeed = 0x0a;
/** Ends a line that was cut off; JSON never has it. */
const cutMark = "\u0018";

/** Nothing is touched before the first call. Files are for the user alone. */
export function createOperationLog(path: string): DiskOperationLog {
  const fileOf = (name: string) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) throw new Error("a journal's name that is not flat");
    return join(path, name + suffix);
  };
  return {
    ...createLocks(path),
    pathOf: fileOf,
    list: async () => {
      const names = (await orUndefined(readdir(path), path)) ?? [];
      return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
    },
    read: async (name) => {
      const file = fileOf(name);
      const text = await orUndefined(readFile(file, "utf8"), file);
      return text === undefined ? undefined : recordsOf(text);
    },
    append: async (name, record) => {
      const file = fileOf(name);
      await atBorder(file, async () => {
        const isNew = (await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined;
        await appendLine(file, JSON.stringify(record));
        if (isNew) await syncFolder(join(path, ".."));
        await syncFolder(path);
      });
    },
    remove: async (name) => {
      const file = fileOf(name);
      await atBorder(file, () => rm(file, { force: true }));
    },
  };
}

/** A line that was cut off when a process died is left out: nothing was done on the strength of it. Others that are no JSON are damaged. */
function recordsOf(text: string): unknown[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index): unknown[] => {
    try {
      return line === "" ? [] : [JSON.parse(line) as unknown];
    } catch {
      return index === lines.length - 1 || line.endsWith(cutMark) ? [] : [undefined];
    }
  });
}

/** One write for the line and what ends the torn one before it: two lines never become one. */
async function appendLine(file: string, line: string): Promise<void> {
  const handle = await open(file, "a+", 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    const isTorn = size > 0 && (await handle.read(last, 0, 1, size - 1)) && last[0] !== lineFeed;
    await handle.writeFile(`${isTorn ? `${cutMark}\n` : ""}${line}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A new file's name is on disk only with its folder. Windows has no such call, and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
