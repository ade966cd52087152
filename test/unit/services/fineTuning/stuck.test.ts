import assert from "node:assert/strict";
import type { Deliverable, TrainingTask } from "../../../../src/domain/fineTuning.js";
import type { TaskId } from "../../../../src/domain/ids.js";
import { stuckAccount, stuckTask, type StuckFacts } from "../../../../src/services/fineTuning/stuck.js";
import type { FineTuningRun } from "../../../../src/services/fineTuning/types.js";
import { og } from "../../../support/builders.js";
import { provider, user } from "../../../support/tuningWorld.js";

const id = "00000000-0000-4000-8000-000000000001" as TaskId;
const at = 1_760_000_000;

const facts = (now: number): StuckFacts => ({
  ...{ provider, now, undecrypted: [] },
  terms: { lockTime: 86_400, penaltyPercentage: 30 },
});

const aDeliverable = (part: Partial<Deliverable> = {}): Deliverable => ({
  ...{ id, modelRootHash: "0x11", encryptedSecret: "0x" },
  ...{ isAcknowledged: false, isSettled: false, timestamp: at },
  ...part,
});

const anAccount = (...deliverables: Deliverable[]) => ({
  ...{ provider, balance: og("1"), pendingRefund: og("0"), isAcknowledged: true, nonce: 1n },
  deliverables,
});

const task: TrainingTask = {
  ...{ id, provider, user, createdAt: at * 1000, updatedAt: at * 1000, stage: "Delivered" },
  ...{ stageText: "Delivered", modelHash: "0x", datasetHash: "0x", trainingParams: "{}" },
  ...{ fee: og("0.5"), nonce: 1n, signature: "0x", deliverTime: at },
};

const aRun = (download: FineTuningRun["steps"][number]): FineTuningRun => ({
  ...{ id: "run" as FineTuningRun["id"], origin: "here", state: "failed", provider },
  scope: { network: "sandbox", networkKey: "sandbox", wallet: user },
  ...{ model: { name: "m", hash: "0x" as never }, trainingParams: "{}", steps: [download], files: {} },
  ...{ createdAt: 0, updatedAt: 0 },
});

const failedWith = (status: number) =>
  aRun({
    ...{ name: "download", state: "failed" },
    error: { code: "providerUnavailable", facts: { provider, status, detail: "" } },
  });

describe("what is stuck, by name", () => {
  it("is nothing while the time for acknowledging runs", () => {
    assert.equal(stuckAccount(facts(at + 43_199), anAccount(aDeliverable()), [task]), undefined);
    assert.equal(stuckAccount(facts(at), anAccount(), []), undefined);
    assert.equal(stuckAccount(facts(at), undefined, []), undefined);
  });

  it("is the queue behind a model nobody acknowledged in time, at the price of its whole fee", () => {
    const stuck = stuckAccount(facts(at + 43_200), anAccount(aDeliverable()), [task]);
    assert.equal(stuck?.name, "unacknowledgedQueue");
    assert.equal(stuck?.cost, og("0.5"));
    assert.deepEqual(stuck?.waysOut, ["acknowledge", "acknowledgeBlind", "otherProvider"]);
  });

  it("is the dead queue after a penalty: 30 % gone, the lock time to wait, other keys at risk", () => {
    const dead = aDeliverable({ isSettled: true });
    const other = "00000000-0000-4000-8000-000000000002" as TaskId;
    const stuck = stuckAccount({ ...facts(at), undecrypted: [other] }, anAccount(dead), [task]);
    assert.equal(stuck?.name, "deadQueue");
    assert.equal(stuck?.cost, og("0.15"));
    assert.equal(stuck?.seconds, 86_400);
    assert.deepEqual(stuck?.lost, ["model", "key", "otherKeys"]);
    assert.deepEqual(stuck?.undecrypted, [other]);
    // The escape hatch does not help here (spec 12): it is not offered.
    assert.equal(stuck?.waysOut.includes("acknowledgeBlind"), false);
    // Only the newest one closes the queue.
    const later = aDeliverable({ id: other, isAcknowledged: true });
    assert.equal(stuckAccount(facts(at), anAccount(dead, later), [task]), undefined);
  });

  it("is abandoned: acknowledged and settled without a key", () => {
    const deliverable = aDeliverable({ isAcknowledged: true, isSettled: true });
    assert.equal(stuckTask(facts(at), { id, task, deliverable })?.name, "abandoned");
    const withKey = { ...deliverable, encryptedSecret: "0x04" };
    assert.equal(stuckTask(facts(at), { id, task, deliverable: withKey }), undefined);
  });

  it("is a key that will never come, after a penalty", () => {
    const stuck = stuckTask(facts(at), { id, task, deliverable: aDeliverable({ isSettled: true }) });
    assert.equal(stuck?.name, "keyMissing");
    assert.equal(stuck?.why, "penalty");
    assert.equal(stuck?.cost, og("0.15"));
  });

  it("is a key that does not come, once settling takes far longer than it should", () => {
    const deliverable = aDeliverable({ isAcknowledged: true });
    assert.equal(stuckTask(facts(at + 899), { id, task, deliverable }), undefined);
    const stuck = stuckTask(facts(at + 900), { id, task, deliverable });
    assert.equal(stuck?.why, "notSettled");
    assert.deepEqual(stuck?.lost, []);
  });

  it("is a key that opens nothing: paid, and no other one will come", () => {
    const error = { code: "keyMissing", facts: { provider, why: "useless" } } as const;
    const run = aRun({ name: "decrypt", state: "failed", error });
    const deliverable = aDeliverable({ isAcknowledged: true, isSettled: true, encryptedSecret: "0x00" });
    const stuck = stuckTask(facts(at), { id, task, deliverable, run });
    assert.deepEqual([stuck?.name, stuck?.why, stuck?.cost], ["keyMissing", "useless", og("0.5")]);
    assert.deepEqual(stuck?.waysOut, ["newTask", "otherProvider"]);
    assert.equal(stuckTask(facts(at), { id, task, deliverable }), undefined);
  });

  it("is a file that is gone, when the provider says so or is too late to say soon", () => {
    const deliverable = aDeliverable();
    const name = (now: number, status: number) =>
      stuckTask(facts(now), { id, task, deliverable, run: failedWith(status) })?.name;
    assert.equal(name(at + 60, 404), "fileGone");
    assert.equal(name(at + 60, 503), undefined);
    assert.equal(name(at + 3 * 86_400, 503), "fileGone");
    assert.equal(name(at + 3 * 86_400, 429), undefined);
  });

  it("is nothing once the model is decrypted here", () => {
    const run = aRun({ name: "decrypt", state: "done" });
    const deliverable = aDeliverable({ isAcknowledged: true, isSettled: true });
    assert.equal(stuckTask(facts(at), { id, task, deliverable, run }), undefined);
  });
});
