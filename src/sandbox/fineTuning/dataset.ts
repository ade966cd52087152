// A user's dataset as the trainer gets to see it (spec fine-tuning.md 5).
import { setImmediate as nextTurn } from "node:timers/promises";
import { asObject, parseJson } from "../../broker/wire/json.js";
import { convertRow, shapeOf } from "../../dataset/conversion.js";
import { countWords } from "../../domain/words.js";
import { maxUploadBytes, UploadCheck } from "../../dataset/upload.js";
import type { ConvertedRow, Destination } from "../../domain/dataset.js";
import type { TrainingRow } from "../model/row.js";
import { fileNames } from "./files.js";
import type { TaskOrder } from "./tasks.js";
import type { Workshop } from "./workshop.js";

/** Of one row: longer ones are cut, as the network's trainer cuts them. */
const maxWords = 512;
/** A toy learns no more than this of a longer dataset; all of it is paid for. */
const maxRows = 5000;
const sliceSize = 256 * 1024;
const rowsPerTurn = 500;

/** Why a provider refuses the file, in its words; undefined when it is taken. */
export async function checkLines(file: Uint8Array): Promise<string | undefined> {
  const check = new UploadCheck();
  for (let at = 0; at < file.length; at += sliceSize) {
    check.push(file.subarray(at, at + sliceSize));
    await nextTurn();
  }
  return check.end().error || undefined;
}

export interface Dataset {
  readonly rows: readonly TrainingRow[];
  /** Of all rows, also those that are not learned. */
  readonly tokens: number;
}

/** From the user's uploads, else from 0G Storage. Throws when it is in neither. */
export async function loadDataset(
  { files, options }: Workshop,
  { userAddress, datasetHash }: TaskOrder,
): Promise<Dataset> {
  if (!/^0x[0-9a-f]{64}$/i.test(datasetHash)) throw new Error("the dataset's hash is no hash");
  const uploaded = await files.read(fileNames.dataset(userAddress, datasetHash));
  if (uploaded) return convert(uploaded, "tee");
  const stored = await options.storage.read(datasetHash.toLowerCase(), maxUploadBytes);
  if (!stored) throw new Error(`dataset ${datasetHash} not found`);
  const problem = await checkLines(stored);
  if (problem !== undefined) throw new Error(problem);
  return convert(stored, "0g-storage");
}

async function convert(bytes: Uint8Array, destination: Destination): Promise<Dataset> {
  const lines = new TextDecoder().decode(bytes).split("\n");
  const rows: TrainingRow[] = [];
  let shape: ReturnType<typeof shapeOf> | undefined;
  let tokens = 0;
  for (const [index, line] of lines.entries()) {
    if (index % rowsPerTurn === 0) await nextTurn();
    if (/^[ \t\r]*$/.test(line)) continue;
    const row = asObject(parseJson(line)) ?? null;
    shape ??= shapeOf(row);
    const converted = convertRow(row, shape, destination);
    tokens += countTokens(converted);
    if (rows.length < maxRows) rows.push(trainingRow(converted));
  }
  return { rows, tokens };
}

/** What the public script counts of a row: its text, its input and its output, but not its instruction (spec 5.5). */
function countTokens(row: ConvertedRow): number {
  return "text" in row ? countWords(row.text) : countWords(row.input) + countWords(row.output);
}

function trainingRow(row: ConvertedRow): TrainingRow {
  if ("text" in row) return { prompt: cut(row.text), completion: cut(row.text) };
  const prompt = row.input === "" ? row.instruction : `${row.instruction}\n${row.input}`;
  return { prompt: cut(prompt), completion: cut(row.output) };
}

const word = /\S+/g;

function cut(text: string): string {
  let seen = 0;
  for (const match of text.matchAll(word)) if (++seen > maxWords) return text.slice(0, match.index);
  return text;
}
