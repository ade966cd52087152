import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isComputeError, type ErrorCode } from "../../../src/domain/error.js";
import type { LedgerOperation } from "../../../src/domain/account.js";
import { House, World } from "../../support/house.js";
import { address, og } from "../../support/builders.js";
import { startSandboxInProcess, type TestSandbox } from "../../support/sandbox.js";

const rejects = (work: Promise<unknown>, code: ErrorCode) =>
  assert.rejects(work, (error) => isComputeError(error, code) || assert.fail(String(error)));

describe("The session", function () {
  this.timeout(60_000);
  const worlds: World[] = [];
  const newHouse = (values: Record<string, unknown> = {}) => {
    const world = new World();
    world.settings.set(values);
    worlds.push(world);
    return new House(world);
  };
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.launcher.stop();
  });

  it("starts nothing until something is asked, and then once", async () => {
    const house = newHouse();
    assert.equal(house.session.network().id, "sandbox");
    assert.deepEqual(house.session.network().rpcUrls, []);
    assert.equal(house.world.launcher.starts, 0);
    const [a, b] = await Promise.all([house.session.broker(), house.session.broker()]);
    assert.equal(a, b);
    assert.equal(house.world.launcher.starts, 1);
    assert.equal(house.session.network().rpcUrls.length, 1);
    house.abandon();
  });

  it("finds the sandbox's own 0G Storage while it runs", async () => {
    const house = newHouse();
    assert.equal(house.session.network().storageIndexer, undefined);
    const { network } = await house.session.broker();
    assert.ok(house.sandbox.ready);
    assert.equal(network.storageIndexer, house.sandbox.ready.storage.indexer);
    await house.world.launcher.crash("out of memory");
    assert.equal(house.session.network().storageIndexer, undefined);
    house.abandon();
  });

  it("makes a new broker for another wallet and ends the old one's work", async () => {
    const house = newHouse();
    const first = await house.session.broker();
    let changes = 0;
    house.session.onDidChange(() => changes++);
    await house.wallets.ensureSandboxWallet();
    assert.equal(changes, 1);
    const second = await house.session.broker();
    assert.notEqual(first, second);
    await rejects(first.chain.blockTimestamp(), "cancelled");
    assert.ok((await second.chain.blockTimestamp()) > 0);
    await house.wallets.rename(house.session.wallet()!.id, "Other name");
    assert.equal(changes, 1, "a name changes nothing");
    assert.equal(await house.session.broker(), second);
    house.abandon();
  });

  it("finds a place that is not the chosen one, and reaches it without disturbing what is", async () => {
    const house = newHouse();
    await house.session.broker();
    const wallet = await house.wallets.ensureSandboxWallet();
    const there = house.session.scope()!;
    house.world.settings.set({ network: "testnet" });
    const place = house.session.place(there);
    assert.deepEqual([place?.network.id, place?.wallet.id], ["sandbox", wallet.id]);
    const broker = await house.session.openBroker(place!);
    assert.ok((await broker.chain.blockTimestamp()) > 0);
    assert.equal(house.session.network().id, "testnet");
    broker.close();
    await rejects(broker.chain.blockTimestamp(), "cancelled");
    assert.equal(house.session.place({ ...there, wallet: address("9") }), undefined);
    assert.equal(
      house.session.place({ network: "custom", networkKey: "custom-1-0x0", wallet: wallet.address }),
      undefined,
    );
    await house.sandbox.stop();
    assert.equal(house.session.place(there), undefined, "a sandbox that rests is not started for it");
    house.abandon();
  });

  it("starts the sandbox again after it ended by itself", async () => {
    const house = newHouse();
    await house.session.broker();
    await house.world.launcher.crash("out of memory");
    assert.equal(house.sandbox.state.kind, "failed");
    assert.ok((await (await house.session.broker()).chain.blockTimestamp()) > 0);
    assert.equal(house.world.launcher.starts, 2);
    house.abandon();
  });

  it("restarts the sandbox on demand when its upstream is another", async () => {
    const house = newHouse();
    await house.session.broker();
    house.world.settings.set({ "sandbox.upstream": { baseUrl: "http://127.0.0.1:9/v1", model: "m" } });
    assert.equal(house.sandbox.state.kind, "stopped");
    await house.session.broker();
    assert.deepEqual(house.world.launcher.lastUpstream, { baseUrl: "http://127.0.0.1:9/v1", model: "m" });
    house.abandon();
  });

  it("lets one caller give up while another goes on waiting for the start", async () => {
    const house = newHouse();
    const abort = new AbortController();
    const stopped = house.session.broker(abort.signal);
    const waiting = house.session.broker();
    abort.abort();
    await rejects(stopped, "cancelled");
    assert.ok((await waiting).network.isSandbox);
    assert.equal(house.world.launcher.starts, 1);
    house.abandon();
  });

  it("names the setting that is bad, and works once it is mended", async () => {
    const house = newHouse({ network: "custom", customNetwork: { chainId: 5 } });
    await rejects(house.session.broker(), "badSetting");
    assert.equal(house.session.tryNetwork(), undefined);
    assert.equal(house.session.tryScope(), undefined);
    await house.providers.refresh();
    assert.equal(house.providers.state.error?.code, "badSetting");
    house.world.settings.set({ network: "sandbox" });
    assert.ok(await house.session.broker());
    house.abandon();
  });

  describe("on a network of the user's own", () => {
    let other: TestSandbox;
    let broken: Server;
    let brokenUrl: string;

    before(async () => {
      other = await startSandboxInProcess();
      broken = createServer((_request, response) => response.end("<html>maintenance</html>"));
      await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve));
      brokenUrl = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`;
    });
    after(async () => {
      await other.stop();
      broken.close();
    });
    const customNetwork = (part: Record<string, unknown> = {}) => ({
      chainId: other.ready.chainId,
      rpcUrls: [other.ready.rpcUrl],
      contracts: other.ready.contracts,
      ...part,
    });

    it("reads it, keeps its money apart, and never takes the sandbox's wallet", async () => {
      const house = newHouse({ network: "custom", customNetwork: customNetwork() });
      await house.wallets.ensureSandboxWallet();
      assert.equal(house.session.wallet(), undefined);
      await house.providers.refresh();
      assert.ok((house.providers.chatServices.length ?? 0) >= 3);
      await house.accounts.refresh();
      assert.equal(house.accounts.state.error?.code, "noWallet");
      await house.wallets.create({ name: "Mine", network: house.session.network() });
      assert.match(house.session.scope()?.networkKey ?? "", /^custom-31337-0x/);
      house.abandon();
    });

    it("takes up what is added to its description later", async () => {
      const house = newHouse({ network: "custom", customNetwork: customNetwork() });
      await house.session.broker();
      house.world.settings.set({ customNetwork: customNetwork({ createdAtBlock: { ledger: 7 } }) });
      assert.equal((await house.session.broker()).network.createdAtBlock.ledger, 7);
      house.abandon();
    });

    it("says which chain answered when it is another", async () => {
      const house = newHouse({ network: "custom", customNetwork: customNetwork({ chainId: 4 }) });
      await rejects(house.session.broker(), "wrongChain");
      house.abandon();
    });

    it("keeps the last good list when the network answers nonsense, and marks it", async () => {
      const house = newHouse({ network: "custom", customNetwork: customNetwork() });
      await house.providers.refresh();
      const good = house.providers.state.value;
      await other.control.fault("chain", "rpc-garbage");
      await house.providers.refresh();
      await other.control.clear();
      assert.equal(house.providers.state.isStale, true);
      assert.equal(house.providers.state.value?.length, good?.length);
      assert.ok(house.providers.state.error);
      await house.providers.refresh();
      assert.equal(house.providers.state.isStale, false);
      house.world.settings.set({ customNetwork: customNetwork({ rpcUrls: [brokenUrl] }) });
      assert.equal(house.providers.state.value, undefined, "another network's list is not shown");
      await house.providers.refresh();
      assert.equal(house.providers.state.error?.code, "network");
      house.abandon();
    });

    it("checks limits, then plans, then asks, and only then sends", async () => {
      const house = newHouse({ network: "custom", customNetwork: customNetwork() });
      const network = house.session.network();
      await rejects(house.accounts.run({ kind: "depositFund", amount: og("1") }, "asked"), "noWallet");
      const { wallet } = await house.wallets.create({ name: "Mine", network });
      const open: LedgerOperation = { kind: "addLedger", amount: og("3") };
      await rejects(house.accounts.run(open, "asked"), "insufficientFunds");
      assert.equal(house.dialogs.asked.length, 0, "a transaction that would fail is not put to the user");
      await other.control.fund(wallet.address, "20");
      await rejects(house.accounts.run({ ...open, amount: og("6") }, "asked"), "limitReached");
      assert.equal(house.dialogs.asked.length, 0);
      house.dialogs.answer = false;
      await rejects(house.accounts.run(open, "asked"), "cancelled");
      assert.equal(house.limits.movedToday(house.session.scope()!, "wallet"), 0n);
      house.dialogs.answer = true;
      const done: LedgerOperation[] = [];
      house.accounts.onDidRun(({ operation }) => done.push(operation));
      const result = await house.accounts.run(open, "asked");
      assert.deepEqual(done, [open]);
      assert.equal(house.accounts.state.value?.ledger?.available, og("3"), "the new state is there at once");
      assert.equal(house.limits.movedToday(house.session.scope()!, "wallet"), og("3"));
      const entry = house.journal.entries(house.session.scope()!)[0];
      assert.deepEqual([entry?.phase, entry?.hash], ["done", result.hash]);
      assert.match(house.dialogs.asked.at(-1)?.detail ?? "", /Ledger, available: 0 0G now, 3 0G afterwards/);
      house.abandon();
    });

    it("moves nothing here that was meant for the sandbox when the network was switched while that started", async () => {
      const house = newHouse({ network: "custom", customNetwork: customNetwork() });
      const { wallet } = await house.wallets.create({ name: "Mine", network: house.session.network() });
      await other.control.fund(wallet.address, "20");
      house.world.settings.set({ network: "sandbox" });
      await house.wallets.ensureSandboxWallet();
      const running = house.accounts.run({ kind: "addLedger", amount: og("3") }, "tryOut");
      house.world.settings.set({ network: "custom" });
      await rejects(running, "cancelled");
      const here = await house.session.broker();
      assert.equal(here.network.id, "custom");
      assert.equal(await here.ledger.getLedger(), undefined);
      assert.equal(house.dialogs.asked.length, 0);
      house.abandon();
    });

    it("never pays a higher fee than the one confirmed, whatever the node asks for afterwards", async () => {
      const house = newHouse({ network: "custom", customNetwork: customNetwork() });
      const { wallet } = await house.wallets.create({ name: "Mine", network: house.session.network() });
      await other.control.fund(wallet.address, "20");
      let factor = 1n;
      const dear = createServer((request, response) => {
        void (async () => {
          const body = Buffer.concat((await request.toArray()) as Buffer[]).toString();
          const headers = { "content-type": "application/json" };
          const answer = await fetch(other.ready.rpcUrl, { method: "POST", headers, body });
          const calls = [JSON.parse(body)].flat() as { id: number; method: string }[];
          const isPrice = (id: number) => calls.find((call) => call.id === id)?.method === "eth_gasPrice";
          const text = JSON.stringify(await answer.json(), (_key, value: { id: number; result: string }) =>
            value && isPrice(value.id)
              ? {
                  ...value,
                  id: -1,
                  result: `0x${(BigInt(value.result) * factor).toString(16)}`,
                  was: value.id,
                }
              : value,
          );
          response.writeHead(200, headers).end(text.replace(/"id":-1,(.*?),"was":(\d+)/g, '"id":$2,$1'));
        })();
      });
      await new Promise<void>((resolve) => dear.listen(0, "127.0.0.1", resolve));
      const rpcUrl = `http://127.0.0.1:${(dear.address() as AddressInfo).port}`;
      house.world.settings.set({ customNetwork: customNetwork({ rpcUrls: [rpcUrl] }) });
      house.dialogs.answer = async () => {
        factor = 1000n;
        return true;
      };
      const open: LedgerOperation = { kind: "addLedger", amount: og("3") };
      await assert.rejects(
        house.accounts.run(open, "asked"),
        (error) => isComputeError(error, "rejectedByChain") && error.facts.reason === "feeRose",
      );
      assert.equal(await (await house.session.broker()).ledger.getLedger(), undefined);
      assert.equal(house.limits.movedToday(house.session.scope()!, "wallet"), 0n);
      house.dialogs.answer = true;
      factor = 1n;
      assert.ok((await house.accounts.run(open, "asked")).hash);
      house.abandon();
      dear.closeAllConnections();
      dear.close();
    });

    it("counts a transaction that was sent and then lost from sight", async () => {
      const house = newHouse({ network: "custom", customNetwork: customNetwork() });
      const { wallet } = await house.wallets.create({ name: "Mine", network: house.session.network() });
      await other.control.fund(wallet.address, "20");
      await other.control.fault("chain", "no-mining", true);
      const abort = new AbortController();
      const running = house.accounts.run({ kind: "addLedger", amount: og("3") }, "asked", abort.signal);
      const scope = house.session.scope()!;
      await new Promise<void>((resolve) => {
        house.journal.onDidChange(() => {
          if (house.journal.entries(scope)[0]?.phase === "sent") resolve();
        });
      });
      abort.abort();
      await rejects(running, "cancelled");
      await other.control.clear();
      const next = new House(house.world);
      assert.equal(next.limits.movedToday(scope, "wallet"), og("3"));
      assert.ok(next.journal.entries(scope)[0]?.hash);
      next.abandon();
      house.abandon();
    });

    it("times the chat services and says which do not answer", async () => {
      const house = newHouse({ network: "custom", customNetwork: customNetwork() });
      const silent = other.provider("separated").address.toLowerCase();
      await other.control.fault(silent, "refuse", true);
      const timed = new Promise<void>((resolve) =>
        house.providers.onDidChange(({ value }) => {
          if (value?.every((item) => item.service.serviceType !== "chatbot" || item.probe)) resolve();
        }),
      );
      await house.providers.refresh();
      await timed;
      await other.control.clear();
      for (const { service, probe } of house.providers.chatServices)
        assert.equal(
          probe?.latencyMs === undefined,
          service.provider.toLowerCase() === silent,
          service.provider,
        );
      house.abandon();
    });
  });
});
