// The receipt of a tuned model, as runs leave it: once, whatever happens to the window that was to write it.
import assert from "node:assert/strict";
import { receiptTools } from "../../../../src/broker/receipts/receiptTools.js";
import type { ModelReceipt } from "../../../../src/domain/receipt.js";
import type { FineTuningRun } from "../../../../src/services/fineTuning/types.js";
import { og } from "../../../support/builders.js";
import { provider, signer, user } from "../../../support/tuningWorld.js";
import { begin, hurried, scope, TuningDisk, TuningWindow } from "../../../support/tuningWindow.js";
import { networks } from "../../../../src/domain/networks.js";

describe("The receipt of a tuned model", function () {
  this.timeout(120_000);
  let disk: TuningDisk;
  beforeEach(async () => {
    disk = await TuningDisk.create(hurried());
  });
  afterEach(() => disk.remove());

  /** The user and the provider do their part until the run is done. */
  async function finish(window: TuningWindow): Promise<FineTuningRun> {
    await window.store.load();
    const [run] = window.store.list(scope);
    assert.ok(run);
    await window.runs.writeReceipts(() => networks.sandbox);
    for (let rounds = 0; rounds < 6; rounds++) {
      const now = await window.runs.drive(run.id, { isAsked: true });
      if (now.state === "done") return now;
      if (now.waitsFor === "training" && disk.world.tasks[0]?.stage === "Init") disk.world.to("Delivered");
      if (now.waitsFor === "settlement") disk.world.settle(og("0.02"));
    }
    throw new Error("it does not end");
  }

  function onlyReceipt(about = ""): ModelReceipt {
    const [bytes, ...others] = [...disk.receipts.files.values()];
    assert.ok(bytes, `no receipt ${about}`);
    assert.equal(others.length, 0, about);
    assert.equal(receiptTools.recheck(bytes).word, "proven", about);
    return receiptTools.fromBytes(bytes) as ModelReceipt;
  }

  it("is there once the file was checked, before anything is paid, and again with what became of it", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    assert.equal(disk.receipts.files.size, 0, "nothing is delivered");
    disk.world.to("Delivered");
    await window.runs.drive(run.id, { isAsked: true, until: "download" });
    const delivered = onlyReceipt();
    const { taskId, datasetHash, trainingParams, model } = window.store.get(run.id)!;
    assert.deepEqual(
      [delivered.state, delivered.task, delivered.provider, delivered.user, delivered.file.signer],
      ["delivered", taskId, provider, user, signer],
    );
    assert.deepEqual(
      [delivered.baseModel, delivered.baseModelHash, delivered.datasetHash, delivered.trainingParams],
      [model.name, model.hash, datasetHash, trainingParams],
    );
    assert.equal(delivered.modelRootHash, disk.world.deliverables[0]?.modelRootHash);
    assert.deepEqual([delivered.acknowledgedBy, delivered.fee], [undefined, undefined]);
    await window.runs.drive(run.id, { isAsked: true });
    const acknowledged = onlyReceipt();
    assert.deepEqual([acknowledged.id, acknowledged.state], [delivered.id, "acknowledged"]);
    const step = window.store.get(run.id)?.steps.find(({ name }) => name === "acknowledge");
    assert.equal(acknowledged.acknowledgedBy, step?.transaction);
    assert.ok(acknowledged.acknowledgedBy && acknowledged.agreedFee);
    disk.world.settle(og("0.02"));
    await window.runs.drive(run.id, { isAsked: true });
    const settled = onlyReceipt();
    assert.deepEqual(
      [settled.id, settled.state, settled.fee, settled.settledBy],
      [delivered.id, "settled", "20000000000000000", `0x${"5e".repeat(32)}`],
    );
    assert.deepEqual(window.store.get(run.id)?.receipt, { id: settled.id, state: "settled" });
  });

  it("is there in the end, once, after a death at any record of the journal and at any writing of a receipt", async () => {
    const whole = new TuningWindow(disk);
    let receipts = 0;
    whole.onReceipt = (isWritten) => void (receipts += isWritten ? 1 : 0);
    await begin(whole);
    await finish(whole);
    const records = whole.appended;
    assert.equal(receipts, 3, "delivered, acknowledged, settled");
    let kills = 0;
    const die = async (arm: (window: TuningWindow) => void, about: string) => {
      await disk.remove();
      disk = await TuningDisk.create(hurried());
      const window = new TuningWindow(disk);
      arm(window);
      await begin(window);
      assert.equal(await window.orDeath(finish(window)), undefined, about);
      await finish(new TuningWindow(disk));
      const { state, fee, acknowledgedBy } = onlyReceipt(about);
      assert.deepEqual([state, fee], ["settled", "20000000000000000"], about);
      // An answer that was lost with its window names no transaction: the chain says that it is done.
      assert.ok(acknowledgedBy === undefined || acknowledgedBy.startsWith("0x"), about);
      kills++;
    };
    for (const isWritten of [false, true]) {
      for (let at = 1; at <= receipts; at++)
        await die(
          (window) => {
            let count = 0;
            window.onReceipt = (written) => {
              if (written === isWritten && ++count === at) window.kill();
            };
          },
          `killed ${isWritten ? "after" : "before"} receipt ${at}`,
        );
      for (let at = 2; at <= records; at++)
        await die(
          (window) => {
            window.onAppend = (count, written) => {
              if (count === at && written === isWritten) window.kill();
            };
          },
          `killed ${isWritten ? "after" : "before"} record ${at}`,
        );
    }
    console.log(`        ${kills} kills, one receipt each in the end`);
  });

  it("is not written again when the user deleted it, whatever becomes of the model", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    disk.world.to("Delivered");
    await window.runs.drive(run.id, { isAsked: true, until: "download" });
    await window.receipts.delete(onlyReceipt().id);
    const next = new TuningWindow(disk);
    await next.store.load();
    await next.runs.writeReceipts(() => networks.sandbox);
    await next.runs.drive(run.id, { isAsked: true, until: "download" });
    assert.equal(disk.receipts.files.size, 0);
    await next.runs.drive(run.id, { isAsked: true });
    assert.equal(next.store.get(run.id)?.receipt?.state, "acknowledged");
    disk.world.settle(og("0.02"));
    await next.runs.drive(run.id, { isAsked: true });
    assert.equal(next.store.get(run.id)?.receipt?.state, "settled");
    assert.equal(disk.receipts.files.size, 0);
  });

  it("keeps no model from its user when the disk is full, and is written when there is room", async () => {
    disk.receipts.isFull = true;
    const window = new TuningWindow(disk);
    await begin(window);
    const run = await finish(window);
    assert.equal(run.state, "done");
    assert.equal(disk.receipts.files.size, 0);
    assert.ok(disk.log.lines.some((line) => line.includes("A receipt could not be written")));
    disk.receipts.isFull = false;
    const next = new TuningWindow(disk);
    await next.store.load();
    await next.runs.writeReceipts(() => networks.sandbox);
    assert.equal(onlyReceipt().state, "settled");
  });

  it("says when the model was lost to the penalty", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    disk.world.to("Delivered");
    await window.runs.drive(run.id, { isAsked: true, until: "download" });
    disk.world.settle();
    await window.runs.drive(run.id, { isAsked: true });
    assert.equal(window.store.get(run.id)?.ending, "penalty");
    assert.equal(onlyReceipt().state, "penalty");
  });

  it("is of the run's own network, or none", async () => {
    disk.receipts.isFull = true;
    const window = new TuningWindow(disk);
    await begin(window);
    await finish(window);
    disk.receipts.isFull = false;
    const next = new TuningWindow(disk);
    await next.store.load();
    await next.runs.writeReceipts(() => networks.testnet);
    await next.runs.writeReceipts(() => undefined);
    assert.equal(disk.receipts.files.size, 0);
  });
});
