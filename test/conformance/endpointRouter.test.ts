// One model of several providers at the local endpoint: who is asked, who is asked instead, and what that costs. Over the real sandbox.
import assert from "node:assert/strict";
import OpenAI, { type APIError } from "openai";
import type { ProviderId } from "../../src/domain/ids.js";
import { realClock } from "../../src/system/realClock.js";
import { until } from "../until.js";
import { og } from "../support/builders.js";
import { TestEndpoint } from "../support/endpoint.js";
import { House, World } from "../support/house.js";
import { onOutgoing } from "../support/outgoing.js";
import type { TestSandbox } from "../support/sandbox.js";
import type { Json } from "../support/sandboxUser.js";

const model = "sandbox-chat";
type Name = "combined" | "separated" | "centralized";

describe("A model of several providers at the local endpoint", function () {
  this.timeout(120_000);
  const world = new World();
  let later = 0;
  let stoppedAt: number | undefined;
  let house: House;
  let endpoint: TestEndpoint;
  let sandbox: TestSandbox;
  let key: { readonly text: string; readonly id: string };

  before(async () => {
    world.clock = { ...realClock, now: () => (stoppedAt ?? realClock.now()) + later };
    house = new House(world);
    await house.trySandbox.run();
    sandbox = world.launcher.running!;
    world.settings.set({ "limits.perTransaction": "50", "limits.perDay": "50", "limits.perProvider": "50" });
    await house.accounts.run({ kind: "depositFund", amount: og("6") }, "asked");
    for (const name of ["separated", "centralized"] as const)
      await house.accounts.run(
        { kind: "transferFund", service: "inference", provider: idOf(name), amount: og("3") },
        "asked",
      );
  });
  beforeEach(async () => {
    endpoint = await new TestEndpoint(house).start();
    key = await endpoint.key();
  });
  afterEach(async () => {
    stoppedAt = undefined;
    await endpoint?.close();
    await sandbox.control.clear();
    world.settings.set({
      ...{ "endpoint.prefer": undefined, "endpoint.order": undefined, privateOnly: undefined },
    });
  });
  after(async () => {
    house?.abandon();
    await world.launcher.stop();
  });

  const idOf = (name: Name) => sandbox.provider(name).address as ProviderId;
  const nameOf = (address: string | null) =>
    (["combined", "separated", "centralized"] as const).find(
      (name) => idOf(name).toLowerCase() === address?.toLowerCase(),
    );
  const client = (maxRetries = 0) => new OpenAI({ baseURL: endpoint.url, apiKey: key.text, maxRetries });
  /** Who answered. */
  const ask = async (content = "What is 0G Compute?", more: object = {}) => {
    const messages = [{ role: "user" as const, content }];
    const { response } = await client()
      .chat.completions.create({ model, messages, max_tokens: 40, ...more })
      .withResponse();
    return nameOf(response.headers.get("provider"));
  };
  const asking = (content: string) => ({ model, messages: [{ role: "user" as const, content }] });
  const spent = () => house.limits.spentWithKey(house.session.scope()!, key.id);
  const settled = async () => {
    await endpoint.service.stop();
    return spent();
  };
  const failing = (call: Promise<unknown>): Promise<APIError> =>
    call.then(
      () => assert.fail("it was served"),
      (error: APIError) => error,
    );
  const billed = async (name: Name) => {
    const wallet = house.session.scope()!.wallet.toLowerCase();
    const { unsettled } = await sandbox.control.state();
    return BigInt((unsettled as Json)[idOf(name)]?.[wallet] ?? "0");
  };

  it("asks the cheapest, or the cheapest where nobody reads along", async () => {
    assert.equal(await ask(), "centralized");
    world.settings.set({ "endpoint.prefer": "private" });
    assert.equal(await ask("Another question"), "combined");
  });

  it("asks those that the user lists first, in that order, and then as preferred", async () => {
    world.settings.set({ "endpoint.order": [idOf("separated").toLowerCase(), idOf("centralized")] });
    assert.equal(await ask("Listed"), "separated");
    assert.equal((await client().models.retrieve(model)).owned_by, idOf("separated"));
    await sandbox.control.fault(idOf("separated"), "rate-limit", "requests=0");
    assert.equal(await ask("Busy"), "combined", "the second one shows the question to more people");
    later += 61_000;
    await sandbox.control.clear();
    world.settings.set({ "endpoint.order": [idOf("centralized"), idOf("separated")] });
    await sandbox.control.fault(idOf("centralized"), "rate-limit", "requests=0");
    assert.equal(await ask("The second"), "separated", "before the combined one, which costs as much");
    world.settings.set({ "endpoint.order": ["0x12"] });
    const error = await failing(ask("Misread"));
    assert.match(error.message, /zgCompute\.endpoint\.order.*“0x12” is not an address/);
    later += 61_000;
  });

  for (const [why, fault, value] of [
    ["limits its requests", "rate-limit", "requests=0"],
    ["is too busy", "rate-limit", "all=0"],
    ["has no such path any more", "status", "404 /chat/completions"],
  ] as const)
    it(`asks the next one when the first ${why}, for one price`, async () => {
      await sandbox.control.fault(idOf("centralized"), fault, value);
      const before = { first: await billed("centralized"), second: await billed("combined") };
      const messages = [{ role: "user" as const, content: "Who answers?" }];
      const { data, response } = await client().chat.completions.create({ model, messages }).withResponse();
      assert.equal(nameOf(response.headers.get("provider")), "combined");
      const { prompt_tokens, completion_tokens } = data.usage!;
      const { inputPrice, outputPrice } = house.providers.find(idOf("combined"))!.service;
      const cost = inputPrice * BigInt(prompt_tokens) + outputPrice * BigInt(completion_tokens);
      assert.equal(await settled(), cost);
      assert.equal(await billed("centralized"), before.first);
      assert.equal((await billed("combined")) - before.second, cost);
    });

  it("hands on what the preferred one said when nobody can answer", async () => {
    await sandbox.control.fault("*", "rate-limit", "requests=0");
    const error = await failing(ask());
    assert.equal(error.status, 429);
    assert.equal(await settled(), 0n);
  });

  for (const [what, fault, status] of [
    ["an error that may come after the work", "500", 500],
    ["that something is wrong with the request itself", "400", 400],
  ] as const)
    it(`tells what the next one said, ${what}, and not that the first one was busy`, async () => {
      await sandbox.control.fault(idOf("centralized"), "rate-limit", "requests=0");
      for (const name of ["combined", "separated"] as const)
        await sandbox.control.fault(idOf(name), "status", `${fault} /chat/completions`);
      assert.equal((await failing(ask())).status, status);
      await until("it is counted", async () => (await endpoint.usage.of(key.id)).requests === 1);
      const { cost } = await endpoint.usage.of(key.id);
      const counts = await settled();
      assert.equal(BigInt(cost), counts);
      assert.equal(counts > 0n, status === 500);
    });

  it("tells of a connection to the next one that broke, counts it, and has nobody try again by itself", async () => {
    await sandbox.control.fault(idOf("centralized"), "rate-limit", "requests=0");
    for (const name of ["combined", "separated"] as const)
      await sandbox.control.fault(idOf(name), "refuse", "/chat/completions");
    const call = client(2).chat.completions.create(asking("Who answers?"));
    const { status, headers } = await failing(call);
    assert.deepEqual([status, headers?.get("x-should-retry")], [502, "false"]);
    const { requests, cost, refused } = await endpoint.usage.of(key.id);
    assert.deepEqual([requests, refused], [1, 0]);
    assert.equal(BigInt(cost), await settled());
  });

  it("hands a refusal of the request itself on at once", async () => {
    await sandbox.control.fault(idOf("centralized"), "status", "400 /chat/completions");
    assert.equal((await failing(ask())).status, 400);
  });

  for (const [what, fault, value] of [
    ["an error that may come after the work", "status", "500 /chat/completions"],
    ["a connection that breaks", "refuse", "/chat/completions"],
  ] as const)
    it(`asks nobody else after ${what}: it counts, and the next request goes elsewhere`, async () => {
      const others = [await billed("combined"), await billed("separated")];
      await sandbox.control.fault(idOf("centralized"), fault, value);
      assert.ok((await failing(ask())).status! >= 500);
      const once = spent();
      assert.ok(once > 0n, "it may have been billed");
      assert.deepEqual([await billed("combined"), await billed("separated")], others);
      assert.equal(await ask(), "combined");
      later += 61_000;
      await sandbox.control.clear();
      assert.equal(await ask("A new question"), "centralized");
    });

  it("breaks a stream that broke, and never goes on with another provider's", async () => {
    await sandbox.control.fault(idOf("centralized"), "cut-stream", 300);
    const before = await billed("combined");
    const messages = [{ role: "user" as const, content: "Cut?" }];
    const stream = await client().chat.completions.create({ model, messages, stream: true });
    await assert.rejects(async () => {
      for await (const chunk of stream) assert.ok(chunk.id);
    });
    assert.equal(await billed("combined"), before);
    assert.equal(await ask("After the cut"), "combined");
    later += 61_000;
  });

  it("reads the entry of a provider that was verified before it sends, unless it did so ten seconds ago", async () => {
    world.settings.set({ "endpoint.prefer": "private" });
    await house.enclaves.verify(idOf("combined"), "inference");
    /** How often the chain is asked before the provider is. */
    const readsBefore = async (content: string) => {
      const { fetch } = globalThis;
      const urls: string[] = [];
      globalThis.fetch = (input, init) => {
        urls.push(input instanceof Request ? input.url : input.toString());
        return fetch(input, init);
      };
      const stop = onOutgoing(({ href }) => urls.push(href));
      try {
        const { id } = await client().chat.completions.create(asking(content));
        await endpoint.verify(id, key.text);
        const sentAt = urls.findIndex((url) => url.includes("/v1/proxy/chat/completions"));
        return urls.slice(0, sentAt).filter((url) => url.startsWith(sandbox.ready.rpcUrl)).length;
      } finally {
        globalThis.fetch = fetch;
        stop();
      }
    };
    stoppedAt = realClock.now();
    await readsBefore("Once");
    assert.equal(await readsBefore("At once again"), 0);
    later += 10_001;
    assert.equal(await readsBefore("Later"), 1);
  });

  it("keeps a conversation with whom it began", async () => {
    await sandbox.control.fault(idOf("centralized"), "rate-limit", "requests=0");
    assert.equal(await ask("Where do I live?"), "combined");
    await sandbox.control.clear();
    later += 3_600_000 / 2;
    const begun = [{ role: "user", content: "Where do I live?" }];
    const messages = [...begun, { role: "assistant", content: "Here." }, { role: "user", content: "Still?" }];
    assert.equal(await ask("", { messages }), "combined");
    assert.equal(await ask("Elsewhere"), "centralized");
  });

  it("never takes a conversation from a provider to one where more people read along", async () => {
    const before = await billed("centralized");
    await sandbox.control.fault(idOf("centralized"), "rate-limit", "requests=0");
    assert.equal(await ask("A secret"), "combined");
    await sandbox.control.clear();
    later += 61_000;
    for (const name of ["combined", "separated"] as const)
      await sandbox.control.fault(idOf(name), "rate-limit", "requests=0");
    const begun = [{ role: "user", content: "A secret" }];
    const messages = [...begun, { role: "assistant", content: "Yes." }, { role: "user", content: "More" }];
    assert.equal((await failing(ask("", { messages }))).status, 429);
    assert.equal((await failing(ask("", { messages }))).status, 429, "not at the next try either");
    assert.equal(await billed("centralized"), before, "it was not asked");
    assert.equal(await ask("No secret"), "centralized");
    later += 61_000;
  });

  it("never falls back to a provider where more people read along", async () => {
    world.settings.set({ "endpoint.prefer": "private" });
    const before = await billed("centralized");
    for (const name of ["combined", "separated"] as const)
      await sandbox.control.fault(idOf(name), "rate-limit", "requests=0");
    assert.equal((await failing(ask())).status, 429);
    world.settings.set({ "endpoint.prefer": undefined, privateOnly: true });
    await sandbox.control.clear();
    for (const name of ["combined", "separated"] as const)
      await house.enclaves.verify(idOf(name), "inference");
    later += 61_000;
    assert.equal(await ask("Private only"), "combined");
    for (const name of ["combined", "separated"] as const)
      await sandbox.control.fault(idOf(name), "rate-limit", "requests=0");
    assert.ok((await failing(ask("Private only, busy"))).status! >= 400);
    assert.equal(await billed("centralized"), before, "it was not asked");
  });
});
