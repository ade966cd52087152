// Locks between windows that outlive nobody: a process that was killed holds nothing. The holder of a lock is its file of the highest number;
// a file is made with its whole content or not at all, its number can be taken once, and the highest is never removed, so that two who see
// the same dead holder cannot both follow it.
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import {
  appendFile,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isAlive } from "./alive.js";
import { atBorder, codeOf, orUndefined } from "./folder.js";

export interface Lock {
  /** False once somebody else follows: this process was thought dead. Ask before each step that must happen once. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

export interface Locks {
  /** Undefined while another one holds it. */
  lock(name: string): Promise<Lock | undefined>;
}

export interface LockTimes {
  readonly beatMs: number;
  /** A holder whose file did not change for so long, watched by us, is dead though its process number is in use. */
  readonly silentMs: number;
}

const usualTimes: LockTimes = { beatMs: 5_000, silentMs: 30_000 };
const releasedMark = "released\n";

interface Holder {
  readonly number: number;
  readonly text: string;
  readonly mtimeMs: number;
}

export function createLocks(path: string, times: LockTimes = usualTimes): Locks {
  /** What was seen of living holders, and since when by this process's own running time: a wall clock also runs while all sleep. */
  const watched = new Map<string, { readonly mark: string; readonly since: number }>();

  const isSilent = (name: string, holder: Holder): boolean => {
    const mark = `${holder.number} ${holder.mtimeMs}`;
    const before = watched.get(name);
    if (before?.mark === mark) return performance.now() - before.since >= times.silentMs;
    watched.set(name, { mark, since: performance.now() });
    return false;
  };

  return {
    lock: async (name) => {
      if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) throw new Error("a lock's name that is not flat");
      return atBorder(join(path, name), async () => {
        await mkdir(path, { recursive: true, mode: 0o700 });
        const holder = await highest(path, name);
        if (holder && !isOver(holder) && !isSilent(name, holder)) return undefined;
        const number = (holder?.number ?? 0) + 1;
        if (!(await take(path, name, number))) return undefined;
        watched.delete(name);
        return held(path, name, number, times);
      });
    },
  };
}

function held(path: string, name: string, number: number, { beatMs }: LockTimes): Lock {
  const file = fileOf(path, name, number);
  const beat = setInterval(() => {
    const now = new Date();
    void utimes(file, now, now).catch(() => undefined); // gone: somebody follows, and isHeld tells
  }, beatMs);
  beat.unref();
  return {
    isHeld: async () => (await numbers(path, name)).at(-1) === number,
    release: async () => {
      clearInterval(beat);
      // Appends to a file that is there, and makes none: taken over, it is gone, and there is nothing to release.
      const flag = constants.O_WRONLY | constants.O_APPEND;
      await orUndefined(appendFile(file, releasedMark, { flag }), file);
    },
  };
}

/** Released, or its process is gone. Of a process on another machine nothing is known but its silence. */
function isOver({ text }: Holder): boolean {
  if (text.endsWith(releasedMark)) return true;
  const [pid, host] = text.trim().split(" ");
  return host === hostname() && /^\d+$/.test(pid ?? "") && !isAlive(Number(pid));
}

async function take(path: string, name: string, number: number): Promise<boolean> {
  const file = fileOf(path, name, number);
  const draft = `${file}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, `${process.pid} ${hostname()}\n`, { flag: "wx", mode: 0o600 });
  try {
    await publish(draft, file);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const all = await numbers(path, name);
  if (all.at(-1) !== number) {
    // The number was free again because others came and went in the meantime; theirs is the lock.
    await rm(file, { force: true });
    return false;
  }
  const lower = all.filter((one) => one < number);
  await Promise.all(lower.map((one) => rm(fileOf(path, name, one), { force: true })));
  return true;
}

async function publish(draft: string, file: string): Promise<void> {
  try {
    await link(draft, file);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP"].includes(codeOf(error) ?? "")) throw error;
    await copyFile(draft, file, constants.COPYFILE_EXCL); // a disk without links
  }
}

async function highest(path: string, name: string): Promise<Holder | undefined> {
  const number = (await numbers(path, name)).at(-1);
  if (number === undefined) return undefined;
  const file = fileOf(path, name, number);
  const facts = await orUndefined(stat(file), file);
  const text = await orUndefined(readFile(file, "utf8"), file);
  // Gone between the looks: somebody took the next number, which ours will not be.
  return { number, text: text ?? "", mtimeMs: facts?.mtimeMs ?? 0 };
}

/** Rising. */
async function numbers(path: string, name: string): Promise<number[]> {
  const names = (await orUndefined(readdir(path), path)) ?? [];
  return names
    .map((one) => (one.startsWith(`${name}.lock.`) ? one.slice(name.length + ".lock.".length) : ""))
    .filter((text) => /^\d+$/.test(text))
    .map(Number)
    .sort((a, b) => a - b);
}

function fileOf(path: string, name: string, number: number): string {
  return join(path, `${name}.lock.${number}`);
}
