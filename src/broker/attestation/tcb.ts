// How well a machine is patched, and whether it was revoked: evaluated by `@phala/dcap-qvl` over collateral of Intel's. A chunk of its own,
// loaded only where a server for collateral is set.
import { QuoteVerifier } from "@phala/dcap-qvl";
import type { CustodyReason, CustodyStep } from "../../domain/attestation.js";
import type { Log } from "../../domain/log.js";
import type { CheckStatus } from "../../domain/verdict.js";
import { chainFault, intelRoot, rawKey, readChain, type Chain, type TrustedRoot } from "./chain.js";
import { machineOf, NoCollateral, type Collateral, type CollateralSource } from "./collateral.js";
import {
  keptCollateral,
  newCollateral,
  type CollateralFolder,
  type DatedCollateral,
} from "./collateralCache.js";
import { readQuote } from "./quote.js";
import { isCurrentList } from "./revocationList.js";

export interface TcbTools extends CollateralSource {
  readonly folder: CollateralFolder;
  readonly log: Log;
  /** Default: Intel's. */
  readonly root?: TrustedRoot;
}

/** Of a quote that is proven up to the root. Throws only when the signal aborted. */
export async function tcbStep(quote: Buffer, tools: TcbTools): Promise<CustodyStep> {
  const { url, folder, clock, signal, root = intelRoot } = tools;
  const now = clock.now();
  const reading = readQuote(quote);
  const chain = "quote" in reading ? readChain(reading.quote.chain) : undefined;
  // With the trusted key and its own signature the root certificate is the genuine one, whatever else it says.
  if (!chain || rawKey(chain[2]) !== root.key || chainFault(chain, now))
    return step("not-checked", "unknownRoot");
  const machine = machineOf(chain);
  if (!machine) return step("not-checked", "noProcessor");
  try {
    const kept = await keptCollateral(folder, url, machine, now);
    const known = kept && dated(evaluate(quote, chain, kept.collateral, now), url, kept);
    if (known && known.why !== "collateralRefused") return known;
    const fetched = await newCollateral(tools, machine);
    return dated(evaluate(quote, chain, fetched.collateral, now), url, fetched);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof NoCollateral) return step("not-checked", error.why, error.detail);
    throw error;
  }
}

/** The library does not look at who signed the revocation lists and passes over those it cannot read: that is done here. */
function evaluate(quote: Buffer, chain: Chain, collateral: Collateral, now: number): CustodyStep {
  const [, platform, root] = chain;
  const areListsSigned =
    isCurrentList(Buffer.from(collateral.root_ca_crl), root, now) &&
    isCurrentList(Buffer.from(collateral.pck_crl), platform, now);
  if (!areListsSigned) return step("not-checked", "collateralRefused", "revocation list");
  try {
    const verifier = QuoteVerifier.newWithRootCa(root.raw);
    const { status, advisory_ids } = verifier.verify(quote, { ...collateral }, Math.floor(now / 1000));
    const { status: state, why } = levels[status] ?? { status: "failed", why: "outOfDate" };
    return step(state, why, [status, ...advisory_ids].join("\n"));
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

/** On which collateral it rests: whose, of when, and how long that holds. */
function dated(found: CustodyStep, url: string, { fetchedAt, nextUpdate }: DatedCollateral): CustodyStep {
  const [from, to] = [fetchedAt, nextUpdate].map((at) => new Date(at).toISOString());
  return { ...found, left: `${new URL(url).host}\n${from} – ${to}` };
}

function step(status: CheckStatus, why?: CustodyReason, right?: string): CustodyStep {
  return { id: "tcb-level", status, right, ...(why ? { why } : {}) };
}
