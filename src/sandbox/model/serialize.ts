/**
 * Models as bytes. A file is "0GLM", a kind, the length of a JSON part (vocabulary and rows), that part, then for each
 * parameter array a bitmap of the blocks of 64 that are not all zero and the integers of those, low bytes before high bytes
 * (which makes them pack well). An adapter is the same with the differences to its base. Integers are little-endian.
 */
import { ComputeError } from "../../domain/error.js";
import type { LanguageModel } from "./model.js";
import { type Network, parameterNames, type Parameters, parameterSizes, zeroParameters } from "./network.js";
import { fromGrid, toGrid } from "./quantise.js";
import { Memory, mergedRows } from "./retrieval.js";
import type { TrainingRow } from "./row.js";
import { Tokenizer } from "./tokenizer.js";
import { TrainedModel } from "./trainedModel.js";

const magic = [0x30, 0x47, 0x4c, 0x4d];
const headerSize = 9;
const blockSize = 64;
type Kind = "model" | "adapter";

/** The JSON part. Answers are listed once; a row is its question and the index of its answer. */
interface Texts {
  readonly base?: number;
  readonly words: readonly string[];
  readonly answers: readonly string[];
  readonly rows: readonly (readonly [string, number])[];
}

/** The whole model; the same model gives the same bytes. */
export function saveModel(model: LanguageModel): Uint8Array {
  const { tokenizer, network, memory } = model.parts;
  return write("model", texts(tokenizer.words, memory.rows), network, undefined);
}

/** Throws `badFile` for anything that `saveModel` did not write. */
export function loadModel(bytes: Uint8Array): LanguageModel {
  const reader = new Reader(bytes, "model");
  const { words, rows } = contents(reader.texts);
  const tokenizer = new Tokenizer(words);
  return new TrainedModel({
    tokenizer,
    network: { vocabulary: tokenizer.size, parameters: reader.parameters(tokenizer.size, undefined) },
    memory: new Memory(rows, tokenizer),
  });
}

/** What `model` learned beyond `base`, from which it must have been trained. It contains the rows in clear. */
export function saveAdapter(model: LanguageModel, base: LanguageModel): Uint8Array {
  const { tokenizer, network, memory } = model.parts;
  const known = new Set(base.parts.memory.rows);
  const added = memory.rows.filter((row) => !known.has(row));
  const words = tokenizer.words.slice(base.parts.tokenizer.words.length);
  const listed = { ...texts(words, added), base: fingerprint(base) };
  return write("adapter", listed, network, base.parts.network);
}

/** Throws `badFile` for anything that is not an adapter of this base. */
export function loadAdapter(bytes: Uint8Array, base: LanguageModel): LanguageModel {
  const reader = new Reader(bytes, "adapter");
  if (reader.texts.base !== fingerprint(base)) throw bad("adapter of another base model");
  const { words, rows } = contents(reader.texts);
  const tokenizer = new Tokenizer([...base.parts.tokenizer.words, ...words]);
  return new TrainedModel({
    tokenizer,
    network: {
      vocabulary: tokenizer.size,
      parameters: reader.parameters(tokenizer.size, base.parts.network),
    },
    memory: new Memory(mergedRows(base.parts.memory.rows, rows), tokenizer),
  });
}

/** Tells models apart: FNV-1a of the vocabulary and the output biases, which no two trainings share. */
function fingerprint(model: LanguageModel): number {
  let h = 0x811c9dc5;
  const mix = (value: number): void => {
    h = Math.imul(h ^ (value & 0xffff), 0x01000193);
  };
  for (const word of model.parts.tokenizer.words)
    for (let i = 0; i < word.length; i++) mix(word.charCodeAt(i));
  for (const value of model.parts.network.parameters.pieceBias) mix(toGrid(value));
  return h >>> 0;
}

function texts(words: readonly string[], rows: readonly TrainingRow[]): Texts {
  const answers = [...new Set(rows.map((row) => row.completion))];
  const places = new Map(answers.map((answer, index) => [answer, index]));
  return { words, answers, rows: rows.map((row) => [row.prompt, places.get(row.completion) ?? 0]) };
}

function contents(listed: Texts): { words: readonly string[]; rows: TrainingRow[] } {
  const rows = listed.rows.map(([prompt, at]) => ({ prompt, completion: listed.answers[at] ?? "" }));
  return { words: listed.words, rows };
}

function write(kind: Kind, listed: Texts, network: Network, base: Network | undefined): Uint8Array {
  // JSON escapes lone halves of surrogate pairs, so plain UTF-8 loses nothing.
  const json = new TextEncoder().encode(JSON.stringify(listed));
  const parts: Uint8Array[] = [Uint8Array.from([...magic, kind === "model" ? 1 : 2, ...int32(json.length)])];
  parts.push(json);
  for (const name of parameterNames) {
    parts.push(...writeArray(network.parameters[name], base?.parameters[name]));
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function int32(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

function writeArray(values: Float64Array, base: Float64Array | undefined): Uint8Array[] {
  const blocks = Math.ceil(values.length / blockSize);
  const bitmap = new Uint8Array(Math.ceil(blocks / 8));
  const [low, high]: [number[], number[]] = [[], []];
  for (let block = 0; block < blocks; block++) {
    const from = block * blockSize;
    const to = Math.min(from + blockSize, values.length);
    const integers: number[] = [];
    // A difference may leave the 16 bits; it comes back right because both ways wrap around.
    for (let i = from; i < to; i++) integers.push((toGrid(values[i] ?? 0) - toGrid(base?.[i] ?? 0)) & 0xffff);
    if (integers.every((integer) => integer === 0)) continue;
    bitmap[block >> 3] = (bitmap[block >> 3] ?? 0) | (1 << (block & 7));
    for (const integer of integers) {
      low.push(integer & 255);
      high.push(integer >>> 8);
    }
  }
  return [bitmap, Uint8Array.from(low), Uint8Array.from(high)];
}

/** Reads a file from front to back; every length is checked against what is there. */
class Reader {
  readonly texts: Texts;
  private at: number;

  constructor(
    private readonly bytes: Uint8Array,
    kind: Kind,
  ) {
    if (magic.some((byte, i) => bytes[i] !== byte) || bytes[4] !== (kind === "model" ? 1 : 2))
      throw bad(`not a ${kind}`);
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(headerSize - 4, true);
    this.at = headerSize;
    this.texts = parseTexts(new TextDecoder().decode(this.take(length)));
  }

  parameters(vocabulary: number, base: Network | undefined): Parameters {
    const sizes = parameterSizes(vocabulary);
    const parameters = zeroParameters(vocabulary);
    for (const name of parameterNames) this.array(parameters[name], sizes[name], base?.parameters[name]);
    if (this.at !== this.bytes.length) throw bad("bytes after the end");
    return parameters;
  }

  private array(values: Float64Array, size: number, base: Float64Array | undefined): void {
    if (base) values.set(base);
    const blocks = Math.ceil(size / blockSize);
    const bitmap = this.take(Math.ceil(blocks / 8));
    const present: number[] = [];
    for (let block = 0; block < blocks; block++)
      if ((bitmap[block >> 3] ?? 0) & (1 << (block & 7))) present.push(block);
    const count = present.reduce((sum, block) => sum + Math.min(blockSize, size - block * blockSize), 0);
    const [low, high] = [this.take(count), this.take(count)];
    let i = 0;
    for (const block of present) {
      const to = Math.min((block + 1) * blockSize, size);
      for (let v = block * blockSize; v < to; v++, i++) {
        const difference = ((low[i] ?? 0) | ((high[i] ?? 0) << 8)) + toGrid(base?.[v] ?? 0);
        values[v] = fromGrid((difference << 16) >> 16);
      }
    }
  }

  private take(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) throw bad("file ends early");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

function parseTexts(json: string): Texts {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw bad("text part is not JSON", cause);
  }
  if (!isTexts(value)) throw bad("text part has another shape");
  return value;
}

function isTexts(value: unknown): value is Texts {
  if (typeof value !== "object" || value === null) return false;
  const { words, answers, rows } = value as Record<string, unknown>;
  const isText = (item: unknown): boolean => typeof item === "string";
  return (
    Array.isArray(words) &&
    words.every(isText) &&
    words.length <= 0xffff - 300 &&
    Array.isArray(answers) &&
    answers.every(isText) &&
    Array.isArray(rows) &&
    rows.every((row) => Array.isArray(row) && isText(row[0]) && typeof row[1] === "number")
  );
}

function bad(detail: string, cause?: unknown): ComputeError {
  return new ComputeError("badFile", { path: "sandbox model", detail }, { cause });
}
