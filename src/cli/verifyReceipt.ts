// node verify-receipt.js [--json] [--signer ADDRESS] [--model FILE] FILE...   Checks receipts again, offline: asks nobody and needs nothing
// beside this file.
import { readFile } from "node:fs/promises";
import { besideModel } from "../broker/files/besideModel.js";
import { recheck } from "../broker/receipts/recheck.js";
import { Hasher } from "../broker/storage/hasher.js";
import { isAddressText } from "../domain/ids.js";
import type { Recheck } from "../domain/receipt.js";
import { realClock } from "../system/realClock.js";
import { exitCodes, usage } from "./receipts/exitCodes.js";
import { levelOf, printableJson, reportLines } from "./receipts/report.js";
import { withSigner } from "./receipts/withSigner.js";

interface Asked {
  readonly files: readonly string[];
  readonly isJson: boolean;
  readonly signer?: string;
  /** The encrypted model of the receipts. */
  readonly model?: string;
}

async function main(words: readonly string[]): Promise<number> {
  const asked = parse(words);
  if (!asked) {
    console.error(usage);
    return exitCodes.unreadable;
  }
  const results: Checked[] = [];
  for (const file of asked.files) results.push({ file, result: await check(file, asked) });
  if (asked.isJson) console.log(printableJson(results.map(jsonOf)));
  else
    for (const { file, result } of results) for (const line of reportLines(file, result)) console.log(line);
  return Math.max(...results.map(({ result }) => codeOf(result)));
}

function parse(words: readonly string[]): Asked | undefined {
  const files: string[] = [];
  let isJson = false;
  const named: { signer?: string; model?: string } = {};
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--json") isJson = true;
    else if (word === "--signer") {
      named.signer = words[++at] ?? "";
      if (!isAddressText(named.signer)) return undefined;
    } else if (word === "--model") {
      named.model = words[++at] ?? "";
      if (named.model === "") return undefined;
    } else if (word.startsWith("--")) return undefined;
    else files.push(word);
  }
  return files.length === 0 ? undefined : { files, isJson, ...named };
}

interface Checked {
  readonly file: string;
  readonly result: Recheck | string;
}

async function check(file: string, { signer, model }: Asked): Promise<Recheck | string> {
  try {
    const alone = recheck(await readFile(file));
    const result = model === undefined ? alone : await besideModel(hasher(), alone, model);
    return signer === undefined ? result : withSigner(result, signer);
  } catch (error) {
    return error instanceof Error ? error.message : "cannot be read";
  }
}

/** Without threads, which are what it would have to say anything of. */
function hasher(): Hasher {
  const silent = () => undefined;
  const log = { error: silent, warn: silent, info: silent, debug: silent, trace: silent };
  return new Hasher({ clock: realClock, log, closing: new AbortController().signal });
}

function codeOf(result: Recheck | string): number {
  const isUnread = typeof result === "string" || (!result.receipt && result.word === "notProven");
  return isUnread ? exitCodes.unreadable : exitCodes[result.word];
}

function jsonOf({ file, result }: Checked): object {
  if (typeof result === "string") return { file, word: "unreadable", error: result };
  const { word, checks, receipt, shown } = result;
  const { schema, id, kind } = receipt ?? {};
  return { file, word, ...levelOf(result), schema, id, kind, shown, checks };
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
