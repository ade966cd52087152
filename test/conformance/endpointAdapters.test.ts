// A model that the user tuned and deployed, at the local endpoint: as every other program asks for it, over the real sandbox.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI, { type APIError } from "openai";
import type { ProviderId } from "../../src/domain/ids.js";
import type { FineTuning } from "../../src/services/fineTuning/fineTuning.js";
import { modelChoices } from "../../src/view/endpoint/endpointRows.js";
import { english } from "../../src/view/translate.js";
import { og } from "../support/builders.js";
import { TestEndpoint } from "../support/endpoint.js";
import { chatLines, sampleParameters, sampleRows } from "../support/fineTuner.js";
import { fineTuningIn } from "../support/fineTuningServices.js";
import { House, World } from "../support/house.js";
import { MemoryFolder, random } from "../support/ports.js";
import type { TestSandbox } from "../support/sandbox.js";
import { until } from "../until.js";

describe("A tuned model at the local endpoint", function () {
  this.timeout(180_000);
  const world = new World();
  const folder = mkdtempSync(join(tmpdir(), "endpoint-adapters-"));
  let house: House;
  let fineTuning: FineTuning;
  let endpoint: TestEndpoint;
  let sandbox: TestSandbox;
  let provider: ProviderId;
  let adapter: string;

  before(async () => {
    house = new House(world);
    await house.trySandbox.run();
    sandbox = world.launcher.running!;
    provider = sandbox.trainer.address as ProviderId;
    world.settings.set({ "limits.perTransaction": "50", "limits.perDay": "50" });
    await house.accounts.run({ kind: "depositFund", amount: og("6") }, "asked");
    const account = { service: "inference", provider, amount: og("2") } as const;
    await house.accounts.run({ kind: "transferFund", ...account }, "asked");
    const { session, accounts: money, limits, dialogs, enclaves: gate, receipts } = house;
    const { settings, state, clock, log } = world;
    fineTuning = fineTuningIn(folder, {
      ...{ session, money, limits, dialogs, gate, receipts, settings, state, clock, log, random },
    });
    adapter = await deployed();
    endpoint = await new TestEndpoint(house, new MemoryFolder(), () => fineTuning.models).start();
  });
  after(async () => {
    await endpoint?.close();
    await fineTuning?.close();
    fineTuning?.dispose();
    house?.abandon();
    await world.launcher.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Its name. */
  async function deployed(): Promise<string> {
    const datasetPath = join(folder, "rows.jsonl");
    writeFileSync(datasetPath, chatLines());
    const model = (await fineTuning.modelsOf(provider)).find(({ name }) => name === "sandbox-lm");
    assert.ok(model);
    const trainingParams = JSON.stringify(sampleParameters);
    const wanted = { provider, model, datasetPath, destination: "tee", trainingParams } as const;
    const { id } = await fineTuning.start(await fineTuning.prepare(wanted));
    await until("the model is here", async () => (await fineTuning.resume(id)).state === "done", 120_000);
    const { adapter: name } = await fineTuning.deploy(id);
    assert.ok(name);
    return name;
  }
  const client = (apiKey: string) => new OpenAI({ baseURL: endpoint.url, apiKey, maxRetries: 0 });
  const [[question, answer]] = sampleRows;
  const asking = (model = adapter) => ({ model, messages: [{ role: "user" as const, content: question }] });
  /** What was archived takes its provider a moment, in which it says so. */
  const restored = (openai: OpenAI) =>
    until("the adapter is back", () =>
      openai.chat.completions.create(asking()).catch((error: APIError) => {
        assert.equal(error.status, 400);
        const [, what] = /is (restoring|loading)/.exec(error.message) ?? [];
        assert.ok(what, error.message);
        if (what === "restoring") assert.equal(error.headers?.get("retry-after"), "30");
        return undefined;
      }),
    );
  const stateOf = async () => {
    await fineTuning.refresh();
    return fineTuning.models[0]?.adapter?.state;
  };

  it("is listed, answers what it learned, is verified and paid for", async () => {
    const { text, id } = await endpoint.key();
    const openai = client(text);
    const { data } = await openai.models.list();
    assert.equal(data.find((one) => one.id === adapter)?.owned_by, provider);
    assert.equal((await openai.models.retrieve(adapter)).id, adapter);
    const answered = await openai.chat.completions.create(asking());
    assert.equal(answered.choices[0]!.message.content, answer);
    assert.equal(answered.model, adapter);
    const found = await endpoint.verify(answered.id, text);
    assert.deepEqual([found.verdict, found.model, found.provider], ["verified", adapter, provider]);
    const receipt = await house.receipts.bytes(found.receipt);
    assert.equal((await house.receipts.recheck(receipt!)).word, "proven");
    const { prompt_tokens, completion_tokens } = answered.usage!;
    const { inputPrice, outputPrice } = house.providers.find(provider)!.service;
    const cost = inputPrice * BigInt(prompt_tokens) + outputPrice * BigInt(completion_tokens);
    const [key] = (await endpoint.keys.list()).filter((one) => one.id === id);
    assert.ok(cost > 0n);
    assert.equal(endpoint.service.spentWith(key!), cost);
    let streamed = "";
    for await (const chunk of await openai.chat.completions.create({ ...asking(), stream: true }))
      streamed += chunk.choices[0]?.delta.content ?? "";
    assert.equal(streamed, answer);
  });

  it("is among what a key can be bound to, and is then all that this key may use", async () => {
    const choice = modelChoices(await endpoint.service.models(), english).find(
      ({ label }) => label === adapter,
    );
    assert.ok(choice);
    assert.match(choice.detail ?? "", / · 0x\w{4}…\w{4} · tuned by you$/);
    const { text } = await endpoint.key({ models: [choice.value] });
    const openai = client(text);
    assert.deepEqual(
      (await openai.models.list()).data.map(({ id }) => id),
      [adapter],
    );
    assert.equal((await openai.chat.completions.create(asking())).choices[0]!.message.content, answer);
    await assert.rejects(
      openai.chat.completions.create(asking(sandbox.trainerChat.model)),
      (error: APIError) => error.code === "model_not_allowed",
    );
  });

  it("is still there when it was put aside: the first question brings it back", async () => {
    const { text } = await endpoint.key();
    for (const [seconds, state] of [
      [2 * 3_600, "offloaded"],
      [2 * 86_400, "archived"],
    ] as const) {
      await sandbox.control.time(seconds);
      assert.equal(await stateOf(), state);
      const { data } = await client(text).models.list();
      assert.ok(
        data.some(({ id }) => id === adapter),
        state,
      );
      const answered = await restored(client(text));
      assert.equal(answered.choices[0]!.message.content, answer, state);
      assert.equal((await endpoint.verify(answered.id, text)).verdict, "verified", state);
      assert.equal(await stateOf(), "active");
    }
  });
});
