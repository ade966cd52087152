import assert from "node:assert/strict";
import { calendarFile } from "../../../src/view/fineTuning/calendarFile.js";
import { logCurve } from "../../../src/view/fineTuning/lossChart.js";
import { modelReadme } from "../../../src/view/fineTuning/modelReadme.js";
import { taskView } from "../../../src/view/fineTuning/taskView.js";
import { english as t } from "../../../src/view/translate.js";
import { noon } from "../../support/builders.js";
import { assertGolden } from "../../support/golden.js";
import {
  aCheck,
  aFinishedDeliverable,
  aModel,
  anAdapter,
  aRun,
  hour,
  someSteps,
  taskFacts,
  taskId,
  telling,
} from "../../support/tasks.js";

describe("The README of an exported model", () => {
  it("says where the model came from, what was checked, and how it is loaded", () => {
    assertGolden(
      "modelReadme",
      modelReadme(aModel({ check: aCheck(), adapter: anAdapter() }), "./output_model", t).trimEnd(),
    );
  });

  it("does not say that a model was checked first that was paid for unseen, or by another tool", () => {
    const unseen = someSteps({ download: { state: "done" }, acknowledge: { state: "skipped" } });
    for (const steps of [unseen, someSteps()]) {
      const paid = { check: aCheck(), isAcknowledged: true, run: aRun({ steps }) };
      assert.match(modelReadme(aModel(paid), ".", t), /but only after it had been acknowledged/);
      const facts = taskFacts({ deliverable: aFinishedDeliverable(), run: paid.run }, paid);
      const labels = taskView(facts, undefined, logCurve(""), telling()).facts.map(({ label }) => label);
      assert.ok(labels.includes("Checked, but not before it was acknowledged"), labels.join());
    }
    const steps = someSteps({ download: { state: "done" }, acknowledge: { state: "done" } });
    const seen = aModel({ check: aCheck(), isAcknowledged: true, run: aRun({ steps }) });
    assert.match(modelReadme(seen, ".", t), /Before it was acknowledged, the encrypted file was found/);
  });

  it("lets no name end its code or run a command", () => {
    const { lineage } = aModel();
    const evil = { ...lineage, baseModel: "a`|b'$(rm -rf ~)", trainingParams: "x`\n| y |" };
    const text = modelReadme(aModel({ lineage: evil }), "it's", t);
    assert.match(text, /\| Base model \| `a''b'\$\(rm -rf ~\)` \|/);
    assert.match(text, /vllm serve 'a`\|b'\\''\$\(rm -rf ~\)' --enable-lora/);
    assert.match(text, /tuned='it'\\''s'/);
    assert.match(text, /not checked on the machine/);
  });
});

describe("The calendar entry of a deadline", () => {
  const text = calendarFile(
    {
      ...{ taskId, model: "Qwen, 0.5B; ü".repeat(12), provider: "0xaaaa" },
      ...{ isDelivered: true, deadline: noon + hour, now: noon },
    },
    t,
  );

  it("is there before the delivery too, and says that one has to look", () => {
    const about = { taskId, model: "Qwen", provider: "0xaaaa", deadline: noon + hour, now: noon };
    const early = calendarFile({ ...about, isDelivered: false }, t);
    assert.match(early, /SUMMARY:Look whether the tuned model Qwen is delivered/);
    const uid = (file: string) => /UID:.*/.exec(file)?.[0];
    assert.equal(uid(early), uid(calendarFile({ ...about, isDelivered: true }, t)));
  });

  it("ends at the deadline and reminds before", () => {
    assert.match(text, /DTSTART:20260115T120000Z\r\nDTEND:20260115T130000Z\r\n/);
    assert.equal(text.match(/BEGIN:VALARM/g)?.length, 2);
  });

  it("is folded and escaped as calendars want it", () => {
    for (const line of text.split("\r\n")) assert.ok(Buffer.byteLength(line) <= 75, line);
    const whole = text.replace(/\r\n /g, "");
    assert.match(whole, /SUMMARY:Acknowledge the tuned model Qwen\\, 0\.5B\\; ü/);
    assert.match(whole, new RegExp(`UID:${taskId}@zerog-compute`));
  });
});
