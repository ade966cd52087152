// One bit of every byte of a quote and of a report is turned: each time a named check fails, or the report itself lists the part as one that
// nothing vouches for. Nothing passes in silence.
import assert from "node:assert/strict";
import { checkReport, type Expectations } from "../../../src/broker/attestation/checkReport.js";
import type { CustodyStep } from "../../../src/domain/attestation.js";
import { changed, nonce, now, signer, TestEnclave } from "../../support/reports.js";

const enclave = new TestEnclave();
const trusted: Expectations = { signer, now, nonce, root: enclave.root(), info: enclave.info() };

type Kind = "combined" | "llm";

interface Tally {
  flips: number;
  /** By the first step that failed. */
  readonly failed: Map<string, number>;
  listed: number;
  readonly silent: string[];
}

describe("a report with one bit turned", function () {
  this.timeout(300_000);

  const texts = {
    combined: enclave.report(),
    // It holds itself once more, which nothing looks at.
    llm: changed(enclave.modelReport(), (report) => delete report.all_attestations),
  };
  const unboundBefore = { combined: unboundOf(check("combined")), llm: unboundOf(check("llm")) };

  it("in the quote fails a named check", () => {
    const hex = quoteOf(texts.combined);
    const tally = newTally();
    const bytes = Buffer.from(hex, "hex");
    for (let at = 0; at < bytes.length; at++) {
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
      count(tally, "combined", texts.combined.replaceAll(hex, bytes.toString("hex")), () => `byte ${at}`);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
    }
    print("quote", tally);
    assert.deepEqual(tally.silent, []);
    assert.equal(tally.listed, 0);
  });

  for (const [kind, text] of [
    ["combined", texts.combined],
    ["llm", texts.llm],
  ] as const) {
    it(`beside the quote fails a named check, or is listed as unbound (${kind})`, () => {
      const start = text.indexOf(quoteOf(text));
      const end = start + quoteOf(text).length;
      const unbound = unboundRanges(text);
      const tally = newTally();
      for (let at = 0; at < text.length; at++) {
        if (at >= start && at < end) continue;
        const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << (at % 7)));
        const mutated = text.slice(0, at) + flipped + text.slice(at + 1);
        const isListed = unbound.some(([from, to]) => at >= from && at < to);
        count(
          tally,
          kind,
          mutated,
          () => `${at}: ${text.slice(at - 40, at)}[${text[at]}]${text.slice(at + 1, at + 20)}`,
          isListed,
        );
      }
      print(`report, ${kind}`, tally);
      assert.deepEqual(tally.silent, []);
    });
  }

  function check(kind: Kind, text: string = texts[kind]): readonly CustodyStep[] {
    return checkReport(Buffer.from(text), { ...trusted, kind }).steps;
  }

  function count(tally: Tally, kind: Kind, text: string, where: () => string, isListed = false): void {
    const steps = check(kind, text);
    tally.flips++;
    const first = steps.find(({ status }) => status === "failed");
    if (first) tally.failed.set(first.id, (tally.failed.get(first.id) ?? 0) + 1);
    else if (isListed || unboundOf(steps) !== unboundBefore[kind]) tally.listed++;
    else tally.silent.push(where());
  }

  function print(what: string, { flips, failed, listed, silent }: Tally): void {
    const named = [...failed].map(([id, times]) => `${id} ${times}`).join(", ");
    console.log(
      `      ${what}: ${flips} flips, ${silent.length} silently accepted, ${listed} in parts listed as unbound; ${named}`,
    );
  }
});

function newTally(): Tally {
  return { flips: 0, failed: new Map(), listed: 0, silent: [] };
}

function quoteOf(text: string): string {
  return String((JSON.parse(text) as { quote: string }).quote);
}

function unboundOf(steps: readonly CustodyStep[]): string | undefined {
  return steps.find(({ id }) => id === "unbound")?.right;
}

/** Where the members stand that a report lists as unbound: found in the text, not by the code under test. */
function unboundRanges(text: string): [from: number, to: number][] {
  const quoted = String.raw`\\*"`;
  const parts = [
    new RegExp(`${quoted}vm_config${quoted}:"(?:[^"\\\\]|\\\\.)*"`, "g"),
    new RegExp(
      `${quoted}(?:device_id|nvidia_payload|signing_algo|app_name)${quoted}:"(?:[^"\\\\]|\\\\.)*"`,
      "g",
    ),
    new RegExp(`\\\\"device_id\\\\":\\\\"[0-9a-f]*\\\\"`, "g"),
    // of boot events: type, name and payload
    /\\*"event_type\\*":2147483649/g,
    /(?<=2147483649,\\*"digest\\*":\\*"[0-9a-f]{96}\\*",)\\*"event\\*":\\*"\\*",\\*"event_payload\\*":\\*"[0-9a-f]*\\*"/g,
  ];
  return parts.flatMap((part) =>
    [...text.matchAll(part)].map(({ index, 0: found }): [number, number] => [index, index + found.length]),
  );
}
