import assert from "node:assert/strict";
import type { Broker, Exchange } from "../../../src/broker/api.js";
import { zeroNeuron } from "../../../src/domain/money.js";
import type { Verdict } from "../../../src/domain/verdict.js";
import { checkAnswer, pendingVerdict } from "../../../src/services/verifying.js";
import { House, World } from "../../support/house.js";
import { memoryLog, TestClock } from "../../support/ports.js";
import { until } from "../../until.js";

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
    ask = () => broker.inference.chat({ provider, messages, isStreamed: true }, () => undefined);
  });
  afterEach(() => world.launcher.running?.control.clear());
  after(async () => {
    house.abandon();
    await world.launcher.stop();
  });
  const fault = (name: string, value?: number) => world.launcher.running!.control.fault("*", name, value);

  function check(exchange: Exchange, abort = new AbortController()) {
    const clock = new TestClock();
    const log = memoryLog();
    const shown: Verdict[] = [];
    const show = async (verdict: Verdict) => void shown.push(verdict);
    const { receipts } = house;
    const first = checkAnswer(
      { broker, clock, log, receipts, cost: zeroNeuron },
      exchange,
      show,
      abort.signal,
    );
    return { clock, log, shown, first };
  }

  it("tries again later when the provider signs late, and then shows that it is verified", async () => {
    await fault("late-signature", 3_500);
    const { clock, shown, first } = check(await ask());
    await first;
    assert.deepEqual([shown[0]?.level, shown[0]?.reason], ["unsigned", "notFound"]);
    await clock.advance(5_000);
    await until("the second verdict", () => shown.length === 2);
    assert.equal(shown[1]?.level, "verified");
    await clock.advance(600_000);
    assert.equal(shown.length, 2);
  });

  it("gives up after a few tries, and when the window closes", async () => {
    await fault("no-signature");
    const abort = new AbortController();
    const { clock, shown, first } = check(await ask(), abort);
    await first;
    await clock.advance(5_000);
    await until("the second verdict", () => shown.length === 2);
    abort.abort();
    await clock.advance(600_000);
    assert.equal(shown.length, 2);
    assert.equal(clock.sleepers, 0);
  });

  it("does not ask again about an answer that failed", async () => {
    await fault("wrong-key");
    const { clock, shown, first } = check(await ask());
    await first;
    assert.equal(shown[0]?.level, "forged");
    assert.equal(clock.sleepers, 0);
  });

  it("shows the hashes of the very bytes while it is pending", async () => {
    const exchange = await ask();
    const pending = await pendingVerdict(exchange, 0);
    const verdict = await broker.inference.verifyResponse(exchange);
    assert.equal(pending.level, "pending");
    assert.equal(pending.requestHash, verdict.requestHash);
    assert.equal(pending.responseHash, verdict.responseHash);
  });

  it("says that it was interrupted when the network is changed meanwhile", async () => {
    const exchange = await ask();
    broker.close();
    const { shown, first } = check(exchange);
    await first;
    assert.deepEqual([shown[0]?.level, shown[0]?.reason], ["unsigned", "interrupted"]);
  });
});
