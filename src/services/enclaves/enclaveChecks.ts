// What the last verification of a provider says of one of its answers. It was made at another time: it proves the enclave of this answer only
// where the key that signed it is the one that the verified quote binds.
import type { Witnessed } from "../../broker/inference/exchange.js";
import { sameAddress, type Sha256Hex } from "../../domain/ids.js";
import type { Pin, PinnedQuote } from "../../domain/pin.js";
import type { Check, Verdict } from "../../domain/verdict.js";
import type { EnclaveGate } from "../ports.js";
import type { Scope } from "../wallets/scope.js";

/** A verdict with everything that is known by then. */
export interface Found {
  readonly verdict: Verdict;
  /** Of the quote that was verified last, of the enclave which signs answers. */
  readonly quoteDigest?: Sha256Hex;
}

type Asked = Pick<Witnessed["service"], "provider">;
type Where = Pick<Scope, "network" | "networkKey">;

/** A record that cannot be read is no reason to leave an answer without a verdict. */
export async function withEnclave(
  gate: Pick<EnclaveGate, "verified">,
  where: Where,
  { service }: { readonly service: Asked },
  verdict: Verdict,
): Promise<Found> {
  const { pin, quote } = await lastLook(gate, where, service, verdict);
  const enclave = enclaveOf(verdict, pin, quote, where.network === "sandbox");
  const checks = verdict.checks.map((check) =>
    check.id === "enclave"
      ? { id: check.id, ...enclave }
      : check.id === "certificate"
        ? { id: check.id, ...certificateCheck(check, pin) }
        : check,
  );
  return { verdict: { ...verdict, checks }, ...(quote ? { quoteDigest: quote.digest } : {}) };
}

/** Of an answer that was given elsewhere: what is known here of the enclave of its key. */
export async function enclaveCheck(
  gate: Pick<EnclaveGate, "verified">,
  where: Where,
  service: Asked,
  verdict: Verdict,
): Promise<Check> {
  const { pin, quote } = await lastLook(gate, where, service, verdict);
  return { id: "enclave", ...enclaveOf(verdict, pin, quote, where.network === "sandbox") };
}

async function lastLook(
  gate: Pick<EnclaveGate, "verified">,
  { networkKey }: Where,
  { provider }: Asked,
  verdict: Verdict,
): Promise<{ readonly pin?: Pin; readonly quote?: PinnedQuote }> {
  const pin = await gate.verified(networkKey, provider, "inference").catch(() => undefined);
  return pin ? { pin, quote: answeringQuote(pin, verdict) } : {};
}

/** The model's own enclave signs answers where there is one. */
function answeringQuote({ last }: Pin, { providerClass }: Verdict): PinnedQuote | undefined {
  return last.quotes?.find(({ kind }) => (kind === "llm") === (providerClass === "separated"));
}

type Part = Omit<Check, "id">;

function enclaveOf(
  { providerClass, recoveredSigner: right }: Verdict,
  pin: Pin | undefined,
  quote: PinnedQuote | undefined,
  isSandbox: boolean,
): Part {
  if (providerClass === "standard") return { status: "not-checked", why: "standardProvider" };
  if (pin?.last.word === "failed") return { status: "failed", why: "verification", at: pin.last.checkedAt };
  if (pin?.changed) return { status: "failed", why: "changed", at: pin.last.checkedAt };
  if (isSandbox) return { status: "not-checked", why: "sandbox" };
  if (!pin) return { status: "not-checked", why: "notVerified" };
  const { word, checkedAt: at } = pin.last;
  const left = quote?.signer;
  if (word !== "proven" || left === undefined) return { status: "not-checked", why: "unproven", at };
  if (right === undefined) return { status: "observed", why: "noSignature", left, at };
  return sameAddress(left, right)
    ? { status: "proven", left, right, at }
    : { status: "not-checked", why: "otherKey", left, right, at };
}

function certificateCheck({ right }: Check, pin: Pin | undefined): Part {
  const seen = pin?.last.certificate;
  if (!seen) return { status: "not-checked", why: "notVerified", right };
  const { fingerprint: left, at } = seen;
  if (right === undefined) return { status: "not-checked", why: "noRoutingProof", left, at };
  // Companies have several certificates: another one proves nothing either way.
  return left === right
    ? { status: "proven", left, right, at }
    : { status: "not-checked", why: "otherCertificate", left, right, at };
}
