import assert from "node:assert/strict";
import type { Check, Verdict, VerdictLevel, VerdictReason } from "../../../src/domain/verdict.js";
import { checkView } from "../../../src/view/proof/checkView.js";
import { english as t } from "../../../src/view/translate.js";
import { verdictView } from "../../../src/view/proof/verdictView.js";
import { aVerdict, noon } from "../../support/builders.js";
import { assertGolden } from "../../support/golden.js";

const reasons: { readonly [L in VerdictLevel]: readonly (VerdictReason | undefined)[] } = {
  pending: [undefined],
  verified: [undefined],
  "response-bound": ["requestRewritten"],
  "signer-only": [
    "unknownForm",
    "stopped",
    "cut",
    "signerRotated",
    "ownerNotAcknowledged",
    "unknownClass",
    "noRoutingProof",
    "wrongRouting",
    "noBytes",
    "picturesElsewhere",
  ],
  unsigned: [
    "stopped",
    "cut",
    "closed",
    "noChatId",
    "notFound",
    "unreadable",
    "unreachable",
    "standardProvider",
    "interrupted",
    undefined,
  ],
  mismatch: ["wrongResponse"],
  forged: ["wrongSigner"],
};
const levels = Object.keys(reasons) as VerdictLevel[];

const checkIds: readonly Check["id"][] = [
  "signature",
  "signer",
  "owner-acknowledged",
  "user-acknowledged",
  "request-hash",
  "response-hash",
  "routing",
  "certificate",
  "enclave",
];
const whys = [
  "",
  "later",
  "sandbox",
  "stopped",
  "notFound",
  "noChatId",
  "unreachable",
  "standardProvider",
  "unknownForm",
  "signerRotated",
  "noRoutingProof",
  "pictures",
  "picturesElsewhere",
  "notVerified",
];

describe("A verdict in words", () => {
  it("has one sentence for each level and reason", () => {
    const lines = levels.flatMap((level) =>
      reasons[level].flatMap((reason) =>
        (["combined", "centralized"] as const).map((providerClass) => {
          const view = verdictView(aVerdict({ level, reason, providerClass }), { t, isSandbox: false });
          return `${level} ${reason ?? "-"} ${providerClass}: ${view.label}. ${view.sentence}`;
        }),
      ),
    );
    const asked = [
      ["unsigned", "notFound"],
      ["unsigned", "unreachable"],
      ["unsigned", "interrupted"],
      ["forged", "wrongSigner"],
    ] as const;
    const waiting = asked.map(([level, reason]) => {
      const view = verdictView(aVerdict({ level, reason, isAskedAgain: true }), { t, isSandbox: false });
      return `${level} ${reason}, asked again: ${view.label}. ${view.sentence}`;
    });
    assertGolden("verdicts", [...new Set(lines.map(withoutClass(lines))), ...waiting].join("\n"));
  });

  it("says Verified for the level verified and for nothing else", () => {
    for (const level of levels)
      for (const reason of reasons[level]) {
        const view = verdictView(aVerdict({ level, reason }), { t, isSandbox: false });
        assert.equal(view.label === "Verified", level === "verified");
        assert.equal(view.word === "verified", level === "verified");
        assert.equal(view.word === "failed", level === "mismatch" || level === "forged");
      }
  });

  it("says Not proven, and why, of an answer that is signed as it must be where its enclave failed", () => {
    for (const why of ["verification", "changed"]) {
      const checks = [{ id: "enclave", status: "failed", why, at: noon }] as const;
      const { word, label, sentence } = verdictView(aVerdict({ level: "verified", checks }), {
        t,
        isSandbox: false,
      });
      assert.deepEqual([word, label], ["notProven", "Not proven"]);
      assert.match(sentence, /^Signed by the provider's key .* But the provider's enclave did not pass/);
    }
    const open = [{ id: "enclave", status: "not-checked", why: "unproven" }] as const;
    assert.equal(
      verdictView(aVerdict({ level: "verified", checks: open }), { t, isSandbox: false }).word,
      "verified",
    );
  });

  it("never speaks of an enclave as proved in the sandbox", () => {
    const view = verdictView(aVerdict({ level: "verified" }), { t, isSandbox: true });
    assert.match(view.sentence, /proves possession of a key, not an enclave/);
  });

  it("does not claim that the key is in an enclave on a live network either", () => {
    const verdict: Verdict = aVerdict({ checks: [{ id: "enclave", status: "not-checked", why: "later" }] });
    const [check] = verdictView(verdict, { t, isSandbox: false }).checks;
    assert.equal(check?.statusLabel, "not checked");
    assert.match(check?.explanation ?? "", /was not checked/);
  });

  it("explains every check in every state", () => {
    const lines = checkIds.flatMap((id) =>
      (["proven", "failed", "not-checked"] as const).flatMap((status) =>
        whys.map((why) => {
          const view = checkView({ id, status, why }, { t, isSandbox: why === "sandbox" });
          return `${view.label} — ${view.statusLabel}: ${view.explanation}`;
        }),
      ),
    );
    const dated = (["certificate", "enclave"] as const).flatMap((id) =>
      (["proven", "observed", "failed", "not-checked"] as const).flatMap((status) =>
        ["", "unproven", "otherKey", "otherCertificate", "verification", "noSignature"].map((why) => {
          const view = checkView(
            { id, status, why, at: noon },
            { t, isSandbox: false, moment: () => "then" },
          );
          return `${view.label} — ${view.statusLabel}: ${view.explanation}`;
        }),
      ),
    );
    lines.push(...dated.filter((line) => / then\b|then /.test(line)));
    assertGolden("checks", [...new Set(lines)].join("\n"));
  });

  it("cleans the values a provider had a hand in", () => {
    const view = checkView(
      { id: "routing", status: "failed", left: "centralized aliyun", right: `x\u202E\n${"y".repeat(1000)}` },
      { t, isSandbox: false },
    );
    assert.ok((view.right?.value.length ?? 0) <= 300);
    assert.doesNotMatch(view.right?.value ?? "", /[\n\u202e]/);
  });
});

/** Leaves the class out where both classes get the same sentence. */
function withoutClass(lines: readonly string[]) {
  const strip = (line: string) => line.replace(/ (?:combined|centralized):/, ":");
  return (line: string) =>
    lines.filter((other) => strip(other) === strip(line)).length > 1 ? strip(line) : line;
}
