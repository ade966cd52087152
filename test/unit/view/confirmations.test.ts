import assert from "node:assert/strict";
import type { LedgerOperation, SubAccount, TransactionPlan } from "../../../src/domain/account.js";
import { networks } from "../../../src/domain/networks.js";
import type { ConsentFacts, OperationFacts } from "../../../src/services/ports.js";
import { operationConfirmation } from "../../../src/view/money/confirmations.js";
import { consentConfirmation } from "../../../src/view/money/consent.js";
import { subAccountRows } from "../../../src/view/money/subAccountRows.js";
import { nothingLoaded } from "../../../src/services/loaded.js";
import { retrievalsConfirmation } from "../../../src/view/money/retrievalsConfirmation.js";
import { english as t } from "../../../src/view/translate.js";
import {
  address,
  anInfo,
  anOverview,
  aService,
  aSubAccount,
  aWallet,
  noon,
  og,
} from "../../support/builders.js";
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
    const plain = operations.map((operation) => {
      const providers = operation.kind === "retrieveFund" ? operation.providers : [];
      const changes = { subAccounts: providers.map((one) => aSubAccount({ provider: one })) };
      return asText(operationConfirmation(facts(operation, { lockTime: 86_400, changes }), t));
    });
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

  it("names what is usable before and afterwards with the numbers of the accounts view", () => {
    const before = aSubAccount({ balance: og("3.5"), pendingRefund: og("0.5"), unsettled: og("0.25") });
    const afterwards = { ...before, balance: og("8") };
    const shown = (account: SubAccount) => {
      const [group] = subAccountRows(anOverview({ subAccounts: [account] }), {
        t,
        now: noon,
        providers: nothingLoaded,
      });
      return group?.children?.[0]?.label;
    };
    const transfer: LedgerOperation = {
      kind: "transferFund",
      provider,
      service: "inference",
      amount: og("4.5"),
    };
    const { detail } = operationConfirmation(facts(transfer, { changes: { subAccounts: [before] } }), t);
    assert.deepEqual([shown(before), shown(afterwards)], ["1.75 0G", "6.25 0G"]);
    assert.ok(
      detail.includes(`Account, usable: ${shown(before)} now, ${shown(afterwards)} afterwards`),
      detail,
    );
    const first = operationConfirmation(facts({ ...transfer, amount: og("2") }), t);
    assert.match(first.detail, /Account, usable: 0 0G now, 1 0G afterwards/);
  });

  it("of money from many providers begins with the sum, and is never taller than a window", () => {
    const providers = Array.from(
      { length: 20 },
      (_, index) => `0x${String(index).padStart(40, "0")}` as never,
    );
    const subAccounts = providers.map((one) => aSubAccount({ provider: one, balance: og("1.5") }));
    const many: LedgerOperation = { kind: "retrieveFund", providers, service: "inference" };
    const { title, detail } = operationConfirmation(facts(many, { changes: { subAccounts } }), t);
    assert.equal(title, "Ask 30 0G back from 20 providers?");
    assert.match(detail, /0x0000…0000: 1\.5 0G\n/);
    assert.match(detail, /\n13 more: 19\.5 0G\n/);
    assert.ok(detail.split("\n").length < 25, detail);
    assert.ok(
      detail.split("\n").every((line) => line.length < 200),
      detail,
    );
  });

  it("about several transactions says what comes first, which rules end, and a fee out of proportion", () => {
    const retrieve = operations[3]!;
    const changes = { subAccounts: [aSubAccount({ balance: og("3") })], maxFee: og("0.2") };
    const { plan } = facts(retrieve, { changes });
    const { network, wallet } = facts(retrieve);
    const purpose = { contract: "ledger", method: "depositFund", amount: og("1") };
    const several = { plans: [plan, plan], network, wallet };
    const told = retrievalsConfirmation({ ...several, keptFunded: [provider], waiting: [purpose] }, t);
    assert.match(
      told.title,
      /^Ask for 6 0G back in 2 transactions\? The fee is unusually high: up to 0\.4 0G!$/,
    );
    assert.match(told.detail, /You keep 0xaaaa…aaaa funded: that is switched off then/);
    assert.match(told.detail, /because they are not done: Deposit 1 0G\./);
    assert.doesNotMatch(retrievalsConfirmation(several, t).detail, /funded|not done/);
  });

  it("says so when the money is worth nothing", () => {
    const { detail } = operationConfirmation(facts(operations[0]!, { network: networks.sandbox }), t);
    assert.match(detail, /This is the sandbox: its money is worth nothing\./);
  });

  it("of a first chat names provider, price, limit and who can read", () => {
    const relayed = aService({ privacy: "authentic", info: anInfo({ providerIdentity: "aliyun" }) });
    const sold = { inputPrice: og("0.0005"), outputPrice: og("0.003") };
    assertGolden(
      "consents",
      [
        consent(),
        consent({ limit: undefined }),
        consent({ service: relayed }),
        consent({ service: aService({ privacy: "none" }) }),
        ...["text-to-image", "image-editing", "speech-to-text"].flatMap((serviceType) => [
          consent({ service: { ...relayed, ...sold, serviceType } }),
          consent({ service: aService({ ...sold, serviceType }), limit: undefined }),
        ]),
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
