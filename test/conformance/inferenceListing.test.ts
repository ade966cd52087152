// Reading a long list of services from the real contract, some of them hostile.
import assert from "node:assert/strict";
import { Wallet } from "ethers";
import { createBroker } from "../../src/broker/broker.js";
import type { Broker } from "../../src/broker/api.js";
import { developmentAccount } from "../../src/broker/wallet/developmentKeys.js";
import { networks } from "../../src/domain/networks.js";
import { contractAddresses } from "../../src/sandbox/chain/rules.js";
import { Marketplace, type Outgoing, type ServiceParams } from "../../src/sandbox/marketplace.js";
import { startTestChain, type TestChain } from "../unit/sandbox/chainSupport.js";
import { fastClock, keepingLog } from "./ledgerSupport.js";

const count = 130;

describe("a long list of services", function () {
  this.timeout(120_000);
  let net: TestChain;
  let broker: Broker;
  const bodies: string[] = [];

  const params = (index: number, teeSigner: string): ServiceParams => ({
    serviceType: index % 10 === 3 ? "video-generation" : "chatbot",
    url: `https://provider-${index}.example/`,
    model: `model-${index}`,
    verifiability: "TeeML",
    inputPrice: BigInt(index),
    outputPrice: 2n ** 200n,
    additionalInfo:
      ["{}", "", "not json", '{"tieredPricing":{"tiers":[null]}}', "\u0000\u202e"][index % 5] ?? "",
    teeSignerAddress: teeSigner,
  });

  before(async () => {
    net = await startTestChain();
    const market = new Marketplace(net.chain, contractAddresses);
    const owner = developmentAccount(0);
    const keys = Array.from({ length: count }, () => Wallet.createRandom());
    const funding = keys.map(({ address }): Outgoing => ({
      from: owner,
      to: address,
      value: 101n * 10n ** 18n,
    }));
    await market.send(funding);
    const registrations: Outgoing[] = [];
    for (const [index, key] of keys.entries()) {
      const steps = await market.registration(key, owner, params(index, key.address));
      // Every seventh has not been vouched for.
      registrations.push(...(index % 7 === 6 ? steps.slice(0, 1) : steps));
    }
    await market.send(registrations);
    broker = createBroker({
      network: { ...networks.sandbox, rpcUrls: [net.chain.rpcUrl] },
      clock: fastClock(1),
      log: keepingLog(),
      fetch: (input, init) => {
        bodies.push(typeof init?.body === "string" ? init.body : "");
        return fetch(input, init);
      },
    });
  });
  after(async () => {
    broker?.close();
    await net?.close();
  });

  it("is read to its end, the later pages at once, without a wallet", async () => {
    bodies.length = 0;
    const all = await broker.inference.listService({ includeUnacknowledged: true });
    assert.equal(all.length, count);
    assert.equal(new Set(all.map((service) => service.provider)).size, count);
    const calls = bodies.reduce((sum, body) => sum + (body.match(/eth_call/g)?.length ?? 0), 0);
    assert.equal(calls, 3);
    console.log(`        ${count} services in ${calls} calls, ${bodies.length} HTTP requests`);
  });

  it("leaves out what the operator does not vouch for, unless asked for", async () => {
    const listed = await broker.inference.listService();
    const vouched = Array.from({ length: count }, (_, index) => index).filter((index) => index % 7 !== 6);
    assert.equal(listed.length, vouched.length);
    assert.ok(listed.every((service) => service.isSignerAcknowledgedByOwner));
  });

  it("shows services of unknown types and with unreadable texts, and claims nothing for the latter", async () => {
    const all = await broker.inference.listService({ includeUnacknowledged: true });
    const byModel = new Map(all.map((service) => [service.model, service]));
    assert.equal(byModel.get("model-3")?.serviceType, "video-generation");
    assert.equal(byModel.get("model-0")?.url, "https://provider-0.example");
    assert.equal(byModel.get("model-0")?.outputPrice, 2n ** 200n);
    assert.deepEqual(
      [byModel.get("model-2")?.info.isReadable, byModel.get("model-2")?.privacy],
      [false, "none"],
    );
    assert.deepEqual(
      [byModel.get("model-0")?.info.isReadable, byModel.get("model-0")?.privacy],
      [true, "private"],
    );
  });

  it("is kept: a service of the list is not read again", async () => {
    const [first] = await broker.inference.listService();
    bodies.length = 0;
    assert.ok(first);
    await broker.inference.getService(first.provider);
    assert.equal(bodies.length, 0);
  });
});
