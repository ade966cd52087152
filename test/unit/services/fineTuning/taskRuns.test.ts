import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import type { FineTuningRun, RunId } from "../../../../src/services/fineTuning/types.js";
import { ComputeError } from "../../../../src/domain/error.js";
import type { Neuron } from "../../../../src/domain/money.js";
import { address, og } from "../../../support/builders.js";
import { provider, signer } from "../../../support/tuningWorld.js";
import { begin, hurried, isCode, scope, TuningDisk, TuningWindow } from "../../../support/tuningWindow.js";

const states = (run: FineTuningRun) =>
  Object.fromEntries(run.steps.map((step) => [step.name, step.state as string]));

const once = {
  ...{ deposits: 1, transfers: 1, uploads: 1, posts: 1 },
  ...{ downloads: 1, acknowledgements: 1, decryptions: 1 },
};

describe("a fine-tuning run", function () {
  this.timeout(60_000);
  let disk: TuningDisk;
  beforeEach(async () => {
    disk = await TuningDisk.create(hurried());
  });
  afterEach(() => disk.remove());

  /** Presses on like a user: everything is asked for, the provider does its part whenever the run waits for it. */
  async function finish(window: TuningWindow, id?: RunId, fee?: Neuron): Promise<FineTuningRun> {
    await window.store.load();
    const run = id === undefined ? window.store.list(scope)[0] : window.store.get(id);
    assert.ok(run);
    for (let rounds = 0; rounds < 6; rounds++) {
      const now = await window.runs.drive(run.id, { isAsked: true });
      if (now.state === "done") return now;
      assert.equal(now.state, "waiting", now.steps.map(({ name, state }) => `${name} ${state}`).join());
      if (now.waitsFor === "training" && disk.world.tasks[0]?.stage === "Init") disk.world.to("Delivered");
      if (now.waitsFor === "settlement") disk.world.settle(fee);
    }
    throw new Error("it does not end");
  }

  it("goes from the dataset to the model, each thing done once", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    assert.equal(run.state, "paused");
    const done = await finish(window);
    assert.deepEqual(disk.world.counts, once);
    const { extract, deploy, acknowledgeSigner, ...others } = states(done);
    assert.deepEqual([extract, deploy, acknowledgeSigner], ["skipped", "skipped", "skipped"]);
    assert.deepEqual(new Set(Object.values(others)), new Set(["done"]));
    assert.match(done.files.decrypted ?? "", /model\.zip$/);
    assert.equal(done.check?.rootKind, "keccak");
    assert.deepEqual(
      window.dialogs.asked.map(({ title }) => title),
      ["acknowledge"],
    );
    assert.ok(done.steps.find(({ name }) => name === "acknowledge")?.transaction);
  });

  it("goes on after a death at any record of its journal, and does nothing twice", async () => {
    const whole = new TuningWindow(disk);
    await begin(whole);
    await finish(whole);
    const records = whole.appended;
    assert.ok(records > 15, `${records} records`);
    for (let at = 2; at <= records; at++)
      for (const isWritten of [false, true]) {
        await disk.remove();
        disk = await TuningDisk.create(hurried());
        const window = new TuningWindow(disk);
        window.onAppend = (count, written) => {
          if (count === at && written === isWritten) window.kill();
        };
        await begin(window);
        const survived = await window.orDeath(finish(window));
        // Without its last record it has done everything already.
        assert.equal(survived, undefined, `record ${at}`);
        await finish(new TuningWindow(disk));
        const { uploads, decryptions, downloads, ...paid } = disk.world.counts;
        const about = `killed ${isWritten ? "after" : "before"} record ${at}: ${JSON.stringify(disk.world.counts)}`;
        assert.deepEqual(paid, { deposits: 1, transfers: 1, posts: 1, acknowledgements: 1 }, about);
        // What costs nothing and leaves no trace is done again when its result did not reach the disk.
        assert.ok(uploads <= (isWritten ? 1 : 2) && downloads <= 2 && decryptions === 1, about);
        assert.equal(disk.world.tasks.length, 1, about);
      }
  });

  it("finds the task whose answer was lost, and makes no second one", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    const lost = new ComputeError("network", { what: "provider", url: "", detail: "reset" });
    disk.world.after = (what) => {
      if (what === "createTask") throw lost;
    };
    const now = await window.runs.drive(run.id, { isAsked: true });
    assert.equal(now.waitsFor, "training");
    assert.equal(now.taskId, disk.world.tasks[0]?.id);
    assert.equal(disk.world.counts.posts, 1);
  });

  it("waits for a transaction that it lost sight of, however often it is asked, and pays once", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true, until: "deposit" });
    const { world } = disk;
    const transfer = { kind: "transferFund", provider, service: "fine-tuning", amount: og("1.5") } as const;
    let state: "pending" | "mined" = "pending";
    world.onItsWay = () => (state === "pending" ? 1 : 0);
    world.before = (what) => {
      if (what === "transferFund")
        throw new ComputeError("network", { what: "rpc", url: "", detail: "not mined yet", hash: "0x1" });
    };
    for (let tries = 0; tries < 3; tries++) {
      await assert.rejects(window.runs.drive(run.id, { isAsked: true }), isCode("network"));
      const step = window.store.get(run.id)?.steps.find(({ name }) => name === "transfer");
      assert.match(step?.transaction ?? "", /^0x0+2$/, "the second of all, and no third");
    }
    world.before = () => undefined;
    world.onItsWay = () => {
      if (state === "pending") void world.money.run(transfer, "asked");
      state = "mined";
      return 0;
    };
    await window.runs.drive(run.id, { isAsked: true });
    assert.deepEqual([world.counts.transfers, world.counts.posts], [1, 1]);
  });

  it("pays again for a transaction that the chain refused, or that another tool's took the place of", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    disk.world.before = (what) => {
      if (what === "transferFund")
        throw new ComputeError("rejectedByChain", { reason: "replaced", args: [], hash: "0x1" });
    };
    await assert.rejects(window.runs.drive(run.id, { isAsked: true }), isCode("rejectedByChain"));
    assert.deepEqual([...(window.store.journalled(run.id)?.openSteps ?? [])], []);
    disk.world.before = () => undefined;
    await window.runs.drive(run.id, { isAsked: true });
    assert.equal(disk.world.counts.transfers, 1);
  });

  it("sends nothing whose hash cannot be written down", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    window.onAppend = (_count, isWritten, record) => {
      if (!isWritten && (record as { kind: string }).kind === "sent")
        throw new ComputeError("diskFull", { path: disk.folder });
    };
    await assert.rejects(window.runs.drive(run.id, { isAsked: true }), isCode("diskFull"));
    assert.equal(disk.world.counts.deposits, 0);
  });

  it("sends the same nonce again when the request was lost", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    disk.world.before = (what) => {
      if (what === "createTask")
        throw new ComputeError("network", { what: "provider", url: "", detail: "reset" });
    };
    await assert.rejects(window.runs.drive(run.id, { isAsked: true }), isCode("network"));
    const { nonce, state } = window.store.get(run.id) ?? {};
    assert.equal(state, "failed");
    disk.world.before = () => undefined;
    disk.world.time += 60;
    await window.runs.drive(run.id, { isAsked: true });
    assert.deepEqual(
      disk.world.tasks.map((task) => task.nonce),
      [nonce],
    );
  });

  it("refuses a file that changed since it was checked, before anything is sent", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await writeFile(disk.dataset, '{"instruction":"other"}\n');
    await assert.rejects(window.runs.drive(run.id, { isAsked: true }), isCode("badFile"));
    assert.equal(disk.world.counts.uploads, 0);
    assert.equal(disk.world.counts.posts, 0);
  });

  it("makes no task for an account whose queue is dead", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true, until: "upload" });
    disk.world.deliverables = [
      {
        ...{ id: "older", modelRootHash: "0x", encryptedSecret: "0x" },
        ...{ isAcknowledged: false, isSettled: true, timestamp: 1 },
      },
    ];
    await assert.rejects(window.runs.drive(run.id, { isAsked: true }), isCode("deadQueue"));
    assert.equal(disk.world.counts.posts, 0);
  });

  it("moves no money and shows no dialog when nobody asked", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    const now = await window.runs.drive(run.id, { isAsked: false });
    assert.equal(now.state, "paused");
    assert.equal(disk.world.counts.deposits, 0);
    assert.deepEqual(window.dialogs.asked, []);
  });

  it("acknowledges by itself only after a first yes, and only when the setting says so", async () => {
    const window = new TuningWindow(disk);
    const first = await begin(window);
    await window.runs.drive(first.id, { isAsked: true });
    disk.world.to("Delivered");
    disk.settings.set({ "fineTuning.autoAcknowledge": "always" });
    let now = await window.runs.drive(first.id, { isAsked: false });
    assert.equal(now.waitsFor, "consent");
    assert.equal(disk.world.counts.downloads, 1);
    assert.equal(disk.world.counts.acknowledgements, 0);
    await finish(window);

    const second = await begin(window);
    await window.runs.drive(second.id, { isAsked: true });
    disk.world.to("Delivered");
    disk.settings.set({ "fineTuning.autoAcknowledge": "ask" });
    now = await window.runs.drive(second.id, { isAsked: false });
    assert.equal(now.waitsFor, "consent");
    disk.settings.set({ "fineTuning.autoAcknowledge": "always" });
    now = await window.runs.drive(second.id, { isAsked: false });
    assert.equal(now.waitsFor, "settlement");
    assert.equal(disk.world.counts.acknowledgements, 2);
  });

  it("asks before it acknowledges a model that became dearer than was said at its beginning", async () => {
    const window = new TuningWindow(disk);
    await finish(window, (await begin(window)).id);
    disk.settings.set({ "fineTuning.autoAcknowledge": "always" });
    const run = await begin(window, { feeCeiling: og("0.019") });
    await window.runs.drive(run.id, { isAsked: true });
    disk.world.to("Delivered"); // its provider names 0.02 now
    const now = await window.runs.drive(run.id, { isAsked: false });
    assert.deepEqual([now.waitsFor, disk.world.counts.acknowledgements], ["consent", 1]);
    await window.runs.drive(run.id, { isAsked: true });
    assert.equal(window.store.get(run.id)?.agreedFee, og("0.02"));
  });

  it("asks before it acknowledges what is to be settled by another key than the one that signed it", async () => {
    const window = new TuningWindow(disk);
    await finish(window, (await begin(window)).id);
    disk.settings.set({ "fineTuning.autoAcknowledge": "always" });
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    disk.world.to("Delivered");
    disk.world.teeSigner = address("d");
    disk.world.isOwnerAcknowledged = false;
    const now = await window.runs.drive(run.id, { isAsked: false });
    assert.deepEqual([now.waitsFor, disk.world.counts.acknowledgements], ["consent", 1]);
    await window.tasks.refresh();
    const items = window.tasks.state.value?.providers.flatMap((one) => one.tasks);
    const change = { signed: signer, now: address("d"), isAcknowledgedByOwner: false };
    assert.deepEqual(items?.find(({ run: one }) => one?.id === run.id)?.signerChange, change);
    await window.runs.drive(run.id, { isAsked: true });
    assert.equal(disk.world.counts.acknowledgements, 2);
    assert.deepEqual(window.acknowledgeFacts.map(({ signerChange }) => signerChange).at(-1), change);
    await window.tasks.reload();
    const after = window.tasks.state.value?.providers.flatMap((one) => one.tasks) ?? [];
    assert.ok(after.every(({ signerChange }) => signerChange === undefined));
  });

  it("asks before it acknowledges what was trained in another way than was asked for", async () => {
    const window = new TuningWindow(disk);
    await finish(window, (await begin(window)).id);
    disk.settings.set({ "fineTuning.autoAcknowledge": "always" });
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    disk.world.to("Delivered");
    const [task, ...older] = disk.world.tasks;
    assert.ok(task);
    disk.world.tasks = [{ ...task, trainingParams: "{}" }, ...older];
    const now = await window.runs.drive(run.id, { isAsked: false });
    assert.deepEqual([now.waitsFor, disk.world.counts.acknowledgements], ["consent", 1]);
    disk.world.tasks = [task, ...older];
    await window.runs.drive(run.id, { isAsked: false });
    assert.equal(disk.world.counts.acknowledgements, 2);
  });

  it("asks before it acknowledges at a fee that no network usually wants", async () => {
    const window = new TuningWindow(disk);
    await finish(window, (await begin(window)).id);
    disk.settings.set({ "fineTuning.autoAcknowledge": "always" });
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    disk.world.to("Delivered");
    disk.world.gasFee = og("0.02");
    const now = await window.runs.drive(run.id, { isAsked: false });
    assert.deepEqual([now.waitsFor, disk.world.counts.acknowledgements], ["consent", 1]);
    disk.world.gasFee = og("0.002");
    await window.runs.drive(run.id, { isAsked: false });
    assert.equal(disk.world.counts.acknowledgements, 2);
  });

  it("keeps what was taken beside what was agreed, and what is more than that is an overcharge", async () => {
    const window = new TuningWindow(disk);
    const overcharges = () =>
      window.tasks.state.value?.providers[0]?.tasks.map(({ overcharge }) => overcharge);
    await finish(window, (await begin(window)).id, og("0.03"));
    await window.tasks.refresh();
    assert.deepEqual(overcharges(), [{ agreed: og("0.02"), settled: og("0.03") }]);
    const late = await begin(window, { feeCeiling: og("0.02") });
    await window.runs.drive(late.id, { isAsked: true });
    disk.world.to("Delivered");
    disk.world.settle(og("0.02"));
    await window.runs.drive(late.id, { isAsked: false });
    await window.tasks.refresh();
    assert.equal(window.store.get(late.id)?.settledFee, og("0.006")); // the penalty: 30 %
    assert.deepEqual(overcharges()?.[0], undefined);
  });

  it("pays nothing when the user says no, and asks again another time", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    disk.world.to("Delivered");
    window.dialogs.answer = false;
    await assert.rejects(window.runs.drive(run.id, { isAsked: true }), isCode("cancelled"));
    assert.equal(disk.world.counts.acknowledgements, 0);
    assert.equal(window.store.get(run.id)?.waitsFor, "consent");
    window.dialogs.answer = true;
    await window.runs.drive(run.id, { isAsked: true });
    assert.equal(disk.world.counts.acknowledgements, 1);
  });

  it("acknowledges nothing whose file does not hold", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    disk.world.to("Delivered");
    disk.world.before = (what) => {
      if (what === "download") throw new ComputeError("verificationFailed", { what: "model", why: "hash" });
    };
    await assert.rejects(window.runs.drive(run.id, { isAsked: true }), isCode("verificationFailed"));
    const failed = window.store.get(run.id);
    assert.equal(failed?.state, "failed");
    assert.equal(failed?.steps.find(({ name }) => name === "download")?.error?.code, "verificationFailed");
    assert.equal(disk.world.counts.acknowledgements, 0);
  });

  it("fetches a model anew that was damaged before it is paid for, and one that was damaged after", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    disk.world.to("Delivered");
    const { files } = await window.runs.drive(run.id, { isAsked: true, until: "download" });
    const damage = () => writeFile(files.encrypted ?? "", "model");
    const seen: [string, number][] = [];
    window.dialogs.confirm = async () => {
      seen.push([await readFile(files.encrypted ?? "", "utf8"), disk.world.counts.downloads]);
      return true;
    };
    await damage();
    const paid = await window.runs.drive(run.id, { isAsked: true });
    assert.deepEqual(seen, [[`model of ${paid.taskId}`, 2]], "whole again when it is asked about");
    assert.equal(disk.world.counts.acknowledgements, 1);
    await damage();
    disk.world.settle();
    const done = await window.runs.drive(run.id, { isAsked: true });
    assert.deepEqual([done.state, disk.world.counts.downloads], ["done", 3]);
  });

  it("pays for nothing that was damaged and cannot be had again", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    disk.world.to("Delivered");
    const { files } = await window.runs.drive(run.id, { isAsked: true, until: "download" });
    await writeFile(files.encrypted ?? "", "model");
    disk.world.before = (what) => {
      if (what === "download")
        throw new ComputeError("providerUnavailable", { provider, status: 404, detail: "gone" });
    };
    await assert.rejects(window.runs.drive(run.id, { isAsked: true }), isCode("providerUnavailable"));
    assert.deepEqual([disk.world.counts.acknowledgements, window.dialogs.asked.length], [0, 0]);
  });

  it("ends with its task: failed, settled without us, given up", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    disk.world.to("Failed");
    assert.equal((await window.runs.drive(run.id, { isAsked: false })).ending, "taskFailed");

    const late = await begin(window);
    await window.runs.drive(late.id, { isAsked: true });
    disk.world.to("Delivered");
    disk.world.settle();
    assert.equal((await window.runs.drive(late.id, { isAsked: false })).ending, "penalty");
  });

  it("is driven by one window at a time", async () => {
    const [one, other] = [new TuningWindow(disk), new TuningWindow(disk)];
    const run = await begin(one);
    await other.store.load();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let reached = (): void => undefined;
    const atUpload = new Promise<void>((resolve) => (reached = resolve));
    disk.world.before = async (what) => {
      if (what !== "upload") return;
      reached();
      await held;
    };
    const driving = one.runs.drive(run.id, { isAsked: true });
    await atUpload;
    const seen = await other.runs.drive(run.id, { isAsked: true });
    assert.equal(seen.waitsFor, "otherWindow");
    release();
    assert.equal((await driving).waitsFor, "training");
    assert.equal((await other.runs.drive(run.id, { isAsked: false })).waitsFor, "training");
    assert.deepEqual([disk.world.counts.uploads, disk.world.counts.posts], [1, 1]);
  });

  it("stops between the steps when its window closes, and says nothing failed", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    disk.world.after = (what) => {
      if (what === "upload") void window.runs.close();
    };
    await assert.rejects(window.runs.drive(run.id, { isAsked: true }), isCode("cancelled"));
    await window.runs.close();
    const next = new TuningWindow(disk);
    await next.store.load();
    assert.equal(next.store.get(run.id)?.state, "paused");
    await finish(next);
    assert.equal(disk.world.counts.uploads, 1);
  });
});
