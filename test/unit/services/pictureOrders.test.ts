// Orders of pictures that somebody has to come back for: at whom they are asked for, for what price, and that none is lost from sight.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageFee } from "../../../src/domain/pricing.js";
import { parseOg } from "../../../src/domain/money.js";
import { ImagesService, type FoundImages, type ImageEvent } from "../../../src/services/media/images.js";
import { createOperationLog } from "../../../src/system/operationLog.js";
import { createConfirmationTexts } from "../../../src/view/confirmations.js";
import { movedText } from "../../../src/view/pictureOrders.js";
import { english } from "../../../src/view/translate.js";
import { House, World } from "../../support/house.js";
import { random } from "../../support/ports.js";
import { SandboxUser } from "../../support/sandboxUser.js";

describe("An order of pictures", function () {
  this.timeout(120_000);
  let world: World;
  let house: House;
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "picture-orders-"));
    world = new World();
    house = new House(world);
    await house.trySandbox.run();
    const broker = await house.session.broker();
    await broker.ledger.depositFund(parseOg("5"));
    await broker.ledger.transferFund(serviceOf().provider, "inference", parseOg("2"));
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
    const { session, accounts, limits, dialogs, chat: checks, enclaves: gate } = house;
    const { clock, log } = world;
    return new ImagesService({
      ...{ session, accounts, limits, dialogs, checks, gate, clock, log, random },
      texts: createConfirmationTexts(english),
      logs: createOperationLog(join(folder, "jobs")),
      movedText: (order, now) => movedText(order, now, english),
    });
  };
  const never = new AbortController().signal;
  const place = { name: "an-otter", folder: "file:///images" };
  const order = (signal = never, on: (event: ImageEvent) => void = () => undefined) =>
    images().make({ provider: serviceOf().provider, prompt: "an otter", count: 2 }, place, on, signal);
  /** Ordered by a window that is gone. */
  const leave = async () => {
    await sandbox().control.fault("*", "slow-job", 300);
    const closing = new AbortController();
    const ordering = order(closing.signal, (event) => event === "making" && closing.abort());
    await assert.rejects(ordering, { code: "cancelled" });
    await sandbox().control.clear();
  };
  const resume = async () => {
    const found: FoundImages[] = [];
    for await (const one of images().resume(never)) found.push(one);
    return found;
  };

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
    const rewrite = async (part: { url?: string; outputPrice?: bigint }) => {
      const { provider } = serviceOf();
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
      assert.equal(await images().hasOpen(), true);
    });

    it("is asked for there once the user has looked, and not after a no", async () => {
      await leave();
      await rewrite({ url: address() });
      const [found] = await resume();
      assert.ok(found?.kind === "waits");
      house.dialogs.asked.length = 0;
      house.dialogs.answer = false;
      await assert.rejects(images().agree(found.order, never), { code: "cancelled" });
      const [question] = house.dialogs.asked;
      assert.ok(question?.detail.includes(`Address: ${address()}`), question?.detail);
      assert.deepEqual([(await resume())[0]?.kind, seen], ["waits", []]);
      house.dialogs.answer = true;
      await images().agree(found.order, never);
      world.clock = { ...world.clock, sleep: async () => undefined };
      await resume();
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

    it("waits where only private providers may be asked and this one is not verified any more", async () => {
      await leave();
      world.settings.set({ privateOnly: true });
      const [found] = await resume();
      assert.ok(found?.kind === "waits");
      assert.equal(found.error.code, "privateOnly");
    });
  });
});
