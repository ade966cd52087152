import assert from "node:assert/strict";
import { ComputeError } from "../../../../src/domain/error.js";
import { networks } from "../../../../src/domain/networks.js";
import { scopeOf } from "../../../../src/services/wallets/scope.js";
import { address } from "../../../support/builders.js";
import { TestClock } from "../../../support/ports.js";
import { user } from "../../../support/tuningWorld.js";
import { begin, scope, TuningDisk, TuningWindow } from "../../../support/tuningWindow.js";
import { until } from "../../../until.js";

const window12 = 12 * 3_600;
const other = scopeOf(networks.testnet, address("e"));

describe("a model that waits elsewhere than where the user is", function () {
  this.timeout(20_000);
  let disk: TuningDisk;
  let clock: TestClock;
  let window: TuningWindow;
  beforeEach(async () => {
    clock = new TestClock();
    disk = await TuningDisk.create(clock);
    window = new TuningWindow(disk);
    const run = await begin(window);
    await window.runs.drive(run.id, { isAsked: true });
  });
  afterEach(async () => {
    await window.elsewhere.close();
    await disk.remove();
  });

  const told = () => disk.notices.map(({ kind }) => kind);
  const pass = async (seconds: number) => {
    disk.world.time += seconds;
    await clock.advance(seconds * 1_000);
  };
  const leave = () => {
    disk.world.to("Delivered");
    window.switchTo(other);
  };
  const agree = () => disk.state.update("zgCompute.fineTuning.acknowledgeConsent.sandbox." + user, 1);

  it("is downloaded and verified, and told of with its network and wallet until its deadline", async () => {
    leave();
    for (let hours = 0; hours < 12; hours++) {
      await window.elsewhere.look();
      await window.elsewhere.look();
      await pass(3_600);
    }
    assert.deepEqual([disk.world.counts.downloads, disk.world.counts.acknowledgements], [1, 0]);
    assert.deepEqual(told(), ["delivered", "halfTime", "oneHour"]);
    for (const { place, manner } of disk.notices)
      assert.deepEqual(
        [place?.network.id, place?.wallet.address, manner],
        ["sandbox", scope.wallet, "asked"],
      );
    const [open] = window.elsewhere.open;
    assert.equal(open?.deadline, disk.world.time);
    assert.equal(open.deadline - open.deliveredAt, window12);
    assert.equal(open.place.network.id, "sandbox");
    assert.deepEqual(window.dialogs.asked, []);
  });

  it("is acknowledged by itself where its user agreed to that, and opened", async () => {
    disk.settings.set({ "fineTuning.autoAcknowledge": "always" });
    leave();
    await window.elsewhere.look();
    assert.equal(disk.world.counts.acknowledgements, 0, "a yes with another wallet is none with this one");
    await agree();
    await window.elsewhere.look();
    assert.equal(disk.world.counts.acknowledgements, 1);
    disk.world.settle();
    await window.elsewhere.look();
    assert.equal(disk.world.counts.decryptions, 1);
    assert.equal(told().at(-1), "acknowledged");
    await window.elsewhere.look();
    await until("nothing is left to be looked at", () => window.openBrokers === 0);
    assert.deepEqual(window.elsewhere.open, []);
  });

  it("is left to the place's own guardian as soon as the user is there again", async () => {
    leave();
    window.elsewhere.start();
    await until("it is told", () => told().length === 1);
    window.switchTo(scope);
    await until("its broker is closed", () => window.openBrokers === 0);
    assert.deepEqual(window.elsewhere.open, []);
    await window.look();
    assert.equal(window.guardian.state.open[0]?.next, "consent");
    assert.equal(window.store.list(scope)[0]?.waitsFor, "consent");
  });

  it("disturbs nobody when its network does not answer, and is found when it does again", async () => {
    leave();
    const broker = disk.world.broker.bind(disk.world);
    disk.world.broker = () => {
      throw new ComputeError("network", { what: "rpc", url: "", detail: "down" });
    };
    await window.elsewhere.look();
    assert.deepEqual([told(), window.elsewhere.open], [[], []]);
    disk.world.broker = broker;
    await window.elsewhere.look();
    assert.deepEqual(told(), ["delivered"]);
  });

  it("is not looked at without its wallet, or while its sandbox rests", async () => {
    leave();
    window.isThere = false;
    await window.elsewhere.look();
    assert.deepEqual([window.openBrokers, told()], [0, []]);
    window.isThere = true;
    await window.elsewhere.look();
    assert.deepEqual(told(), ["delivered"]);
    window.isThere = false;
    await window.elsewhere.look();
    await until("its broker is closed", () => window.openBrokers === 0);
  });

  it("begins no task there", async () => {
    await begin(window);
    leave();
    const before = { ...disk.world.counts };
    await window.elsewhere.look();
    assert.deepEqual({ ...disk.world.counts }, { ...before, downloads: 1 });
  });

  it("is looked at again and again until it is closed", async () => {
    leave();
    window.elsewhere.start();
    await until("it is told", () => told().length === 1);
    await pass(6 * 3_600 + 60);
    await until("it is told again", () => told().length === 2);
    await window.elsewhere.close();
    await pass(6 * 3_600);
    assert.deepEqual([told(), window.openBrokers], [["delivered", "halfTime"], 0]);
  });
});
