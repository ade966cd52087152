import assert from "node:assert/strict";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { networks } from "../../../../src/domain/networks.js";
import { removeCopy, tidyCopies } from "../../../../src/services/fineTuning/datasetCopies.js";
import { startOver } from "../../../../src/services/fineTuning/startingOver.js";
import type { FineTuningRun, RunId } from "../../../../src/services/fineTuning/types.js";
import { scopeOf } from "../../../../src/services/wallets/scope.js";
import { createDatasetCopies } from "../../../../src/system/datasetCopies.js";
import { address, noon, og } from "../../../support/builders.js";
import { SteppedClock } from "../../../support/steppedClock.js";
import { aRun, someSteps } from "../../../support/tasks.js";
import { begin, scope, TuningDisk, TuningWindow } from "../../../support/tuningWindow.js";

describe("A network that begins anew", () => {
  let disk: TuningDisk;
  beforeEach(async () => (disk = await TuningDisk.create(new SteppedClock(noon))));
  afterEach(() => disk.remove());

  const startedOver = async (window: TuningWindow): Promise<FineTuningRun[]> => {
    const removed: FineTuningRun[] = [];
    const didRemove = async (run: FineTuningRun) => void removed.push(run);
    await startOver({ store: window.store, runs: window.runs, didRemove }, "sandbox");
    return removed;
  };

  it("leaves no run of any wallet behind, neither here nor for the next window", async () => {
    const window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
    const other = { ...scope, wallet: address("d") };
    const { provider, model, trainingParams } = run;
    await window.store.begin({
      ...{ scope: other, origin: "here", provider, model, trainingParams, skipped: [] },
    });
    assert.equal((await startedOver(window)).length, 2);
    assert.deepEqual([window.store.all(), await window.logs.list()], [[], []]);
    const next = new TuningWindow(disk);
    await next.look();
    assert.deepEqual(next.store.all(), []);
  });

  it("keeps a model that is decrypted here, with what it cost, and shows no task of it", async () => {
    const window = new TuningWindow(disk);
    const { id } = await begin(window);
    const decrypted = join(disk.folder, "model.zip");
    const fee = og("0.02");
    await window.store.append(id, { kind: "result", step: "settlement", settledFee: fee });
    await window.store.append(id, { kind: "result", step: "decrypt", files: { decrypted } });
    assert.deepEqual(await startedOver(window), []);
    const kept = window.store.get(id);
    assert.deepEqual([kept?.state, kept?.ending, kept?.settledFee], ["ended", "forgotten", fee]);
    await window.tasks.refresh();
    assert.deepEqual(window.tasks.state.value?.providers, []);
    await window.look();
    assert.deepEqual([window.guardian.state.open, disk.notices], [[], []]);
  });

  it("touches no other network", async () => {
    const window = new TuningWindow(disk);
    const { provider, model, trainingParams } = await begin(window);
    const live = await window.store.begin({
      scope: scopeOf(networks.testnet, address("c")),
      ...{ origin: "here", provider, model, trainingParams, skipped: [] },
    });
    await startedOver(window);
    assert.deepEqual(
      window.store.all().map(({ id }) => id),
      [live.id],
    );
  });
});

describe("A copy of a training file", () => {
  const day = 24 * 3_600_000;
  let disk: TuningDisk;
  let root: string;
  beforeEach(async () => {
    disk = await TuningDisk.create(new SteppedClock(noon));
    root = join(disk.folder, "datasets");
  });
  afterEach(() => disk.remove());

  async function copy(key: string): Promise<string> {
    await mkdir(join(root, key), { recursive: true });
    const path = join(root, key, "rows.jsonl");
    await writeFile(path, "{}\n");
    await utimes(path, noon / 1000, noon / 1000);
    return path;
  }
  const runWith = (path: string, part: Partial<FineTuningRun> = {}) =>
    aRun({ id: path as RunId, dataset: { ...aRun().dataset!, path }, ...part });

  it("stays while a tuning may want it, and goes when that is over", async () => {
    const copies = createDatasetCopies(root);
    const runs = [
      runWith(await copy("underWay")),
      runWith(await copy("cancelled"), { ending: "cancelled" }),
      runWith(await copy("settled"), { steps: someSteps({ settlement: { state: "done" } }) }),
    ];
    await copy("previewed");
    await tidyCopies(copies, runs, noon + day);
    assert.equal((await readdir(root)).length, 4, "it was only made");
    await tidyCopies(copies, runs, noon + day + 1);
    assert.deepEqual(await readdir(root), ["underWay"]);
  });

  it("goes at once with the run that is forgotten, unless another one wants it", async () => {
    const copies = createDatasetCopies(root);
    const path = await copy("shared");
    await removeCopy(copies, runWith(path), [runWith(path)]);
    assert.deepEqual(await readdir(root), ["shared"]);
    await removeCopy(copies, runWith(path), [runWith(path, { ending: "cancelled" })]);
    assert.deepEqual(await readdir(root), []);
  });

  it("is all that is ever removed: a file of the user's own stays", async () => {
    const copies = createDatasetCopies(root);
    await removeCopy(copies, runWith(disk.dataset), []);
    assert.ok((await readdir(disk.folder)).includes("rows.jsonl"));
    assert.deepEqual(await copies.list(), []);
  });
});
