import assert from "node:assert/strict";
import type { ChatMessage } from "../../../src/domain/chatMessage.js";
import { ComputeError } from "../../../src/domain/error.js";
import type { ProviderId } from "../../../src/domain/ids.js";
import type { Neuron } from "../../../src/domain/money.js";
import type { ModelInfo } from "../../../src/domain/provider.js";
import type { ReceiptId } from "../../../src/domain/receipt.js";
import { comfortableBalance } from "../../../src/services/money/paying.js";
import { EditorAnswers } from "../../../src/services/chat/editorAnswers.js";
import type { ModelRequest } from "../../../src/services/chat/modelRequest.js";
import { createConfirmationTexts } from "../../../src/view/money/confirmations.js";
import { english } from "../../../src/view/translate.js";
import { type House, houseInSandbox, type HouseInSandbox, type World } from "../../support/house.js";
import { startToolServer, type ToolServer } from "../../support/toolServer.js";
import { until } from "../../until.js";

const never = new AbortController().signal;
const isCode = (code: string) => (error: unknown) => error instanceof ComputeError && error.code === code;

describe("An answer for another extension, over the sandbox", function () {
  this.timeout(60_000);
  let world: World;
  let house: House;
  let sandbox: HouseInSandbox["sandbox"];
  let provider: ProviderId;
  let model: string;
  let info: ModelInfo;
  let answers: EditorAnswers;

  before(async () => {
    ({ world, house, sandbox, provider, model } = await houseInSandbox());
    info = (await house.providers.modelInfo(provider, model))!;
    answers = opened();
  });
  afterEach(async () => {
    await sandbox.control.clear();
    house.providers.modelInfo = async () => info;
    world.settings.set({ network: "sandbox", "limits.perProvider": "5" });
  });
  after(async () => {
    answers.dispose();
    house.abandon();
    await world.launcher.stop();
  });

  const opened = () => {
    const { session, providers, accounts, limits, dialogs, enclaves: gate } = house;
    const { clock, log } = world;
    const texts = createConfirmationTexts(english);
    return new EditorAnswers({
      checks: house.chat,
      session,
      providers,
      accounts,
      limits,
      dialogs,
      texts,
      gate,
      clock,
      log,
    });
  };
  const request = (more: Partial<ModelRequest> = {}): ModelRequest => ({
    provider,
    model,
    messages: [{ role: "user", content: "What is a ledger?" }],
    tools: [],
    isToolRequired: false,
    ...more,
  });
  const ask = (more?: Partial<ModelRequest>, signal = never) =>
    answers.ask(request(more), () => undefined, signal);
  const chatCalls = async () =>
    (await sandbox.control.state()).counters.providers[provider]?.["POST /v1/proxy/chat/completions"] ?? 0;
  const spent = () => house.limits.spentAt(house.session.scope()!, provider);
  const says = (more: Partial<ModelInfo>) => {
    house.providers.modelInfo = async () => ({ ...info, ...more });
  };

  it("comes with its verdict, what it cost, and a receipt that is on disk by then", async () => {
    const before = spent();
    const { verdict, cost, receipt, exchange } = await ask({
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "What is a ledger?" },
      ],
    });
    assert.equal(verdict.level, "verified");
    assert.equal(spent() - before, cost);
    const bytes = await house.receipts.bytes(receipt as ReceiptId);
    assert.equal((await house.receipts.recheck(bytes!)).word, "proven");
    assert.match(Buffer.from(exchange.requestBody).toString(), /"role":"system"/);
  });

  it("is refused by the limit before anything is sent", async () => {
    world.settings.set({ "limits.perProvider": "0.000000001" });
    const [calls, before] = [await chatCalls(), spent()];
    await assert.rejects(ask(), isCode("limitReached"));
    assert.deepEqual([await chatCalls(), spent()], [calls, before]);
  });

  it("ends when whoever asked cancels; the provider bills the whole, so that counts", async () => {
    await sandbox.control.fault(provider, "slow-stream", 300);
    const stop = new AbortController();
    const before = spent();
    const receipts = await house.receipts.list();
    let heard = "";
    const asking = answers.ask(
      request(),
      (event) => {
        if (event.kind === "delta") heard += event.text;
      },
      stop.signal,
    );
    await until("the first words", () => heard !== "");
    stop.abort();
    const kept = heard;
    await assert.rejects(asking, isCode("cancelled"));
    assert.equal(heard, kept, "nothing is told any more");
    assert.ok(spent() > before);
    await until("its receipt", async () => {
      const [newest] = await house.receipts.list();
      return newest?.id !== receipts[0]?.id && newest?.level !== "pending" && newest?.level !== "verified";
    });
  });

  it("is an error where it broke off", async () => {
    await sandbox.control.fault(provider, "cut-stream", 300);
    await assert.rejects(ask(), isCode("providerUnavailable"));
  });

  it("is refused where it surely is longer than the model reads, and nothing is sent or paid", async () => {
    const calls = await chatCalls();
    const long: ChatMessage = { role: "user", content: "word ".repeat(9_000) };
    await assert.rejects(ask({ messages: [long] }), isCode("tooLong"));
    const tools = [{ name: "weather", description: "word ".repeat(9_000) }];
    says({ supportedParameters: ["tools"], contextLength: 8_192 });
    await assert.rejects(ask({ tools }), isCode("tooLong"));
    assert.equal(await chatCalls(), calls);
  });

  it("is refused where the model cannot do what is asked, and nothing is sent", async () => {
    says({ inputModalities: ["text"] });
    const calls = await chatCalls();
    const picture: ChatMessage = {
      role: "user",
      content: [{ kind: "picture", mimeType: "image/png", base64: "AA==" }],
    };
    await assert.rejects(ask({ messages: [picture] }), isCode("unsupported"));
    await assert.rejects(
      ask({ messages: [{ role: "tool", content: "", toolCallId: "a" }] }),
      isCode("unsupported"),
    );
    const tools = [{ name: "weather", description: "Tells it" }];
    await assert.rejects(ask({ tools, isToolRequired: true }), isCode("unsupported"));
    assert.equal(await chatCalls(), calls);
    // Offered alone they stay unused.
    const { exchange } = await ask({ tools });
    assert.doesNotMatch(Buffer.from(exchange.requestBody).toString(), /tools/);
  });

  it("has the parameters that the model takes, and is no longer than asked or than the model can", async () => {
    const settings = { temperature: 0.25, topP: 0.5, seed: 7, stop: ["END"], maxTokens: 33 };
    const bodyOf = async (more: Partial<ModelRequest>) =>
      JSON.parse(Buffer.from((await ask(more)).exchange.requestBody).toString()) as Record<string, unknown>;
    const { temperature, top_p, seed, stop, max_tokens } = await bodyOf({ settings });
    assert.deepEqual([temperature, top_p, seed, stop, max_tokens], [0.25, undefined, 7, ["END"], 33]);
    assert.equal((await bodyOf({ settings: { maxTokens: 1e6 } })).max_tokens, info.maxCompletionTokens);
  });

  describe("of a model that calls tools and reads pictures", () => {
    let server: ToolServer;
    const tools = [{ name: "weather", description: "Tells it", parameters: { type: "object" } }];

    before(async () => {
      server = await startToolServer();
      sandbox.sandbox.setUpstream({ baseUrl: server.baseUrl, model: "any" });
    });
    beforeEach(() => says({ supportedParameters: ["tools"], inputModalities: ["text", "image"] }));
    after(async () => {
      sandbox.sandbox.setUpstream(undefined);
      await server.close();
    });

    it("asks for one, gets its result, and each step is verified", async () => {
      const user: ChatMessage = {
        role: "user",
        content: [
          { kind: "text", text: "Weather here?" },
          { kind: "picture", mimeType: "image/png", base64: "iVBORw0=" },
        ],
      };
      const first = await ask({ messages: [user], tools, isToolRequired: true });
      const calls = [{ id: "call_a", name: "weather", arguments: '{"place":"Oslo"}' }];
      assert.deepEqual(first.exchange.toolCalls, calls);
      assert.equal(first.exchange.text, "Let me look. ");
      assert.equal(first.verdict.level, "verified");
      const second = await ask({
        messages: [
          user,
          { role: "assistant", content: first.exchange.text, toolCalls: calls },
          { role: "tool", content: "rain", toolCallId: "call_a" },
        ],
        tools,
      });
      assert.equal(second.exchange.text, "It rains in Oslo.");
      assert.equal(second.verdict.level, "verified");
      const [asked, answered] = server.requests;
      assert.equal(asked?.tool_choice, "required");
      assert.deepEqual(asked?.tools?.[0], { type: "function", function: tools[0] });
      assert.deepEqual(asked?.messages[0]?.content, [
        { type: "text", text: "Weather here?" },
        { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0=" } },
      ]);
      assert.equal(answered?.tool_choice, "auto");
      assert.deepEqual(answered?.messages.slice(1), [
        {
          role: "assistant",
          content: "Let me look. ",
          tool_calls: [
            { id: "call_a", type: "function", function: { name: "weather", arguments: '{"place":"Oslo"}' } },
          ],
        },
        { role: "tool", content: "rain", tool_call_id: "call_a" },
      ]);
    });
  });

  describe("paid from a wallet of the user's own", () => {
    before(async () => {
      const network = house.session.network();
      const { wallet } = await house.wallets.create({ name: "Mine", network });
      await house.wallets.switch(wallet.id, network);
      await sandbox.control.fund(wallet.address, "20");
      const plan = await house.accounts.planTopUp("inference", provider, comfortableBalance);
      await house.accounts.topUp(plan, "chat");
    });
    beforeEach(() => {
      house.dialogs.asked.length = 0;
    });

    it("puts one question for all who ask meanwhile, and a no stands in this window", async () => {
      let say: (isAgreed: boolean) => void = () => undefined;
      house.dialogs.answer = () => new Promise((resolve) => (say = resolve));
      const calls = await chatCalls();
      const both = Promise.allSettled([ask(), ask()]);
      await until("the question", () => house.dialogs.asked.length > 0);
      say(false);
      assert.ok((await both).every(({ status }) => status === "rejected"));
      await assert.rejects(ask(), isCode("cancelled"));
      assert.deepEqual([house.dialogs.asked.length, await chatCalls()], [1, calls]);
    });

    it("lets a no stand whatever is spent since, until the limit is another", async () => {
      house.dialogs.answer = false;
      world.settings.set({ "limits.perProvider": "4" });
      await assert.rejects(ask(), isCode("cancelled"));
      const reservation = await house.limits.reserveAnswer(
        house.session.scope()!,
        provider,
        (10n ** 15n) as Neuron,
      );
      await reservation.done();
      await assert.rejects(ask(), isCode("cancelled"));
      assert.equal(house.dialogs.asked.length, 1);
      world.settings.set({ "limits.perProvider": "3" });
      await assert.rejects(ask(), isCode("cancelled"));
      assert.equal(house.dialogs.asked.length, 2);
    });

    it("goes on without a question once there is a consent, wherever it was given", async () => {
      house.dialogs.answer = true;
      const scope = house.session.scope()!;
      await house.limits.giveConsent(scope, provider, house.limits.limitPerProvider()!);
      assert.equal((await ask()).verdict.level, "verified");
      assert.equal(house.dialogs.asked.length, 0);
    });

    it("asks every time where there is no limit", async () => {
      world.settings.set({ "limits.perProvider": "" });
      house.dialogs.answer = true;
      await ask();
      await ask();
      assert.equal(house.dialogs.asked.length, 2);
    });
  });

  it("writes nothing of the question into the log", () => {
    assert.doesNotMatch(world.log.lines.join("\n"), /What is a ledger|Oslo|app-sk-[A-Za-z0-9]/);
  });
});
