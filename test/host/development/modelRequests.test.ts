// What another extension asks of our models, as a provider gets it: the sandbox hands it on to a server of ours, which keeps what it was sent,
// and each answer leaves a receipt with the bytes that went out.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { ProviderId } from "../../../src/domain/ids.js";
import type { AnswerReceipt } from "../../../src/domain/receipt.js";
import type { App } from "../../../src/vscode/app.js";
import { chatMessages } from "../../../src/vscode/languageModels/messages.js";
import { startToolServer, type ServedRequest, type ToolServer } from "../../support/toolServer.js";
import { until } from "../../until.js";
import {
  activated,
  callsIn,
  dataPart,
  question,
  set,
  skipWithoutModels,
  textOf,
  verdictIn,
} from "../askedModels.js";
import type { SecondExtension } from "../secondExtension/main.js";

/** One dot: the editor looks into pictures on their way. */
const picture =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const pictureBytes = Buffer.from(picture, "base64");
const weather = {
  name: "weather",
  description: "Tells it",
  inputSchema: { type: "object", properties: { place: { type: "string" } }, required: ["place"] },
};
interface SandboxState {
  /** Calls per provider and route whose caller went before the end of the answer. */
  readonly left: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** What the sandbox's model says that it writes at most. */
const mostOfModel = 1024;
const call = { callId: "call_a", name: "weather", input: { place: "Oslo" } };
const { Required, Auto } = vscode.LanguageModelChatToolMode;

describe("a request of another extension, as the provider gets it", function () {
  this.timeout(60_000);
  let app: App;
  let second: SecondExtension;
  let server: ToolServer;
  let model: vscode.LanguageModelChat;
  /** Takes no pictures. */
  let other: vscode.LanguageModelChat;
  /** The provider of the first. */
  let provider: ProviderId;

  before(async function () {
    skipWithoutModels(this);
    ({ app, second } = await activated());
    server = await startToolServer(undefined, { isHonest: true });
    await set("sandbox.upstream", { baseUrl: server.baseUrl, model: "any" });
    const conversation = app.chat.get(await app.trySandbox.run());
    provider = conversation!.provider!;
    await says("tools,max_tokens,temperature,top_p,seed,stop");
  });
  beforeEach(() => void (server.requests.length = 0));
  after(async () => {
    if (!server) return;
    await set("models.verdictInText", undefined);
    app.watch.rest();
    await app.sandbox.stop(); // first: one that runs begins anew with another upstream
    await set("sandbox.upstream", undefined);
    await server.close();
  });

  /** What each provider says that its models take. */
  const says = async (parameters: string) => {
    await app.sandbox.control("POST", "/faults", { target: "*", fault: "parameters", value: parameters });
    await app.providers.refresh();
    const models = await second.select();
    model = models.find(({ id }) => id.includes(provider))!;
    other = models.find(({ id }) => id.endsWith("/sandbox-chat") && id !== model.id)!;
    assert.ok(model && other, JSON.stringify(models));
  };
  const abilities = (of: vscode.LanguageModelChat) => {
    const { capabilities } = of as unknown as { capabilities: Record<string, boolean> };
    return [capabilities.supportsImageToText, capabilities.supportsToolCalling];
  };
  const ask = (
    asked: string | vscode.LanguageModelChatMessage[],
    request: vscode.LanguageModelChatRequestOptions = {},
  ) => second.ask(model, asked, { request });
  const served = (): ServedRequest => {
    assert.equal(server.requests.length, 1);
    return server.requests[0]!;
  };
  const receiptOf = async (parts: readonly unknown[]) => {
    const { receipt } = verdictIn(parts);
    const file = vscode.Uri.joinPath(app.storage, "receipts", `${receipt}.0greceipt.json`);
    const bytes = await vscode.workspace.fs.readFile(file);
    return { bytes, receipt: JSON.parse(new TextDecoder().decode(bytes)) as AnswerReceipt };
  };

  it("has pictures as links that hold their bytes, and goes to no model that takes none", async () => {
    assert.deepEqual([abilities(model)[0], abilities(other)[0]], [true, false]);
    const asked = [question("What is this?", dataPart(pictureBytes, "image/png"))];
    await ask(asked);
    assert.deepEqual(served().messages, [
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", image_url: { url: `data:image/png;base64,${picture}` } },
        ],
      },
    ]);
    await assert.rejects(second.ask(other, asked), /picture/i);
    assert.equal(server.requests.length, 1);
  });

  it("has a file's text as text, the words of a system message as its own, and no part that nobody knows", async () => {
    const json = dataPart(Buffer.from('{"a":1}'), "application/json");
    await ask([question("Read ", json, dataPart(Buffer.from("x"), "application/octet-stream"))]);
    assert.deepEqual(served().messages, [{ role: "user", content: 'Read {"a":1}' }]);
    // The editor's own chat sends these; it lets no other extension do so.
    const content = [new vscode.LanguageModelTextPart("Be brief.")];
    assert.deepEqual(chatMessages([{ role: 3, content }]), [{ role: "system", content: "Be brief." }]);
  });

  it("is answered without what the model thinks aloud, which its receipt holds", async () => {
    const [usual = ""] = server.says;
    server.says.splice(0, 1, "<thi", "nk>\nOslo. ", "Rain.\n</th", "ink>\n\n", "It", " rains.");
    const parts = await ask("Weather?");
    server.says.splice(0, server.says.length, usual);
    assert.equal(textOf(parts), "It rains.");
    assert.equal(verdictIn(parts).word, "verified");
    const { receipt } = await receiptOf(parts);
    assert.match(Buffer.from(receipt.response.base64!, "base64").toString(), /nOslo\. "/);
  });

  it("offers the tools with their schemas, and says whether one must be called", async () => {
    assert.deepEqual([abilities(model)[1], abilities(other)[1]], [true, true]);
    const wire = {
      type: "function",
      function: { name: weather.name, description: weather.description, parameters: weather.inputSchema },
    };
    for (const [toolMode, choice] of [
      [Required, "required"],
      [Auto, "auto"],
      [undefined, "auto"],
    ] as const) {
      server.requests.length = 0;
      await ask("Weather in Oslo?", { tools: [weather], ...(toolMode ? { toolMode } : {}) });
      assert.deepEqual(served().tools, [wire]);
      assert.equal(served().tool_choice, choice);
    }
    server.requests.length = 0;
    await ask("Weather in Oslo?");
    assert.deepEqual([served().tools, served().tool_choice], [undefined, undefined]);
  });

  it("is answered by a call of a tool, whose result goes back under its name, and both are proven", async () => {
    const parts = await ask("Weather in Oslo?", { tools: [weather] });
    assert.deepEqual(
      callsIn(parts).map(({ callId, name, input }) => ({ callId, name, input })),
      [call],
    );
    assert.equal(textOf(parts), "Let me look. ");
    assert.equal(verdictIn(parts).word, "verified");
    server.requests.length = 0;
    const { callId, name, input } = call;
    const said = new vscode.LanguageModelTextPart("Let me look. ");
    const answered = await ask(
      [
        question("Weather in Oslo?"),
        vscode.LanguageModelChatMessage.Assistant([
          said,
          new vscode.LanguageModelToolCallPart(callId, name, input),
        ]),
        question(
          "And tomorrow?",
          new vscode.LanguageModelToolResultPart(callId, [new vscode.LanguageModelTextPart("rain")]),
        ),
      ],
      { tools: [weather] },
    );
    assert.deepEqual(served().messages, [
      { role: "user", content: "Weather in Oslo?" },
      {
        role: "assistant",
        content: "Let me look. ",
        tool_calls: [{ id: callId, type: "function", function: { name, arguments: '{"place":"Oslo"}' } }],
      },
      { role: "tool", content: "rain", tool_call_id: callId },
      { role: "user", content: "And tomorrow?" },
    ]);
    assert.equal(textOf(answered), "It rains in Oslo.");
    assert.equal(verdictIn(answered).word, "verified");
  });

  it("has the options that the model takes, in its bounds, and none that it does not", async () => {
    const modelOptions = { max_tokens: 77, temperature: 0.25, top_p: 0.5, seed: 7, stop: ["END"] };
    await ask("Hello", { modelOptions });
    const sent = () => {
      const { max_tokens, temperature, top_p, seed, stop } = served() as unknown as typeof modelOptions;
      return { max_tokens, temperature, top_p, seed, stop };
    };
    assert.deepEqual(sent(), modelOptions);
    server.requests.length = 0;
    await ask("Hello", {
      modelOptions: { max_tokens: 1e9, temperature: "hot", seed: -1, stop: "END", logit_bias: {} },
    });
    const none = { temperature: undefined, top_p: undefined, seed: undefined };
    assert.deepEqual(sent(), { ...none, max_tokens: mostOfModel, stop: ["END"] });
    assert.equal("logit_bias" in served(), false);
    await says("max_tokens,seed");
    server.requests.length = 0;
    await ask("Hello", { modelOptions });
    assert.deepEqual(sent(), { ...none, max_tokens: 77, seed: 7, stop: undefined });
    await says("tools,max_tokens,temperature,top_p,seed,stop");
  });

  it("leaves a receipt with the very bytes that the provider had, and its answer", async () => {
    const parts = await ask([question("Weather here?", dataPart(pictureBytes, "image/png"))], {
      tools: [weather],
    });
    const { bytes, receipt } = await receiptOf(parts);
    const sent = JSON.parse(Buffer.from(receipt.request.base64!, "base64").toString()) as ServedRequest;
    assert.deepEqual({ ...sent, model: "any" }, served());
    const answer = Buffer.from(receipt.response.base64!, "base64").toString();
    assert.match(answer, /"call_a"/);
    assert.equal((await app.receipts.recheck(bytes)).word, "proven");
    const { provider: told, network, cost } = verdictIn(parts);
    assert.deepEqual([told, network], [provider, "sandbox"]);
    // 500 tokens in, 50 out (toolServer.ts), at the prices of the sandbox's first provider.
    assert.equal(cost, String(500n * 100_000_000_000n + 50n * 400_000_000_000n));
  });

  it("ends at the provider too when the other extension cancels, and counts the most it may have cost", async () => {
    await app.sandbox.control("POST", "/faults", { target: provider, fault: "slow-stream", value: 500 });
    const left = async () => {
      const state = (await app.sandbox.control("GET", "/state")) as SandboxState;
      return state.left[provider]?.["POST /v1/proxy/chat/completions"] ?? 0;
    };
    const spent = () => app.limits.spentAt(app.session.scope()!, provider);
    const [leftBefore, spentBefore] = [await left(), spent()];
    const receipts = (await app.receipts.list()).length;
    const stop = new vscode.CancellationTokenSource();
    const parts: unknown[] = [];
    const asking = second.ask(model, "Hello", {
      token: stop.token,
      request: { tools: [weather], modelOptions: { max_tokens: 900 } },
      onPart: (part) => parts.push(part),
    });
    const ended = asking.then(
      () => undefined,
      (error: Error) => assert.match(error.name, /Cancel/),
    );
    await until("the first words", () => parts.length > 0);
    assert.equal(await left(), leftBefore);
    stop.cancel();
    await ended;
    await until("that nobody waits at the provider", async () => (await left()) === leftBefore + 1);
    // Behind the answer's end, so that what was set aside for it is no longer what counts.
    await until("its receipt", async () => (await app.receipts.list()).length > receipts);
    assert.ok(spent() - spentBefore >= 900n * 400_000_000_000n, String(spent() - spentBefore));
    assert.deepEqual([callsIn(parts).length, parts.length], [0, 1]);
    await app.sandbox.control("DELETE", "/faults");
    await says("tools,max_tokens,temperature,top_p,seed,stop");
  });

  it("is not counted in tokens without its pictures and its tools' results", async () => {
    const words = "What is a ledger in 0G Compute?";
    const plain = await second.count(model, words);
    assert.ok(plain >= 6 && plain <= 16, String(plain));
    const message = await second.count(model, question(words));
    assert.ok(message > plain && message <= plain + 8, `${message} after ${plain}`);
    const withPicture = await second.count(model, question(words, dataPart(pictureBytes, "image/png")));
    assert.ok(withPicture >= message + 50, String(withPicture));
    const result = new vscode.LanguageModelToolResultPart("a", [new vscode.LanguageModelTextPart(words)]);
    assert.ok((await second.count(model, question(words, result))) >= 2 * plain);
    assert.equal(server.requests.length, 0, "nobody is asked for that");
  });

  it("has a line of its verdict under the answer where the user wants it, and never where tools are used", async () => {
    const line = /\n\n_0G Compute · Verified: [^\n]+_$/;
    const plain = await ask("Hello");
    assert.equal(textOf(plain), "It rains in Oslo.");
    await set("models.verdictInText", true);
    const told = await ask("Hello");
    assert.match(textOf(told), line);
    assert.equal(verdictIn(told).word, "verified");
    const offered = { tools: [weather] };
    const result = new vscode.LanguageModelToolResultPart("call_a", [
      new vscode.LanguageModelTextPart("rain"),
    ]);
    const answered = [
      question("Weather?"),
      vscode.LanguageModelChatMessage.Assistant([
        new vscode.LanguageModelToolCallPart("call_a", "weather", { place: "Oslo" }),
      ]),
      question(result),
    ];
    for (const parts of [await ask("Hello", offered), await ask(answered, offered), await ask(answered)]) {
      assert.ok(textOf(parts).length > 5);
      assert.doesNotMatch(textOf(parts), /0G Compute ·/);
      assert.equal(verdictIn(parts).word, "verified");
    }
    await set("models.verdictInText", false);
    assert.equal(textOf(await ask("Hello")), "It rains in Oslo.");
  });
});
