/** Builds the sandbox's base model into `dist`: called by esbuild.mjs, and by tests. The same sources give the same bytes. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { helpRows } from "./help.js";
import { saveModel } from "./serialize.js";
import { trainModel } from "./train.js";

const seed = 20_260_101;
const epochs = 10;

export interface BuiltModel {
  readonly bytes: number;
  /** Of the training; 0 when the file was there already. */
  readonly milliseconds: number;
  /** Mean loss per piece of the network alone; absent when the file was there already. */
  readonly loss?: number;
}

/**
 * Trains the base model from the sources in `folder` (this one) and writes it to `file`. `file` + ".sha256" remembers the
 * sources: when they have not changed and the file is there, nothing is done.
 */
export async function buildBaseModel(folder: string, file: string): Promise<BuiltModel> {
  const sources = await hashOf(folder);
  const mark = `${file}.sha256`;
  const present = await readFile(file).catch(ifMissing);
  if (present && (await readFile(mark, "utf8").catch(ifMissing)) === sources) {
    return { bytes: present.length, milliseconds: 0 };
  }
  const rows = helpRows(await readFile(join(folder, "help.md"), "utf8"));
  const start = performance.now();
  const model = await trainModel(rows, { seed, epochs, targetLoss: 0 });
  const milliseconds = performance.now() - start;
  const bytes = saveModel(model);
  await mkdir(dirname(file), { recursive: true });
  await writeWhole(file, bytes);
  await writeWhole(mark, sources);
  return { bytes: bytes.length, milliseconds, loss: model.loss(rows) };
}

async function hashOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(folder)).sort()) {
    const text = await readFile(join(folder, name), "utf8");
    hash.update(`${name}\0${text.replaceAll("\r\n", "\n")}\0`);
  }
  return hash.digest("hex");
}

/** Under another name first: a build that is cut off leaves no half file. */
async function writeWhole(file: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, file);
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
