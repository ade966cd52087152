// A model whose preferred provider cannot be reached: the program at the local endpoint is answered by the next one, unless the first may have
// taken its request. The `openai` package asks, over the real sandbox.
import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import OpenAI from "openai";
import type { ProviderId } from "../../src/domain/ids.js";
import { makeAuthority } from "../../src/sandbox/attestation/certificates.js";
import { realClock } from "../../src/system/realClock.js";
import { og } from "../support/builders.js";
import { TestEndpoint } from "../support/endpoint.js";
import { House, World } from "../support/house.js";
import { onOutgoing } from "../support/outgoing.js";
import type { TestSandbox } from "../support/sandbox.js";
import { SandboxUser } from "../support/sandboxUser.js";

const model = "sandbox-chat";

describe("A model at the local endpoint whose preferred provider cannot be reached", function () {
  this.timeout(120_000);
  const world = new World();
  let later = 0;
  let house: House;
  let endpoint: TestEndpoint;
  let sandbox: TestSandbox;
  let key: { readonly text: string; readonly id: string };
  let first: ProviderId;
  let second: ProviderId;
  let owns: Record<"provider" | "owner", SandboxUser>;
  const servers: Server[] = [];
  /** What came through a connection that nothing should be sent through. */
  const heard: Buffer[] = [];

  before(async () => {
    world.clock = { ...realClock, now: () => realClock.now() + later };
    house = new House(world);
    second = house.chat.get(await house.trySandbox.run())!.provider!;
    sandbox = world.launcher.running!;
    first = sandbox.provider("centralized").address as ProviderId;
    world.settings.set({ "limits.perTransaction": "50", "limits.perDay": "50", "limits.perProvider": "50" });
    await house.accounts.run({ kind: "depositFund", amount: og("3") }, "asked");
    const transfer = {
      kind: "transferFund",
      service: "inference",
      provider: first,
      amount: og("3"),
    } as const;
    await house.accounts.run(transfer, "asked");
    const { accounts } = sandbox.ready;
    const keyOf = (isIt: (account: (typeof accounts)[number]) => boolean) =>
      SandboxUser.connect(sandbox, accounts.find(isIt)!.privateKey);
    owns = {
      provider: keyOf(({ address }) => address.toLowerCase() === first.toLowerCase()),
      owner: keyOf(({ role }) => role === "owner"),
    };
  });
  beforeEach(async () => {
    later += 61_000; // nobody rests any more
    endpoint = await new TestEndpoint(house).start();
    const routes = [first, second].map((provider) => ({ provider, model }));
    key = await endpoint.key({ models: routes });
  });
  afterEach(() => endpoint?.close());
  after(async () => {
    for (const server of servers) server.close();
    for (const user of Object.values(owns ?? {})) user.close();
    house?.abandon();
    await world.launcher.stop();
  });

  /** The preferred provider says on the chain that it is there. */
  const moveTo = async (url: string) => {
    const now = await owns.provider.contract("inference").getFunction("getService")(first);
    const { serviceType, model, verifiability, inputPrice, outputPrice, additionalInfo } = now;
    const { teeSignerAddress } = now;
    const entry = { serviceType, model, verifiability, inputPrice, outputPrice, additionalInfo };
    const update = owns.provider.contract("inference").getFunction("addOrUpdateService");
    await (await update({ ...entry, url, teeSignerAddress }, { gasLimit: 3_000_000n })).wait();
    await owns.owner.send("inference", "acknowledgeTEESignerByOwner", [first]);
    const { inference } = await house.session.broker();
    assert.equal((await inference.getService(first, { maxAgeMs: 0 })).url, url);
  };
  const listening = async (server: Server) => {
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return (server.address() as AddressInfo).port;
  };
  const ownAuthority = () => {
    const { key, certificate: cert } = makeAuthority().vendor;
    return createTlsServer({ key, cert }, (socket) =>
      socket.on("error", () => undefined).on("data", (data) => heard.push(data)),
    );
  };
  /** A server that does that with each connection, and its port. */
  const serverThat = (handle: (socket: Socket) => void) =>
    listening(createServer((socket) => handle(socket.on("error", () => undefined))));
  const closedPort = async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((done) => server.close(done));
    return port;
  };
  const question = { model, messages: [{ role: "user" as const, content: "Who answers?" }] };
  const client = () => new OpenAI({ baseURL: endpoint.url, apiKey: key.text, maxRetries: 0 });
  /** Asks, and says which providers were sent to, in turn. */
  const watched = async <T>(ask: () => Promise<T>) => {
    const hosts: string[] = [];
    const stop = onOutgoing(({ host, pathname }) => {
      if (pathname === "/v1/proxy/chat/completions") hosts.push(host);
    });
    try {
      return { value: await ask(), hosts };
    } finally {
      stop();
    }
  };
  const spentAt = (provider: ProviderId) => house.limits.spentAt(house.session.scope()!, provider);
  const hostOf = (url: string) => new URL(url).host;

  const unreachable: readonly (readonly [what: string, url: () => Promise<string>])[] = [
    ["refuses the connection", async () => `http://127.0.0.1:${await closedPort()}`],
    ["has a name that nobody knows", async () => "https://no-such-host.invalid"],
    [
      "shows a certificate of its own making",
      async () => `https://127.0.0.1:${await listening(ownAuthority())}`,
    ],
    [
      "hangs up before TLS has begun",
      async () => `https://127.0.0.1:${await serverThat((socket) => socket.end())}`,
    ],
    [
      "hangs up in the middle of TLS",
      async () =>
        `https://127.0.0.1:${await serverThat((socket) => socket.once("data", () => socket.destroy()))}`,
    ],
  ];
  for (const [what, urlOf] of unreachable)
    for (const isStreamed of [false, true])
      it(`is answered${isStreamed ? " in a stream" : ""} by the next one, verified, where the first ${what}; nothing counts there`, async () => {
        const url = await urlOf();
        await moveTo(url);
        const before = { first: spentAt(first), second: spentAt(second) };
        const { value, hosts } = await watched(() => (isStreamed ? askStreamed() : askPlain()));
        assert.deepEqual(hosts, [hostOf(url), hostOf(sandbox.provider("combined").url)]);
        assert.equal(value.provider?.toLowerCase(), second.toLowerCase());
        assert.ok(value.text.length > 0);
        const found = await endpoint.verify(value.id, key.text);
        assert.deepEqual([found.verdict, found.provider], ["verified", second], JSON.stringify(found));
        await endpoint.service.stop();
        const { inputPrice, outputPrice } = house.providers.find(second)!.service;
        const { prompt_tokens, completion_tokens } = value.usage!;
        const cost = inputPrice * BigInt(prompt_tokens) + outputPrice * BigInt(completion_tokens);
        assert.deepEqual(heard, [], "not a byte of the request");
        assert.equal(spentAt(first), before.first, "nothing there");
        assert.equal(spentAt(second) - before.second, cost);
        assert.equal(house.limits.spentWithKey(house.session.scope()!, key.id), cost);
      });

  const askPlain = async () => {
    const { data, response } = await client().chat.completions.create(question).withResponse();
    const text = data.choices[0]!.message.content ?? "";
    return { text, id: data.id, usage: data.usage, provider: response.headers.get("provider") };
  };
  const askStreamed = async () => {
    const options = { stream: true, stream_options: { include_usage: true } } as const;
    const { data, response } = await client()
      .chat.completions.create({ ...question, ...options })
      .withResponse();
    let [text, id] = ["", ""];
    let usage: OpenAI.CompletionUsage | undefined;
    for await (const chunk of data) {
      text += chunk.choices[0]?.delta.content ?? "";
      id = chunk.id;
      usage = chunk.usage ?? usage;
    }
    return { text, id, usage, provider: response.headers.get("provider") };
  };

  for (const [what, handle] of [
    ["hangs up once connected", (socket: Socket) => socket.end()],
    ["hangs up with the request", (socket: Socket) => socket.once("data", () => socket.destroy())],
  ] as const)
    it(`asks nobody else where the first ${what}: the request may be there, and counts; the next one goes elsewhere`, async () => {
      const url = `http://127.0.0.1:${await serverThat(handle)}`;
      await moveTo(url);
      const before = { first: spentAt(first), second: spentAt(second) };
      const asking = watched(() =>
        client()
          .chat.completions.create(question)
          .catch((error: unknown) => error),
      );
      const { value, hosts } = await asking;
      assert.ok(value instanceof OpenAI.APIError, JSON.stringify(value));
      assert.equal(value.status, 502);
      assert.deepEqual(hosts, [hostOf(url)]);
      assert.ok(spentAt(first) > before.first, "at its upper bound");
      assert.equal(spentAt(second), before.second);
      const next = await watched(askPlain);
      assert.deepEqual(next.hosts, [hostOf(sandbox.provider("combined").url)]);
      assert.equal(next.value.provider?.toLowerCase(), second.toLowerCase());
    });

  it("says 502 where nobody can be reached, and counts nothing", async () => {
    await moveTo(`http://127.0.0.1:${await closedPort()}`);
    const alone = await endpoint.key({ models: [{ provider: first, model }] });
    const before = spentAt(first);
    const asking = new OpenAI({ baseURL: endpoint.url, apiKey: alone.text, maxRetries: 0 });
    const error = await asking.chat.completions.create(question).then(
      () => assert.fail("it was served"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof OpenAI.APIError);
    assert.deepEqual([error.status, error.code], [502, "provider_unavailable"]);
    assert.equal(spentAt(first), before);
  });
});
