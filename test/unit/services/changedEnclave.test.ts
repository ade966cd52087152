// A provider of the sandbox whose enclave changes under a conversation, and a window that wants private providers only.
import assert from "node:assert/strict";
import type { Answer } from "../../../src/domain/chat.js";
import { isComputeError } from "../../../src/domain/error.js";
import type { ConversationId, ProviderId } from "../../../src/domain/ids.js";
import { entryOf } from "../../../src/domain/pin.js";
import { askUnsettledFee } from "../../../src/services/money/unsettledFee.js";
import { House, houseInSandbox, type HouseInSandbox, World } from "../../support/house.js";

describe("An enclave of the sandbox", function () {
  this.timeout(60_000);
  let world: World;
  let house: House;
  let sandbox: HouseInSandbox["sandbox"];
  let provider: ProviderId;
  let model: string;

  before(async () => {
    ({ world, house, sandbox, provider, model } = await houseInSandbox());
  });
  beforeEach(() => house.dialogs.asked.splice(0));
  afterEach(async () => {
    await sandbox.control.clear();
    world.settings.set({ privateOnly: false });
    house.dialogs.answer = true;
  });
  after(async () => {
    await house.chat.close();
    house.abandon();
    await world.launcher.stop();
  });

  const last = (id: ConversationId): Answer => house.chat.get(id)!.turns.at(-1)!.answer;
  const verify = () => house.enclaves.verify(provider, "inference");
  const ask = async (from: { provider: ProviderId; model: string } = { provider, model }) => {
    const { id } = house.chat.create(from);
    await house.chat.send(id, "What is a ledger?");
    return last(id);
  };
  const chatCalls = async () =>
    Object.values((await sandbox.control.state()).counters.providers).reduce(
      (sum, calls) => sum + (calls["POST /v1/proxy/chat/completions"] ?? 0),
      0,
    );

  it("is never proven, never Intel's, and remembered all the same", async () => {
    const { verification, pin } = await verify();
    assert.equal(verification.word, "notProven");
    assert.deepEqual([...new Set(verification.reports.map(({ root }) => root))], ["sandbox"]);
    assert.equal(
      pin?.reports[0]?.measures.signer?.toLowerCase(),
      verification.reports[0]?.measures.signer?.toLowerCase(),
    );
    assert.deepEqual((await verify()).differences, []);
    const listed = house.providers.chatServices.find(({ service }) => service.provider === provider);
    assert.deepEqual(verification.entry, listed && entryOf(listed.service));
  });

  it("that binds another key is told, and the next message waits for a yes", async () => {
    await verify();
    await sandbox.control.fault(provider, "wrong-quote", "signer");
    const { verification, differences } = await verify();
    assert.equal(verification.word, "failed");
    assert.deepEqual(
      differences.map(({ what }) => what),
      ["verification", "signer"],
    );
    const before = await chatCalls();
    house.dialogs.answer = false;
    assert.equal((await ask()).state, "stopped");
    assert.equal(await chatCalls(), before, "nothing was sent");
    assert.match(house.dialogs.asked[0]?.detail ?? "", /Key bound by the report/);
    assert.doesNotMatch(house.dialogs.asked[0]?.detail ?? "", /Intel/);
    house.dialogs.answer = true;
    assert.equal((await ask()).state, "done");
    assert.equal((await ask()).state, "done");
    assert.equal(house.dialogs.asked.length, 2, "asked once more, and not after the yes");
  });

  it("gets no pass along with a question of what is owed while its change waits for a yes", async () => {
    const feeCalls = async () =>
      Object.values((await sandbox.control.state()).counters.providers).reduce(
        (sum, calls) =>
          sum +
          Object.entries(calls).reduce((all, [path, n]) => all + (/unsettledfee/.test(path) ? n : 0), 0),
        0,
      );
    await house.enclaves.accept(await verify());
    await verify();
    assert.equal((await ask()).state, "done");
    const askFee = async () => {
      const broker = await house.session.broker();
      const balance = (await broker.ledger.getSubAccount("inference", provider))?.balance;
      assert.ok(balance !== undefined);
      const scope = house.session.scope();
      assert.ok(scope);
      return askUnsettledFee(broker, house.enclaves, house.limits, scope, { provider, balance });
    };
    const before = await feeCalls();
    assert.notEqual(await askFee(), undefined);
    const asked = await feeCalls();
    assert.ok(asked > before);
    await sandbox.control.fault(provider, "wrong-quote", "signer");
    await verify();
    await assert.rejects(askFee(), (error) => isComputeError(error, "enclaveChanged"));
    assert.equal(await feeCalls(), asked, "nobody was asked");
    await sandbox.control.clear();
    await verify();
  });

  it("is used under privateOnly once it is verified, and nobody stands in for a refused one", async () => {
    await house.enclaves.accept(await verify());
    await verify();
    world.settings.set({ privateOnly: true });
    assert.equal((await ask()).state, "done");
    const relaying = house.providers.chatServices.find(({ service }) => service.privacy === "authentic");
    assert.ok(relaying);
    const before = await chatCalls();
    const { state, error } = await ask({
      provider: relaying.service.provider,
      model: relaying.service.model,
    });
    assert.deepEqual([state, error?.code], ["failed", "privateOnly"]);
    const other = house.providers.chatServices.find(
      ({ service }) => service.privacy === "private" && service.provider !== provider,
    );
    if (other) {
      const unverified = await ask({ provider: other.service.provider, model: other.service.model });
      assert.deepEqual(
        [unverified.error?.code, unverified.error?.facts],
        ["privateOnly", { provider: other.service.provider, service: "inference", why: "notVerified" }],
      );
    }
    assert.equal(await chatCalls(), before, "nobody was asked");
  });
});

describe("A sandbox that passes questions on", function () {
  this.timeout(60_000);

  const openHouse = async (baseUrl: string) => {
    const world = new World();
    world.settings.set({ "sandbox.upstream": { baseUrl, model: "any" } });
    const house = new House(world);
    const { provider, model } = house.chat.get(await house.trySandbox.run()) ?? {};
    assert.ok(provider && model);
    await house.enclaves.verify(provider, "inference");
    world.settings.set({ privateOnly: true });
    const { id } = house.chat.create({ provider, model });
    await house.chat.send(id, "What is a ledger?");
    const calls = Object.values((await world.launcher.running!.control.state()).counters.providers);
    const found = {
      answer: house.chat.get(id)!.turns.at(-1)!.answer,
      asked: calls.reduce((sum, routes) => sum + (routes["POST /v1/proxy/chat/completions"] ?? 0), 0),
      privacies: [...new Set(house.providers.chatServices.map(({ service }) => service.privacy))],
    };
    await house.chat.close();
    house.abandon();
    await world.launcher.stop();
    return { ...found, provider };
  };

  it("to a server outside this machine calls nobody private, and sends nothing where only private providers are allowed", async () => {
    const { answer, asked, privacies, provider } = await openHouse("https://models.example/v1");
    assert.deepEqual(privacies, ["passedOn"]);
    assert.deepEqual(
      [answer.error?.code, answer.error?.facts],
      ["privateOnly", { provider, service: "inference", why: "passedOn" }],
    );
    assert.equal(asked, 0);
  });

  it("to a server on this machine keeps everything here", async () => {
    const { answer, asked, privacies } = await openHouse("http://127.0.0.1:11434/v1");
    assert.deepEqual([answer.state, asked], ["done", 1]);
    assert.ok(privacies.includes("private") && !privacies.includes("passedOn"));
  });
});
