import assert from "node:assert/strict";
import { calendarFile } from "../../../src/view/calendarFile.js";
import { modelReadme } from "../../../src/view/modelReadme.js";
import { english as t } from "../../../src/view/translate.js";
import { noon } from "../../support/builders.js";
import { assertGolden } from "../../support/golden.js";
import { aCheck, aModel, anAdapter, hour, taskId } from "../../support/tasks.js";

describe("The README of an exported model", () => {
  it("says where the model came from, what was checked, and how it is loaded", () => {
    assertGolden(
      "modelReadme",
      modelReadme(aModel({ check: aCheck(), adapter: anAdapter() }), "./output_model", t).trimEnd(),
    );
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
    { taskId, model: "Qwen, 0.5B; ü".repeat(12), provider: "0xaaaa", deadline: noon + hour, now: noon },
    t,
  );

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
