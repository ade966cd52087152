// What the verification of a provider means for one of its answers: the key in the verified quote beside the one that signed.
import type { ProviderVerification } from "./attestation.js";
import { sameAddress } from "./ids.js";
import { verdictWord, type Check, type ProofWord, type Verdict } from "./verdict.js";

/** The model's own enclave signs answers where there is one. */
export function answerEnclave(
  { reports, word, checkedAt: at, providerClass }: ProviderVerification,
  { recoveredSigner: right }: Pick<Verdict, "recoveredSigner">,
): Check {
  const signing = reports.find(({ kind }) => (kind === "llm") === (providerClass === "separated"));
  const left = signing?.measures.signer;
  const check = { id: "enclave", at, left, right } as const;
  if (providerClass === "standard") return { ...check, status: "not-checked", why: "standardProvider" };
  if (word === "failed") return { ...check, status: "failed", why: "verification" };
  if (signing?.root === "sandbox") return { ...check, status: "not-checked", why: "sandbox" };
  if (word !== "proven" || left === undefined) return { ...check, status: "not-checked", why: "unproven" };
  if (right === undefined) return { ...check, status: "observed", why: "noSignature" };
  return sameAddress(left, right)
    ? { ...check, status: "proven" }
    : { ...check, status: "not-checked", why: "otherKey" };
}

/** Of the whole line: what was found of the provider says nothing of an answer that does not hang on it. */
export function answerWord(
  { word }: ProviderVerification,
  { level }: Pick<Verdict, "level">,
  enclave: Check,
): ProofWord {
  const answer = verdictWord({ level });
  if (word === "failed" || answer === "failed") return "failed";
  return word === "proven" && answer === "verified" && enclave.status === "proven" ? "proven" : "notProven";
}
