import assert from "node:assert/strict";
import { Emptyings } from "../../../../src/services/fineTuning/emptying.js";
import { EmptyingOffers } from "../../../../src/services/fineTuning/emptyingOffers.js";
import { networks } from "../../../../src/domain/networks.js";
import { aWallet, og } from "../../../support/builders.js";
import { random, TestClock } from "../../../support/ports.js";
import { provider, user } from "../../../support/tuningWorld.js";
import { isCode, scope, TuningDisk, TuningWindow } from "../../../support/tuningWindow.js";

describe("emptying a ledger whose queue is dead", () => {
  let disk: TuningDisk;
  let clock: TestClock;
  beforeEach(async () => {
    clock = new TestClock();
    disk = await TuningDisk.create(clock);
    const { world } = disk;
    Object.assign(world, { wallet: og("10"), ledger: og("2") });
    world.account = { balance: og("1"), nonce: 5n, isAcknowledged: true };
    world.deliverables = [
      {
        ...{ id: "00000000-0000-4000-8000-000000000001", modelRootHash: "0x11", encryptedSecret: "0x" },
        ...{ isAcknowledged: false, isSettled: true, timestamp: world.time },
      },
    ];
  });
  afterEach(() => disk.remove());

  function emptyings(window: TuningWindow): Emptyings {
    const { world } = disk;
    return new Emptyings({
      session: {
        onDidChange: () => ({ dispose: () => undefined }),
        tryNetwork: () => networks.sandbox,
        wallet: () => aWallet({ address: user }),
        scope: () => scope,
        tryScope: () => scope,
        broker: async () => world.broker(),
      },
      ...{ money: world.money, logs: window.logs, clock, random, didChange: () => undefined },
    });
  }

  const pass = async (seconds: number) => {
    disk.world.time += seconds;
    await clock.advance(seconds * 1000);
  };

  it("asks back, waits the lock time, collects, withdraws everything and begins anew", async () => {
    const service = emptyings(new TuningWindow(disk));
    const plan = await service.plan(provider, []);
    assert.equal(plan.total, og("3"));
    assert.equal(plan.unlocksAt, disk.world.time + disk.world.lockTime);
    const { id } = await service.start(scope, plan);
    const waiting = await service.resume(id);
    assert.equal(waiting.state, "waiting");
    assert.equal(waiting.unlocksAt, disk.world.time + disk.world.lockTime);
    assert.equal(disk.world.account?.balance, og("1"));
    await pass(disk.world.lockTime - 1);
    assert.equal((await service.resume(id)).state, "waiting");
    await pass(1);
    const done = await service.resume(id);
    assert.equal(done.state, "done");
    assert.deepEqual(disk.world.deliverables, []);
    assert.equal(disk.world.account, undefined);
    assert.equal(disk.world.ledger, og("3"));
    assert.equal(disk.world.wallet, og("10"));
  });

  it("goes on after a death at any record, and moves nothing twice", async () => {
    for (let at = 2; at <= 6; at++)
      for (const isWritten of [false, true]) {
        const before = { wallet: og("10"), ledger: og("2"), refunds: undefined };
        Object.assign(disk.world, before, {
          account: { balance: og("1"), nonce: 5n, isAcknowledged: true },
        });
        const window = new TuningWindow(disk);
        window.onAppend = (count, written) => {
          if (count === at && written === isWritten) window.kill();
        };
        const service = emptyings(window);
        const { id } = await service.start(scope, await service.plan(provider, []));
        const whole = async (of: Emptyings) => {
          await of.resume(id);
          await pass(disk.world.lockTime);
          return of.resume(id);
        };
        await window.orDeath(whole(service));
        const next = emptyings(new TuningWindow(disk));
        await next.load();
        const done = await whole(next);
        assert.equal(done.state, "done", `record ${at}`);
        assert.deepEqual([disk.world.wallet, disk.world.ledger], [og("10"), og("3")], `record ${at}`);
      }
  });

  it("is refused while a settlement is still to come: its key would never be published", async () => {
    const [one] = disk.world.deliverables;
    assert.ok(one);
    disk.world.deliverables = [{ ...one, isAcknowledged: true, isSettled: false }];
    await assert.rejects(emptyings(new TuningWindow(disk)).plan(provider, []), isCode("taskConflict"));
  });

  it("withdraws nothing while money is left at a provider: the dead queue would stay", async () => {
    const service = emptyings(new TuningWindow(disk));
    const { id } = await service.start(scope, await service.plan(provider, []));
    await service.resume(id);
    await pass(disk.world.lockTime);
    // Topped up by somebody in the meantime: that money has a lock time of its own.
    const { account } = disk.world;
    assert.ok(account);
    disk.world.account = { ...account, balance: og("1.5") };
    assert.notEqual((await service.resume(id)).state, "done");
    assert.equal(disk.world.wallet, og("10"));
    await pass(disk.world.lockTime);
    assert.equal((await service.resume(id)).state, "done");
    assert.equal(disk.world.wallet, og("10.5"));
  });

  it("is found again after a restart, and offered once its lock time is over, to be gone on with or not", async () => {
    const first = emptyings(new TuningWindow(disk));
    const { id } = await first.start(scope, await first.plan(provider, []));
    await first.resume(id);
    const offered: string[] = [];
    const opened = (window = emptyings(new TuningWindow(disk))) =>
      new EmptyingOffers({
        ...{ emptyings: window, log: disk.log, now: () => clock.now() },
        notifier: { notify: () => undefined, offer: (one) => void offered.push(`${one.state} ${one.id}`) },
      });
    const chainTime = () => ({ timestamp: disk.world.time, readAt: clock.now() });
    const second = opened();
    await second.look(scope, undefined);
    await second.look(scope, chainTime());
    assert.deepEqual(offered, []);
    await pass(disk.world.lockTime);
    await second.look(scope, chainTime());
    await second.look(scope, chainTime());
    assert.deepEqual(offered, [`waiting ${id}`]);
    assert.equal(disk.world.account?.balance, og("1"), "nothing moved");
    const third = emptyings(new TuningWindow(disk));
    await opened(third).look(scope, chainTime());
    assert.deepEqual(offered, [`waiting ${id}`, `waiting ${id}`]);
    assert.equal((await third.resume(id)).state, "done");
    await opened().look(scope, chainTime());
    assert.equal(offered.length, 2);
  });

  it("is offered once by the next window where it was cut off", async () => {
    const first = emptyings(new TuningWindow(disk));
    const { id } = await first.start(scope, await first.plan(provider, []));
    const offered: string[] = [];
    const notifier = {
      notify: () => undefined,
      offer: ({ state }: { state: string }) => void offered.push(state),
    };
    const next = emptyings(new TuningWindow(disk));
    const offers = new EmptyingOffers({
      ...{ emptyings: next, notifier, log: disk.log },
      now: () => clock.now(),
    });
    await offers.look(scope, undefined);
    await offers.look(scope, undefined);
    assert.deepEqual(offered, ["paused"]);
    assert.equal(next.list(scope)[0]?.id, id);
  });
});
