import assert from "node:assert/strict";
import type { PinDifference } from "../../../src/domain/pin.js";
import { changeNotice, changeRows } from "../../../src/view/proof/pinView.js";
import { english } from "../../../src/view/translate.js";
import { address } from "../../support/builders.js";

const failure: PinDifference = { what: "verification", now: "debug quote-signature" };
const rows = (...differences: PinDifference[]) =>
  changeRows(differences, english).map(({ label, before, now }) => `${label}: ${before} | ${now}`);

describe("What changed at a provider", () => {
  it("is told in words where the value is a word of ours", () => {
    assert.deepEqual(
      rows(
        failure,
        { what: "verification", before: "debug", now: "" },
        { what: "answerSigner", before: address("b") },
        { what: "providerClass", before: "separated", now: "centralized" },
        { what: "providerClass", before: "combined", now: "standard" },
        { what: "host", before: "provider.example", now: "elsewhere.example:8443" },
        { what: "signer", report: "llm", before: address("b"), now: address("c") },
        { what: "image", report: "broker", name: "spy", now: "" },
      ),
      [
        "Verification: nothing failed | failed: Closed to inspection, Signature of the quote",
        "Verification: failed: Closed to inspection | failed",
        `Key that signs answers: ${address("b")} | none`,
        "Kind of provider: gateway and model in an enclave each | relays to a company",
        "Kind of provider: gateway and model in one enclave | signs no answers",
        "Server: provider.example | elsewhere.example:8443",
        `Key bound by the report, of the model: ${address("b")} | ${address("c")}`,
        "Image spy, of the gateway: none | by a tag alone",
      ],
    );
  });

  it("is not called another provider where its verification failed and nothing else is known", () => {
    const notice = (...differences: PinDifference[]) => changeNotice(differences, "yesterday", english);
    assert.match(notice(failure).text, /^This verification failed\./);
    assert.deepEqual(notice(failure).rows, [], "its steps are on the page");
    assert.match(
      notice(failure, { what: "host", now: "x" }).text,
      /not the one you verified on yesterday\..*stranger/,
    );
  });
});
