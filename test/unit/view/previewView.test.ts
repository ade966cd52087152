import assert from "node:assert/strict";
import { DatasetService } from "../../../src/services/datasets.js";
import { costView } from "../../../src/view/money/costView.js";
import { previewTexts } from "../../../src/view/fineTuning/previewView.js";
import { english as t } from "../../../src/view/translate.js";
import { address, og } from "../../support/builders.js";
import { assertGolden } from "../../support/golden.js";
import { hash } from "../../support/tasks.js";

const lines = (...rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");

describe("The preview of training rows", () => {
  const chat = {
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Hello" },
      { role: "user", content: "And\u202E now?" },
      { role: "assistant", content: "Bye" },
    ],
  };

  const service = new DatasetService();
  const previewRows = (text: string, destination: "tee" | "0g-storage", count: number) =>
    service.preview("rows.jsonl", text, { destination, count });

  it("shows of a chat what is left: the last question and the last answer", async () => {
    const [row] = await previewRows(lines(chat), "tee", 10);
    assert.equal(row?.trainingText, "### Instruction:\nAnd\u202E now?\n\n### Response:\nBye");
  });

  it("puts the row beside what training sees, line by line", async () => {
    const text = `${lines(chat)}\n\nnot json\n${lines({ prompt: "a", completion: "b" }, { instruction: "x", output: "y" })}`;
    const { original, seen } = previewTexts(await previewRows(text, "tee", 10), false, t);
    assertGolden("preview", `${original}\n=====\n${seen}`);
  });

  it("says of rows that nothing understands that they train on nothing", async () => {
    const { seen } = previewTexts(
      await previewRows(lines({ prompt: "a", completion: "b" }), "tee", 10),
      true,
      t,
    );
    assert.match(seen, /nothing: this row trains on empty text/);
    const text = await previewRows(lines({ text: "all of it" }), "tee", 1);
    assert.match(previewTexts(text, true, t).seen, /nothing/);
    assert.match(
      previewTexts(await previewRows(lines({ text: "all of it" }), "0g-storage", 1), true, t).seen,
      /all of it/,
    );
  });

  it("keeps to the number of rows it was asked for", async () => {
    const many = lines(...Array.from({ length: 30 }, () => chat));
    assert.equal((await previewRows(many, "tee", 5)).length, 5);
  });

  it("loses nothing of the sample's rows, which have one question each", async () => {
    const path = "test/fixtures/workspace/data/support.jsonl";
    const rows = await service.preview(path, undefined, { destination: "tee", count: 1000 });
    assert.ok(rows.length > 10);
    for (const { trainingText } of rows)
      assert.match(trainingText, /^### Instruction:\n.+\n\n### Response:\n.+/s);
  });
});

describe("Tokens and cost", () => {
  const model = {
    name: "Qwen|`x`",
    hash: hash("b"),
    kind: "predefined",
    tokenizer: "",
    dataType: "text",
    description: "",
    feeRule: { coefficient: 1n, storageReserve: og("0.01") },
  } as const;
  const service = {
    provider: address("a"),
    url: "https://provider.example",
    quota: { cpuCount: 1, nodeMemory: 1, gpuCount: 1, nodeStorage: 1, gpuType: "" },
    pricePerToken: og("0.000001"),
    isOccupied: false,
    models: [],
    teeSigner: address("f"),
    isSignerAcknowledgedByOwner: true,
  };
  const offers = [{ service, models: [model, { ...model, name: "own", feeRule: undefined }] }];

  it("are given as a range for each model, and what is not known is said", () => {
    const tokens = { low: 900, likely: 1000, high: 1200 };
    const text = costView("/data/a_b.jsonl", { rows: 12, tokens }, offers, t);
    assert.match(text, /about 1000 tokens \(900 to 1200\)/);
    assert.match(text, /\| Qwen\\\|\\`x\\` \| 0xa+ \| 0\.0109 0G – 0\.0112 0G \| 0\.0127 0G – 0\.0136 0G \|/);
    assert.match(text, /\| own .*the provider alone knows/);
    assert.match(costView("a", { rows: 12 }, offers, t), /could not be counted/);
  });
});
