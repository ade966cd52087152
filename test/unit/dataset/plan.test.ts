// Configurations, the arithmetic of a training, previews, and the estimate of tokens.
import assert from "node:assert/strict";
import { analyseConfiguration } from "../../../src/dataset/configuration.js";
import { previewRows } from "../../../src/dataset/preview.js";
import { textSource, type DatasetSource } from "../../../src/dataset/source.js";
import { addTokens, noTokens, templateTokens } from "../../../src/dataset/tokens.js";
import type { RuleId } from "../../../src/domain/dataset.js";
import { estimateTokens, fewestTokens } from "../../../src/domain/tokens.js";
import { trainingPlan } from "../../../src/domain/trainingPlan.js";
import { defaultParameters } from "../../support/trainingParams.js";

const text = (changed: object = {}) => JSON.stringify({ ...defaultParameters, ...changed }, null, 2);

function found(content: string, rows?: number) {
  const { problems, refusal } = analyseConfiguration(content, { rows });
  const lines = content.split("\n");
  return {
    refusal,
    rules: problems.map(({ rule, severity }) => `${rule} ${severity}`),
    marked: (rule: RuleId) =>
      problems
        .find((one) => one.rule === rule)
        ?.places.map(({ line, start, end, endLine }) =>
          endLine === undefined ? lines[line - 1]!.slice(start, end) : `${line}-${endLine}`,
        ),
    facts: (rule: RuleId) => problems.find((one) => one.rule === rule)?.places[0]?.facts,
  };
}

describe("the diagnostics of a configuration", () => {
  it("find nothing in the defaults", () => {
    assert.deepEqual(found(text()).rules, []);
    assert.equal(found(text()).refusal, "");
  });

  it("OC01: list what is missing", () => {
    const empty = found("{}");
    assert.deepEqual(empty.rules, ["OC01 error"]);
    assert.deepEqual(empty.facts("OC01"), { keys: Object.keys(defaultParameters) });
    assert.deepEqual(empty.marked("OC01"), ["{"]);
    const { max_steps, ...others } = defaultParameters;
    const content = JSON.stringify(others, null, 2);
    assert.deepEqual(found(content).facts("OC01"), { keys: ["max_steps"] }, `${max_steps}`);
    assert.deepEqual(found(content).marked("OC01"), ["{"]);
  });

  it("OC02: mark keys that are not allowed, each", () => {
    const content = text({ lora_r: 8, seed: 1 });
    assert.deepEqual(found(content).rules, ["OC02 error"]);
    assert.deepEqual(found(content).marked("OC02"), ['"lora_r"', '"seed"']);
    assert.equal(found(content).refusal, "training config contains forbidden parameter 'lora_r'");
  });

  for (const [rule, changed, mark] of [
    ["OC04", { learning_rate: 0.0011 }, "0.0011"],
    ["OC04", { learning_rate: "0.0002" }, '"0.0002"'],
    ["OC05", { num_train_epochs: 11 }, "11"],
    ["OC05", { num_train_epochs: 1.5 }, "1.5"],
    ["OC06", { per_device_train_batch_size: 5 }, "5"],
    ["OC07", { neftune_noise_alpha: 10.5 }, "10.5"],
    ["OC08", { max_steps: 0 }, "0"],
    ["OC08", { max_steps: null }, "null"],
  ] as const)
    it(`${rule}: mark ${JSON.stringify(changed)}`, () => {
      const content = text(changed);
      assert.deepEqual(found(content).rules, [`${rule} error`]);
      assert.deepEqual(found(content).marked(rule), [mark]);
      assert.notEqual(found(content).refusal, "");
    });

  it("OC03: mark a rate with an exponent, in either case, and no other number with one", () => {
    for (const written of ["2e-4", "2E-4", "1e-05"]) {
      const content = text().replace("0.0002", written);
      assert.deepEqual(found(content).rules, ["OC03 error"]);
      assert.deepEqual(found(content).marked("OC03"), [written]);
    }
    assert.deepEqual(found(text().replace('_epochs": 1', '_epochs": 1e0')).rules, []);
  });

  it("look at the last of a doubled key, as the provider does", () => {
    const content = text().replace("{", '{"learning_rate": 5,');
    assert.deepEqual(found(content).rules, []);
  });

  it("OC12: mark a comma or comment too many, and go on; mark what cannot be read as an error", () => {
    const comma = text({ seed: 1 }).replace("\n}", ", // why\n}");
    assert.deepEqual(found(comma).rules, ["OC02 error", "OC12 warning"]);
    assert.deepEqual(found(comma).marked("OC12"), ["// why", ","]);
    assert.match(found(comma).refusal, /^invalid training params JSON format: /);
    for (const broken of ["", "[]", "{", "'a'", '{"a" 1}'])
      assert.deepEqual(found(broken).rules, ["OC12 error"], broken);
  });

  it("OC09 to OC11: reckon with the rows of the dataset, when they are known and nothing is wrong", () => {
    const short = found(text({ max_steps: 3 }), 1000);
    assert.deepEqual(short.rules, ["OC09 warning", "OC10 warning", "OC11 information"]);
    assert.deepEqual(short.facts("OC09"), { percent: 2 });
    assert.deepEqual(short.marked("OC09"), ["3"]);
    assert.deepEqual(short.facts("OC11"), { effectiveBatch: 8, steps: 3 });
    assert.deepEqual(found(text(), 1000).rules, ["OC11 information"]);
    assert.deepEqual(found(text(), 80).facts("OC10"), { steps: 10 });
    assert.deepEqual(found(text(), 81).facts("OC10"), undefined);
    assert.deepEqual(found(text({ max_steps: 0 }), 80).rules, ["OC08 error"]);
  });
});

describe("the arithmetic of a training", () => {
  const plan = (rows: number, batchSize: number, epochs: number, maxSteps = -1) =>
    trainingPlan(rows, { batchSize, epochs, maxSteps });

  it("makes steps of batch times four rows, and starts each epoch anew", () => {
    assert.deepEqual(plan(100, 2, 3), {
      effectiveBatch: 8,
      stepsPerEpoch: 13,
      steps: 39,
      warmUpSteps: 10,
      rowsSeen: 300,
      percentOfBilled: 100,
    });
  });

  it("pays for whole epochs whatever max_steps says", () => {
    const short = plan(100, 2, 3, 5);
    assert.deepEqual([short.steps, short.rowsSeen], [5, 40]);
    assert.equal(Math.round(short.percentOfBilled), 13);
    const long = plan(10, 4, 1, 30);
    assert.deepEqual([long.stepsPerEpoch, long.rowsSeen, long.percentOfBilled], [1, 300, 3000]);
    assert.equal(plan(100, 1, 1, 25).rowsSeen, 100);
    assert.equal(plan(10, 2, 1, 3).rowsSeen, 18);
    assert.equal(plan(101, 1, 1, 26).rowsSeen, 101);
  });

  it("makes nothing of no rows", () => {
    assert.deepEqual(
      [plan(0, 2, 3).steps, plan(0, 2, 3).rowsSeen, plan(0, 2, 3, 9).percentOfBilled],
      [0, 0, 0],
    );
  });
});

describe("a preview", () => {
  const rows = [
    { role: "system", content: "S" },
    { role: "user", content: "u1" },
    { role: "assistant", content: "a1" },
    { role: "user", content: "u2" },
    { role: "assistant", content: "a2" },
  ];

  it("puts beside a chat what is trained on, and what is dropped", async () => {
    const line = JSON.stringify({ messages: rows, id: 1 });
    const [row] = await previewRows(textSource("a.jsonl", `\ufeff${line}\n`), "tee");
    assert.deepEqual(row, {
      line: 1,
      original: line,
      converted: { instruction: "u2", input: "", output: "a2" },
      trainingText: "### Instruction:\nu2\n\n### Response:\na2",
      dropped: [
        { role: "system", text: "S" },
        { role: "user", text: "u1" },
        { role: "assistant", text: "a1" },
      ],
      ignoredKeys: ["id"],
      isPromptEmpty: false,
      isAnswerEmpty: false,
    });
  });

  it("shows a bare text as empty by upload, and whole by storage", async () => {
    const source = textSource("a.jsonl", '{"text":"t"}\nbroken\nnull');
    const upload = await previewRows(source, "tee");
    assert.deepEqual(
      upload.map((row) => [row.line, row.isPromptEmpty, row.isAnswerEmpty, row.converted !== undefined]),
      [
        [1, true, true, true],
        [2, true, true, false],
        [3, true, true, true],
      ],
    );
    const [stored] = await previewRows(source, "0g-storage");
    assert.deepEqual([stored?.trainingText, stored?.isAnswerEmpty], ["t", false]);
  });

  it("reads no further than the rows that are asked for", async () => {
    let pieces = 0;
    const source: DatasetSource = {
      name: "a.jsonl",
      size: 1e12,
      read: async function* () {
        for (;;) {
          pieces++;
          yield Buffer.from('\n{"instruction":"i","output":"o"}\n');
        }
      },
    };
    const preview = await previewRows(source, "tee", { count: 3 });
    assert.deepEqual([preview.length, pieces, preview[2]?.line], [3, 3, 6]);
    const aborted = previewRows(source, "tee", { signal: AbortSignal.abort() });
    await assert.rejects(aborted, { code: "cancelled" });
  });
});

describe("the estimate of tokens", () => {
  // Counted with the tokenizer of Qwen 3, whose vocabulary is Qwen 2.5's.
  const counted: [text: string, tokens: number][] = [
    [
      "人工智能是计算机科学的一个分支，它企图了解智能的实质，并生产出一种新的能以人类智能相似的方式做出反应的智能机器。该领域的研究包括机器人、语言识别、图像识别、自然语言处理和专家系统等。我们今天去市场买了很多水果和蔬菜，然后回家做饭。",
      64,
    ],
    [
      "Искусственный интеллект — свойство искусственных интеллектуальных систем выполнять творческие функции, которые традиционно считаются прерогативой человека. Сегодня мы пошли на рынок и купили много фруктов.",
      60,
    ],
    [
      "Künstliche Intelligenz ist ein Teilgebiet der Informatik, das sich mit der Automatisierung intelligenten Verhaltens und dem maschinellen Lernen befasst. Donaudampfschifffahrtsgesellschaftskapitän und Krankenversicherungsbeitragserhöhung.",
      69,
    ],
    [
      "Tekoäly on tietokone tai tietokoneohjelma, joka kykenee älykkäiksi laskettaviin toimintoihin. Epäjärjestelmällistyttämättömyydellänsäkäänköhän.",
      66,
    ],
    ["12345 67890, 3.14159; 2024-01-01 00:00:00 +1 (555) 123-4567 1000000 0x1f4a9", 73],
    ["THIS IS ALL IN CAPITAL LETTERS AND SHOUTING VERY LOUDLY AT EVERYBODY WHO READS SOMETHING", 24],
    ["=====-----=====>>>>><<<<<((((())))){{{{}}}}[[[]]]||||&&&&!!!???$$$%%%^^^***", 27],
    ["<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\nhi<|im_end|>\n", 12],
    ["### Instruction:\n\n\n### Response:\n", 6],
  ];
  for (const [sample, tokens] of counted)
    it(`has the true count between its bounds: ${sample.slice(0, 30).replaceAll("\n", " ")}`, () => {
      const { low, likely, high } = estimateTokens(sample);
      assert(low <= tokens && tokens <= high, `${low} <= ${tokens} <= ${high}`);
      assert(low <= likely && likely <= high);
      assert(likely > tokens * 0.45 && likely < tokens * 2, `${likely} instead of ${tokens}`);
    });

  it("counts each digit, no single space, and nothing in nothing", () => {
    assert.deepEqual(estimateTokens(""), noTokens);
    assert.deepEqual(estimateTokens("123456"), { low: 6, likely: 6, high: 6 });
    assert.deepEqual(["123456", "1234567", "ab 12", ""].map(fewestTokens), [2, 3, 3, 0]);
    assert.deepEqual(estimateTokens("a b c d"), { low: 4, likely: 4, high: 4 });
  });

  it("has in the template's bounds what the template around texts has", () => {
    const { low, high } = estimateTokens("### Instruction:\na\n\n### Input:\nb\n\n### Response:\n");
    const parts = addTokens(templateTokens(true), { low: 2, likely: 2, high: 2 });
    assert(low <= parts.likely && parts.likely <= high);
  });
});
