// The folder in which the sandbox keeps itself across restarts: marked as ours, locked against a second process.
import { randomBytes } from "node:crypto";
import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { dirname, join, resolve } from "node:path";
import { isAlive } from "../system/alive.js";

/** The folder cannot be used; the message is one sentence for a person. */
class StateDirError extends Error {}

const marker = "sandbox.json";
const lockName = "lock";
/** Everything that is ever written here; `erase` touches nothing else. */
const ownEntries = [
  /^(?:chain|storage|fine-tuning)$/,
  /^(?:fees|signatures)-\d+\.json$/,
  /^jobs-\d+$/,
  /^(?:ports|attestation|fine-tuning)\.json$/,
  /^(?!lock\.).*\.tmp$/, // of a lock it may be somebody's who opens the folder just now
];

export class StateDir {
  readonly path: string;
  private readonly lockText: string;
  private isLocked = false;

  private constructor(path: string, port: number) {
    this.path = resolve(path);
    this.lockText = JSON.stringify({ pid: process.pid, port });
  }

  /**
   * Opens the folder, making it when it is missing, and locks it. `port` is one this process listens on already: whoever finds the
   * lock asks there whether we are alive, because a process id alone may by then belong to somebody else. Throws StateDirError.
   */
  static async open(path: string, port: number): Promise<StateDir> {
    const dir = new StateDir(path, port);
    try {
      dir.claim();
      await dir.lock();
    } catch (error) {
      if (error instanceof StateDirError) throw error;
      throw new StateDirError(`The state folder ${dir.path} cannot be used: ${(error as Error).message}`);
    }
    return dir;
  }

  /** Forgets everything the sandbox kept here. */
  erase(): void {
    for (const name of readdirSync(this.path))
      if (ownEntries.some((pattern) => pattern.test(name)))
        rmSync(join(this.path, name), { recursive: true, force: true });
  }

  folder(name: string): string {
    return join(this.path, name);
  }

  /** What `writeJson` wrote; undefined when there is none or it is damaged. */
  readJson(name: string): unknown {
    try {
      return JSON.parse(readFileSync(join(this.path, name), "utf8"));
    } catch {
      return undefined;
    }
  }

  /** Everything `writeJson` wrote into that folder. */
  readJsons(folder: string): unknown[] {
    const path = join(this.path, folder);
    const names = existsSync(path) ? readdirSync(path) : [];
    // What a killed process left half written is nobody's.
    for (const name of names) if (name.endsWith(".tmp")) rmSync(join(path, name), { force: true });
    return names.filter((name) => name.endsWith(".json")).map((name) => this.readJson(join(folder, name)));
  }

  remove(name: string): void {
    rmSync(join(this.path, name), { force: true });
  }

  /** Temporary name, then rename: a reader sees the old or the new. */
  writeJson(name: string, value: unknown): void {
    const target = join(this.path, name);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    const temporary = `${target}.tmp`;
    writeFileSync(temporary, JSON.stringify(value), { mode: 0o600 });
    renameSync(temporary, target);
  }

  release(): void {
    if (!this.isLocked) return;
    this.isLocked = false;
    const file = this.folder(lockName);
    if (readIfThere(file) === this.lockText) rmSync(file, { force: true });
  }

  // A folder with other people's files in it is never taken: `--fresh` would otherwise be one typing error away from a loss.
  private claim(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    // One look for both: the marker is there before anything else is, also when another process makes the folder just now.
    const names = readdirSync(this.path);
    if (names.includes(marker)) return;
    if (names.length > 0)
      throw new StateDirError(
        `The folder ${this.path} is not empty and was not made by the sandbox; name an empty or a new one.`,
      );
    writeFileSync(
      this.folder(marker),
      JSON.stringify({ what: "state of the 0G Compute sandbox", version: 1 }),
    );
  }

  private async lock(): Promise<void> {
    const file = this.folder(lockName);
    const own = temporaryOf(file);
    writeFileSync(own, this.lockText, { mode: 0o600 });
    try {
      for (let attempt = 0; attempt < 5; attempt++) {
        if (putIfFree(own, file)) {
          this.isLocked = true;
          return;
        }
        const text = readIfThere(file);
        if (text === undefined) continue;
        if (await isHeld(text))
          throw new StateDirError(
            `Another sandbox is using the state folder ${this.path}; stop it or name another folder.`,
          );
        removeStale(file, text);
      }
      throw new StateDirError(`The state folder ${this.path} could not be locked.`);
    } finally {
      rmSync(own, { force: true });
    }
  }
}

/** In the same folder, and of no other process or thread. */
function temporaryOf(file: string): string {
  return `${file}.${randomBytes(4).toString("hex")}.tmp`;
}

const hasNoLinks = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

/** Gives the file a second name unless something has it: whoever reads that name reads all of the text, and one process gets it. */
function putIfFree(from: string, to: string): boolean {
  try {
    put(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function put(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!hasNoLinks.includes(codeOf(error) ?? "")) throw error;
    copyFileSync(from, to, constants.COPYFILE_EXCL); // no links here, as on a memory stick: the next best
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function isHeld(lockText: string): Promise<boolean> {
  const { pid, port } = parseLock(lockText);
  return pid !== undefined && port !== undefined && isAlive(pid) && (await isListening(port));
}

function parseLock(text: string): { pid?: number; port?: number } {
  try {
    const { pid, port } = JSON.parse(text) as { pid?: unknown; port?: unknown };
    return {
      pid: typeof pid === "number" ? pid : undefined,
      port: typeof port === "number" ? port : undefined,
    };
  } catch {
    return {}; // torn by a crash
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

/** Two processes may find the same stale lock: the slower one may by then hold the lock of the faster, and gives it back. */
function removeStale(file: string, stale: string): void {
  const away = temporaryOf(file);
  try {
    renameSync(file, away);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    return;
  }
  if (readFileSync(away, "utf8") !== stale) putIfFree(away, file);
  rmSync(away, { force: true });
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
