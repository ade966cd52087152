// How well a machine is patched, and whether it was revoked: evaluated by `@phala/dcap-qvl` over collateral of Intel's. A chunk of its own,
// loaded only where a server for collateral is set.
import { verify } from "@phala/dcap-qvl";
import type { CustodyReason, CustodyStep } from "../../domain/attestation.js";
import type { CheckStatus } from "../../domain/verdict.js";
import { intelRoot, rawKey, readChain, type Chain } from "./chain.js";
import { familyOf, fetchCollateral, type Collateral, type CollateralSource } from "./collateral.js";
import { readQuote } from "./quote.js";
import { isCurrentList } from "./revocationList.js";

/** Collateral by server and processor family. */
export type CollateralCache = Map<string, { readonly at: number; readonly collateral: Collateral }>;

const keptMs = 24 * 3_600_000;

/** Of a quote that is proven up to Intel's root. `now` is milliseconds since 1970. Throws only when the signal aborted. */
export async function tcbStep(
  quote: Buffer,
  source: CollateralSource,
  cache: CollateralCache,
  now: number,
): Promise<CustodyStep> {
  const reading = readQuote(quote);
  const chain = "quote" in reading ? readChain(reading.quote.chain) : undefined;
  if (!chain || rawKey(chain[2]) !== intelRoot.key) return step("not-checked", "unknownRoot");
  try {
    const key = `${source.url} ${familyOf(chain) ?? ""} ${chain[1].subject}`;
    const kept = cache.get(key);
    if (kept && now - kept.at < keptMs) return evaluate(quote, chain, kept.collateral, now);
    const collateral = await fetchCollateral(source, chain);
    const found = evaluate(quote, chain, collateral, now);
    if (found.why !== "collateralRefused") cache.set(key, { at: now, collateral });
    return found;
  } catch (error) {
    source.signal?.throwIfAborted();
    return step("not-checked", "collateralUnreachable", error instanceof Error ? error.message : undefined);
  }
}

/** The library does not look at who signed the revocation lists and passes over those it cannot read: that is done here. */
export function evaluate(quote: Buffer, chain: Chain, collateral: Collateral, now: number): CustodyStep {
  const [, platform, root] = chain;
  const areListsSigned =
    isCurrentList(Buffer.from(collateral.root_ca_crl), root, now) &&
    isCurrentList(Buffer.from(collateral.pck_crl), platform, now);
  if (!areListsSigned) return step("not-checked", "collateralRefused", "revocation list");
  try {
    const { status, advisory_ids } = verify(quote, { ...collateral }, Math.floor(now / 1000));
    const found = [`${status}, ${new Date(now).toISOString().slice(0, 10)}`, ...advisory_ids].join("\n");
    const { status: state, why } = levels[status] ?? { status: "failed", why: "outOfDate" };
    return step(state, why, found);
  } catch (error) {
    const detail = error instanceof Error ? error.message : "";
    if (/revoked/i.test(detail)) return step("failed", "revoked", detail);
    return step("not-checked", "collateralRefused", detail);
  }
}

/** Intel's words. Those that depend on settings or programs inside cannot be judged from here. */
const levels: Readonly<Record<string, { readonly status: CheckStatus; readonly why?: CustodyReason }>> = {
  UpToDate: { status: "proven" },
  SWHardeningNeeded: { status: "observed", why: "needsConfiguration" },
  ConfigurationNeeded: { status: "observed", why: "needsConfiguration" },
  ConfigurationAndSWHardeningNeeded: { status: "observed", why: "needsConfiguration" },
};

function step(status: CheckStatus, why?: CustodyReason, right?: string): CustodyStep {
  return { id: "tcb-level", status, right, ...(why ? { why } : {}) };
}
