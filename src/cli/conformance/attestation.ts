// attestation.json: our own checks beside the official client's verdicts, which must never be the stricter ones; and a real quote, step by step.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { intelRoot } from "../../broker/attestation/chain.js";
import { readQuoteHex } from "../../broker/attestation/quote.js";
import { checkReport } from "../../broker/attestation/checkReport.js";
import { replay as replayLog, readEvents } from "../../broker/attestation/eventLog.js";
import { imageText } from "../../broker/attestation/compose.js";
import { verifyProvider } from "../../broker/attestation/verifyProvider.js";
import { createInference } from "../../broker/inference/inference.js";
import { signerInQuote } from "../../broker/wire/fineTuning/quote.js";
import { parseJson, parseJsonObject } from "../../broker/wire/json.js";
import type {
  CustodyStep,
  CustodyStepId,
  ProviderVerification,
  ReportVerification,
} from "../../domain/attestation.js";
import { sameAddress } from "../../domain/ids.js";
import { recordedProvider, replay } from "./inferenceReplay.js";
import type { Suite, VectorFile } from "./runner.js";

/** The certificates of the sample are valid then. */
const now = Date.UTC(2026, 0, 1);

export function attestationSuite(): Suite {
  return {
    sections: [
      { name: "attestation", run: (entry) => provider(entry as ProviderEntry) },
      { name: "tdx_quote", run: (entry, file) => quote(entry as QuoteEntry, file) },
    ],
  };
}

interface ProviderEntry {
  readonly service: {
    readonly teeSignerAddress: string;
    readonly additionalInfo: string;
    readonly url: string;
    readonly model: string;
  };
  readonly report_text: string;
  readonly llm_report_text: string | null;
  readonly expected: {
    readonly requested_urls: readonly string[];
    readonly official: OfficialResult | { readonly error: string };
    readonly images_clean: readonly string[];
  };
}

interface OfficialResult {
  readonly success: boolean;
  readonly reports: readonly string[];
  readonly signer: {
    readonly reportAddresses: readonly {
      readonly reportType: string;
      readonly address: string;
      readonly match: boolean;
    }[];
    readonly allMatch: boolean;
  };
  readonly compose: {
    readonly passed: boolean;
    readonly details: Readonly<
      Record<string, { readonly calculatedHash: string; readonly eventLogHash?: string }>
    >;
  };
}

async function provider(entry: ProviderEntry): Promise<void> {
  const { expected } = entry;
  const { verification, urls } = await verified(entry);
  assert.deepEqual(urls, expected.requested_urls);
  const { official } = expected;
  if ("error" in official) return assert.notEqual(verification.word, "proven");
  assert.deepEqual(
    verification.reports.map(({ kind }) => kind),
    official.reports,
  );
  for (const report of verification.reports) compareReport(report, official);
  const images = verification.reports.flatMap(({ measures }) => measures.images.map(imageText));
  assert.deepEqual([...new Set(images)], expected.images_clean);
  const isOfficiallyGood = official.success && official.signer.allMatch && official.compose.passed;
  if (!isOfficiallyGood) assert.notEqual(verification.word, "proven", "laxer than the official client");
  // It never looks into the quote: those that are none must not pass here.
  const quotes = [entry.report_text, entry.llm_report_text].filter((text) => text?.includes('"quote":"00"'));
  if (quotes.length > 0) assert.equal(verification.word, "failed");
  else if (isOfficiallyGood) assert.equal(verification.word, "proven");
}

async function verified(
  entry: ProviderEntry,
): Promise<{ verification: ProviderVerification; urls: string[] }> {
  const service = {
    ...entry.service,
    serviceType: "chatbot",
    verifiability: "TeeML",
    teeSignerAcknowledged: true,
  };
  const { deps } = replay({ service, now });
  const urls: string[] = [];
  const fetch = (input: unknown) => {
    const url = new URL(String(input));
    url.searchParams.delete("nonce"); // the official client sends none
    urls.push(url.href);
    const isModels = url.pathname.endsWith("/attestation/report");
    return Promise.resolve(new Response(isModels ? entry.llm_report_text : entry.report_text));
  };
  const context = { ...deps, fetch: fetch as typeof globalThis.fetch };
  const never = () => Promise.reject(new Error("belongs to other vectors"));
  const verification = await verifyProvider(
    {
      context,
      inference: createInference(context),
      fineTuning: { getService: never },
      certificates: never,
      root: intelRoot,
    },
    recordedProvider,
    "inference",
  );
  return { verification, urls };
}

/** Where the official client compares, we find the same; where it finds a difference, so do we. */
function compareReport({ kind, steps }: ReportVerification, { signer, compose }: OfficialResult): void {
  const named = signer.reportAddresses.find(({ reportType }) => reportType === kind);
  if (named) {
    const ours = stepOf(steps, "signer");
    assert.ok(sameAddress(ours.right ?? "", named.address), `another signer: ${ours.right ?? "none"}`);
    assert.equal(ours.status !== "failed", named.match);
  }
  const details = compose.details[kind];
  if (details) {
    const ours = stepOf(steps, "compose-hash");
    assert.equal(ours.left, details.calculatedHash);
    assert.equal(ours.right, details.eventLogHash);
    assert.equal(ours.status !== "failed", details.calculatedHash === details.eventLogHash);
  }
}

function stepOf(steps: readonly CustodyStep[], id: CustodyStepId): CustodyStep {
  const step = steps.find((one) => one.id === id);
  assert.ok(step, `no step ${id}`);
  return step;
}

interface QuoteEntry {
  readonly quote_hex?: string;
  readonly event_log?: string;
  readonly flip_byte_offset?: number;
  readonly expected: Readonly<Record<string, unknown>>;
}

function quote(entry: QuoteEntry, file: VectorFile): void {
  const whole = (file.tdx_quote as readonly QuoteEntry[]).find(({ quote_hex }) => quote_hex !== undefined);
  const bytes = Buffer.from(whole?.quote_hex ?? "", "hex");
  const flipped = entry.flip_byte_offset;
  if (flipped !== undefined) bytes.writeUInt8(bytes.readUInt8(flipped) ^ 1, flipped);
  const found = findings(bytes, entry.event_log ?? "[]");
  for (const [name, expected] of Object.entries(entry.expected)) {
    assert.ok(name in found, `${name} is not looked at`);
    assert.deepEqual(found[name], expected, name);
  }
}

/** Under the names of the vectors. */
function findings(bytes: Buffer, eventLog: string): Record<string, unknown> {
  const hex = bytes.toString("hex");
  const reading = readQuoteHex(hex);
  assert.ok("quote" in reading, "not a quote");
  const { body, chain, attestationKey, authentication, ...parts } = reading.quote;
  const { steps } = checkReport(Buffer.from(JSON.stringify({ quote: hex, event_log: eventLog })), { now });
  const isProven = (id: CustodyStepId) => stepOf(steps, id).status === "proven";
  const rootKey = stepOf(steps, "root").right;
  const log = readEvents(parseJson(eventLog));
  const size = 770 + parts.enclaveReport.length + 64 + 2 + authentication.length + 6 + chain.length;
  return {
    // The reader takes no other values.
    ...{
      version: bytes.readUInt16LE(0),
      attKeyType: bytes.readUInt16LE(2),
      teeType: bytes.readUInt32LE(4).toString(16),
    },
    certType: bytes.readUInt16LE(700 + attestationKey.length),
    innerCertType: bytes.readUInt16LE(size - chain.length - 6),
    trailing: bytes.length - size,
    quoteSig: isProven("quote-signature"),
    qeBindsKey: isProven("qe-binding"),
    qeSig: isProven("qe-report"),
    chain: isProven("chain") && isProven("root"),
    debug: !isProven("debug"),
    subjects: stepOf(steps, "chain")
      .right?.split(" < ")
      .map((name) => `CN=${name}`),
    rootRawKey: rootKey,
    rootSpkiSha256: spkiDigest(rootKey ?? ""),
    mrtd: body.mrTd,
    rtmr: body.rtmrs,
    report_data: body.reportData.toString("hex"),
    td_attributes: body.attributes,
    rtmr_replayed: log && replayLog(log),
    rtmr_replay_matches: isProven("rtmr-replay"),
    runtime_event_digests_ok: isProven("event-digests"),
  };
}

/** What stands before a P-256 key in a certificate. */
const spkiPrefix = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

function spkiDigest(rawKey: string): string {
  return createHash("sha256")
    .update(Buffer.from(spkiPrefix + rawKey, "hex"))
    .digest("hex");
}

interface StubEntry {
  readonly response: string;
  readonly expected: {
    readonly signer: string;
    readonly composeHash: string;
    readonly rtmr3: string;
    readonly reportDataInQuoteMatches: boolean;
    readonly rtmr3InQuoteMatches: boolean;
    readonly images: readonly string[];
  };
  readonly quoteOffsets: Readonly<Record<string, number>>;
}

/** A report whose quote nobody signed: it fails as such, and what it says is read all the same. */
export function stubReport({ response, expected, quoteOffsets }: StubEntry): void {
  const { steps, measures } = checkReport(Buffer.from(response), { now });
  assert.equal(stepOf(steps, "structure").status, "failed");
  assert.ok(sameAddress(stepOf(steps, "signer").right ?? "", expected.signer));
  assert.equal(signerInQuote(response), expected.signer);
  assert.equal(measures.composeHash, expected.composeHash);
  assert.equal(stepOf(steps, "compose-hash").right, expected.composeHash);
  assert.deepEqual(measures.images.map(imageText), expected.images);
  const [, , , rtmr3] = (stepOf(steps, "rtmr-replay").right ?? "").split("\n");
  assert.equal(rtmr3, expected.rtmr3);
  const quote = Buffer.from(String(parseJsonObject(response)?.quote), "hex");
  const at = (name: string, size: number) =>
    quote.subarray(quoteOffsets[name], (quoteOffsets[name] ?? 0) + size).toString("hex");
  assert.equal(at("rtmr3", 48) === rtmr3, expected.rtmr3InQuoteMatches);
  const isRepeated = at("report_data", 64) === stepOf(steps, "report-data").right;
  assert.equal(isRepeated, expected.reportDataInQuoteMatches);
}
