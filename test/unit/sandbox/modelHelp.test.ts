// The built-in help: does the base model answer what it was taught, also misspelled and in other words, and admit the rest?
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { buildBaseModel } from "../../../src/sandbox/model/build.js";
import { helpRows } from "../../../src/sandbox/model/help.js";
import type { GenerateOptions, LanguageModel, ModelMessage } from "../../../src/sandbox/model/model.js";
import { loadModel, saveAdapter } from "../../../src/sandbox/model/serialize.js";
import { trainModel } from "../../../src/sandbox/model/train.js";
import { verdictLevels } from "../../../src/domain/verdict.js";
import { verdictLabel } from "../../../src/view/proof/verdictView.js";

const root = path.resolve(import.meta.dirname ?? __dirname, "../../..");
const folder = path.join(root, "src/sandbox/model");
const file = path.join(root, "node_modules/.cache/base-model/base-model.bin");
const page = readFileSync(path.join(folder, "help.md"), "utf8");
const rows = helpRows(page);

/** A question nobody trained, and the heading whose answer it should get. */
const paraphrases: readonly (readonly [string, string])[] = [
  ["what's an enclave", "What is an enclave?"],
  ["can you explain what a TEE is", "What is a TEE?"],
  ["what is meant by verified", "What does verified mean?"],
  ["why does it say not proven under my answer", "What does not proven mean?"],
  ["the verification of my answer failed, why", "What does failed mean?"],
  ["which levels can a verdict have", "Which verdicts are there?"],
  ["explain the difference between private providers and authentic providers", "Private or authentic?"],
  ["I want to start the sandbox", "How do I start the sandbox?"],
  ["does the sandbox cost real money", "Does the sandbox use real money?"],
  ["tell me what the sandbox is", "What is the sandbox?"],
  ["how can I create a new wallet", "How do I create a wallet?"],
  ["importing an existing wallet", "How do I import a wallet?"],
  ["where do you store my private key", "Where is my private key stored?"],
  ["I have lost my seed phrase", "I lost my recovery phrase"],
  ["what is a ledger", "What is the ledger?"],
  ["what does sub-account mean", "What is a sub-account?"],
  ["how can I deposit money", "How do I deposit?"],
  ["what's the minimum amount for a deposit", "What is the minimum deposit?"],
  ["sending funds to a provider", "How do I fund a provider?"],
  ["how do I withdraw my money", "How do I withdraw?"],
  ["how long does the lock last for my money", "How long is my money locked?"],
  ["why does a provider need a reserve of 1 0G", "Why do I need 1 0G in reserve?"],
  ["I get an insufficient balance error", "What does insufficient balance mean?"],
  ["set a spending limit", "What are spending limits?"],
  ["neuron unit", "What is a neuron?"],
  ["how much does a request cost", "How much does it cost?"],
  ["why do I have to acknowledge the provider", "Why must I acknowledge a provider?"],
  ["acknowledge this provider how", "How do I acknowledge a provider?"],
  ["is there a rate limit", "What are the rate limits?"],
  ["I get error 429 all the time", "What does error 429 mean?"],
  ["open the chat panel", "Where is the chat panel?"],
  ["list the keyboard shortcuts", "Which keyboard shortcuts are there?"],
  ["how can I stop the answer", "How do I stop an answer?"],
  ["where do you keep my conversations", "Where are my conversations stored?"],
  ["who is able to read my prompts", "Who can read my messages?"],
  ["do you have telemetry", "Is there telemetry?"],
  ["switching to another network", "How do I switch the network?"],
  ["what chain ids do the networks have", "What is the chain id?"],
  ["where is the testnet faucet", "Is there a faucet?"],
  ["list of all settings", "Which settings are there?"],
  ["what commands does the extension have", "Which commands are there?"],
  ["explain fine-tuning", "What is fine-tuning?"],
  ["what should a dataset look like, which format", "What format must a dataset have?"],
  ["parameters of the training configuration", "What is in the training configuration?"],
  ["please give me an example of a training config", "Give me a sample config"],
  ["what is max_steps good for", "What does max_steps do?"],
  ["how expensive is fine-tuning, what does it cost", "What does fine-tuning cost?"],
  ["what is the deadline for acknowledging my model", "What is the deadline to acknowledge a model?"],
  ["I missed the deadline", "What happens if I miss the deadline?"],
  ["cancel my fine-tuning task", "Can I cancel a fine-tuning task?"],
  ["what is storage on 0G", "What is 0G Storage?"],
  ["what is a receipt good for", "What is a receipt?"],
  ["who made you", "Who wrote you?"],
  ["what kind of model are you", "What model are you?"],
  ["hi", "Hello"],
  ["thanks a lot", "Thank you"],
  ["which topics can I ask you about", "What can I ask you?"],
  ["does this work without the internet", "Do I need the internet?"],
  ["which licence is it under", "What licence does it have?"],
  ["connect my own ollama server", "How do I connect Ollama to the sandbox?"],
  ["how can I generate pictures", "How do I generate an image?"],
  ["changing an existing picture", "How do I edit a picture?"],
  ["how to transcribe a recording", "Can I transcribe audio?"],
  ["deploying my adapter", "How do I deploy an adapter?"],
  ["start fine-tuning a model", "How do I fine-tune a model?"],
  ["what is the local endpoint for", "What is the local endpoint?"],
  ["attaching files to a question", "How do I attach a file?"],
  ["compare the answers of several models", "How do I compare answers?"],
  ["open the table of providers", "Where is the provider table?"],
  ["exporting a conversation", "How do I export a conversation?"],
  ["what is the doctor for", "What does the doctor do?"],
  ["what does a support bundle contain", "What is in the support bundle?"],
  ["change the system prompt", "How do I set a system prompt?"],
  ["are your models in the model picker", "Where are the models in the model picker?"],
  ["create an API key", "What is an API key?"],
];

const strangers = [
  "what is the capital of France?",
  "write a poem about autumn",
  "how tall is Mount Everest?",
  "who won the world cup in 1998?",
  "translate good evening into Japanese",
  "what is 17 times 23?",
  "give me a recipe for pancakes",
  "explain quantum entanglement",
  "write a Python function that sorts a list",
  "what is the weather like tomorrow?",
  "who is the president of Brazil?",
  "tell me a joke",
  "how do I fix a flat tyre?",
  "what is the meaning of life?",
  "recommend a good book about history",
  "how many legs does a spider have?",
  "what is a black hole?",
  "summarise Romeo and Juliet",
  "how do airplanes fly?",
  "which vitamins are in oranges?",
  "asdf qwer zxcv",
];

async function ask(
  model: LanguageModel,
  question: string | readonly ModelMessage[],
  options?: GenerateOptions,
): Promise<string> {
  const messages = typeof question === "string" ? [{ role: "user", content: question }] : question;
  let text = "";
  for await (const piece of model.generate(messages, options)) text += piece;
  return text;
}

function answerTo(prompt: string): string {
  const row = rows.find((candidate) => candidate.prompt === prompt);
  assert.ok(row, `no heading "${prompt}"`);
  return row.completion;
}

/** Share of the questions that get exactly their answer, printed. */
async function score(
  name: string,
  model: LanguageModel,
  cases: readonly (readonly [string, string])[],
): Promise<number> {
  const missed: string[] = [];
  for (const [question, answer] of cases) if ((await ask(model, question)) !== answer) missed.push(question);
  const percent = (100 * (cases.length - missed.length)) / cases.length;
  const shown = missed.length > 0 ? `; missed: ${missed.slice(0, 20).join(" | ")}` : "";
  console.log(`      ${name}: ${percent.toFixed(1)} % of ${cases.length}${shown}`);
  return percent;
}

/** One letter dropped, doubled or swapped, at a place that depends on the text alone. */
function misspelled(text: string): string {
  const letters = [...text];
  const places = letters.map((letter, i) => (/\p{L}/u.test(letter) && i > 0 ? i : -1)).filter((i) => i > 0);
  const seed = letters.reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65521, 7);
  const at = places[seed % places.length] ?? 0;
  const kind = seed % 3;
  if (kind === 0) letters.splice(at, 1);
  else if (kind === 1) letters.splice(at, 0, letters[at]!);
  else letters.splice(at, 1, "x");
  return letters.join("");
}

/** Texts of the manifest, by what stands for them in it. */
const texts = JSON.parse(readFileSync(path.join(root, "package.nls.json"), "utf8")) as Record<string, string>;
const { contributes } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
  contributes: {
    commands: readonly { command: string; title: string }[];
    configuration: { properties: object };
    menus: { commandPalette: readonly { command: string; when: string }[] };
  };
};

/** Of the commands that the palette may show. */
function paletteTitles(): string[] {
  const hidden = contributes.menus.commandPalette.filter(({ when }) => when === "false");
  return contributes.commands
    .filter(({ command }) => !hidden.some((one) => one.command === command))
    .map(({ title }) => texts[title.replaceAll("%", "")] ?? title);
}

describe("the help page", () => {
  it("promises nothing", () => {
    assert.deepEqual(page.match(/.*\b(later|future|next) version.*|.*coming soon.*/gi) ?? [], []);
  });

  it("names commands as the palette does", () => {
    const named = [...page.matchAll(/0G Compute: ([^*`_\n]+)/g)].map(([, title]) => title!);
    const listed = [...answerTo("Which commands are there?").matchAll(/\*\*(.+?)\*\*/g)].map(
      ([, title]) => title!,
    );
    assert.ok(named.length > 9 && listed.length > 7, `${named.length} and ${listed.length}`);
    const titles = paletteTitles();
    assert.deepEqual(
      [...named, ...listed].filter((title) => !titles.includes(title)),
      [],
    );
  });

  it("names settings that there are", () => {
    const named = [...page.matchAll(/zgCompute(?:\.\w+)+/g)].map(([name]) => name);
    assert.ok(named.length > 9);
    assert.deepEqual(
      named.filter((name) => !Object.hasOwn(contributes.configuration.properties, name)),
      [],
    );
  });

  it("has the word of each verdict that stands under an answer", () => {
    const table = [
      ...answerTo("Which verdicts are there?").matchAll(/^\| `([\w-]+)` +\| \**([^*|]+?)\** +\|/gm),
    ];
    const words = Object.fromEntries(table.map(([, level, word]) => [level, word]));
    const shown = verdictLevels.map((level) => [level, verdictLabel({ level }, (text) => text)]);
    assert.deepEqual(words, Object.fromEntries(shown));
  });

  it("says how many questions the model knows, and not more", () => {
    const told = [...page.matchAll(/more than (\d+) questions/g)].map(([, count]) => Number(count));
    assert.equal(told.length, 2);
    for (const count of told) assert.ok(rows.length > count && rows.length <= count + 100, `${rows.length}`);
  });
});

describe("the sandbox's help model", () => {
  let model: LanguageModel;
  let bytes: Uint8Array;

  before(async function () {
    this.timeout(600_000);
    const built = await buildBaseModel(folder, file);
    bytes = readFileSync(file);
    model = loadModel(bytes);
    const trained = built.milliseconds > 0 ? `, trained in ${(built.milliseconds / 1000).toFixed(1)} s` : "";
    console.log(
      `      ${rows.length} rows, ${model.parts.network.vocabulary} pieces, ${bytes.length} bytes${trained}`,
    );
  });

  it("answers every question it was trained on", async function () {
    this.timeout(120_000);
    const cases = rows.map((row) => [row.prompt, row.completion] as const);
    assert.ok((await score("training prompts", model, cases)) >= 98);
  });

  it("answers them in lower case", async function () {
    this.timeout(120_000);
    const cases = rows.map((row) => [row.prompt.toLowerCase(), row.completion] as const);
    assert.ok((await score("in lower case", model, cases)) >= 95);
  });

  it("answers most of them with a typing error", async function () {
    this.timeout(120_000);
    const cases = rows.map((row) => [misspelled(row.prompt), row.completion] as const);
    assert.ok((await score("one typing error", model, cases)) >= 80);
  });

  it("answers most questions in other words", async function () {
    this.timeout(120_000);
    const cases = paraphrases.map(([question, heading]) => [question, answerTo(heading)] as const);
    assert.ok((await score("paraphrases", model, cases)) >= 60);
  });

  it("says what it is and that it does not know when asked something else", async () => {
    const wrong: string[] = [];
    for (const question of strangers) {
      const text = await ask(model, question);
      if (!text.startsWith("I do not know that. I am a small sandbox model")) wrong.push(question);
    }
    const admitted = (100 * (strangers.length - wrong.length)) / strangers.length;
    console.log(`      strangers admitted: ${admitted.toFixed(1)} %; missed: ${wrong.join(" | ")}`);
    assert.ok(admitted >= 90);
  });

  it("stays with one answer at the temperatures that chat programs send", async function () {
    this.timeout(120_000);
    let right = 0;
    for (const [question, heading] of paraphrases) {
      if ((await ask(model, question, { temperature: 0.7, seed: 11 })) === answerTo(heading)) right++;
    }
    console.log(`      paraphrases at temperature 0.7: ${((100 * right) / paraphrases.length).toFixed(1)} %`);
    assert.ok(right / paraphrases.length >= 0.6);
  });

  it("learns a user's 40 rows as an adapter and still knows the help", async function () {
    this.timeout(120_000);
    const drinks = ["espresso", "latte", "mocha", "ristretto", "cortado", "lungo", "macchiato", "affogato"];
    const towns = ["Oslo", "Porto", "Graz", "Turku", "Ghent"];
    const added = drinks.flatMap((drink, i) =>
      towns.map((town, k) => ({
        prompt: `What is the price of ${drink} in the ${town} cafe?`,
        completion: `In ${town} a cup of ${drink} is ${i + 2}.${k}0 crowns; ask for table ${i * 5 + k}.`,
      })),
    );
    const start = performance.now();
    const tuned = await trainModel(added, { seed: 4, epochs: 3, base: model });
    const took = ((performance.now() - start) / 1000).toFixed(1);
    const size = saveAdapter(tuned, model).length;
    console.log(
      `      40 rows, 3 epochs: ${took} s, adapter ${size} bytes, loss ${tuned.loss(added).toFixed(2)}`,
    );
    assert.ok(tuned.loss(added) < model.loss(added) / 2);
    const own = added.map((row) => [row.prompt, row.completion] as const);
    assert.ok((await score("the user's rows", tuned, own)) >= 98);
    const help = rows.map((row) => [row.prompt, row.completion] as const);
    assert.ok((await score("help after tuning", tuned, help)) >= 98);
  });

  it("loads and answers again and again with the same words, and says how fast", async () => {
    const [loads, pieces, texts]: [number[], number[], string[]] = [[], [], []];
    for (let run = 0; run < 8; run++) {
      const start = performance.now();
      const loaded = loadModel(bytes);
      loads.push(performance.now() - start);
      const answer = loaded.generate([{ role: "user", content: "Which verdicts are there?" }]);
      const asked = performance.now();
      let text = "";
      for await (const piece of answer) {
        assert.ok(piece.length > 0);
        text += piece;
      }
      texts.push(text);
      pieces.push((performance.now() - asked) / answer.usage.completion_tokens);
    }
    // The best of several: other programs on the machine only ever make it slower.
    const [load, perPiece] = [Math.min(...loads), Math.min(...pieces)];
    console.log(`      load ${load.toFixed(1)} ms, ${perPiece.toFixed(3)} ms a piece (best of 8)`);
    assert.deepEqual(texts, Array(8).fill(answerTo("Which verdicts are there?")));
  });

  it("reads a short follow-up together with the question before it, unless it asks about something new", async () => {
    const talk = (last: string): ModelMessage[] => [
      { role: "user", content: "What is the deadline to acknowledge a model?" },
      { role: "assistant", content: "..." },
      { role: "user", content: last },
    ];
    assert.equal(await ask(model, talk("why?")), answerTo("What is the deadline to acknowledge a model?"));
    assert.match(await ask(model, talk("and bananas?")), /^I do not know that/);
  });
});
