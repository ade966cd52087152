// Verdicts that come late: from the same window, from one after a reload, and from two at once. The network is the real sandbox; the services'
// time is told when to go on.
import assert from "node:assert/strict";
import type { Broker } from "../../../src/broker/api.js";
import type { Exchange } from "../../../src/broker/inference/exchange.js";
import { receiptTools } from "../../../src/broker/receipts/receiptTools.js";
import type { ConversationId, TurnId } from "../../../src/domain/ids.js";
import { zeroNeuron } from "../../../src/domain/money.js";
import type { AnswerReceipt } from "../../../src/domain/receipt.js";
import type { Verdict } from "../../../src/domain/verdict.js";
import { LateChecks } from "../../../src/services/receipts/lateChecks.js";
import { pendingVerdict } from "../../../src/services/chat/pendingVerdict.js";
import { checkAnswer } from "../../../src/services/receipts/verifying.js";
import { House, World } from "../../support/house.js";
import { MemoryFolder, memoryLog, TestClock } from "../../support/ports.js";
import { until } from "../../until.js";

const place = { conversation: "c".repeat(24) as ConversationId, turn: "a".repeat(24) as TurnId };

describe("Checking an answer", function () {
  this.timeout(60_000);
  const world = new World();
  const house = new House(world);
  let broker: Broker;
  let ask: () => Promise<Exchange>;
  before(async () => {
    const id = await house.trySandbox.run();
    const provider = house.chat.get(id)!.provider!;
    broker = await house.session.broker();
    const messages = [{ role: "user", content: "Hello" }] as const;
    const service = await broker.inference.getService(provider);
    ask = () => broker.inference.chat(service, { messages, isStreamed: true }, () => undefined);
  });
  afterEach(async () => {
    await world.launcher.running?.control.clear();
    world.settings.set({ "receipts.keepBodies": undefined });
    await house.receipts.deleteAll();
  });
  after(async () => {
    house.abandon();
    await world.launcher.stop();
  });
  const fault = (name: string, value?: number) => world.launcher.running!.control.fault("*", name, value);

  /** Windows over one folder; each has its own time. */
  const folder = new MemoryFolder();
  beforeEach(() => folder.files.clear());
  const windows: AbortController[] = [];
  afterEach(() => windows.splice(0).forEach((closing) => closing.abort()));

  function openWindow(clock = new TestClock(Date.now())) {
    const log = memoryLog();
    const shown: (Verdict | undefined)[] = [];
    const show = async (verdict: Verdict | undefined) => void shown.push(verdict);
    const { receipts, session, enclaves: gate } = house;
    const closing = new AbortController();
    const { signal } = closing;
    const late = new LateChecks({
      session,
      receipts,
      gate,
      folder,
      clock,
      log,
      show: (_, verdict) => show(verdict),
      signal,
    });
    windows.push(closing);
    const check = (exchange: Exchange) =>
      checkAnswer({ clock, log, receipts, late, gate, show, signal }, place, {
        broker,
        scope: session.scope()!,
        exchange,
        cost: zeroNeuron,
      });
    const close = () => closing.abort();
    return { clock, log, shown, check, close, late };
  }
  const told = (shown: readonly (Verdict | undefined)[]) =>
    shown.map((verdict) =>
      `${verdict?.level} ${verdict?.reason ?? ""} ${verdict?.isAskedAgain ?? ""}`.trim(),
    );
  async function receipt(): Promise<AnswerReceipt> {
    const [summary] = await house.receipts.list();
    return receiptTools.fromBytes((await house.receipts.bytes(summary!.id))!) as AnswerReceipt;
  }
  const recheckOfReceipt = async () => receiptTools.recheck(receiptTools.toBytes(await receipt()));

  it("tries again later when the provider signs late, and then shows that it is verified", async () => {
    await fault("late-signature", 3_500);
    const { clock, shown, check } = openWindow();
    await check(await ask());
    assert.deepEqual(told(shown), ["unsigned notFound true"]);
    await clock.advance(5_000);
    await until("the second verdict", () => shown.length === 2);
    assert.deepEqual(told(shown).slice(1), ["verified"]);
    await until("the note is gone", () => folder.files.size === 0);
    assert.equal((await recheckOfReceipt()).word, "proven");
  });

  it("says that the disk took no receipt, and asks for the late signature from memory all the same", async () => {
    await fault("late-signature", 3_500);
    world.receipts.isFull = true;
    const { clock, shown, check } = openWindow();
    await check(await ask());
    assert.deepEqual(told(shown), ["unsigned notFound true"]);
    assert.deepEqual([shown[0]?.isWithoutReceipt, folder.files.size], [true, 0]);
    await clock.advance(5_000);
    await until("the second verdict", () => shown.length === 2);
    world.receipts.isFull = false;
    assert.deepEqual(told(shown).slice(1), ["verified"]);
    assert.equal(shown[1]?.isWithoutReceipt, true);
    await clock.advance(600_000);
    assert.deepEqual([shown.length, clock.sleepers], [2, 1], "one look at notes, nothing else");
  });

  it("writes the receipt when there is room for it, as long as the signature is asked for", async () => {
    await fault("late-signature", 3_500);
    world.receipts.isFull = true;
    const { clock, shown, check } = openWindow();
    await check(await ask());
    assert.equal(shown[0]?.isWithoutReceipt, true);
    world.receipts.isFull = false;
    await clock.advance(5_000);
    await until("the receipt", async () => (await house.receipts.list()).length === 1);
    await clock.advance(5_000);
    await until("the note is gone", () => shown.length === 2 && folder.files.size === 0);
    assert.deepEqual([told(shown).at(-1), shown[1]?.isWithoutReceipt], ["verified", undefined]);
    assert.equal((await recheckOfReceipt()).word, "proven");
  });

  it("writes no receipt of an answer that was under way when everything was removed", async () => {
    await fault("no-signature");
    const { clock, shown, check } = openWindow();
    const exchange = await ask();
    await house.receipts.deleteAll();
    await check(exchange);
    assert.deepEqual(told(shown), ["unsigned notFound true"]);
    await clock.advance(5_000);
    assert.deepEqual([world.receipts.files.size, folder.files.size, clock.sleepers], [0, 0, 1]);
    await check(await ask());
    assert.equal((await house.receipts.list()).length, 1, "a later answer has one again");
  });

  it("ends what it goes on with from memory when everything is removed", async () => {
    await fault("no-signature");
    world.receipts.isFull = true;
    const { clock, shown, check, late } = openWindow();
    await check(await ask());
    assert.equal(shown[0]?.isWithoutReceipt, true);
    world.receipts.isFull = false;
    await late.forgetAll();
    await house.receipts.deleteAll();
    await clock.advance(5_000);
    await until("the loop ends", () => clock.sleepers === 1);
    assert.deepEqual([world.receipts.files.size, folder.files.size, shown.length], [0, 0, 1]);
  });

  it("asks once more for what a full disk did not let into the receipt", async () => {
    const { clock, shown, check } = openWindow();
    const exchange = await ask();
    const listening = house.receipts.onDidChange(() => (world.receipts.isFull = true));
    await check(exchange);
    listening.dispose();
    assert.deepEqual(told(shown), ["verified"]);
    assert.equal((await receipt()).verdict.level, "pending");
    world.receipts.isFull = false;
    await clock.advance(5_000);
    await until("the note is gone", () => folder.files.size === 0);
    assert.equal((await recheckOfReceipt()).word, "proven");
  });

  it("goes on in the next window, though this one was closed in the middle of the first try", async () => {
    await fault("late-signature", 1_000);
    const first = openWindow();
    const checking = first.check(await ask());
    await until("the check is noted", () => folder.files.size === 1);
    first.close();
    await checking;
    assert.deepEqual(told(first.shown), []);
    assert.equal((await receipt()).verdict.level, "pending");
    const { clock, shown } = openWindow();
    await clock.advance(3_000);
    assert.equal(shown.length, 0, "the try of the window that is gone may still be under way");
    await clock.advance(30_000);
    await until("the verdict", () => shown.length === 1);
    assert.deepEqual(told(shown), ["verified"]);
    await until("the note is gone", () => folder.files.size === 0);
    assert.equal((await recheckOfReceipt()).word, "proven");
  });

  it("goes on from hashes alone, where no bytes are kept", async () => {
    world.settings.set({ "receipts.keepBodies": false });
    await fault("late-signature", 3_500);
    const first = openWindow();
    await first.check(await ask());
    first.close();
    assert.equal((await receipt()).response.base64, undefined);
    const { clock, shown } = openWindow();
    await clock.advance(10_000);
    await until("the verdict", () => shown.length === 1);
    assert.deepEqual(told(shown), ["verified"]);
    assert.equal((await recheckOfReceipt()).word, "proven");
  });

  it("is done by one of two windows that see the same note", async () => {
    await fault("no-signature");
    const first = openWindow();
    await first.check(await ask());
    first.close();
    const both = [openWindow(), openWindow()];
    const tries = () => both.reduce((sum, { shown }) => sum + shown.length, 0);
    await Promise.all(both.map(({ clock }) => clock.advance(6_000)));
    await until("the try of one of them", () => tries() > 0);
    await Promise.all(both.map(({ clock }) => clock.advance(1_000)));
    assert.equal(tries(), 1);
  });

  it("gives up when the provider has forgotten, and says that nothing better will come", async () => {
    await fault("no-signature");
    const { clock, shown, check } = openWindow();
    await check(await ask());
    for (let at = 2; folder.files.size > 0; at++) {
      await clock.advance(480_000);
      await until(`verdict ${at}`, () => shown.length === at || folder.files.size === 0);
    }
    const verdicts = told(shown);
    assert.equal(verdicts.pop(), "unsigned notFound");
    assert.ok(verdicts.length >= 2 && verdicts.every((one) => one === "unsigned notFound true"));
    await clock.advance(600_000);
    assert.equal(shown.length, verdicts.length + 1);
  });

  it("does not wait for a network that is not there any more, nor write a receipt that was deleted", async () => {
    await fault("no-signature");
    const first = openWindow();
    await first.check(await ask());
    first.close();
    await house.receipts.deleteAll();
    const { clock, shown } = openWindow();
    await clock.advance(10_000);
    await until("it is given up", () => shown.length === 1);
    assert.deepEqual(shown, [undefined]);
    await until("the note is gone", () => folder.files.size === 0);
    assert.equal((await house.receipts.list()).length, 0);
  });

  it("asks nobody again when the window closes", async () => {
    await fault("no-signature");
    const { clock, shown, check, close } = openWindow();
    await check(await ask());
    close();
    await clock.advance(600_000);
    assert.equal(shown.length, 1);
    assert.equal(clock.sleepers, 0);
  });

  it("leaves a note that cannot be read, and one of a wallet that is not here, alone", async () => {
    await fault("no-signature");
    const first = openWindow();
    await first.check(await ask());
    first.close();
    const [name] = folder.files.keys();
    const note = JSON.parse(folder.text(name!)) as object;
    const put = (file: string, text: string) => folder.files.set(file, new TextEncoder().encode(text));
    const stranger = `testnet.0x${"9".repeat(40)}`;
    put(name!, JSON.stringify({ ...note, scope: stranger }));
    put(`${"b".repeat(24)}.json`, "{");
    put("else.txt", "else");
    const { clock, shown, log } = openWindow();
    await clock.advance(60_000);
    assert.equal(shown.length, 0);
    await clock.advance(20 * 60_000);
    await until("it is given up", () => !folder.files.has(name!));
    assert.deepEqual(shown, [undefined]);
    assert.deepEqual([...folder.files.keys()], [`${"b".repeat(24)}.json`, "else.txt"]);
    assert.deepEqual(log.lines, []);
  });

  it("does not ask again about an answer that is another than the signed one", async () => {
    await fault("other-bytes");
    const { shown, check } = openWindow();
    await check(await ask());
    assert.deepEqual(told(shown), ["mismatch wrongResponse"]);
    assert.equal(folder.files.size, 0);
  });

  it("looks again at a signature by another key, which the chain may name some seconds late", async () => {
    await fault("rotate-signer", 6_000);
    const { clock, shown, check } = openWindow();
    const exchange = await ask();
    const { provider, teeSigner } = exchange.service;
    await check(exchange);
    assert.deepEqual(told(shown), ["forged wrongSigner true"]);
    await until("the chain names the new key", async () => {
      const { teeSigner: now } = await broker.inference.getService(provider, { maxAgeMs: 0 });
      return now !== teeSigner;
    });
    await clock.advance(5_000);
    await until("the second verdict", () => shown.length === 2);
    assert.deepEqual(told(shown).slice(1), ["signer-only signerRotated"]);
    await until("the note is gone", () => folder.files.size === 0);
  });

  it("calls a signature by another key failed still, when there is none the next time", async () => {
    await fault("wrong-key");
    const { clock, shown, check } = openWindow();
    const exchange = await ask();
    await check(exchange);
    assert.deepEqual(told(shown), ["forged wrongSigner true"]);
    const forgotten = {
      ...(await pendingVerdict(exchange, 0)),
      level: "unsigned",
      reason: "notFound",
    } as const;
    let looks = 0;
    const verifyResponse = async () => {
      looks++;
      return forgotten;
    };
    house.session.brokerOf = async () => ({ inference: { verifyResponse }, close: () => undefined }) as never;
    await clock.advance(5_000);
    await until("the second look", () => looks === 1);
    while (folder.files.size > 0) {
      await clock.advance(480_000);
      await new Promise(setImmediate);
    }
    delete (house.session as Partial<typeof house.session>).brokerOf;
    assert.ok(looks > 1);
    assert.deepEqual(shown.slice(1), [undefined]);
    assert.equal((await recheckOfReceipt()).word, "failed");
  });

  it("shows the hashes of the very bytes while it is pending", async () => {
    const exchange = await ask();
    const pending = await pendingVerdict(exchange, 0);
    const verdict = await broker.inference.verifyResponse(exchange);
    assert.equal(pending.level, "pending");
    assert.equal(pending.requestHash, verdict.requestHash);
    assert.equal(pending.responseHash, verdict.responseHash);
  });

  it("says that it was interrupted when the network is changed meanwhile, and goes on by itself", async () => {
    const exchange = await ask();
    broker.close();
    const { clock, shown, check } = openWindow();
    await check(exchange);
    assert.deepEqual(told(shown), ["unsigned interrupted true"]);
    await clock.advance(5_000);
    await until("the second verdict", () => shown.length === 2);
    assert.deepEqual(told(shown).slice(1), ["verified"]);
  });
});
