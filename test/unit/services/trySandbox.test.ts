import assert from "node:assert/strict";
import { isComputeError } from "../../../src/domain/error.js";
import { oneOg } from "../../../src/domain/money.js";
import type { ChatChange } from "../../../src/services/chat/chat.js";
import type { TrySandboxStep } from "../../../src/services/firstRun.js";
import { House, World } from "../../support/house.js";

describe("Try the sandbox", function () {
  this.timeout(60_000);
  const worlds: World[] = [];
  const newWorld = () => {
    const world = new World();
    worlds.push(world);
    return world;
  };
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.launcher.stop();
  });

  it("ends with a conversation in which the first question is answered and verified", async () => {
    const house = new House(newWorld());
    const steps: TrySandboxStep[] = [];
    house.trySandbox.onDidProgress(({ step }) => steps.push(step));
    const id = await house.trySandbox.run();
    assert.deepEqual(steps, ["start", "wallet", "fund", "provider", "account", "chat"]);

    const changes: ChatChange["kind"][] = [];
    house.chat.onDidChange(({ kind }) => changes.push(kind));
    await house.chat.send(id, "What is a sub-account?");
    const turn = house.chat.get(id)?.turns[0];
    assert.equal(turn?.answer.state, "done", JSON.stringify(turn?.answer.error));
    assert.equal(turn?.answer.verdict?.level, "verified");
    assert.ok(turn.answer.text.length > 0);
    assert.ok((turn.answer.cost ?? 0n) > 0n);
    assert.ok(changes.includes("delta"));
    assert.equal(house.dialogs.asked.length, 0, "the click on the button was the consent");
    house.abandon();
  });

  it("does nothing twice when it is run again, nor in another window", async () => {
    const world = newWorld();
    const house = new House(world);
    await house.trySandbox.run();
    const first = house.accounts.state.value;
    await house.trySandbox.run();
    const again = new House(world);
    again.abandon();
    assert.deepEqual(house.accounts.state.value?.ledger, first?.ledger);
    assert.equal(house.wallets.list.length, 1);
    assert.equal(world.launcher.starts, 1);
    house.abandon();
  });

  it("goes on where it was stopped, whatever step that was", async () => {
    for (const stopAt of ["start", "wallet", "fund", "provider", "account", "chat"] as const) {
      const world = newWorld();
      const house = new House(world);
      const abort = new AbortController();
      house.trySandbox.onDidProgress(({ step }) => {
        if (step === stopAt) abort.abort();
      });
      await assert.rejects(house.trySandbox.run(abort.signal), (error) => isComputeError(error, "cancelled"));
      house.abandon();
      await house.sandbox.stop();
      await world.launcher.stop();

      const next = new House(world);
      const id = await next.trySandbox.run();
      await next.chat.send(id, "Hello");
      assert.equal(next.chat.get(id)?.turns[0]?.answer.state, "done", `after a stop at ${stopAt}`);
      assert.equal(next.wallets.list.length, 1, `after a stop at ${stopAt}`);
      next.abandon();
      await world.launcher.stop();
    }
  });

  it("joins a run that is under way", async () => {
    const house = new House(newWorld());
    const [a, b] = await Promise.all([house.trySandbox.run(), house.trySandbox.run()]);
    assert.equal(a, b);
    assert.equal(house.world.launcher.starts, 1);
    house.abandon();
  });

  it("leaves a live network only through the user's setting, and works without a keychain", async () => {
    const world = newWorld();
    world.settings.set({ network: "testnet" });
    world.secrets.mood = "refuse";
    const house = new House(world);
    const id = await house.trySandbox.run();
    assert.equal(world.settings.network(), "sandbox");
    await house.chat.send(id, "Hello");
    assert.equal(house.chat.get(id)?.turns[0]?.answer.state, "done");
    assert.equal(house.wallets.active({ id: "testnet", isSandbox: false }), undefined);
    house.abandon();
  });

  it("starts over when told to, and whoever waited meanwhile has the new one", async () => {
    const world = newWorld();
    world.launcher.failure = "the chain's log is damaged";
    const house = new House(world);
    await assert.rejects(house.sandbox.start(), (error) => isComputeError(error, "sandboxFailed"));
    const [ready, joined] = await Promise.all([house.sandbox.startAnew("fresh"), house.sandbox.start()]);
    assert.deepEqual(joined, ready);
    assert.equal(house.sandbox.state.kind, "ready");
    const again = await house.sandbox.startAnew("fresh");
    assert.notEqual(again.control.token, ready.control.token);
    assert.equal(house.sandbox.ready?.control.token, again.control.token);
    await house.trySandbox.run();
    house.abandon();
  });

  it("is started once, though whoever hears that it starts asks for it at that very moment", async () => {
    const world = newWorld();
    const house = new House(world);
    const joining: Promise<unknown>[] = [];
    let told = 0;
    house.sandbox.onDidChange(({ kind }) => {
      if (kind === "starting" && ++told <= 3) joining.push(house.sandbox.start());
    });
    const ready = await house.sandbox.start();
    assert.deepEqual(await Promise.all(joining), [ready]);
    assert.equal(told, 1);
    assert.equal(world.launcher.starts, 1);
    house.abandon();
  });

  it("says why when the sandbox does not start, and works when it does the next time", async () => {
    const world = newWorld();
    world.launcher.failure = "port taken";
    const house = new House(world);
    await assert.rejects(house.trySandbox.run(), (error) => isComputeError(error, "sandboxFailed"));
    assert.equal(house.sandbox.state.kind, "failed");
    world.launcher.failure = undefined;
    await house.trySandbox.run();
    assert.equal(house.sandbox.state.kind, "ready");
    const { provider } = house.providers.chatServices[0]!.service;
    assert.ok((house.accounts.subAccount("inference", provider)?.balance ?? 0n) >= oneOg);
    house.abandon();
  });
});
