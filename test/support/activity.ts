// An activity with every kind of movement, as often as a test wants, and its panel's state as the host makes it.
import type { Movement, MovementKind } from "../../src/domain/activity.js";
import { addressKey, type TransactionHash } from "../../src/domain/ids.js";
import { neuron } from "../../src/domain/money.js";
import { networks } from "../../src/domain/networks.js";
import type { ActivityPanelState } from "../../src/protocol/activity.js";
import type { ActivityState } from "../../src/services/activity/activity.js";
import {
  firstQuery,
  type ActivityFacts,
  type ActivityQuery,
  type ActivityTelling,
} from "../../src/view/activity/activityTable.js";
import { activityPanelState } from "../../src/view/activity/activityView.js";
import { english } from "../../src/view/translate.js";
import { address, og } from "./builders.js";

const activityWallet = address("c");
const chat = address("a");
const tuner = address("b");
const start = Date.UTC(2026, 0, 15, 12);
const hour = 3_600_000;

export const activityTelling: ActivityTelling = {
  t: english,
  now: start + 100 * hour,
  moment: (at) => new Date(at).toISOString().slice(0, 16).replace("T", " "),
  day: (at) => new Date(at).toISOString().slice(0, 10),
};

const story: readonly (Pick<Movement, "kind"> & Partial<Movement>)[] = [
  { kind: "deposit", amount: og("10") },
  { kind: "transfer", amount: og("2"), provider: chat, service: "inference" },
  { kind: "acknowledgement", provider: chat, service: "inference", note: { kind: "signer" } },
  { kind: "answer", amount: neuron(12_300_000_000_000n), provider: chat, service: "inference" },
  { kind: "answer", amount: og("0.002"), provider: chat, service: "inference", note: { kind: "atMost" } },
  { kind: "settlement", amount: og("0.00201"), provider: chat, service: "inference" },
  {
    ...{ kind: "settlement", provider: chat, service: "inference" },
    note: { kind: "refused", status: 4, unsettled: og("0.25") },
  },
  { kind: "refundRequested", amount: og("1.99799"), provider: chat, service: "inference" },
  {
    ...{ kind: "transfer", amount: og("0.5"), provider: chat, service: "inference" },
    note: { kind: "tookBack", amount: og("0.5") },
  },
  { kind: "refundCollected", amount: og("1.49799"), provider: chat, service: "inference" },
  { kind: "transfer", amount: og("1.5"), provider: tuner, service: "fine-tuning" },
  {
    ...{ kind: "acknowledgement", provider: tuner, service: "fine-tuning" },
    note: { kind: "task", task: "6b607314-\u202E88b0-4fef-91e7-43227a54de57<img src=x>" },
  },
  {
    kind: "fineTuningFee",
    amount: og("0.4"),
    provider: tuner,
    service: "fine-tuning",
    note: { kind: "penalty" },
  },
  { kind: "withdrawal", amount: og("1.000000000000000001") },
  {
    ...{ kind: "networkFee", amount: neuron(147_000_000_000_001n), provider: chat, service: "inference" },
    note: {
      kind: "paidFor",
      paidFor: {
        outcome: "done",
        purpose: { contract: "ledger", method: "transferFund", provider: chat, amount: og("2") },
      },
    },
  },
  {
    ...{ kind: "networkFee", amount: neuron(60_000_000_000_000n) },
    note: {
      kind: "paidFor",
      paidFor: { outcome: "refused", purpose: { contract: "ledger", method: "refund", amount: og("9") } },
    },
  },
  {
    ...{ kind: "networkFee", amount: neuron(21_000_000_000_000n) },
    note: { kind: "paidFor", paidFor: { outcome: "cancelled" } },
  },
  {
    ...{ kind: "networkFee", amount: neuron(21_000_000_000_000n) },
    note: { kind: "paidFor", paidFor: { outcome: "done" } },
  },
  { kind: "storageFee", amount: neuron(30_000_000_000n), note: { kind: "forOther", recipient: tuner } },
  { kind: "sentElsewhere", amount: og("0.75"), note: { kind: "forOther", recipient: tuner } },
];

const offChain: ReadonlySet<MovementKind> = new Set(["answer"]);

/** The story told again and again until there are so many. */
export function someMovements(count = story.length): Movement[] {
  return Array.from({ length: count }, (_, index) => {
    const one = story[index % story.length]!;
    const hash = `0x${index.toString(16).padStart(64, "0")}` as TransactionHash;
    return {
      amount: og("0"),
      ...one,
      id: `${index}`,
      at: start + index * 3 * hour,
      ...(offChain.has(one.kind) ? {} : { hash, block: 100 + index }),
    };
  });
}

export function anActivity(change: Partial<ActivityState> = {}): ActivityState {
  return {
    movements: someMovements(),
    isReading: false,
    history: { scannedTo: 2_000_000, head: 2_000_000, span: 1000, events: [], callsFrom: 0 },
    readAt: start + 99 * hour,
    ledgerTotal: og("8.597989999999999999"),
    unsettled: new Map([[addressKey(chat), neuron(12_300_000_000_000n)]]),
    ...change,
  };
}

export function activityFacts(
  state: ActivityState = anActivity(),
  query: Partial<ActivityQuery> = {},
  network: keyof typeof networks = "sandbox",
): ActivityFacts {
  return { state, query: { ...firstQuery, ...query }, network: networks[network], wallet: activityWallet };
}

export function activityState(...facts: Parameters<typeof activityFacts>): ActivityPanelState {
  return activityPanelState(activityFacts(...facts), activityTelling);
}
