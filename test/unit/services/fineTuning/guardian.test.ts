import assert from "node:assert/strict";
import { cancelled, ComputeError } from "../../../../src/domain/error.js";
import { og } from "../../../support/builders.js";
import { TestClock } from "../../../support/ports.js";
import { provider, user, aBaseModel } from "../../../support/tuningWorld.js";
import { until } from "../../../until.js";
import { begin, isCode, scope, TuningDisk, TuningWindow } from "../../../support/tuningWindow.js";

const window48 = 12 * 3_600;

describe("the guardian", function () {
  this.timeout(20_000);
  let disk: TuningDisk;
  let clock: TestClock;
  beforeEach(async () => {
    clock = new TestClock();
    disk = await TuningDisk.create(clock);
  });
  afterEach(() => disk.remove());

  const told = () => disk.notices.map(({ kind }) => kind);
  const pass = async (seconds: number) => {
    disk.world.time += seconds;
    await clock.advance(seconds * 1_000);
  };

  async function delivered(window: TuningWindow): Promise<void> {
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    disk.world.to("Delivered");
  }

  it("downloads and verifies what was delivered, and asks", async () => {
    const window = new TuningWindow(disk);
    await delivered(window);
    await window.look();
    assert.equal(disk.world.counts.downloads, 1);
    assert.equal(disk.world.counts.acknowledgements, 0);
    assert.deepEqual(told(), ["delivered"]);
    const [open] = window.guardian.state.open;
    assert.equal(open?.deadline, disk.world.time + window48);
    assert.equal(open?.next, "consent");
    assert.equal(disk.notices[0]?.manner, "asked");
    assert.equal(disk.notices[0]?.untilWhen.at, disk.world.time + window48);
    assert.equal(disk.notices[0]?.untilWhen.penaltyPercentage, 30);
  });

  it("tells at the delivery, at half of the time and an hour before its end, each once", async () => {
    const window = new TuningWindow(disk);
    await delivered(window);
    for (let hours = 0; hours < 12; hours++) {
      await window.look();
      await window.look();
      await pass(3_600);
    }
    assert.deepEqual(told(), ["delivered", "halfTime", "oneHour"]);
  });

  it("tells of the time that is left though a download takes all of it", async () => {
    const window = new TuningWindow(disk);
    await delivered(window);
    disk.world.before = (what) => (what === "download" ? new Promise<never>(() => undefined) : undefined);
    for (let hours = 0; hours < 12; hours++) {
      await window.guardian.look();
      await until("the download is under way", () => window.store.list(scope)[0]?.state === "running");
      await pass(3_600);
    }
    assert.deepEqual(told(), ["halfTime", "oneHour"]);
  });

  it("tells of the time that is left, once, though the disk takes nothing", async () => {
    const window = new TuningWindow(disk);
    await delivered(window);
    window.onAppend = (_, isWritten) => {
      if (!isWritten) throw new ComputeError("diskFull", { path: disk.folder });
    };
    for (let hours = 0; hours < 12; hours++) {
      await window.look();
      await window.look();
      await pass(3_600);
    }
    assert.deepEqual(told(), ["halfTime", "oneHour"]);
    window.onAppend = () => undefined;
    await window.look();
    await window.look();
    assert.deepEqual(told(), ["halfTime", "oneHour"], "what was told is written down in the end");
  });

  it("tells only the most pressing thing after the editor was closed for long", async () => {
    const window = new TuningWindow(disk);
    await delivered(window);
    await pass(11.5 * 3_600);
    const next = new TuningWindow(disk);
    await next.look();
    await next.look();
    assert.deepEqual(told(), ["oneHour"]);
  });

  it("acknowledges by setting after a first yes, hours before the deadline, and says so once", async () => {
    disk.settings.set({ "fineTuning.autoAcknowledge": "always" });
    await disk.state.update("zgCompute.fineTuning.acknowledgeConsent.sandbox." + user, 1);
    const window = new TuningWindow(disk);
    await delivered(window);
    await window.look();
    await window.look();
    assert.equal(disk.world.counts.acknowledgements, 1);
    assert.deepEqual(told(), ["acknowledged"]);
    disk.world.settle();
    await window.look();
    const [run] = window.store.list(scope);
    assert.equal(run?.state, "done");
    assert.equal(disk.world.counts.decryptions, 1);
    assert.deepEqual(window.guardian.state.open, []);
    assert.deepEqual(window.dialogs.asked, []);
  });

  it("leaves alone what its user stopped before the task, and goes on when it is asked for again", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    const abort = new AbortController();
    disk.world.before = (what) => {
      if (what !== "upload") return;
      abort.abort();
      throw cancelled();
    };
    await assert.rejects(
      window.runs.drive(run.id, { isAsked: true, signal: abort.signal }),
      isCode("cancelled"),
    );
    const next = new TuningWindow(disk);
    await next.look();
    assert.deepEqual([disk.world.counts.uploads, disk.world.counts.posts], [0, 0]);
    assert.equal(next.store.get(run.id)?.state, "paused");
    await next.runs.drive(run.id, { isAsked: true });
    assert.deepEqual([disk.world.counts.uploads, disk.world.counts.posts], [1, 1]);
  });

  it("begins nothing after a no, though the money came in another way", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    disk.world.before = (what) => {
      if (what === "transferFund") throw cancelled(); // as the dialog's no
    };
    await assert.rejects(window.runs.drive(run.id, { isAsked: true }), isCode("cancelled"));
    disk.world.before = () => undefined;
    await disk.world.money.run(
      { kind: "transferFund", provider, service: "fine-tuning", amount: og("1.5") },
      "asked",
    );
    await window.look();
    assert.deepEqual([disk.world.counts.uploads, disk.world.counts.posts], [0, 0]);
  });

  it("finds the task whose request was out when its user stopped it, and makes none", async () => {
    for (const when of ["before", "after"] as const) {
      await disk.remove();
      disk = await TuningDisk.create(clock);
      const window = new TuningWindow(disk);
      const run = await begin(window);
      disk.world[when] = (what) => {
        if (what === "createTask") throw cancelled();
      };
      await assert.rejects(window.runs.drive(run.id, { isAsked: true }), isCode("cancelled"));
      disk.world[when] = () => undefined;
      const looking = window.look();
      if (when === "before") await until("it looks a second time", () => clock.sleepers > 0);
      await clock.advance(3_000);
      await looking;
      assert.equal(disk.world.counts.posts, when === "after" ? 1 : 0);
      assert.equal(window.store.get(run.id)?.taskId, disk.world.tasks[0]?.id);
    }
  });

  it("pays nothing by itself for a model that was refused once", async () => {
    disk.settings.set({ "fineTuning.autoAcknowledge": "always" });
    await disk.state.update("zgCompute.fineTuning.acknowledgeConsent.sandbox." + user, 1);
    const window = new TuningWindow(disk);
    await delivered(window);
    const [run] = window.store.list(scope);
    window.dialogs.answer = false;
    await assert.rejects(window.runs.drive(run!.id, { isAsked: true }), isCode("cancelled"));
    await window.look();
    assert.equal(disk.world.counts.acknowledgements, 0);
    assert.equal(disk.notices.at(-1)?.manner, "asked");
  });

  it("says in the same moment as the tasks that nothing waits any more", async () => {
    const window = new TuningWindow(disk);
    await delivered(window);
    await window.look();
    const [run] = window.store.list(scope);
    assert.ok(run);
    await window.runs.drive(run.id, { isAsked: true, until: "acknowledge" });
    const seen: (readonly [number, number])[] = [];
    window.tasks.onDidChange(({ value }) => {
      const items = value?.providers.flatMap((one) => one.tasks) ?? [];
      const open = items.filter(({ deadline }) => deadline !== undefined);
      seen.push([open.length, window.guardian.state.open.length]);
    });
    await window.tasks.reload();
    assert.deepEqual(seen.at(-1), [0, 0]);
    for (const [inTasks, guarded] of seen) assert.equal(guarded, inTasks);
  });

  it("takes care of tasks that another tool made", async () => {
    const window = new TuningWindow(disk);
    await delivered(window);
    const [run] = window.store.list(scope);
    assert.ok(run?.taskId);
    await window.store.remove(run.id);
    const next = new TuningWindow(disk);
    await next.look();
    await next.look();
    const [found, ...others] = next.store.list(scope);
    assert.deepEqual(others, []);
    assert.equal(found?.origin, "elsewhere");
    assert.equal(found?.taskId, run.taskId);
    assert.equal(found?.model.name, aBaseModel.name);
    assert.equal(found?.waitsFor, "consent");
    assert.deepEqual(told(), ["delivered"]);
  });

  it("acts in one of two windows", async () => {
    disk.settings.set({ "fineTuning.autoAcknowledge": "always" });
    await disk.state.update("zgCompute.fineTuning.acknowledgeConsent.sandbox." + user, 1);
    const one = new TuningWindow(disk);
    await delivered(one);
    const other = new TuningWindow(disk);
    for (let rounds = 0; rounds < 3; rounds++) await Promise.all([one.look(), other.look()]);
    assert.deepEqual(
      [disk.world.counts.downloads, disk.world.counts.acknowledgements, told()],
      [1, 1, ["acknowledged"]],
    );
  });

  it("tries a download that failed again, more and more seldom", async () => {
    const window = new TuningWindow(disk);
    await delivered(window);
    let tries = 0;
    disk.world.before = (what) => {
      if (what !== "download") return;
      tries++;
      throw new ComputeError("providerUnavailable", { provider, status: 503, detail: "retry shortly" });
    };
    await window.look();
    await window.look();
    assert.equal(tries, 1);
    assert.equal(window.guardian.state.open[0]?.next, "failed");
    await pass(16);
    await window.look();
    assert.equal(tries, 2);
    await pass(16);
    await window.look();
    assert.equal(tries, 2);
    await pass(16);
    disk.world.before = () => undefined;
    await window.look();
    assert.equal(window.guardian.state.open[0]?.next, "consent");
  });

  it("does not try a key again that opens nothing", async () => {
    disk.settings.set({ "fineTuning.autoAcknowledge": "always" });
    await disk.state.update("zgCompute.fineTuning.acknowledgeConsent.sandbox." + user, 1);
    const window = new TuningWindow(disk);
    await delivered(window);
    await window.look();
    disk.world.settle();
    let tries = 0;
    disk.world.before = (what) => {
      if (what !== "decrypt") return;
      tries++;
      throw new ComputeError("keyMissing", { provider, why: "useless" });
    };
    for (let looks = 0; looks < 4; looks++) {
      await window.look();
      await pass(3_600);
    }
    assert.equal(tries, 1);
    const [task] = window.tasks.state.value?.providers[0]?.tasks ?? [];
    assert.equal(task?.stuck?.why, "useless");
  });

  it("asks for nothing where its user wants to begin by command, and warns of the deadline all the same", async () => {
    disk.settings.set({ "fineTuning.autoAcknowledge": "never" });
    await disk.state.update("zgCompute.fineTuning.acknowledgeConsent.sandbox." + user, 1);
    const window = new TuningWindow(disk);
    await delivered(window);
    for (let hours = 0; hours < 12; hours++) {
      await window.look();
      assert.equal(window.guardian.state.open[0]?.next, "consent");
      await pass(3_600);
    }
    assert.deepEqual([disk.world.counts.downloads, disk.world.counts.acknowledgements], [1, 0]);
    assert.deepEqual(told(), ["halfTime", "oneHour"]);
    const [run] = window.store.list(scope);
    await window.runs.drive(run!.id, { isAsked: true, until: "acknowledge" });
    assert.deepEqual([window.dialogs.asked.length, disk.world.counts.acknowledgements], [1, 1]);
  });

  it("promises to acknowledge by itself only where it may", async () => {
    for (const setting of ["ask", "always", "never", "sometimes"]) {
      await disk.remove();
      disk = await TuningDisk.create(clock);
      disk.settings.set({ "fineTuning.autoAcknowledge": setting });
      await disk.state.update("zgCompute.fineTuning.acknowledgeConsent.sandbox." + user, 1);
      const window = new TuningWindow(disk);
      await delivered(window);
      disk.world.before = (what) => {
        if (what === "download") throw new ComputeError("providerUnavailable", { provider, detail: "gone" });
      };
      for (let hours = 0; hours < 12; hours++) {
        await window.look();
        await pass(3_600);
      }
      const warnings = ["halfTime", "oneHour"];
      assert.deepEqual(told(), setting === "never" ? warnings : ["delivered", ...warnings]);
      const manner = setting === "always" ? "alone" : setting === "never" ? "byCommand" : "asked";
      for (const notice of disk.notices)
        assert.deepEqual([notice.manner, notice.run.state], [manner, "failed"]);
    }
  });

  it("says of a task under way until when an editor must be open were it delivered now", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    await window.look();
    const [until] = window.guardian.state.underWay;
    assert.equal(until?.kind, "underWay");
    assert.equal(until?.at, disk.world.time + window48);
    assert.deepEqual(told(), []);
  });

  it("starts no sandbox to look for nothing", async () => {
    const window = new TuningWindow(disk);
    window.isNetworkUp = false;
    await window.look();
    assert.equal(window.tasks.state.value, undefined);
    await begin(window);
    await window.look();
    assert.ok(window.tasks.state.value);
  });

  it("says that a task failed, and that a deadline was missed", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    disk.world.to("Failed");
    await window.look();
    await window.look();
    assert.deepEqual(told(), ["failed"]);
    await delivered(window);
    disk.world.settle();
    await window.look();
    await window.look();
    assert.deepEqual(told(), ["failed", "missed"]);
    const [here] = window.tasks.state.value?.providers ?? [];
    assert.equal(here?.stuck?.name, "deadQueue");
  });

  it("looks again and again until it is disposed", async () => {
    const window = new TuningWindow(disk);
    await delivered(window);
    window.guardian.start();
    await window.look();
    assert.deepEqual(told(), ["delivered"]);
    window.guardian.dispose();
    await pass(12 * 3_600);
    await window.guardian.rest();
    assert.deepEqual(told(), ["delivered"]);
  });
});
