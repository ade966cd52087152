// Where the trainer keeps datasets, tasks, logs and models: a folder, or memory when the sandbox has none.
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Names are made by us, with `/` between folder and file; what strangers wrote never gets into them unchecked. */
export interface Files {
  read(name: string): Promise<Buffer | undefined>;
  /** Under a temporary name first: a reader sees the old file or the new one. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  append(name: string, bytes: Uint8Array): void;
  /** Small things, at once: what was written is there even if the process dies the moment after. */
  readJson(name: string): unknown;
  writeJson(name: string, value: unknown): void;
  /** Names in a folder. */
  list(folder: string): string[];
}

/** Where the parts of a task are kept. */
export const fileNames = {
  dataset: (user: string, hash: string) => `datasets/${user.toLowerCase()}-${hash.toLowerCase()}.jsonl`,
  /** What training gave, in clear: it never leaves this folder. */
  adapter: (id: string) => `models/${id}.0glm`,
  encrypted: (id: string) => `models/${id}.data`,
};

export class MemoryFiles implements Files {
  private readonly files = new Map<string, Buffer>();

  async read(name: string): Promise<Buffer | undefined> {
    return this.files.get(name);
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    this.files.set(name, Buffer.from(bytes));
  }

  append(name: string, bytes: Uint8Array): void {
    this.files.set(name, Buffer.concat([this.files.get(name) ?? Buffer.alloc(0), bytes]));
  }

  readJson(name: string): unknown {
    const bytes = this.files.get(name);
    return bytes && (JSON.parse(bytes.toString("utf8")) as unknown);
  }

  writeJson(name: string, value: unknown): void {
    this.files.set(name, Buffer.from(JSON.stringify(value)));
  }

  list(folder: string): string[] {
    const start = `${folder}/`;
    return [...this.files.keys()]
      .filter((name) => name.startsWith(start))
      .map((name) => name.slice(start.length));
  }
}

export class FolderFiles implements Files {
  private made = 0;

  constructor(private readonly folder: string) {}

  async read(name: string): Promise<Buffer | undefined> {
    return readFile(join(this.folder, name)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    });
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const { path, temporary } = this.place(name);
    await writeFile(temporary, bytes, { mode: 0o600 });
    await rename(temporary, path);
  }

  append(name: string, bytes: Uint8Array): void {
    appendFileSync(this.place(name).path, bytes, { mode: 0o600 });
  }

  /** A damaged file is none. */
  readJson(name: string): unknown {
    try {
      return JSON.parse(readFileSync(join(this.folder, name), "utf8"));
    } catch {
      return undefined;
    }
  }

  writeJson(name: string, value: unknown): void {
    const { path, temporary } = this.place(name);
    writeFileSync(temporary, JSON.stringify(value), { mode: 0o600 });
    renameSync(temporary, path);
  }

  /** What a crash left half written is cleared away. */
  list(folder: string): string[] {
    const path = join(this.folder, folder);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const names = readdirSync(path);
    for (const name of names) if (name.endsWith(".tmp")) rmSync(join(path, name), { force: true });
    return names.filter((name) => !name.endsWith(".tmp"));
  }

  private place(name: string): { path: string; temporary: string } {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return { path, temporary: `${path}.${++this.made}.tmp` };
  }
}
