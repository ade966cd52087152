import assert from "node:assert/strict";
import type { LedgerOperation, SubAccount, TransactionPlan } from "../../../src/domain/account.js";
import { networks } from "../../../src/domain/networks.js";
import type { ConsentFacts, OperationFacts } from "../../../src/services/ports.js";
import { consentConfirmation, operationConfirmation } from "../../../src/view/confirmations.js";
import { english as t } from "../../../src/view/translate.js";
import { address, anInfo, aService, aSubAccount, aWallet, og } from "../../support/builders.js";
import { assertGolden } from "../../support/golden.js";

const provider = address("a");
const operations: LedgerOperation[] = [
  { kind: "addLedger", amount: og("3") },
  { kind: "depositFund", amount: og("1.000000000000000001") },
  { kind: "transferFund", provider, service: "inference", amount: og("2") },
  { kind: "retrieveFund", providers: [provider], service: "inference" },
  { kind: "retrieveFund", providers: [provider, address("d")], service: "inference" },
  { kind: "refund", amount: og("1") },
  { kind: "deleteLedger" },
  { kind: "acknowledge", provider, service: "inference", isAcknowledged: true },
  { kind: "acknowledge", provider, service: "inference", isAcknowledged: false },
];

type Part = Partial<OperationFacts> & { readonly changes?: Partial<TransactionPlan> };

function facts(operation: LedgerOperation, { changes, ...part }: Part = {}): OperationFacts {
  const plan: TransactionPlan = {
    operation,
    to: networks.testnet.contracts.ledger,
    from: address("c"),
    value: og("0"),
    gasLimit: 200_000n,
    maxFee: og("0.00042"),
    walletBefore: og("10.5"),
    walletAfter: og("7.49958"),
    ledgerBefore: { available: og("3"), total: og("5") },
    ledgerAfter: { available: og("1"), total: og("5") },
    subAccounts: [],
    collected: og("0"),
    ...changes,
  };
  return { plan, reason: "asked", network: networks.testnet, wallet: aWallet(), ...part };
}

function consent(part: Partial<ConsentFacts> = {}): ConsentFacts {
  return {
    service: aService(),
    model: "phi-4",
    network: networks.testnet,
    wallet: aWallet(),
    limit: og("5"),
    spent: og("0.25"),
    worstCase: og("0.0042"),
    ...part,
  };
}

const asText = ({ title, detail, confirmLabel }: ReturnType<typeof consentConfirmation>) =>
  `# ${title}\n${detail.replace(/\n\n/g, "\n")}\n[${confirmLabel}]`;

describe("A confirmation", () => {
  it("names amount, recipient, reason, fee and what is left, for every operation", () => {
    const plain = operations.map((operation) =>
      asText(operationConfirmation(facts(operation, { lockTime: 86_400 }), t)),
    );
    const chat = operationConfirmation(facts(operations[2]!, { reason: "chat", service: aService() }), t);
    assertGolden("confirmations", [...plain, asText(chat)].join("\n\n"));
  });

  it("says what becomes of each account, and what the contract does by the way", () => {
    const [, , transfer, retrieve, , refund, deletion] = operations;
    const inUse = aSubAccount({ balance: og("2.5"), pendingRefund: og("0.5") });
    const idle = aSubAccount({ provider: address("d"), balance: og("3"), pendingRefund: og("3") });
    const tuned = aSubAccount({ service: "fine-tuning", deliverables: { total: 2, settled: 1 } });
    const show = (operation: LedgerOperation | undefined, subAccounts: SubAccount[], part: Part = {}) =>
      asText(
        operationConfirmation(
          facts(operation!, { lockTime: 86_400, ...part, changes: { subAccounts, ...part.changes } }),
          t,
        ),
      );
    assertGolden(
      "moneyConfirmations",
      [
        show(transfer, [inUse]),
        show({ ...(transfer as (typeof operations)[2]), service: "fine-tuning" } as LedgerOperation, [tuned]),
        show(retrieve, [inUse]),
        show(retrieve, [idle], { changes: { collected: og("3") } }),
        show(retrieve, [inUse], { changes: { collected: og("0.5") } }),
        show(refund, [], { changes: { ledgerAfter: undefined }, accounts: [inUse, idle, tuned] }),
        show(deletion, [], { changes: { ledgerAfter: undefined }, accounts: [inUse] }),
      ].join("\n\n"),
    );
  });

  it("says a fee out of proportion in the question itself, and does not cry wolf", () => {
    const show = (operation: LedgerOperation, maxFee: string, changes: Partial<TransactionPlan> = {}) =>
      operationConfirmation(facts(operation, { changes: { maxFee: og(maxFee), ...changes } }), t);
    const deposit = (amount: string) => ({ kind: "depositFund", amount: og(amount) }) as const;
    const dear = show(deposit("0.001"), "16.67");
    assert.equal(dear.title, "Deposit 0.001 0G to your ledger? The fee is unusually high: up to 16.67 0G!");
    assert.match(dear.detail, /^The network's RPC server names this price/);
    const [, , , retrieve, , , deletion] = operations;
    const isSaid = (...args: Parameters<typeof show>) => /unusually high/.test(show(...args).title);
    assert.deepEqual(
      [
        isSaid(deposit("0.001"), "0.002"), // more than it moves, but that is what it costs
        isSaid(deposit("5"), "0.05"),
        isSaid(deposit("5"), "0.06"),
        isSaid(deletion!, "0.02"),
        isSaid(retrieve!, "0.02", { subAccounts: [aSubAccount({ balance: og("3") })] }),
        isSaid(retrieve!, "0.02", { collected: og("1") }),
      ],
      [false, false, true, true, false, true],
    );
  });

  it("says so when the money is worth nothing", () => {
    const { detail } = operationConfirmation(facts(operations[0]!, { network: networks.sandbox }), t);
    assert.match(detail, /This is the sandbox: its money is worth nothing\./);
  });

  it("of a first chat names provider, price, limit and who can read", () => {
    const relayed = aService({ privacy: "authentic", info: anInfo({ providerIdentity: "aliyun" }) });
    assertGolden(
      "consents",
      [
        consent(),
        consent({ limit: undefined }),
        consent({ service: relayed }),
        consent({ service: aService({ privacy: "none" }) }),
      ]
        .map((part) => asText(consentConfirmation(part, t)))
        .join("\n\n"),
    );
  });

  it("cannot be rewritten by a model's or wallet's name", () => {
    const evil = "x”\n\nAmount: 0 0G\u202E";
    const { title, detail } = consentConfirmation(
      consent({ model: evil, wallet: aWallet({ name: evil }) }),
      t,
    );
    assert.doesNotMatch(title, /\n|\u202e/);
    assert.doesNotMatch(detail, /\nAmount|\u202e/);
  });
});
