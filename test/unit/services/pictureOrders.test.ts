// Orders of pictures that somebody has to come back for: at whom they are asked for, for what price, and that none is lost from sight.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ComputeError, toComputeError } from "../../../src/domain/error.js";
import type { ProviderId } from "../../../src/domain/ids.js";
import { imageFee } from "../../../src/domain/pricing.js";
import { neuron, parseOg } from "../../../src/domain/money.js";
import { ImagesService, type FoundImages, type ImageEvent } from "../../../src/services/media/images.js";
import { createOperationLog } from "../../../src/system/operationLog.js";
import { createConfirmationTexts } from "../../../src/view/money/confirmations.js";
import { movedText } from "../../../src/view/media/pictureOrders.js";
import { english } from "../../../src/view/translate.js";
import { aModel } from "../../support/builders.js";
import { House, World } from "../../support/house.js";
import { random } from "../../support/ports.js";
import { until } from "../../until.js";
import { SandboxUser } from "../../support/sandboxUser.js";
import { sleepingClock } from "../../support/sleepingClock.js";

describe("An order of pictures", function () {
  this.timeout(120_000);
  let world: World;
  let house: House;
  let folder: string;
  let provider: ProviderId;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "picture-orders-"));
    world = new World();
    house = new House(world);
    await house.trySandbox.run();
    ({ provider } = serviceOf());
    const broker = await house.session.broker();
    await broker.ledger.depositFund(parseOg("5"));
    await broker.ledger.transferFund(provider, "inference", parseOg("2"));
  });
  afterEach(async () => {
    house.abandon();
    await world.launcher.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const sandbox = () => world.launcher.running!;
  const serviceOf = () =>
    house.providers.state.value!.find(({ service }) => service.serviceType === "text-to-image")!.service;
  const images = () => {
    const { session, accounts, limits, dialogs, providers, chat: checks, enclaves: gate } = house;
    const { clock, log } = world;
    return new ImagesService({
      ...{ session, accounts, limits, dialogs, providers, checks, gate, clock, log, random },
      texts: createConfirmationTexts(english),
      logs: createOperationLog(join(folder, "jobs")),
      movedText: (order, now) => movedText(order, now, english),
    });
  };
  const hurry = () => (world.clock = { ...world.clock, sleep: async () => undefined });
  const never = new AbortController().signal;
  const place = { name: "an-otter", folder: "file:///ws/images", root: "file:///ws" };
  const order = (signal = never, on: (event: ImageEvent) => void = () => undefined) =>
    images().make({ provider, prompt: "an otter", count: 2 }, place, on, signal);
  /** Ordered by a window that is gone. */
  const leave = async (ms = 300) => {
    await sandbox().control.fault("*", "slow-job", ms);
    const closing = new AbortController();
    const found = await order(closing.signal, (event) => event === "making" && closing.abort());
    assert.ok(found.kind === "waits");
    assert.equal(found.error.code, "cancelled");
    await sandbox().control.clear();
    return found.order;
  };
  const spent = () => house.limits.spentAt(house.session.scope()!, provider);
  const calls = async (isIt: (call: string) => boolean) => {
    const { counters } = await sandbox().control.state();
    const of = Object.entries(counters.providers[provider] ?? {});
    return of.reduce((sum, [call, count]) => sum + (isIt(call) ? count : 0), 0);
  };
  const orders = () => calls((call) => /^POST .*\/images\/generations$/.test(call));
  const looks = () => calls((call) => /^GET .*\/async\/jobs/.test(call));
  const resume = async () => {
    const found: FoundImages[] = [];
    await images().resume(async (one) => void found.push(one), never);
    return found;
  };

  it("goes on in the next window when this one is closed while it is made, without another order", async () => {
    await leave();
    const [before, paid] = [await orders(), spent()];
    house.abandon();
    house = new House(world);
    await house.session.broker();
    await house.providers.refresh();
    const [found] = await resume();
    assert.ok(found?.kind === "made");
    const { made } = found;
    assert.deepEqual(
      [made.order.name, made.pictures.length, made.verdict.level],
      ["an-otter", 2, "verified"],
    );
    await made.saved();
    assert.deepEqual([await orders(), spent(), await resume()], [before, paid, []]);
  });

  it("is asked after at the pace that the provider names", async () => {
    await leave(1000);
    await sandbox().control.fault("*", "retry-after", 17);
    const pauses: number[] = [];
    world.clock = { ...world.clock, sleep: async (ms) => void pauses.push(ms) };
    const [found] = await resume();
    assert.ok(found?.kind === "made");
    await found.made.saved();
    assert.deepEqual(pauses.slice(0, 2), [1000, 17_000]);
    assert.ok(!pauses.includes(5000), "our own pace is for those who name none");
  });

  it("is saved by one window alone", async () => {
    await leave();
    const [found] = await resume();
    assert.ok(found?.kind === "made");
    assert.deepEqual(await resume(), [], "another window does not see it while it is being saved");
    await found.made.saved();
    assert.deepEqual(await images().open(), []);
  });

  for (const hasJobs of [true, false])
    it(`that cannot be saved stays with its window, ${hasJobs ? "" : "of a provider without jobs as well, "}to be saved again or forgotten`, async () => {
      if (!hasJobs) await sandbox().control.fault("*", "no-async");
      const desk = images();
      const make = async () => {
        const asked = { provider, prompt: "an otter", count: 2 };
        const found = await desk.make(asked, place, () => undefined, never);
        assert.ok(found.kind === "made");
        return found.made;
      };
      const made = await make();
      assert.equal(await desk.again(made.order, never), undefined, "while it is being saved");
      assert.equal(await desk.forget(made.order), false);
      made.setAside();
      const [before, paid] = [[await orders(), await looks()], spent()];
      assert.equal(desk.isUnsaved(made.order), true);
      assert.equal(await images().again(made.order, never), undefined, "another window does not get it");
      const again = await desk.again(made.order, never);
      assert.ok(again?.kind === "made");
      assert.deepEqual([again.made.pictures, desk.isUnsaved(made.order)], [made.pictures, false]);
      assert.equal(await desk.again(made.order, never), undefined, "it is saved once");
      await again.made.saved();
      assert.deepEqual([[await orders(), await looks()], spent(), await desk.open()], [before, paid, []]);
      const unwanted = await make();
      unwanted.setAside();
      assert.equal(await desk.forget(unwanted.order), true);
      assert.deepEqual([desk.isUnsaved(unwanted.order), await desk.open(), await resume()], [false, [], []]);
    });

  for (const [what, status] of [
    ["refuses to look", 403],
    ["refuses the request", 400],
    ["knows nothing of it", 404],
  ] as const)
    it(`is told of and kept when the provider ${what}, until the user forgets it`, async () => {
      const { id } = await leave();
      hurry();
      await sandbox().control.fault("*", "status", `${status} /v1/async/jobs`);
      const [found] = await resume();
      assert.ok(found?.kind === "waits");
      assert.deepEqual([found.error.code, found.isPassing], ["refusedByProvider", false]);
      assert.equal((found.error.facts as { status: number }).status, status);
      assert.equal(await images().forget({ id }), true);
      assert.deepEqual([await images().open(), await resume()], [[], []]);
    });

  it("waits for its own wallet, and no other one asks for it", async () => {
    await leave();
    const before = await looks();
    const { id } = house.session.wallet()!;
    const network = house.session.network();
    const another = () => house.wallets.create({ name: "Another", network });
    const { wallet } = await another();
    await house.wallets.switch(wallet.id, network);
    assert.deepEqual([await resume(), await looks()], [[], before]);
    await house.wallets.switch(id, network);
    await sandbox().control.fault("*", "status", "500 /v1/async/jobs");
    let pauses = 0;
    const sleep = async () => {
      if (++pauses === 3) await house.wallets.switch(wallet.id, network);
    };
    world.clock = { ...world.clock, sleep };
    const [found] = await resume();
    assert.ok(found?.kind === "waits");
    assert.deepEqual([found.error.code, (await looks()) - before], ["cancelled", 2]);
    await sandbox().control.clear();
    await house.wallets.switch(id, network);
    assert.deepEqual([(await resume())[0]?.kind], ["made"]);
  });

  it("is looked at beside another that never ends, which the user can forget meanwhile", async () => {
    const stuck = await leave(600_000);
    await leave(10);
    const desk = images();
    const found: FoundImages[] = [];
    const on = async (one: FoundImages) => {
      found.push(one);
      if (one.kind !== "made") return;
      const closing = new AbortController();
      closing.abort();
      const again = await desk.again(stuck, closing.signal).catch(toComputeError);
      assert.equal(
        again instanceof ComputeError && again.code,
        "cancelled",
        "it may be asked for anew at once",
      );
      assert.equal(await desk.forget(stuck), true);
    };
    await desk.resume(on, never);
    assert.deepEqual(
      found.map((one) => (one.kind === "waits" ? one.error.code : one.kind)),
      ["made", "cancelled"],
    );
    assert.equal(
      (await images().open()).some(({ id }) => id === stuck.id),
      false,
    );
  });

  it("is not looked at for ever, and is kept when its provider is at it for longer", async () => {
    const { id } = await leave(600_000);
    let now = Date.now();
    world.clock = sleepingClock({ now: () => now, sleep: async (ms) => void (now += 30 * ms) });
    const [found] = await resume();
    assert.ok(found?.kind === "waits" && !found.isPassing);
    assert.equal((found.error.facts as { status: number }).status, 202);
    assert.deepEqual(
      (await images().open()).map((order) => order.id),
      [id],
    );
  });

  it("is not asked for where its workspace is not open, and keeps the workspace's root", async () => {
    await leave(10);
    const before = await looks();
    const found: FoundImages[] = [];
    await images().resume(
      async (one) => void found.push(one),
      never,
      ({ root }) => root !== place.root,
    );
    const [one] = found;
    assert.ok(one?.kind === "elsewhere");
    assert.deepEqual([one.order.root, await looks()], [place.root, before]);
    assert.equal((await resume())[0]?.kind, "made");
  });

  it("is looked at although another one could not be saved", async () => {
    await leave(10);
    await leave(10);
    let saved = 0;
    const on = async (found: FoundImages) => {
      assert.ok(found.kind === "made");
      if (++saved === 1) throw new Error("the disk is full");
      await found.made.saved();
    };
    await images().resume(on, never);
    assert.deepEqual([saved, (await images().open()).length], [2, 1]);
  });

  it("that was stopped on the wire is told of and kept: it may be taken", async () => {
    await sandbox().control.fault("*", "hang", "/v1/async/images");
    const before = spent();
    const closing = new AbortController();
    const ordering = order(closing.signal);
    await until("the order is out", async () => (await orders()) === 1);
    closing.abort();
    const found = await ordering;
    assert.ok(found.kind === "lost");
    assert.equal(found.error, undefined, "whoever stopped it knows why");
    const counted = async () => spent() - before === imageFee(serviceOf(), 2);
    await until("the upper bound counts", counted);
    assert.deepEqual(
      (await resume()).map(({ kind }) => kind),
      ["lost"],
    );
    const [kept] = await images().open();
    assert.ok(kept && (await images().forget(kept)));
    assert.deepEqual(await resume(), []);
  });

  it("that the provider stumbles over is told with what it answered, and may be taken", async () => {
    await sandbox().control.fault("*", "status", "500 /v1/async/images");
    const found = await order();
    assert.ok(found.kind === "lost");
    assert.equal(found.error?.code, "providerUnavailable");
    assert.equal((found.error.facts as { status?: number }).status, 500);
  });

  it("that was surely not taken leaves nothing", async () => {
    await sandbox().control.fault("*", "status", "400 /v1/async/images");
    await assert.rejects(order(), { code: "refusedByProvider" });
    assert.deepEqual(await images().open(), []);
  });

  it("that fails in the provider's words is over", async () => {
    await sandbox().control.fault("*", "fail-job");
    const found = await order();
    assert.equal(found.kind, "failed");
    assert.deepEqual(await images().open(), []);
  });

  it("brings no more pictures than it was for, and what is no picture as a receipt alone", async () => {
    const real = await house.session.broker();
    const look: typeof real.inference.lookAtImageJob = async (...asked) => {
      const seen = await real.inference.lookAtImageJob(...asked);
      if (seen.kind !== "done") return seen;
      const { pictures } = seen.exchange;
      return { ...seen, exchange: { ...seen.exchange, pictures: [...pictures, ...pictures, ...pictures] } };
    };
    const inference = { ...real.inference, lookAtImageJob: look };
    Object.defineProperty(house.session, "broker", { value: async () => ({ ...real, inference }) });
    const found = await order();
    assert.ok(found.kind === "made");
    assert.deepEqual([found.made.pictures.length, found.made.came], [2, 6]);
    await found.made.saved();
    await sandbox().control.fault("*", "not-an-image");
    const none = await order();
    assert.ok(none.kind === "failed");
    assert.deepEqual([none.error.code, await images().open()], ["verificationFailed", []]);
    const [receipt] = await house.receipts.list();
    assert.deepEqual([receipt?.id, receipt?.level], [none.receipt, "verified"]);
  });

  describe("whose provider has another entry by then", () => {
    let server: Server;
    let seen: string[];

    beforeEach(async () => {
      seen = [];
      server = createServer((request, response) => {
        seen.push(`${request.method} ${request.headers.authorization === undefined ? "bare" : "pass"}`);
        response.writeHead(500).end();
      });
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    });
    afterEach(() => new Promise((done) => server.close(done)));

    const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const rewrite = async (part: { url?: string; outputPrice?: bigint; additionalInfo?: string }) => {
      const accountOf = (isIt: (account: { address: string; role: string }) => boolean) =>
        SandboxUser.connect(sandbox(), sandbox().ready.accounts.find(isIt)!.privateKey);
      const own = accountOf((one) => one.address.toLowerCase() === provider.toLowerCase());
      const owner = accountOf(({ role }) => role === "owner");
      const now = await own.contract("inference").getFunction("getService")(provider);
      const { url, serviceType, model, verifiability, inputPrice, outputPrice, additionalInfo } = now;
      const entry = {
        ...{ url, serviceType, model, verifiability, inputPrice, outputPrice, additionalInfo },
        teeSignerAddress: now.teeSignerAddress,
        ...part,
      };
      const update = own.contract("inference").getFunction("addOrUpdateService");
      await (await update(entry, { gasLimit: 3_000_000n })).wait();
      await owner.send("inference", "acknowledgeTEESignerByOwner", [provider]);
      for (const user of [own, owner]) user.close();
      await house.providers.refresh();
    };

    it("is not asked for at a server that nobody looked at, and stays", async () => {
      await leave();
      await rewrite({ url: address() });
      const [found, ...more] = await resume();
      assert.ok(found?.kind === "waits");
      assert.deepEqual([found.error.code, more.length], ["enclaveChanged", 0]);
      assert.deepEqual(seen, []);
      assert.equal((await images().open()).length, 1);
    });

    it("is asked for there once the user has looked, and not after a no", async () => {
      await leave();
      await rewrite({ url: address() });
      const [found] = await resume();
      assert.ok(found?.kind === "waits");
      house.dialogs.asked.length = 0;
      house.dialogs.answer = false;
      await assert.rejects(images().again(found.order, never), { code: "cancelled" });
      const [question] = house.dialogs.asked;
      assert.ok(question?.detail.includes(`Address: ${address()}`), question?.detail);
      assert.deepEqual([(await resume())[0]?.kind, seen], ["waits", []]);
      house.dialogs.answer = true;
      hurry();
      const asked = await images().again(found.order, never);
      assert.ok(asked?.kind === "waits" && asked.isPassing);
      assert.deepEqual([...new Set(seen)], ["GET pass"]);
    });

    it("costs what was agreed to, whatever the price is by then", async () => {
      const before = serviceOf();
      await leave();
      await rewrite({ outputPrice: before.outputPrice * 1000n });
      const [found] = await resume();
      assert.ok(found?.kind === "made");
      assert.deepEqual([found.made.cost, found.made.verdict.level], [imageFee(before, 2), "verified"]);
      await found.made.saved();
    });

    it("costs what the list says where prices are set in dollars, also in the window that saves it", async () => {
      const { outputPrice, additionalInfoText } = serviceOf();
      const info = { ...(JSON.parse(additionalInfoText) as object), priceDenomination: "USD" };
      await rewrite({ additionalInfo: JSON.stringify(info) });
      const image = neuron(outputPrice * 2n);
      house.providers.modelInfo = async (_, model) =>
        aModel(model, undefined, { prices: { image, tiers: [] } });
      const left = await leave();
      const [found] = await resume();
      assert.ok(found?.kind === "made");
      assert.deepEqual([left.cost, found.made.cost, spent()], [image * 2n, image * 2n, image * 2n]);
      await found.made.saved();
    });

    it("waits where only private providers may be asked and this one is not verified any more", async () => {
      await leave();
      world.settings.set({ privateOnly: true });
      const [found] = await resume();
      assert.ok(found?.kind === "waits");
      assert.equal(found.error.code, "privateOnly");
    });
  });
});
