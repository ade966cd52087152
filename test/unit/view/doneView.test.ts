import assert from "node:assert/strict";
import type { LedgerOperation } from "../../../src/domain/account.js";
import type { TransactionHash } from "../../../src/domain/ids.js";
import { doneText } from "../../../src/view/fineTuning/doneView.js";
import { english as t } from "../../../src/view/translate.js";
import { address, anOverview, aSubAccount, og } from "../../support/builders.js";

describe("The end of a transaction", () => {
  const hash = `0x${"1".repeat(64)}` as TransactionHash;
  const provider = address("a");
  const told = (operation: LedgerOperation, overview = anOverview()) =>
    doneText(operation, { hash, fee: og("0.0000215") }, overview, t);

  it("says what was done with how much, what it cost, and ends with the hash", () => {
    const text = told({ kind: "transferFund", provider, service: "inference", amount: og("4.5") });
    assert.equal(
      text,
      `4.5 0G are transferred to 0xaaaa…aaaa. Usable with the provider now: 1 0G. Wallet: 10.5 0G. Ledger: 3 0G available of 5 0G. Fee paid: 0.000022 0G. Transaction ${hash}`,
    );
    assert.match(told({ kind: "depositFund", amount: og("1") }), /^1 0G are deposited\. Wallet/);
    assert.match(told({ kind: "refund", amount: og("1") }), /^1 0G are withdrawn\./);
  });

  it("does not call an account empty that the provider still answers from", () => {
    const least = anOverview({
      subAccounts: [aSubAccount({ balance: og("1"), pendingRefund: og("0"), unsettled: og("0") })],
    });
    assert.match(
      told({ kind: "transferFund", provider, service: "inference", amount: og("1") }, least),
      /Your account there holds 1 0G, the least that the provider answers with: after its next answers it needs more\./,
    );
  });

  it("says what is on its way back and when it is free, and that the rest was collected", () => {
    const back: LedgerOperation = { kind: "retrieveFund", providers: [provider], service: "inference" };
    const asked = anOverview({ subAccounts: [aSubAccount({ pendingRefund: og("2") })] });
    assert.match(
      told(back, asked),
      /^2 0G are on their way back from 0xaaaa…aaaa, the last of it free in 24 hours\./,
    );
    assert.match(told(back), /^What was due from 0xaaaa…aaaa is in your ledger\./);
  });
});
