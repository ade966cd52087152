// What a provider takes and what training sees, beyond the golden vectors.
import assert from "node:assert/strict";
import { convertRow, promptText, shapeOf, trainingText } from "../../../src/dataset/conversion.js";
import { JsonScan } from "../../../src/dataset/jsonScan.js";
import { jsonTree } from "../../../src/dataset/jsonTree.js";
import { checkTrainingParams, forbiddenParameters } from "../../../src/dataset/trainingParams.js";
import { isUploadName, UploadCheck } from "../../../src/dataset/upload.js";
import { checkUpload } from "../../support/uploads.js";

const bytes = (text: string) => new TextEncoder().encode(text);

function scanned(text: string): string {
  const scan = new JsonScan();
  scan.push(bytes(text));
  return scan.endObject() ?? "";
}

describe("JSON as Go reads it", () => {
  for (const [text, error] of [
    ['{"a":[1,-0.5e+3,true,false,null,"\\u00e9\\n",{}]}', ""],
    [" \t\r\n{}\n ", ""],
    ["null", ""],
    ["nul", "unexpected end of JSON input"],
    ["nulL", "invalid character 'L' in literal null (expecting 'l')"],
    ["true", "json: cannot unmarshal bool into Go value of type map[string]interface {}"],
    ["-", "invalid character ' ' in numeric literal"],
    ["12", "json: cannot unmarshal number into Go value of type map[string]interface {}"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['{"a":1.}', "invalid character '}' after decimal point in numeric literal"],
    ['{"a":1e}', "invalid character '}' in exponent of numeric literal"],
    ['{"a":1e+}', "invalid character '}' in exponent of numeric literal"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ['{"a":[1 2]}', "invalid character '2' after array element"],
    ['{"a":[1,]}', "invalid character ']' looking for beginning of value"],
    ["{,}", "invalid character ',' looking for beginning of object key string"],
    ['{"a":"\t"}', "invalid character '\\t' in string literal"],
    ['{"a":"\u0001"}', "invalid character '\\x01' in string literal"],
    ['{"a":"\\x"}', "invalid character 'x' in string escape code"],
    ['{"a":"\\u12g4"}', "invalid character 'g' in \\u hexadecimal character escape"],
    ["{}\u00a0", "invalid character 'Â' after top-level value"],
    ["{} // no", "invalid character '/' after top-level value"],
    ["{}{}", "invalid character '{' after top-level value"],
    ["\\", "invalid character '\\\\' looking for beginning of value"],
    ['{"a":', "unexpected end of JSON input"],
    ['{"a":1e999}', "json: cannot unmarshal number 1e999 into Go value of type float64"],
    ['{"a":1e-999}', ""],
    [`{"a":${"[".repeat(9_999)}${"]".repeat(9_999)}}`, ""],
    [`{"a":${"[".repeat(10_000)}`, "exceeded max depth"],
  ] as const)
    it(`says of ${JSON.stringify(text.slice(0, 40))}: ${error || "nothing"}`, () => {
      assert.equal(scanned(text), error);
    });

  it("agrees with JSON.parse on what is JSON, over random damage", () => {
    const good = '{"a":[1,-0.5e+3,true,null,"x\\u00e9\\\\\\"",{"b":{}}],"c":"d"}';
    let seed = 7;
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    const tokens = [
      '"',
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "0",
      "1",
      ".",
      "e",
      "-",
      "+",
      "\\",
      "u",
      " ",
      "t",
      "\u0007",
    ];
    let refused = 0;
    for (let turn = 0; turn < 20_000; turn++) {
      const at = random(good.length + 1);
      const damaged = good.slice(0, at) + tokens[random(tokens.length)] + good.slice(at + random(3));
      const scan = new JsonScan();
      scan.push(bytes(damaged));
      const error = scan.end();
      if (error !== undefined) refused++;
      assert.equal(error === undefined, isJson(damaged), damaged);
    }
    assert(refused > 1000 && refused < 20_000, `${refused} refused`);
  });

  it("knows where it stopped, and when it is complete", () => {
    const scan = new JsonScan();
    scan.push(bytes('{"a":"ö"'));
    assert.equal(scan.isComplete(), false);
    scan.push(bytes("}"));
    assert.equal(scan.isComplete(), true);
    scan.push(bytes("  x"));
    assert.deepEqual([scan.offset, scan.error], [12, "invalid character 'x' after top-level value"]);
  });
});

describe("the provider's check of an upload", () => {
  it("counts rows, and stops at the first line that is wrong", () => {
    assert.deepEqual(checkUpload(bytes('{}\n\n \t\r\nnull\n{"a":1}')), {
      isAccepted: true,
      error: "",
      rows: 3,
    });
    const { isAccepted, error, rows } = checkUpload(bytes('{}\n\n[]\n{"a":'));
    assert.deepEqual([isAccepted, rows], [false, 1]);
    assert(error.startsWith("line 3 is not valid JSON: json: cannot unmarshal array"), error);
  });

  it("takes blanks before a row as the row's, but no other space", () => {
    assert.equal(checkUpload(bytes("  \t{}\n")).isAccepted, true);
    assert.equal(checkUpload(bytes("\u000b\n")).isAccepted, false);
  });

  it("keeps nothing of a line of 200 MB", function () {
    this.timeout(60_000);
    const check = new UploadCheck();
    const piece = Buffer.alloc(1_000_000, "x");
    const before = process.memoryUsage().rss;
    check.push(bytes('{"text":"'));
    for (let done = 0; done < 200; done++) check.push(piece);
    check.push(bytes('"}'));
    assert.deepEqual(check.end(), { isAccepted: true, error: "", rows: 1 });
    const grown = process.memoryUsage().rss - before;
    assert(grown < 60_000_000, `grew by ${grown} bytes`);
  });

  it("asks for two endings of the name", () => {
    assert.deepEqual(["a.jsonl", "A.JSON", "a.jsonl.gz", "a.txt", "jsonl"].map(isUploadName), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe("what training sees", () => {
  it("is the last text of each side, whatever their order, and nothing of other types", () => {
    const row = {
      messages: [
        { role: "assistant", content: "a1" },
        { role: "user", content: "u1" },
        null,
        { role: "user", content: ["u2"] },
      ],
    };
    assert.deepEqual(convertRow(row, "messages", "tee"), { instruction: "", input: "", output: "a1" });
    assert.deepEqual(convertRow({ messages: "no list" }, "messages", "tee"), {
      instruction: "",
      input: "",
      output: "",
    });
  });

  it("is empty for a row that is null, and of an instruction that is no text", () => {
    assert.equal(shapeOf(null), "instruction");
    assert.deepEqual(convertRow(null, "instruction", "tee"), { instruction: "", input: "", output: "" });
    const row = convertRow({ instruction: 5, output: "x" }, "instruction", "tee");
    assert.equal(trainingText(row), "### Instruction:\n\n\n### Response:\nx");
  });

  it("takes a row with text and instruction as an instruction", () => {
    assert.equal(shapeOf({ text: "a", instruction: "b" }), "instruction");
    assert.equal(shapeOf({ text: "a", messages: [] }), "messages");
    assert.equal(shapeOf({ text: "a" }), "text");
  });

  it("has the prompt in front, and none for a bare text", () => {
    const row = { instruction: "i", input: "x", output: "o" };
    assert.equal(trainingText(row), `${promptText(row)}o`);
    assert.equal(promptText({ text: "t" }), "");
  });
});

describe("training parameters", () => {
  const params = {
    neftune_noise_alpha: 5,
    num_train_epochs: 2,
    per_device_train_batch_size: 2,
    learning_rate: 0.0002,
    max_steps: -1,
  };
  const verdict = (changed: object) => checkTrainingParams(JSON.stringify({ ...params, ...changed }));

  it("are read when nothing is wrong with them", () => {
    const { isAccepted } = verdict({});
    assert.equal(isAccepted, true);
    const text = JSON.stringify(params, null, 2).replace("2,", "2.0,");
    const whole = checkTrainingParams(text);
    assert(whole.isAccepted);
    assert.deepEqual(whole.params, {
      neftuneNoiseAlpha: 5,
      epochs: 2,
      batchSize: 2,
      learningRate: 0.0002,
      maxSteps: -1,
    });
  });

  it("are refused as Python writes a small rate, and taken as JavaScript does", () => {
    const python = JSON.stringify(params).replace("0.0002", "1e-05");
    assert.equal(checkTrainingParams(python).error, "learning_rate must use decimal notation");
    assert.equal(verdict({ learning_rate: 0.00001 }).isAccepted, true);
  });

  it("are refused by name for each of the forbidden keys, and for any other", () => {
    assert.equal(forbiddenParameters.length, 16);
    for (const name of forbiddenParameters)
      assert.equal(verdict({ [name]: 1 }).error, `training config contains forbidden parameter '${name}'`);
    assert.equal(verdict({ seed: 1 }).error, "training config contains unexpected parameter 'seed'");
    const hidden = JSON.stringify(params).replace("{", '{"l\\u006fra_r":8,');
    assert.equal(checkTrainingParams(hidden).error, "training config contains forbidden parameter 'lora_r'");
  });

  it("are no numbers when they are text, true, a list or nothing", () => {
    for (const value of ["5", true, [5], null, {}])
      assert.equal(verdict({ max_steps: value }).error, "max_steps must be a number");
  });
});

describe("the tree of a JSON text", () => {
  it("tells the place of every key and value in UTF-16 units", () => {
    const text = '{ "ä😀": [1, "x"], "b": null }';
    const { root, issues } = jsonTree(text);
    assert.deepEqual(issues, []);
    const [first, second] = root!.members;
    assert.equal(text.slice(first!.keyStart, first!.keyEnd), '"ä😀"');
    assert.equal(first!.key, "ä😀");
    assert.deepEqual(
      first!.value.items.map((item) => text.slice(item.start, item.end)),
      ["1", '"x"'],
    );
    assert.equal(text.slice(second!.value.start, second!.value.end), "null");
  });

  it("goes on after commas and comments that JSON does not have", () => {
    const { root, issues } = jsonTree('{ // a\n "b": [1,], /* c */ "d": 2, }');
    assert.deepEqual(
      root?.members.map(({ key }) => key),
      ["b", "d"],
    );
    assert.deepEqual(
      issues.map(({ kind, start }) => [kind, start]),
      [
        ["comment", 2],
        ["comma", 15],
        ["comment", 19],
        ["comma", 33],
      ],
    );
  });

  it("gives up on anything else, and on deep nesting, without running out of stack", () => {
    for (const text of ["", "{", '{"a"}', "[1 2]", '"open', "{} x", "'a'", '{"a":"\\x"}'])
      assert.deepEqual(
        [jsonTree(text).root, jsonTree(text).issues.at(-1)?.kind],
        [undefined, "syntax"],
        text,
      );
    assert.equal(jsonTree("[".repeat(1_000_000)).root, undefined);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
