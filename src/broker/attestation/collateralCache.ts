// Collateral is kept on disk for a day at most, and never past the day its makers name for the next. Nobody trusts the file: what it holds
// is verified each time like a server's answer, and what cannot be read is asked for again.
import type { Log } from "../../domain/log.js";
import { sha256Hex } from "../wire/hash.js";
import { asObject, asText, parseJsonObject } from "../wire/json.js";
import {
  fetchAnswers,
  NoCollateral,
  readCollateral,
  type Answer,
  type Answers,
  type Collateral,
  type CollateralSource,
  type Machine,
} from "./collateral.js";
import { nextUpdateOf } from "./revocationList.js";

/** Part of the folder of services/ports.ts. */
export interface CollateralFolder {
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  list(): Promise<string[]>;
  remove(name: string): Promise<void>;
}

export interface DatedCollateral {
  readonly collateral: Collateral;
  /** Milliseconds since 1970. */
  readonly fetchedAt: number;
  /** The earliest that any part of it names. */
  readonly nextUpdate: number;
}

const schema = "0g-collateral/1";
const keptMs = 24 * 3_600_000;
/** One for each kind of processor: whoever has more has other things in the folder. */
const mostFiles = 32;

/** Undefined when there is none that may be used at `now`. */
export async function keptCollateral(
  folder: CollateralFolder,
  url: string,
  machine: Machine,
  now: number,
): Promise<DatedCollateral | undefined> {
  const bytes = await folder.read(nameOf(url, machine)).catch(() => undefined);
  const json = bytes && parseJsonObject(Buffer.from(bytes).toString("utf8"));
  if (json?.schema !== schema || typeof json.fetchedAt !== "number") return undefined;
  try {
    const [pckList, level, identity, rootList] = ["pckList", "level", "identity", "rootList"].map((name) =>
      answerOf(json[name]),
    );
    if (!pckList || !level || !identity || !rootList) return undefined;
    const dated = datedCollateral({ pckList, level, identity, rootList }, json.fetchedAt);
    return isFresh(dated, now) ? dated : undefined;
  } catch (error) {
    if (error instanceof NoCollateral) return undefined;
    throw error;
  }
}

/** Fetched now, and kept. Throws `NoCollateral`. */
export async function newCollateral(
  source: CollateralSource & { readonly folder: CollateralFolder; readonly log: Log },
  machine: Machine,
): Promise<DatedCollateral> {
  const { folder, url, clock, log } = source;
  const fetchedAt = clock.now();
  const answers = await fetchAnswers(source, machine);
  const dated = datedCollateral(answers, fetchedAt);
  if (!isFresh(dated, fetchedAt))
    throw new NoCollateral("collateralOutdated", new Date(dated.nextUpdate).toISOString());
  try {
    const names = await folder.list();
    if (names.length >= mostFiles) for (const name of names) await folder.remove(name);
    await folder.write(nameOf(url, machine), Buffer.from(JSON.stringify(plain(answers, fetchedAt))));
  } catch (error) {
    log.warn(`Collateral could not be kept: ${error instanceof Error ? error.message : ""}`);
  }
  return dated;
}

/** A date ahead of the clock is of a clock that went wrong, or of nobody's honest writing. */
function isFresh({ fetchedAt, nextUpdate }: DatedCollateral, now: number): boolean {
  return fetchedAt <= now && now - fetchedAt < keptMs && now <= nextUpdate;
}

function datedCollateral(answers: Answers, fetchedAt: number): DatedCollateral {
  const collateral = readCollateral(answers);
  return { collateral, fetchedAt, nextUpdate: earliest(collateral) };
}

function earliest({ tcb_info, qe_identity, root_ca_crl, pck_crl }: Collateral): number {
  try {
    const dates = [tcb_info, qe_identity].map((text) => {
      const { nextUpdate } = parseJsonObject(text) ?? {};
      return Date.parse(String(nextUpdate));
    });
    const first = Math.min(
      ...dates,
      ...[root_ca_crl, pck_crl].map((list) => nextUpdateOf(Buffer.from(list))),
    );
    if (Number.isFinite(first)) return first;
  } catch {
    // no list: said below
  }
  throw new NoCollateral("collateralOfAnotherKind", "nextUpdate");
}

function plain(answers: Answers, fetchedAt: number): object {
  const parts = Object.entries(answers).map(([name, { body, issuers }]) => [
    name,
    { body: body.toString("base64"), issuers },
  ]);
  return { schema, fetchedAt, ...(Object.fromEntries(parts) as object) };
}

function answerOf(value: unknown): Answer | undefined {
  const json = asObject(value);
  const [body, issuers] = [asText(json?.body), asText(json?.issuers)];
  return body === undefined || issuers === undefined
    ? undefined
    : { body: Buffer.from(body, "base64"), issuers };
}

function nameOf(url: string, { family, ca }: Machine): string {
  return `${sha256Hex(Buffer.from([url, family, ca].join("\n"))).slice(0, 24)}.json`;
}
