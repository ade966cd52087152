// The answers of this run by their ids, with their bytes and what checking them found: what `/v1/verify` tells of.
import type { BilledExchange } from "../../broker/media/api.js";
import type { ProviderId } from "../../domain/ids.js";
import type { ReceiptId } from "../../domain/receipt.js";
import { verdictWord, type Verdict, type VerdictWord } from "../../domain/verdict.js";

export interface KnownAnswer {
  /** Who asked for it: nobody else is told. */
  readonly key: string;
  readonly exchange: BilledExchange;
  readonly ids: readonly string[];
  /** The best so far. */
  verdict?: Verdict;
  /** Ends with the first verdict. */
  checking: Promise<void>;
  receipt?: ReceiptId;
}

/** An answer that a program has already, and that did not pass its check. */
export interface FailedAnswer {
  /** Of the key that it was asked with. */
  readonly key: string;
  readonly provider: ProviderId;
  readonly model: string;
  readonly verdict: Verdict;
  readonly receipt?: ReceiptId;
}

const mostAnswers = 1_000;
const mostBytes = 64 * 1024 * 1024;

export class KnownAnswers {
  /** Oldest first. */
  private readonly answers: KnownAnswer[] = [];
  /** Of all of them. */
  private bytes = 0;

  add(answer: KnownAnswer): void {
    this.answers.push(answer);
    this.bytes += sizeOf(answer);
    while (this.answers.length > 1 && (this.answers.length > mostAnswers || this.bytes > mostBytes)) {
      const oldest = this.answers.shift();
      this.bytes -= oldest ? sizeOf(oldest) : 0;
    }
  }

  /** As it was before; undefined: none of ours. */
  renew(receipt: ReceiptId, verdict: Verdict): KnownAnswer | undefined {
    const answer = this.answers.find((one) => one.receipt === receipt);
    const before = answer && { ...answer };
    if (answer) answer.verdict = verdict;
    return before;
  }

  /** Providers take ids for the same whatever their case. One that gives an id twice has several answers by it, newest last. */
  find(key: string, id: string): readonly KnownAnswer[] {
    const wanted = id.toLowerCase();
    return this.answers.filter(
      (answer) => answer.key === key && answer.ids.some((one) => one.toLowerCase() === wanted),
    );
  }
}

/** Nobody can say which of them is meant, so the worst speaks for all; undefined: there is none. */
export function worstOf(answers: readonly KnownAnswer[]): KnownAnswer | undefined {
  const badness = ({ verdict }: KnownAnswer) =>
    worstFirst.indexOf(verdictWord(verdict ?? { level: "pending" }));
  return answers.reduce<KnownAnswer | undefined>(
    (worst, one) => (worst && badness(worst) < badness(one) ? worst : one),
    undefined,
  );
}

const worstFirst: readonly VerdictWord[] = ["failed", "notProven", "checking", "verified"];

function sizeOf({ exchange }: KnownAnswer): number {
  return exchange.requestBody.length + exchange.responseBody.length;
}

/** What `/v1/verify` answers: whether it is verified, as the network's own tools say it, the word, and every check with what it compared. `answers`: how many have that id. */
export function verification({ exchange, ids, verdict, receipt }: KnownAnswer, answers: number): object {
  const { provider, providerClass } = exchange.service;
  const level = verdict?.level ?? "pending";
  return {
    ...{ object: "verification", id: ids[0], ids, answers },
    isValid: verdict?.level === "verified",
    ...{ verdict: words[verdictWord(verdict ?? { level })], level, reason: verdict?.reason },
    checks: (verdict?.checks ?? []).map(({ id, status, left, right, why }) => ({
      id,
      status,
      left,
      right,
      why,
    })),
    ...{ provider, provider_class: providerClass, model: exchange.model, ended: exchange.ended },
    ...{ expected_signer: verdict?.expectedSigner, recovered_signer: verdict?.recoveredSigner },
    ...{ request_sha256: verdict?.requestHash, response_sha256: verdict?.responseHash },
    ...{ signed_text: verdict?.signedText, signature: verdict?.signature, receipt },
    ...(verdict ? { checked_at: new Date(verdict.checkedAt).toISOString() } : {}),
  };
}

const words = {
  checking: "checking",
  verified: "verified",
  failed: "failed",
  notProven: "not_proven",
} as const;
