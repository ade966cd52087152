// The folder in which the sandbox keeps itself across restarts: marked as ours, locked against a second process.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join, resolve } from "node:path";

/** The folder cannot be used; the message is one sentence for a person. */
export class StateDirError extends Error {}

const marker = "sandbox.json";
const lockName = "lock";
/** Everything that is ever written here; `erase` touches nothing else. */
const ownEntries = [
  /^(?:chain|storage|fine-tuning)$/,
  /^(?:fees|signatures)-\d+\.json$/,
  /^jobs-\d+$/,
  /^(?:ports|attestation|fine-tuning)\.json$/,
  /\.tmp$/,
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
    rmSync(join(this.path, lockName), { force: true });
  }

  // A folder with other people's files in it is never taken: `--fresh` would otherwise be one typing error away from a loss.
  private claim(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    const own = join(this.path, marker);
    if (existsSync(own)) return;
    if (readdirSync(this.path).length > 0)
      throw new StateDirError(
        `The folder ${this.path} is not empty and was not made by the sandbox; name an empty or a new one.`,
      );
    writeFileSync(own, JSON.stringify({ what: "state of the 0G Compute sandbox", version: 1 }));
  }

  private async lock(): Promise<void> {
    const file = join(this.path, lockName);
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        writeFileSync(file, this.lockText, { flag: "wx" });
        this.isLocked = true;
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      if (await isHeld(file))
        throw new StateDirError(
          `Another sandbox is using the state folder ${this.path}; stop it or name another folder.`,
        );
      removeStale(file);
    }
    throw new StateDirError(`The state folder ${this.path} could not be locked.`);
  }
}

async function isHeld(file: string): Promise<boolean> {
  const { pid, port } = readLock(file);
  return pid !== undefined && port !== undefined && isAlive(pid) && (await isListening(port));
}

function readLock(file: string): { pid?: number; port?: number } {
  try {
    const { pid, port } = JSON.parse(readFileSync(file, "utf8")) as { pid?: unknown; port?: unknown };
    return {
      pid: typeof pid === "number" ? pid : undefined,
      port: typeof port === "number" ? port : undefined,
    };
  } catch {
    return {}; // gone, or torn by a crash
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
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

// Two processes may find the same stale lock: only one of them can rename it away.
function removeStale(file: string): void {
  const away = `${file}.${process.pid}.tmp`;
  try {
    renameSync(file, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return;
  }
  rmSync(away, { force: true });
}
