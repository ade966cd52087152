// Our own chat when its provider misbehaves: answers that break at every byte, storms of refusals, a signer that changes. Services, broker and
// sandbox are the real ones; the words come from a small server behind the sandbox's providers, so that each byte is known.
import assert from "node:assert/strict";
import type { Answer } from "../../src/domain/chat.js";
import type { ConversationId, ProviderId } from "../../src/domain/ids.js";
import type { Neuron } from "../../src/domain/money.js";
import { verdictWord } from "../../src/domain/verdict.js";
import { comfortableBalance } from "../../src/services/money/paying.js";
import { House, World } from "../support/house.js";
import { startWordServer, type WordServer } from "../support/wordServer.js";
import { idOf as providerOf } from "./inferenceSupport.js";
import { fastClock } from "./ledgerSupport.js";

/** Thoughts, and characters of two, three and four bytes: a cut goes through the middle of each. */
const said = { reasoning: ["Überlegt", " 🤔"], content: ["Grüße", ", 👋", " → gut."] };
const [text, reasoning] = [said.content.join(""), said.reasoning.join("")];

describe("Our own chat when its provider misbehaves", function () {
  this.timeout(300_000);
  const world = new World();
  const clock = fastClock(1);
  world.clock = clock;
  let house: House;
  let sandbox: NonNullable<World["launcher"]["running"]>;
  let server: WordServer;

  before(async () => {
    house = new House(world);
    await house.trySandbox.run();
    sandbox = world.launcher.running!;
    world.settings.set({ network: "sandbox", "limits.perProvider": "50" });
    server = await startWordServer(said);
    sandbox.sandbox.setUpstream({ baseUrl: server.baseUrl, model: "any" });
    for (const providerClass of ["separated", "centralized"]) {
      const plan = await house.accounts.planTopUp("inference", idOf(providerClass), comfortableBalance);
      await house.accounts.topUp(plan, "chat");
    }
  });
  afterEach(async () => {
    clock.speedUp(1);
    await sandbox.control.clear();
  });
  after(async () => {
    await house?.chat.close();
    house?.abandon();
    await world.launcher.stop();
    await server?.close();
  });

  const idOf = (providerClass: string): ProviderId => providerOf(sandbox, providerClass);
  const counted = (provider: ProviderId): Neuron => house.limits.spentAt(house.session.scope()!, provider);
  /** By what the sandbox's own providers kept. */
  const seenBy = async (provider: ProviderId) => {
    const { counters, unsettled } = await sandbox.control.state();
    const of = <T>(all: Record<string, T>) =>
      Object.entries(all).find(([id]) => id.toLowerCase() === provider.toLowerCase())?.[1];
    const billed = Object.values(of(unsettled) ?? {}).reduce((sum, fee) => sum + BigInt(fee), 0n);
    return { billed, requests: of(counters.providers)?.["POST /v1/proxy/chat/completions"] ?? 0 };
  };
  const begin = async (provider: ProviderId): Promise<ConversationId> => {
    const { id } = house.chat.create({ provider, model: "sandbox-chat" });
    await house.chat.configure(id, { maxTokens: 16 });
    return id;
  };
  const last = (id: ConversationId): Answer => house.chat.get(id)!.turns.at(-1)!.answer;
  const again = (id: ConversationId) => house.chat.regenerate(id, house.chat.get(id)!.turns[0]!.id);
  const receipts = () => new Map(world.receipts.files);

  const cuts = [
    ["combined", 1, "at every byte"],
    ["separated", 7, "at every seventh byte"],
    ["centralized", 7, "at every seventh byte"],
  ] as const;
  for (const [providerClass, step, where] of cuts)
    it(`shows what came of an answer that breaks ${where}, never as verified, counts it, and asks again (${providerClass})`, async () => {
      const provider = idOf(providerClass);
      const id = await begin(provider);
      await house.chat.send(id, "Hi");
      assert.equal(last(id).verdict?.level, "verified");
      assert.deepEqual([last(id).text, last(id).reasoning], [text, reasoning]);
      const size = server.bytes.length;
      assert.ok(size < 1_000, `${size} bytes`);
      const shown = { text: "", reasoning: "" };
      const hearing = house.chat.onDidChange((change) => {
        if (change.kind === "delta" && change.conversation === id) shown[change.channel] += change.text;
      });
      const [before, countedBefore] = [await seenBy(provider), counted(provider)];
      const lengths = new Set<number>();
      let bound = 0n;
      // The last one has each byte of the answer, and not the word that this was all.
      const offsets = [...Array(Math.ceil(size / step)).keys()].map((index) => index * step).concat(size);
      for (const offset of offsets) {
        const at = `${providerClass}, cut at ${offset}`;
        const [known, kept] = [counted(provider), receipts()];
        Object.assign(shown, { text: "", reasoning: "" });
        await sandbox.control.fault(provider, "cut-stream", offset, 1);
        await again(id);
        const answer = last(id);
        assert.equal(house.chat.running(id), undefined, at);
        assert.equal(house.chat.get(id)!.turns.length, 1, at);
        assert.equal(answer.state, "failed", at);
        assert.equal(answer.error?.code, "providerUnavailable", at);
        assert.ok(text.startsWith(answer.text), `${at}: ${answer.text}`);
        assert.ok(reasoning.startsWith(answer.reasoning ?? ""), `${at}: ${answer.reasoning}`);
        assert.deepEqual([answer.text, answer.reasoning ?? ""], [shown.text, shown.reasoning], at);
        lengths.add(answer.text.length + (answer.reasoning?.length ?? 0));

        const price = counted(provider) - known;
        bound ||= price;
        assert.equal(price, bound, `${at}: its highest price`);

        const fresh = [...receipts()].filter(([name]) => !kept.has(name));
        assert.equal(fresh.length, offset === 0 ? 0 : 1, at);
        if (offset === 0) {
          assert.equal(answer.verdict, undefined, at);
          continue;
        }
        const { verdict } = answer;
        assert.equal(verdict && verdictWord(verdict), "notProven", `${at}: ${verdict?.level}`);
        assert.equal(verdict?.reason, "cut", at);
        for (const [, bytes] of fresh) {
          const found = await house.receipts.recheck(bytes);
          assert.notEqual(found.word, "proven", at);
          assert.notEqual(found.level, "verified", at);
        }
      }
      hearing.dispose();
      assert.ok(lengths.has(0) && lengths.has(text.length + reasoning.length) && lengths.size > 4);
      const after = await seenBy(provider);
      assert.equal(after.requests - before.requests, offsets.length, "none was asked twice");
      const billed = after.billed - before.billed;
      assert.ok(
        billed > 0n && counted(provider) - countedBefore >= billed,
        "no less than the provider's bill",
      );

      // In another window, and here, it goes on.
      const next = new House(world);
      assert.deepEqual(await next.chat.open(id), house.chat.get(id));
      next.abandon();
      await again(id);
      await house.chat.send(id, "And then?");
      const found = house.chat.get(id)!.turns.map(({ answer }) => [answer.state, answer.verdict?.level]);
      assert.deepEqual(found, Array(2).fill(["done", "verified"]));
    });

  it("waits in a storm of 429 as long as it is told and three times at most, pays nothing for it, and once for the answer", async () => {
    const provider = idOf("combined");
    const ids = await Promise.all(Array.from({ length: 8 }, () => begin(provider)));
    const waits: number[] = [];
    const hearing = house.chat.onDidChange((change) => {
      if (change.kind === "turn" && change.turn.answer.waitSeconds !== undefined)
        waits.push(change.turn.answer.waitSeconds);
    });
    const [before, countedBefore, kept] = [await seenBy(provider), counted(provider), receipts().size];
    await sandbox.control.fault(provider, "rate-limit", "requests=0");
    clock.speedUp(100);
    const started = clock.now();
    await Promise.all(ids.map((id) => house.chat.send(id, "Hi")));
    const took = (clock.now() - started) / 1_000;
    hearing.dispose();
    for (const id of ids) {
      assert.deepEqual([last(id).state, last(id).error?.code, last(id).text], ["failed", "rateLimited", ""]);
      assert.deepEqual([last(id).verdict, last(id).waitSeconds], [undefined, undefined]);
    }
    const during = await seenBy(provider);
    assert.equal(during.requests - before.requests, ids.length * 4);
    assert.deepEqual(new Set(waits), new Set([60]), "as the provider says in words");
    assert.ok(waits.length >= ids.length * 3, `${waits.length}`);
    assert.ok(took < 600, `${took} s`);
    assert.equal(during.billed, before.billed);
    assert.equal(counted(provider), countedBefore);
    assert.equal(receipts().size, kept);

    await sandbox.control.clear();
    clock.speedUp(5);
    await sandbox.control.fault(provider, "rate-limit-body", "x", 2);
    for (const id of ids) await again(id);
    const costs = ids.map((id) => {
      assert.deepEqual([last(id).state, last(id).verdict?.level], ["done", "verified"]);
      return last(id).cost!;
    });
    const after = await seenBy(provider);
    assert.equal(after.requests - during.requests, ids.length + 2, "two refusals");
    const sum = costs.reduce((all, cost) => all + cost, 0n);
    assert.equal(counted(provider) - countedBefore, sum);
    assert.equal(after.billed - before.billed, sum);
    assert.equal(receipts().size - kept, ids.length);
  });

  for (const providerClass of ["combined", "separated", "centralized"])
    it(`calls an answer not proven whose signer was another when it began, and so does its receipt (${providerClass})`, async () => {
      const provider = idOf(providerClass);
      const id = await begin(provider);
      await sandbox.control.fault(provider, "switch-signer-mid-stream", undefined, 1);
      const [known, kept] = [counted(provider), receipts()];
      await house.chat.send(id, "Hi");
      const { state, verdict, cost } = last(id);
      assert.deepEqual([state, last(id).text], ["done", text]);
      assert.deepEqual([verdict?.level, verdict?.reason], ["signer-only", "signerRotated"]);
      assert.equal(verdictWord(verdict!), "notProven");
      assert.equal(counted(provider) - known, cost);
      const fresh = [...receipts()].filter(([name]) => !kept.has(name));
      assert.equal(fresh.length, 1);
      const found = await house.receipts.recheck(fresh[0]![1]);
      assert.notEqual(found.word, "proven", found.level);
      // The next request brings the own key back: what it answers is not called failed.
      await house.chat.send(id, "And then?");
      assert.notEqual(verdictWord(last(id).verdict!), "failed");
      await house.chat.send(id, "And now?");
      assert.equal(last(id).verdict?.level, "verified");
    });
});
