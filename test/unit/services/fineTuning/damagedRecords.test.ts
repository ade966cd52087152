import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { tellOfDamage, type DamagedRecord } from "../../../../src/services/fineTuning/damagedRecords.js";
import { journalName, RunStore } from "../../../../src/services/fineTuning/runStore.js";
import { stepOf } from "../../../../src/services/fineTuning/runState.js";
import { damagedText } from "../../../../src/view/fineTuning/damagedView.js";
import { english as t } from "../../../../src/view/translate.js";
import { random } from "../../../support/ports.js";
import { SteppedClock } from "../../../support/steppedClock.js";
import { begin, scope, TuningDisk, TuningWindow } from "../../../support/tuningWindow.js";

describe("A damaged line in a run's journal", () => {
  let disk: TuningDisk;
  let window: TuningWindow;
  const told: DamagedRecord[] = [];
  beforeEach(async () => {
    told.length = 0;
    disk = await TuningDisk.create(new SteppedClock());
    window = new TuningWindow(disk);
  });
  afterEach(() => disk.remove());

  /** As another window after a restart. */
  const look = async (): Promise<RunStore> => {
    const { logs } = window;
    const store = new RunStore({ logs, clock: disk.clock, random });
    await store.load();
    await tellOfDamage({
      ...{ store, logs, state: disk.state },
      notifier: { damaged: (one) => told.push(one) },
    });
    return store;
  };

  async function aDamagedRun(spoil: (lines: string[]) => string[]) {
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    const path = window.logs.pathOf(journalName(run.id));
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    await writeFile(path, `${spoil(lines).join("\n")}\n`);
    return { run, path };
  }

  it("is told once, with its file, and the other steps of the run still count", async () => {
    const { run, path } = await aDamagedRun((lines) =>
      lines.map((line) => (line.includes('"result","step":"upload"') ? line.slice(4, -9) : line)),
    );
    const before = await readFile(path, "utf8");
    const store = await look();
    const now = store.get(run.id);
    assert.equal(now?.damagedLines, 1);
    assert.deepEqual(
      (["transfer", "upload", "createTask"] as const).map((name) => stepOf(now, name).state),
      ["done", "waiting", "done"],
    );
    assert.ok(now.taskId);
    await look();
    assert.deepEqual(
      told.map((one) => [basename(one.path), one.lines, one.run?.id]),
      [[`run-${run.id}.jsonl`, 1, run.id]],
    );
    assert.match(damagedText(told[0]!, t), /from sandbox-lm \(.{8}\) that cannot be read: 1\./);
    assert.equal(await readFile(path, "utf8"), before, "nothing of it is lost");
  });

  it("is told again only when there are more, and with a beginning that cannot be read as well", async () => {
    const { run, path } = await aDamagedRun(([first = "", ...rest]) => [`x${first}`, ...rest]);
    assert.equal((await look()).get(run.id), undefined);
    assert.deepEqual([told.length, told[0]?.run], [1, undefined]);
    assert.match(
      damagedText(told[0]!, t),
      new RegExp(`^The record run-${run.id}.jsonl of a fine-tuning cannot`),
    );
    await writeFile(path, `${await readFile(path, "utf8")}nonsense\n`);
    await look();
    await look();
    assert.deepEqual(
      told.map(({ lines }) => lines),
      [1, 2],
    );
  });

  it("keeps nothing from being found again by its task", async () => {
    const { run } = await aDamagedRun(([, ...rest]) => ["", "{", ...rest]);
    disk.world.to("Delivered");
    const next = new TuningWindow(disk);
    await next.look();
    const [found] = next.store.list(scope);
    assert.deepEqual([found?.origin, found?.waitsFor], ["elsewhere", "consent"]);
    assert.notEqual(found?.id, run.id);
  });
});
