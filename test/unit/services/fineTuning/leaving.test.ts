import assert from "node:assert/strict";
import { leave, leftBehind } from "../../../../src/services/fineTuning/leaving.js";
import { leavingText } from "../../../../src/view/fineTuning/leavingView.js";
import { english as t } from "../../../../src/view/translate.js";
import { address, noon } from "../../../support/builders.js";
import { SteppedClock } from "../../../support/steppedClock.js";
import { aRun, someSteps } from "../../../support/tasks.js";
import { begin, scope, TuningDisk, TuningWindow } from "../../../support/tuningWindow.js";

const done = { state: "done" } as const;

describe("Removing everything from this machine", () => {
  it("says first which models need the key and which are nowhere else", () => {
    const files = { encrypted: "/models/model.encrypted" };
    const decrypted = someSteps({ acknowledge: done, settlement: done, decrypt: done });
    const behind = leftBehind([
      aRun(),
      aRun({ files }),
      aRun({ ending: "penalty", files }),
      aRun({ steps: decrypted, files: { decrypted: "/models/model.zip" } }),
      aRun({ steps: decrypted, files: { decrypted: "/models/model.zip", folder: "/home/model" } }),
    ]);
    assert.deepEqual(behind, { unfinished: 2, models: 3 });
    const text = leavingText(behind, t);
    assert.match(
      text,
      /^Fine-tunings whose model is not acknowledged or not decrypted yet: 2\. Without the key/,
    );
    assert.match(text, /Trained models that are nowhere but here: 3\. Decrypt them/);
  });

  it("says nothing of models where there are none", () => {
    assert.match(
      leavingText({ unfinished: 0, models: 0 }, t),
      /^Keys, conversations, receipts, trained models/,
    );
  });

  it("stops what runs and leaves no run of any wallet, here or for the next window", async () => {
    const disk = await TuningDisk.create(new SteppedClock(noon));
    try {
      const window = new TuningWindow(disk);
      const { id, provider, model, trainingParams } = await begin(window);
      const other = { ...scope, wallet: address("d") };
      await window.store.begin({
        ...{ scope: other, origin: "here", provider, model, trainingParams, skipped: [] },
      });
      const uploading = new Promise<void>((resolve) => {
        disk.world.before = async (what) => {
          if (what !== "upload") return;
          resolve();
          await new Promise((go) => setImmediate(go));
        };
      });
      const driven = window.runs.drive(id, { isAsked: true }).catch(() => undefined);
      await uploading;
      await leave(window.store, window.runs);
      await driven;
      assert.equal(disk.world.counts.posts, 0, "no task after it");
      assert.deepEqual([window.store.all(), await window.logs.list()], [[], []]);
    } finally {
      await disk.remove();
    }
  });
});
