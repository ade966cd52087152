// node verify-receipt.js [--json] [--signer ADDRESS] FILE...   Checks receipts again, offline: asks nobody and needs nothing beside this file.
import { readFileSync } from "node:fs";
import { recheck } from "../broker/receipts/recheck.js";
import { isAddressText } from "../domain/ids.js";
import type { Recheck } from "../domain/receipt.js";
import { exitCodes, usage } from "./receipts/exitCodes.js";
import { reportLines } from "./receipts/report.js";
import { withSigner } from "./receipts/withSigner.js";

interface Asked {
  readonly files: readonly string[];
  readonly isJson: boolean;
  readonly signer?: string;
}

function main(words: readonly string[]): number {
  const asked = parse(words);
  if (!asked) {
    console.error(usage);
    return exitCodes.unreadable;
  }
  const results = asked.files.map((file) => ({ file, result: check(file, asked.signer) }));
  if (asked.isJson) console.log(JSON.stringify(results.map(jsonOf), undefined, 2));
  else
    for (const { file, result } of results) for (const line of reportLines(file, result)) console.log(line);
  return Math.max(...results.map(({ result }) => codeOf(result)));
}

function parse(words: readonly string[]): Asked | undefined {
  const files: string[] = [];
  let isJson = false;
  let signer: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--json") isJson = true;
    else if (word === "--signer") {
      signer = words[++at] ?? "";
      if (!isAddressText(signer)) return undefined;
    } else if (word.startsWith("--")) return undefined;
    else files.push(word);
  }
  return files.length === 0 ? undefined : { files, isJson, ...(signer === undefined ? {} : { signer }) };
}

function check(file: string, signer: string | undefined): Recheck | string {
  try {
    const result = recheck(readFileSync(file));
    return signer === undefined ? result : withSigner(result, signer);
  } catch (error) {
    return error instanceof Error ? error.message : "cannot be read";
  }
}

function codeOf(result: Recheck | string): number {
  const isUnread = typeof result === "string" || (!result.receipt && result.word === "notProven");
  return isUnread ? exitCodes.unreadable : exitCodes[result.word];
}

function jsonOf({ file, result }: { file: string; result: Recheck | string }): object {
  if (typeof result === "string") return { file, word: "unreadable", error: result };
  const { word, level, reason, checks, receipt } = result;
  return { file, word, level, reason, schema: receipt?.schema, id: receipt?.id, kind: receipt?.kind, checks };
}

process.exitCode = main(process.argv.slice(2));
