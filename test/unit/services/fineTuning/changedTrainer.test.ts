// A provider that trains, whose enclave is another than the one that was verified: no rows go there, and no task, before the user says so.
import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import type { LoraBroker } from "../../../../src/broker/fineTuning/api.js";
import type { Deliverable } from "../../../../src/domain/fineTuning.js";
import type { TaskId } from "../../../../src/domain/ids.js";
import { networks } from "../../../../src/domain/networks.js";
import { entryOf } from "../../../../src/domain/pin.js";
import type { StepContext } from "../../../../src/services/fineTuning/stepContext.js";
import { deploy } from "../../../../src/services/fineTuning/stepsAfter.js";
import { aService } from "../../../support/builders.js";
import { Enclaves } from "../../../../src/services/enclaves/enclaves.js";
import { nextStep } from "../../../../src/services/fineTuning/runState.js";
import { createEnclaveTexts } from "../../../../src/view/proof/pinView.js";
import { english } from "../../../../src/view/translate.js";
import { MemoryFolder, TestDialogs } from "../../../support/ports.js";
import { aChainEntry, aReport, aVerification, measures } from "../../../support/proof.js";
import { provider, signer } from "../../../support/tuningWorld.js";
import { begin, hurried, isCode, TuningDisk, TuningWindow } from "../../../support/tuningWindow.js";

describe("a fine-tuning whose provider is not as it was verified", function () {
  this.timeout(60_000);
  let disk: TuningDisk;
  let dialogs: TestDialogs;
  let gate: Enclaves;
  let composeHash: string;

  beforeEach(async () => {
    [disk, dialogs, composeHash] = [
      await TuningDisk.create(hurried()),
      new TestDialogs(false),
      "c".repeat(64),
    ];
    gate = new Enclaves({
      ...{ folder: new MemoryFolder(), collateral: new MemoryFolder(), dialogs, settings: disk.settings },
      session: { network: () => networks.sandbox },
      texts: createEnclaveTexts(english, String),
      now: () => disk.clock.now(),
      verify: async () =>
        aVerification({
          ...{ provider, service: "fine-tuning" },
          entry: aChainEntry({ teeSigner: signer, answerSigner: signer, host: "127.0.0.1:1" }),
          reports: [aReport("combined", "intel", { measures: measures({ signer, composeHash }) })],
        }),
    });
    disk.gate = gate;
    await gate.verify(provider, "fine-tuning");
  });
  afterEach(() => disk.remove());

  const change = async () => {
    composeHash = "9".repeat(64);
    await gate.verify(provider, "fine-tuning");
  };

  it("gets no pass for an adapter at a server that nobody accepted", async () => {
    const { world, clock } = disk;
    world.adapter = "ready";
    const taskId = "1".repeat(8) as TaskId;
    world.deliverables = [{ id: taskId } as unknown as Deliverable];
    const at = (url: string) => aService({ provider, url, teeSigner: signer });
    let entry = at("http://127.0.0.1:1");
    let asked = 0;
    const broker = world.broker();
    const known = broker.fineTuning.lora;
    const lora: LoraBroker = {
      ...known,
      resolveAdapterName: (...all) => {
        asked++;
        return known.resolveAdapterName(...all);
      },
    };
    const fineTuning = { ...broker.fineTuning, lora };
    const here = { ...broker, fineTuning, inference: { getService: async () => entry } };
    gate = new Enclaves({
      ...{ folder: new MemoryFolder(), collateral: new MemoryFolder(), dialogs, settings: disk.settings },
      ...{ session: { network: () => networks.sandbox }, texts: createEnclaveTexts(english, String) },
      now: () => clock.now(),
      verify: async () => aVerification({ provider, entry: entryOf(entry) }),
    });
    await gate.verify(provider, "inference");
    const step = {
      ...{ run: { provider, taskId, model: { name: "sandbox-lm" } }, broker: here, gate, clock },
      ...{ isAsked: false, signal: new AbortController().signal, intent: async () => undefined },
      result: async () => "done",
    } as unknown as StepContext;
    assert.equal(await deploy(step), "done");
    const before = asked;
    entry = at("http://127.0.0.1:2");
    await assert.rejects(deploy(step), isCode("enclaveChanged"));
    await assert.rejects(deploy({ ...step, isAsked: true }), isCode("cancelled"));
    assert.equal(asked, before, "the other server got nothing");
  });

  it("sends no rows while nobody is there to be asked, and waits for the user", async () => {
    const first = new TuningWindow(disk);
    const { id } = await begin(first);
    await first.runs.drive(id, { isAsked: true, until: "acknowledgeSigner" });
    first.kill();
    await change();
    const second = new TuningWindow(disk);
    await second.store.load();
    for (let looks = 0; looks < 3; looks++) await second.look();
    const { uploads, posts } = disk.world.counts;
    assert.deepEqual([uploads, posts, dialogs.asked.length], [0, 0, 0]);
    const stopped = nextStep(second.store.get(id)!);
    assert.deepEqual([stopped?.name, stopped?.state], ["upload", "failed"]);
    assert.deepEqual(
      [stopped?.error?.code, stopped?.error?.facts],
      ["enclaveChanged", { provider, service: "fine-tuning" }],
    );

    await assert.rejects(second.runs.drive(id, { isAsked: true }), isCode("cancelled"));
    assert.deepEqual([disk.world.counts.uploads, dialogs.asked.length], [0, 1]);
    dialogs.answer = true;
    await second.runs.drive(id, { isAsked: true });
    assert.deepEqual([disk.world.counts.uploads, disk.world.counts.posts, dialogs.asked.length], [1, 1, 2]);
  });

  it("gets no rows that were written while the question was open", async () => {
    const window = new TuningWindow(disk);
    const { id } = await begin(window);
    await change();
    dialogs.answer = async () => {
      await appendFile(disk.dataset, '{"instruction":"never checked","output":"secret"}\n');
      return true;
    };
    await assert.rejects(window.runs.drive(id, { isAsked: true }), isCode("badFile"));
    assert.deepEqual([dialogs.asked.length, disk.world.counts.uploads], [1, 0]);
  });

  it("makes no task of data that are there already without a yes", async () => {
    const window = new TuningWindow(disk);
    const { keccak: datasetHash } = await disk.world.broker().storage.rootOf(disk.dataset);
    disk.world.datasets.add(datasetHash);
    const { id } = await begin(window, { datasetHash: datasetHash, skipped: ["extract", "upload"] });
    await change();
    await assert.rejects(window.runs.drive(id, { isAsked: true }), isCode("cancelled"));
    assert.deepEqual([disk.world.counts.posts, dialogs.asked.length], [0, 1]);
    dialogs.answer = true;
    await window.runs.drive(id, { isAsked: true });
    assert.deepEqual([disk.world.counts.posts, dialogs.asked.length], [1, 2]);
  });

  it("is looked at again before the task, however long it waited after the rows were sent", async () => {
    const window = new TuningWindow(disk);
    const { id } = await begin(window);
    await window.runs.drive(id, { isAsked: true, until: "upload" });
    await change();
    const after = await window.runs.drive(id, { isAsked: false });
    assert.deepEqual(
      [disk.world.counts.uploads, disk.world.counts.posts, nextStep(after)?.error?.code],
      [1, 0, "enclaveChanged"],
    );
    disk.settings.set({ privateOnly: true });
    dialogs.answer = true;
    await window.runs.drive(id, { isAsked: true });
    assert.equal(disk.world.counts.posts, 1);
  });

  it("that changes its server while the question is open is asked about again, and rows go where the user looked", async () => {
    const { world } = disk;
    const window = new TuningWindow(disk);
    const { id } = await begin(window);
    await window.runs.drive(id, { isAsked: true, until: "acknowledgeSigner" });
    await change();
    dialogs.answer = async () => {
      world.url = "http://127.0.0.1:2";
      return dialogs.asked.length < 2;
    };
    await assert.rejects(window.runs.drive(id, { isAsked: true }), isCode("cancelled"));
    assert.equal(dialogs.asked.length, 2);
    assert.match(dialogs.asked[1]?.detail ?? "", /127\.0\.0\.1:1 then, 127\.0\.0\.1:2 now/);
    assert.deepEqual(world.sentTo, []);
    dialogs.answer = true;
    // From here on it moves whenever its entry was read: what was read is what is sent to.
    world.before = (what) => {
      if (what === "upload") world.url = "http://127.0.0.1:3";
    };
    await window.runs.drive(id, { isAsked: true, until: "upload" });
    assert.deepEqual(world.sentTo, ["http://127.0.0.1:2"]);
    await assert.rejects(async () => {
      dialogs.answer = false;
      await window.runs.drive(id, { isAsked: true });
    }, isCode("cancelled"));
    assert.deepEqual(world.sentTo, ["http://127.0.0.1:2"], "no task at another server without a yes");
  });
});
