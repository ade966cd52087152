import assert from "node:assert/strict";
import type { TransactionHash } from "../../../src/domain/ids.js";
import { networks } from "../../../src/domain/networks.js";
import type { SentTransaction, SignedVersion, TransactionEnd } from "../../../src/domain/transaction.js";
import { transactionName, transactionRows } from "../../../src/view/money/transactionRows.js";
import {
  doubtConfirmation,
  endText,
  replacementConfirmation,
} from "../../../src/view/money/transactionTexts.js";
import { english as t } from "../../../src/view/translate.js";
import { address, aWallet, noon, og } from "../../support/builders.js";
import { assertGolden, rowsAsText } from "../../support/golden.js";

const hash = (digit: string) => `0x${digit.repeat(64)}` as TransactionHash;
const version = (kind: SignedVersion["kind"], digit: string, maxFee: string): SignedVersion => ({
  ...{ kind, hash: hash(digit), raw: "0x02", maxFee: og(maxFee) },
});
const first = version("original", "1", "0.0002");
const aTransaction = (changes: Partial<SentTransaction> = {}): SentTransaction => ({
  id: hash("1"),
  nonce: 7,
  purpose: { contract: "ledger", method: "transferFund", provider: address("b"), amount: og("2") },
  sentAt: noon - 3 * 60_000,
  versions: [first],
  isOut: true,
  ...changes,
});

describe("Transactions on their way, in rows", () => {
  it("are told with what they are for, since when they wait, and what they may cost", () => {
    const pending = [
      aTransaction(),
      aTransaction({ id: hash("3"), versions: [first, version("speedUp", "4", "0.000225")] }),
      aTransaction({
        id: hash("5"),
        purpose: { contract: "ledger", method: "depositFund", amount: og("1") },
        versions: [first, version("cancel", "6", "0.00003")],
      }),
    ];
    const rows = [networks.testnet, networks.sandbox].map((network) =>
      rowsAsText(
        transactionRows({
          t,
          now: noon,
          network,
          pending,
          planned: [{ id: "p1", purpose: pending[2]!.purpose }],
        }),
      ),
    );
    assertGolden("transactionRows", rows.join("\n\n"));
    assert.deepEqual(transactionRows({ t, now: noon, network: networks.testnet, pending: [] }), []);
  });

  it("have a name, whatever they do", () => {
    const amount = og("1");
    const provider = address("b");
    const methods = [
      ...["addLedger", "depositFund", "transferFund", "retrieveFund", "refund", "deleteLedger"],
      ...["acknowledgeTEESigner", "acknowledgeDeliverable", "submit", "somethingNew"],
      ...["depositFundFor", "revokeToken", "revokeTokens", "revokeAllTokens", "batchSubmit"],
    ];
    const names = methods.map((method) =>
      transactionName({ contract: "ledger", method, amount, provider }, t),
    );
    assertGolden("transactionNames", names.join("\n"));
  });

  it("are signed anew only after the fee was named, and end in one sentence", () => {
    const wallet = aWallet();
    const sent = aTransaction();
    const questions = (["speedUp", "cancel"] as const).flatMap((kind) =>
      [networks.testnet, networks.sandbox].map((network) => {
        const [price, walletBalance] = [og("0.000000001"), og("5")];
        const plan = { id: sent.id, kind, maxFee: og("0.000225"), price, tip: price, walletBalance };
        const { title, detail, confirmLabel } = replacementConfirmation({ sent, plan, network, wallet }, t);
        return [title, detail, `[${confirmLabel}]`].join("\n\n");
      }),
    );
    const mined = { kind: "mined", hash: hash("1"), isSuccess: true } as const;
    const ends: TransactionEnd[] = [
      ...(["original", "speedUp", "cancel"] as const).map((kind) => ({ ...mined, version: kind })),
      { ...mined, version: "speedUp", isSuccess: false },
      { kind: "replaced" },
      { kind: "unknown" },
    ];
    const told = ends.map((end) => endText(sent, end, t));
    const doubt = doubtConfirmation({ sent, network: networks.testnet, wallet }, t);
    questions.push([doubt.title, doubt.detail, `[${doubt.confirmLabel}]`].join("\n\n"));
    assertGolden("replacements", [...questions, told.join("\n")].join("\n\n---\n\n"));
  });
});
