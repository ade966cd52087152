// What is wrong with a dataset, and where exactly.
import assert from "node:assert/strict";
import { analyseDataset, type AnalysisOptions } from "../../../src/dataset/analysis.js";
import { bytesSource, fileSource, textSource, type DatasetSource } from "../../../src/dataset/source.js";
import type { DatasetReport, RuleId } from "../../../src/domain/dataset.js";
import { checkUpload } from "../../support/uploads.js";

const good = '{"instruction":"i","input":"","output":"some words of an answer"}';
const chat = (...messages: object[]) => JSON.stringify({ messages });
const user = { role: "user", content: "a question" };
const assistant = { role: "assistant", content: "an answer" };

function report(content: string | Uint8Array, options: AnalysisOptions = {}, name = "data.jsonl") {
  const source = typeof content === "string" ? textSource(name, content) : bytesSource(name, content);
  return analyseDataset(source, options);
}

function rules(found: DatasetReport): RuleId[] {
  return found.problems.map(({ rule }) => rule).filter((rule) => !["OG008", "OG009", "OG052"].includes(rule));
}

function only(found: DatasetReport, rule: RuleId) {
  const problem = found.problems.find((one) => one.rule === rule);
  assert(problem, `no ${rule} among ${found.problems.map((one) => one.rule).join()}`);
  return problem;
}

/** The text of the line that a place marks. */
function marked(content: string, found: DatasetReport, rule: RuleId, index = 0): string {
  const { line, start, end } = only(found, rule).places[index]!;
  return content.split("\n")[line - 1]!.slice(start, end);
}

describe("the source of a dataset", () => {
  it("is a file: a folder, or a device that never ends, is refused before anything is read", async () => {
    const isNoFile = { code: "badFile", facts: { path: "/dev/zero", detail: "it is no file" } };
    if (process.platform !== "win32") await assert.rejects(fileSource("/dev/zero"), isNoFile);
    await assert.rejects(fileSource(process.cwd()), { code: "badFile" });
  });
});

describe("the diagnostics of a file", () => {
  it("find nothing in a good one", async () => {
    const found = await report(`${good}\n`.repeat(250));
    assert.deepEqual(rules(found), []);
    assert.deepEqual(
      [found.rows, found.shape, found.unreadRows, found.destination],
      [250, "instruction", 0, "tee"],
    );
    assert.deepEqual(
      found.problems.map(({ rule, severity }) => [rule, severity]),
      [["OG052", "information"]],
    );
  });

  it("OG001: say that it is empty, with blank lines or none", async () => {
    assert.deepEqual(rules(await report("")), ["OG001"]);
    assert.deepEqual(rules(await report(" \n\t\r\n")), ["OG001", "OG014", "OG015"]);
  });

  it("OG002: tell the byte that is no UTF-8, and its column", async () => {
    const line = Buffer.concat([
      Buffer.from('{"text":"ä😀'),
      Buffer.from([0xff, 0xe2, 0x82]),
      Buffer.from('x"}'),
    ]);
    const found = await report(Buffer.concat([Buffer.from("\n"), line]), { destination: "0g-storage" });
    const { total, places } = only(found, "OG002");
    assert.equal(total, 2);
    assert.deepEqual(
      places.map(({ line, start, end, byteOffset }) => ({ line, start, end, byteOffset })),
      [
        { line: 2, start: 12, end: 13, byteOffset: 16 },
        { line: 2, start: 13, end: 14, byteOffset: 17 },
      ],
    );
    assert.equal(line.toString("utf8")[12], "\ufffd");
    assert.equal(line.toString("utf8")[14], "x");
  });

  it("OG002: refuse UTF-16 without looking at its rows", async () => {
    const found = await report(Buffer.from(`\ufeff${good}\n`, "utf16le"));
    assert.deepEqual(rules(found), ["OG002"]);
    assert.equal(found.rows, 0);
  });

  it("OG003: see a byte order mark, and the right columns behind it", async () => {
    const content = `\ufeff{"instruction":"i","output":5}\n${good}`;
    const found = await report(content);
    assert.deepEqual(rules(found), ["OG003", "OG040", "OG042"]);
    assert.equal(marked(content.slice(1), found, "OG040"), "5");
    assert.equal(only(found, "OG040").places[0]?.byteOffset, 3);
  });

  it("OG004: see a JSON array, in one line or many, and leave its rows alone", async () => {
    for (const content of [`[${good},${good}]`, `[\n  ${good},\n  ${good}\n]\n`])
      assert.deepEqual(rules(await report(content)), ["OG004"]);
  });

  it("OG005: see tables and Parquet, and no table in broken JSON", async () => {
    const format = async (content: string, name?: string) =>
      only(await report(content, {}, name), "OG005").places[0]?.facts;
    assert.deepEqual(await format('instruction,output\n"a, b",c\n'), { format: "CSV" });
    assert.deepEqual(await format("instruction\toutput\na\tb\n"), { format: "TSV" });
    assert.deepEqual(await format("PAR1\u0000\u0001"), { format: "Parquet" });
    assert.deepEqual(await format("instruction", "data.csv"), { format: "CSV" });
    assert.deepEqual(rules(await report(`hello, world\n${good}`)), ["OG010"]);
    assert.deepEqual(rules(await report("hello")), ["OG010"]);
  });

  it("OG006, OG007: bound size and name of an upload, and not of storage", async () => {
    const source: DatasetSource = { ...textSource("data.txt", good), size: 104_857_601 };
    assert.deepEqual(rules(await analyseDataset(source)), ["OG006", "OG007"]);
    assert.deepEqual(rules(await analyseDataset(source, { destination: "0g-storage" })), []);
    assert.deepEqual(rules(await analyseDataset({ ...source, name: "A.JSON", size: 104_857_600 })), []);
  });

  it("OG008, OG009: say when there are few rows", async () => {
    const few = async (rows: number, wantedRows?: number) =>
      (await report(`${good}\n`.repeat(rows), { wantedRows })).problems.map(({ rule }) => rule)[0];
    assert.deepEqual(
      [await few(9), await few(10), await few(199), await few(200), await few(499, 500)],
      ["OG008", "OG009", "OG009", "OG052", "OG009"],
    );
  });

  it("OG014, OG015: count blank lines and CR, which change the hash alone", async () => {
    const found = await report(`${good}\r\n\r\n \t\n${good}\r\n`);
    assert.deepEqual(rules(found), ["OG014", "OG015"]);
    assert.deepEqual([only(found, "OG014").total, only(found, "OG015").total, found.rows], [2, 3, 2]);
    assert.deepEqual(
      only(found, "OG014").places.map((place) => place.line),
      [2, 3],
    );
  });

  it("OG022: warn of bare text by upload alone", async () => {
    const content = '{"text":"t"}\n'.repeat(20);
    assert.deepEqual(rules(await report(content)), ["OG022"]);
    assert.deepEqual(rules(await report(content, { destination: "0g-storage" })), []);
  });
});

describe("the diagnostics of lines", () => {
  for (const [content, mark, guess] of [
    ['{"instruction":"i","output":"o",}', "}", "comma"],
    [`${good},`, ",", "comma"],
    ["{'instruction':'i'}", "'", "quotes"],
    ['{"instruction":"i\u0009","output":"o"}', "\t", "newline"],
    ['{"instruction":"ä😀" "output":"o"}', '"', undefined],
    ['{"output":NaN}', "N", undefined],
    ['{"output":"o', '{"output":"o', "newline"],
  ] as const)
    it(`OG010: mark ${JSON.stringify(mark)} in ${JSON.stringify(content)}`, async () => {
      const whole = `${good}\n${content}\n${good}`;
      const found = await report(whole);
      assert.deepEqual(rules(found), ["OG010"]);
      assert.equal(marked(whole, found, "OG010"), mark);
      const { facts, line } = only(found, "OG010").places[0]!;
      assert.equal((facts as { guess?: string }).guess, guess);
      const { error } = checkUpload(Buffer.from(whole));
      assert.equal(error, `line ${line} is not valid JSON: ${(facts as { detail: string }).detail}`);
      assert.equal(found.rows, 3);
    });

  it("OG010: refuse a number that no double holds, as the provider does", async () => {
    assert.deepEqual(rules(await report(`${good}\n{"instruction":"i","output":1e999}`)), ["OG010"]);
  });

  it("OG010: refuse nesting that JSON.parse takes, and the provider does not", async () => {
    const nested = (depth: number) => `{"instruction":"i","output":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    assert.deepEqual(rules(await report(`${good}\n${nested(10_000)}`)), ["OG010"]);
    assert.deepEqual(rules(await report(`${good}\n${nested(9_999)}`)), ["OG040", "OG042"]);
  });

  it("keep what they say of a line short, whatever stands in it", async () => {
    const key = "k".repeat(100_000);
    const found = await report(
      `{"instruction":"i","input":"","output":"o","${key}":1}\n{"x":${"9".repeat(4000)}}`,
    );
    assert(JSON.stringify(found).length < 3_000, `${JSON.stringify(found).length} characters`);
    assert.deepEqual(rules(found), ["OG010", "OG023"]);
  });

  it("OG002: count lines instead of bytes once the list is full", async () => {
    const found = await report(Buffer.alloc(1_000_000, Buffer.from([0xff, 0xff, 0xff, 0xfe, 0x0a])));
    assert.equal(only(found, "OG002").places.length, 100);
    const { total } = only(found, "OG002");
    assert(total > 100_000 && total < 400_000, `${total}`);
  });

  it("OG011: tell rows that are JSON and no object", async () => {
    const found = await report(`${good}\n[1]\n"x"\n5\ntrue\nnull`);
    assert.deepEqual(rules(found), ["OG011"]);
    assert.deepEqual(
      only(found, "OG011").places.map(({ line, facts }) => [line, (facts as { kind: string }).kind]),
      [
        [2, "array"],
        [3, "string"],
        [4, "number"],
        [5, "bool"],
        [6, "null"],
      ],
    );
  });

  it("OG012: mark the second object of a line", async () => {
    for (const joint of ["", " ", ", "]) {
      const content = `${good}${joint}{"instruction":"2","output":"o"}`;
      const found = await report(`${good}\n${content}`);
      assert.deepEqual(rules(found), ["OG012"], joint);
      assert.match(marked(`${good}\n${content}`, found, "OG012"), /^(, )?\{"instruction":"2"/);
    }
  });

  it("OG013: join an object that is spread over lines, once for each", async () => {
    const pretty = JSON.stringify({ instruction: "i", input: "", output: "o" }, null, 2);
    const found = await report(`${good}\n${pretty}\n${good}\n${pretty}`);
    assert.deepEqual(rules(found), ["OG013"]);
    assert.deepEqual(
      only(found, "OG013").places.map(({ line, endLine, end, facts }) => ({ line, endLine, end, facts })),
      [
        { line: 2, endLine: 6, end: 1, facts: { lines: 5 } },
        { line: 8, endLine: 12, end: 1, facts: { lines: 5 } },
      ],
    );
    assert.equal(found.rows, 4);
  });

  it("OG010: come back to the next line when a cut-off row does not go on there", async () => {
    const found = await report(`{"instruction":"i",\n${good}\n{"instruction":\n${good}\n${good}\n{`);
    assert.deepEqual(rules(found), ["OG010"]);
    assert.deepEqual(
      only(found, "OG010").places.map((place) => place.line),
      [1, 3, 6],
    );
    assert.equal(found.rows, 6);
  });

  it("look at lines that open and never close in bounded time", async function () {
    this.timeout(30_000);
    const found = await report('{"a":\n'.repeat(60_000));
    assert.equal(found.rows, 60_000);
    assert.equal(only(found, "OG010").total, 60_000);
    assert.equal(only(found, "OG010").places.length, 100);
  });

  it("OG016: mark all but the last of a doubled key, at any depth, and no text that looks like one", async () => {
    const content = '{"instruction":"a\\": ","instruction" :"\\"x\\":","input":"","output":"o"}';
    const found = await report(`${content}\n${good}`);
    assert.deepEqual(rules(found), ["OG016"]);
    assert.equal(only(found, "OG016").total, 1);
    assert.equal(only(found, "OG016").places[0]?.start, 1);
    const deep = chat({ role: "user", role2: 1, content: "q" }, assistant).replace("role2", "role");
    assert.equal(marked(deep, await report(deep), "OG016"), '"role"');
  });
});

describe("the diagnostics of rows", () => {
  it("OG020: tell rows of other tools' formats", async () => {
    const rows = ['{"prompt":"p","completion":"c"}', '{"conversations":[]}', '{"response":"r"}', "{}"];
    for (const row of rows) {
      assert.deepEqual(rules(await report(row)), ["OG020"], row);
      assert.deepEqual(rules(await report(`${good}\n${row}`)), ["OG020"], row);
    }
    assert.deepEqual(rules(await report(`${chat(user, assistant)}\n${rows[0]}`)), ["OG020"]);
    assert.deepEqual(only(await report(rows[0]!), "OG020").places[0]?.facts, {
      keys: ["prompt", "completion"],
    });
    const empty = await report('{"text":"t"}\n{"text":5}\n{"text":" "}', { destination: "0g-storage" });
    assert.equal(only(empty, "OG020").total, 2);
  });

  it("OG021: tell rows of another shape than the first", async () => {
    const found = await report(`${chat(user, assistant)}\n\n${good}\n{"text":"t"}`);
    assert.deepEqual(rules(found), ["OG021", "OG014"]);
    assert.deepEqual(
      only(found, "OG021").places.map(({ line, facts }) => ({ line, ...facts })),
      [
        { line: 3, own: "instruction", file: "messages" },
        { line: 4, own: "text", file: "messages" },
      ],
    );
  });

  it("OG023: list the keys that nobody reads", async () => {
    const content = '{"instruction":"i","input":"","output":"o","id":7,"tags":[]}';
    const found = await report(content);
    assert.deepEqual(rules(found), ["OG023"]);
    assert.deepEqual(only(found, "OG023").places[0]?.facts, { keys: ["id", "tags"] });
    assert.equal(marked(content, found, "OG023"), '"id"');
  });

  for (const [what, row, expected, mark] of [
    ["no list", { messages: "x" }, ["OG024"], '"x"'],
    ["an empty list", { messages: [] }, ["OG024"], "[]"],
    ["no role", { messages: [{ content: "x" }, user, assistant] }, ["OG025"], '{"content":"x"}'],
    ["no content", { messages: [user, { role: "assistant" }] }, ["OG025"], '{"role":"assistant"}'],
    ["no message", { messages: [7, user, assistant] }, ["OG025"], "7"],
    ["another role", { messages: [user, { role: "gpt", content: "x" }] }, ["OG026", "OG028"], '"gpt"'],
    [
      "content in parts",
      { messages: [{ role: "user", content: [{ text: "q" }] }, assistant] },
      ["OG027"],
      '[{"text":"q"}]',
    ],
    ["null content", { messages: [user, { role: "assistant", content: null }] }, ["OG027"], "null"],
    ["no assistant", { messages: [user] }, ["OG028"], JSON.stringify([user])],
    ["no user", { messages: [assistant] }, ["OG029"], JSON.stringify([assistant])],
    ["a question last", { messages: [user, assistant, user] }, ["OG030", "OG031"], JSON.stringify(user)],
    [
      "a system prompt",
      { messages: [{ role: "system", content: "s" }, user, assistant] },
      ["OG032"],
      '{"role":"system","content":"s"}',
    ],
    ["two of a kind", { messages: [user, user, assistant] }, ["OG033", "OG031"], JSON.stringify(user)],
    ["a weight", { messages: [user, { ...assistant, weight: 0 }] }, ["OG034"], '"weight"'],
    ["an empty answer", { messages: [user, { role: "assistant", content: " " }] }, ["OG041"], '" "'],
    ["an echo", { messages: [user, { ...assistant, content: user.content }] }, ["OG043"], '"a question"'],
    ["a number as output", { instruction: "i", input: "", output: 5 }, ["OG040"], "5"],
    ["no instruction", { input: "x", output: "o" }, ["OG040"], '{"input":"x","output":"o"}'],
    ["an empty output", { instruction: "i", input: "", output: "\n " }, ["OG041"], '"\\n "'],
    ["no input", { instruction: "i", output: "o" }, ["OG042"], '{"instruction":"i","output":"o"}'],
    ["an echo of the instruction", { instruction: "i", input: "", output: "i" }, ["OG043"], '"i"'],
  ] as const)
    it(`${expected[0]}: mark a row with ${what}`, async () => {
      const content = JSON.stringify(row);
      const found = await report(content);
      assert.deepEqual(rules(found).sort(), [...expected].sort());
      assert.equal(marked(content, found, expected[0]), mark);
    });

  it("OG024: miss the messages of a chat's row", async () => {
    const found = await report(`${chat(user, assistant)}\n{"message":[]}`);
    assert.deepEqual(rules(found), ["OG024"]);
    assert.deepEqual(only(found, "OG024").places[0]?.facts, { why: "missing" });
  });

  it("OG031: say how many texts are dropped", async () => {
    const found = await report(chat(user, assistant, user, assistant, user, assistant));
    assert.deepEqual(only(found, "OG031").places[0]?.facts, { dropped: 4 });
  });

  it("list a hundred places of a rule and count the rest, per severity", async () => {
    const found = await report('{"instruction":"i"}\n'.repeat(1234));
    const { total, places } = only(found, "OG040");
    assert.deepEqual([total, places.length, places.at(-1)?.line], [1234, 100, 100]);
  });
});

describe("the diagnostics of length", () => {
  const row = (words: number, answer: number) =>
    JSON.stringify({ instruction: "word ".repeat(words), input: "", output: "term ".repeat(answer) });

  it("OG050: tell what is cut", async () => {
    const found = await report(`${row(300, 100)}\n${row(300, 300)}`);
    assert.deepEqual(rules(found), ["OG050"]);
    assert.equal(only(found, "OG050").places[0]?.line, 2);
    const facts = only(found, "OG050").places[0]?.facts as { tokens: number; lost: number };
    assert.equal(facts.tokens - facts.lost, 512);
    assert(facts.tokens > 590 && facts.tokens < 640, `${facts.tokens}`);
    assert.equal(found.cutRows, 1);
  });

  it("OG051: is an error only when no count could be below 512", async () => {
    const sure = await report(row(600, 3));
    assert.deepEqual(only(sure, "OG051").severity, "error");
    const chinese = JSON.stringify({ instruction: "人工智能研究".repeat(200), input: "", output: "o" });
    const likely = await report(chinese);
    assert.deepEqual(only(likely, "OG051").severity, "warning");
  });

  it("OG053: see a classification", async () => {
    const label = (output: string) => JSON.stringify({ instruction: "i", input: "", output });
    const rows = (short: number, long: number) =>
      [
        ...Array<string>(short).fill(label("yes")),
        ...Array<string>(long).fill(label("a longer answer")),
      ].join("\n");
    assert(rules(await report(rows(17, 3))).includes("OG053"));
    assert(!rules(await report(rows(16, 4))).includes("OG053"));
    assert(!rules(await report(rows(9, 0))).includes("OG053"));
  });

  it("OG052: add up what a fee may count, the instruction in the upper bound only", async () => {
    const found = await report(row(10, 20));
    assert.equal(found.billedTokens.low, 20);
    assert(found.billedTokens.likely >= 30 && found.billedTokens.high >= found.billedTokens.likely);
    assert(found.tokens.low >= 36, "template and instruction are trained on");
    assert.deepEqual(only(found, "OG052").places[0]?.facts, { tokens: found.billedTokens });
  });
});

describe("reading a dataset", () => {
  it("finds the same whatever the pieces are", async () => {
    const content = Buffer.concat([
      Buffer.from(`\ufeff${good}\r\n\n{"instruction":"ä😀","output":"o",}\n`),
      Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xf0, 0x9f, 0x22, 0x7d, 0x0a]),
      Buffer.from(`{\n"instruction":"i",\n"output":"o"\n}\n${good}`),
    ]);
    const whole = await report(content);
    for (const size of [1, 2, 3, 5, 7, 11]) {
      const source: DatasetSource = {
        name: "data.jsonl",
        size: content.length,
        read: async function* () {
          for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
        },
      };
      assert.deepEqual(await analyseDataset(source), whole, `in pieces of ${size}`);
    }
    assert.deepEqual(rules(whole), ["OG002", "OG003", "OG010", "OG013", "OG020", "OG014", "OG015"]);
  });

  it("refuses what the provider's check refuses, and takes what it takes, over random files", async function () {
    this.timeout(60_000);
    const parts = [
      good,
      '{"a":1}',
      "null",
      "[1]",
      '"x"',
      "{",
      "}",
      '"k":1',
      ",",
      "\n",
      "\n",
      "\r\n",
      " ",
      "5",
      "\ufeff",
      '{"a":',
    ];
    const refusing: readonly RuleId[] = ["OG003", "OG004", "OG005", "OG010", "OG012", "OG013"];
    let seed = 11;
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    let refused = 0;
    for (let turn = 0; turn < 1_500; turn++) {
      const content = Array.from({ length: 1 + random(9) }, () => parts[random(parts.length)]).join("");
      const found = await report(content, { destination: "0g-storage" });
      const isRefused = found.problems.some(
        ({ rule, places }) =>
          refusing.includes(rule) ||
          (rule === "OG011" && places.some(({ facts }) => (facts as { kind: string }).kind !== "null")),
      );
      const { isAccepted, error } = checkUpload(Buffer.from(content));
      assert.equal(isRefused, !isAccepted, `${JSON.stringify(content)}: ${error}, ${rules(found).join()}`);
      if (isRefused) refused++;
    }
    assert(refused > 300 && refused < 1_400, `${refused} refused`);
  });

  it("keeps nothing of a line of 200 MB, and says that it was not looked into", async function () {
    this.timeout(120_000);
    const piece = Buffer.alloc(1_000_000, "x");
    const source: DatasetSource = {
      name: "data.jsonl",
      size: 200_000_100,
      read: async function* () {
        yield Buffer.from(`${good}\n{"instruction":"`);
        for (let done = 0; done < 200; done++) yield piece;
        yield Buffer.from(`","input":"","output":"o"}\n${good}\n`);
      },
    };
    const before = process.memoryUsage().rss;
    const found = await analyseDataset(source, { destination: "0g-storage" });
    const grown = process.memoryUsage().rss - before;
    assert.deepEqual([found.rows, found.unreadRows, found.cutRows], [3, 1, 1]);
    assert.deepEqual(rules(found), ["OG050"]);
    assert.equal(only(found, "OG050").places[0]?.line, 2);
    assert(grown < 150_000_000, `grew by ${grown} bytes`);
  });

  it("checks the syntax of a line that it does not keep", async () => {
    const found = await report(`${good}\n{"instruction":"${"x".repeat(5_000_000)}",}\n${good}`);
    assert.deepEqual([found.rows, found.unreadRows], [3, 1]);
    assert.match(
      (only(found, "OG010").places[0]?.facts as { detail: string }).detail,
      /beginning of object key/,
    );
  });

  it("stops when it is told to, and tells how far it is", async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const content = `${good}\n`.repeat(20_000);
    const reading = report(content, {
      signal: controller.signal,
      onProgress: (done) => {
        seen.push(done);
        controller.abort();
      },
    });
    await assert.rejects(reading, { code: "cancelled" });
    assert.equal(seen.length, 1);
    await assert.rejects(report(content, { signal: AbortSignal.abort() }), { code: "cancelled" });
  });

  it("says which file it cannot read", async () => {
    await assert.rejects(fileSource("/nowhere/data.jsonl"), { code: "badFile" });
    const source = await fileSource(import.meta.filename);
    await assert.rejects(
      async () => {
        for await (const piece of source.read(AbortSignal.abort())) assert.fail(`${piece.length} bytes`);
      },
      { code: "cancelled" },
    );
  });

  it("reads a million rows; the time is printed", async function () {
    this.timeout(180_000);
    const block = Buffer.from(
      Array.from({ length: 1000 }, (_, index) =>
        JSON.stringify({
          messages: [
            {
              role: "user",
              content: `Question number ${index}: how does one ask about prices of a provider?`,
            },
            {
              role: "assistant",
              content: "One opens the list of providers, and reads the price in its row.",
            },
          ],
        }),
      ).join("\n") + "\n",
    );
    const source: DatasetSource = {
      name: "data.jsonl",
      size: block.length * 1000,
      read: async function* () {
        for (let done = 0; done < 1000; done++) yield block;
      },
    };
    const started = performance.now();
    const busy = process.cpuUsage();
    const found = await analyseDataset(source, { destination: "0g-storage" });
    const seconds = (performance.now() - started) / 1000;
    assert.deepEqual([found.rows, rules(found)], [1_000_000, []]);
    const cpu = process.cpuUsage(busy).user / 1e6;
    const size = source.size / 1e6;
    console.log(
      `      1,000,000 rows, ${size.toFixed(0)} MB: ${seconds.toFixed(1)} s, of which ${cpu.toFixed(1)} s were ours (${(size / cpu).toFixed(0)} MB/s)`,
    );
  });
});
