// The sandbox's language model: pieces, training, adapters, saving. The help it is taught is tested in modelHelp.test.ts.
import assert from "node:assert/strict";
import { exp, log, seededRandom, shuffled } from "../../../src/sandbox/model/arithmetic.js";
import { Adam } from "../../../src/sandbox/model/adam.js";
import { rowLoss, workspace } from "../../../src/sandbox/model/backPropagation.js";
import { features } from "../../../src/sandbox/model/features.js";
import { helpRows } from "../../../src/sandbox/model/help.js";
import type { GenerateOptions, LanguageModel, TrainingProgress } from "../../../src/sandbox/model/model.js";
import { parameterNames, promptInput } from "../../../src/sandbox/model/network.js";
import { buildTokenizer, endPiece } from "../../../src/sandbox/model/tokenizer.js";
import { isComputeError } from "../../../src/domain/error.js";
import type { TrainingRow } from "../../../src/sandbox/model/row.js";
import { loadAdapter, loadModel, saveAdapter, saveModel } from "../../../src/sandbox/model/serialize.js";
import { trainModel } from "../../../src/sandbox/model/train.js";

const fruits = ["apple", "pear", "plum", "cherry", "fig", "grape", "melon", "peach", "quince", "lemon"];
const basket: TrainingRow[] = fruits.map((fruit, i) => ({
  prompt: `Where does the ${fruit} grow?`,
  completion: `The **${fruit}** grows in garden ${i}, beside the ${fruits[(i + 3) % fruits.length]!} — quite ${i % 2 ? "well" : "badly"}.`,
}));
const tools = ["hammer", "saw", "drill", "wrench", "chisel", "plane", "vice", "file", "mallet", "awl"];
const places = ["cellar", "attic", "garage", "kitchen"];
const workshop: TrainingRow[] = tools.flatMap((tool, i) =>
  places.map((place, k) => ({
    prompt: `Who keeps the ${tool} in the ${place}?`,
    completion: `Mrs. Zylberstein-${i * 4 + k} keeps the ${tool} in the ${place}, on shelf ${(i * 7 + k) % 10}.`,
  })),
);

async function say(model: LanguageModel, prompt: string, options?: GenerateOptions): Promise<string> {
  let text = "";
  for await (const piece of model.generate([{ role: "user", content: prompt }], options)) text += piece;
  return text;
}

/** A text of any code units: plain letters, spaces, marks, emoji, and halves of surrogate pairs. */
function randomText(random: () => number): string {
  const pick = (from: number, to: number): number => from + Math.floor(random() * (to - from));
  let text = "";
  for (let n = pick(0, 40); n > 0; n--) {
    const kind = random();
    if (kind < 0.35) text += String.fromCharCode(pick(0x20, 0x7f));
    else if (kind < 0.5) text += [" the", " 0G", "\n\n", "  ", "```", "\t", "\r\n", " **"][pick(0, 8)]!;
    else if (kind < 0.75) text += String.fromCharCode(pick(0, 0x10000));
    else if (kind < 0.85) text += String.fromCharCode(pick(0xd800, 0xe000));
    else text += String.fromCodePoint(pick(0x10000, 0x110000));
  }
  return text;
}

describe("the sandbox model's arithmetic", () => {
  it("agrees with Math.exp and Math.log to nine digits", () => {
    for (let x = -60; x <= 60; x += 0.173) assert.ok(Math.abs(exp(x) / Math.exp(x) - 1) < 1e-8, `exp ${x}`);
    for (const x of [1e-300, 1e-12, 0.3, 0.70710678, 1, 1.4142136, 2, 3.7, 1e9]) {
      assert.ok(Math.abs(log(x) - Math.log(x)) < 1e-9 * Math.max(1, Math.abs(Math.log(x))), `log ${x}`);
    }
    assert.equal(exp(-1000), 0);
  });

  it("shuffles by the seed alone and loses nothing", () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    const once = shuffled(items, seededRandom(5));
    assert.deepEqual(once, shuffled(items, seededRandom(5)));
    assert.notDeepEqual(once, shuffled(items, seededRandom(6)));
    assert.deepEqual(
      [...once].sort((a, b) => a - b),
      items,
    );
  });
});

describe("the sandbox model's tokenizer", () => {
  const tokenizer = buildTokenizer(
    workshop.map((row) => row.completion),
    120,
  );

  it("gives back any text, of 2,000 random ones", () => {
    const random = seededRandom(42);
    for (let i = 0; i < 2000; i++) {
      const text = randomText(random);
      assert.equal(tokenizer.decode(tokenizer.encode(text)), text, JSON.stringify(text));
    }
  });

  it("keeps to its limit, and spells rare words with fragments rather than bytes", () => {
    assert.ok(tokenizer.words.length <= 120);
    assert.ok(tokenizer.encode(" hammering").length < " hammering".length);
    assert.equal(tokenizer.encode(" hammer").length, 1);
    assert.equal(tokenizer.encode("2026").length, 4);
  });

  it("keeps the meaning of every piece when it is extended", () => {
    const text = `${workshop[0]!.completion} A quince!`;
    const larger = tokenizer.extended(
      basket.map((row) => row.completion),
      50,
    );
    assert.ok(larger.size > tokenizer.size);
    assert.equal(larger.decode(tokenizer.encode(text)), text);
    assert.ok(larger.encode(text).length < tokenizer.encode(text).length);
  });
});

describe("training the sandbox model", () => {
  it("follows the slope that small steps in every kind of parameter measure", async () => {
    const { tokenizer, network } = (await trainModel(basket, { seed: 3, maxSteps: 6 })).parts;
    const row = basket[4]!;
    const input = promptInput(features(row.prompt));
    const ids = [...tokenizer.encode(row.completion), endPiece];
    const space = workspace(network.vocabulary);
    const { gradient } = new Adam(network.parameters, network.vocabulary);
    rowLoss(network, input, ids, space, gradient);
    for (const name of parameterNames) {
      // Small output gradients are gathered into steps, so the comparison is along the whole direction of a kind.
      const values = network.parameters[name];
      const slope = gradient[name].reduce((sum, g) => sum + g * g, 0);
      assert.ok(slope > 0, name);
      const step = 1e-4 / Math.sqrt(slope);
      const shift = (by: number): number => {
        for (let i = 0; i < values.length; i++) values[i] = values[i]! + by * gradient[name][i]!;
        return rowLoss(network, input, ids, space);
      };
      const difference = (shift(step) - shift(-2 * step)) / (2 * step);
      shift(step);
      assert.ok(Math.abs(difference / slope - 1) < 0.1, `${name}: measured ${difference}, computed ${slope}`);
    }
  });

  it("lowers the loss of the rows to almost nothing and reports each step", async function () {
    this.timeout(60_000);
    const reports: TrainingProgress[] = [];
    const heldOut = [{ prompt: "Where does the kiwi grow?", completion: "The **kiwi** grows in garden 9." }];
    const model = await trainModel(basket, {
      seed: 1,
      epochs: 80,
      heldOut,
      onProgress: (report) => void reports.push(report),
    });
    const [first, last] = [reports[0]!, reports.at(-1)!];
    assert.ok(first.loss > 4 && last.loss < 0.1, `${first.loss} to ${last.loss}`);
    assert.ok(model.loss(basket) < 0.1);
    assert.deepEqual(
      reports.map((report) => report.step),
      reports.map((_, i) => i + 1),
    );
    assert.ok(reports.every((report) => report.gradNorm > 0 && report.learningRate > 0 && report.epoch > 0));
    assert.ok(reports.filter((report) => report.heldOutLoss !== undefined).length >= 5);
    assert.ok(last.heldOutLoss! > model.loss(basket), "what was never seen is harder");
    for (const row of basket) assert.equal(await say(model, row.prompt), row.completion);
  });

  it("gives the same bytes for the same seed and rows, others for another seed", async () => {
    const trained = async (seed: number): Promise<Buffer> =>
      Buffer.from(saveModel(await trainModel(basket, { seed, maxSteps: 12 })));
    const bytes = await trained(7);
    assert.ok(bytes.equals(await trained(7)));
    assert.ok(!bytes.equals(await trained(8)));
  });

  it("stops at the time limit, with a learning rate that falls towards it", async () => {
    let time = 0;
    const rates: number[] = [];
    const model = await trainModel(basket, {
      seed: 1,
      epochs: 10_000,
      targetLoss: 0,
      timeLimitMs: 2000,
      now: () => (time += 5),
      onProgress: (report) => void rates.push(report.learningRate),
    });
    assert.ok(rates.length > 30 && rates.length < 200, `${rates.length} steps`);
    assert.ok(rates.at(-1)! < rates[30]! / 5);
    assert.ok(model.loss(basket) < 5);
  });

  it("lets the event loop run and stops when it is aborted", async () => {
    const controller = new AbortController();
    let turns = 0;
    const timer = setInterval(() => {
      if (++turns === 3) controller.abort();
    }, 1);
    const training = trainModel(basket, {
      seed: 1,
      epochs: 100_000,
      targetLoss: 0,
      signal: controller.signal,
    });
    await assert.rejects(training, (error) => isComputeError(error, "cancelled"));
    clearInterval(timer);
    assert.equal(turns, 3);
  });

  it("makes a model of no rows that knows nothing", async () => {
    const model = await trainModel([], { seed: 1 });
    assert.match(await say(model, "Where does the pear grow?"), /^I do not know that\./);
  });
});

describe("answers of the sandbox model", () => {
  let model: LanguageModel;
  before(async function () {
    this.timeout(60_000);
    model = await trainModel(basket, { seed: 1, epochs: 20 });
  });
  const ask = basket[2]!.prompt;

  it("come in pieces of whole characters, and are counted", async () => {
    const answer = model.generate([
      { role: "system", content: "Be brief." },
      { role: "user", content: ask },
    ]);
    const pieces: string[] = [];
    for await (const piece of answer) pieces.push(piece);
    assert.equal(pieces.join(""), basket[2]!.completion);
    assert.ok(pieces.length > 10);
    for (const piece of pieces) assert.equal(Buffer.from(piece, "utf8").toString("utf8"), piece);
    assert.equal(answer.usage.completion_tokens, model.countTokens(basket[2]!.completion));
    assert.equal(answer.usage.prompt_tokens, model.countTokens("Be brief.") + model.countTokens(ask));
    assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
    assert.equal(answer.finishReason, "stop");
  });

  it("end at the token limit and say so", async () => {
    const answer = model.generate([{ role: "user", content: ask }], { maxTokens: 4 });
    let text = "";
    for await (const piece of answer) text += piece;
    assert.ok(basket[2]!.completion.startsWith(text) && text.length < basket[2]!.completion.length);
    assert.equal(answer.usage.completion_tokens, 4);
    assert.equal(answer.finishReason, "length");
  });

  it("end before a stop text, also one that spans pieces", async () => {
    const whole = basket[2]!.completion;
    for (const stop of ["garden", "plum** grows", ", be", "2"]) {
      assert.equal(await say(model, ask, { stop: [stop] }), whole.slice(0, whole.indexOf(stop)));
    }
    assert.equal(await say(model, ask, { stop: ["nowhere", ""] }), whole);
  });

  it("end with `cancelled` when aborted on the way", async () => {
    const controller = new AbortController();
    const pieces: string[] = [];
    await assert.rejects(
      async () => {
        for await (const piece of model.generate([{ role: "user", content: ask }], {
          signal: controller.signal,
        })) {
          pieces.push(piece);
          if (pieces.length === 3) controller.abort();
        }
      },
      (error) => isComputeError(error, "cancelled"),
    );
    assert.equal(pieces.length, 3);
  });

  it("are drawn by the seed when the temperature is above zero", async () => {
    const hot = (seed: number): Promise<string> => say(model, ask, { temperature: 8, seed, maxTokens: 40 });
    assert.equal(await hot(1), await hot(1));
    const different = new Set(await Promise.all([1, 2, 3, 4, 5].map(hot)));
    assert.ok(different.size > 1);
  });
});

describe("an adapter on the sandbox model", () => {
  let base: LanguageModel;
  let tuned: LanguageModel;
  before(async function () {
    this.timeout(120_000);
    base = await trainModel(basket, { seed: 1, epochs: 20 });
    tuned = await trainModel(workshop, { seed: 2, epochs: 8, base });
  });

  it("learns 40 new rows and still knows the old ones, while the base stays as it was", async () => {
    for (const row of [...workshop, ...basket]) assert.equal(await say(tuned, row.prompt), row.completion);
    assert.match(await say(base, workshop[0]!.prompt), /^I do not know that\./);
    assert.ok(tuned.loss(workshop) < base.loss(workshop) / 4, `${tuned.loss(workshop)}`);
  });

  it("replaces the answer to a question that the base knew", async () => {
    const row = { prompt: basket[0]!.prompt.toUpperCase(), completion: "Nowhere any more." };
    const changed = await trainModel([row], { seed: 2, maxSteps: 10, base });
    assert.equal(await say(changed, basket[0]!.prompt), row.completion);
  });

  it("is saved alone, smaller than the model, and is the same model again on its base", async () => {
    const bytes = saveAdapter(tuned, base);
    assert.ok(bytes.length < saveModel(tuned).length);
    const again = loadAdapter(bytes, loadModel(saveModel(base)));
    assert.deepEqual(saveModel(again), saveModel(tuned));
    for (const row of [...workshop.slice(0, 5), ...basket.slice(0, 5)]) {
      assert.equal(await say(again, row.prompt), await say(tuned, row.prompt));
    }
  });

  it("is refused on another base", async () => {
    const other = await trainModel(basket, { seed: 9, maxSteps: 5 });
    assert.throws(() => loadAdapter(saveAdapter(tuned, base), other), isBadFile);
  });

  it("comes back from bytes as the identical model", async () => {
    const bytes = saveModel(tuned);
    const again = loadModel(bytes);
    assert.deepEqual(saveModel(again), bytes);
    for (const prompt of [workshop[3]!.prompt, "who keeps a saw in the garage", "Where do lemons grow?"]) {
      assert.equal(await say(again, prompt), await say(tuned, prompt));
    }
  });

  it("is refused when the file is cut, longer, or something else", () => {
    const bytes = saveModel(base);
    const damaged = [
      bytes.subarray(0, bytes.length - 1),
      bytes.subarray(0, 20),
      bytes.subarray(0, 3),
      new Uint8Array(0),
      Uint8Array.from([...bytes, 0]),
      Uint8Array.from(bytes, (byte, i) => (i === 9 ? 0x5b : byte)),
      saveAdapter(tuned, base),
      new TextEncoder().encode("<html>not a model</html>"),
    ];
    for (const broken of damaged) assert.throws(() => loadModel(broken), isBadFile);
  });
});

describe("the help page", () => {
  it("gives one row for each heading, and no row to a heading without an answer", () => {
    const page =
      "# Title\n\nIntro.\n\n## One?\n\n## Uno?\n\nFirst\n\n- a\n- b\n\n## Two?\n\nSecond\n\n## Three?\n";
    assert.deepEqual(helpRows(page), [
      { prompt: "One?", completion: "First\n\n- a\n- b" },
      { prompt: "Uno?", completion: "First\n\n- a\n- b" },
      { prompt: "Two?", completion: "Second" },
    ]);
  });
});

function isBadFile(error: unknown): boolean {
  return isComputeError(error, "badFile");
}
