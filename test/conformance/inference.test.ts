// The broker against the sandbox's providers, as they behave when they behave.
import assert from "node:assert/strict";
import type { ChatEvent } from "../../src/broker/inference/exchange.js";
import type { ProviderId } from "../../src/domain/ids.js";
import { oneOg } from "../../src/domain/money.js";
import { chatFee } from "../../src/domain/pricing.js";
import { startSandboxInProcess, type TestSandbox } from "../support/sandbox.js";
import { type Client, failsWith, idOf, openClient } from "./inferenceSupport.js";

const classes = ["combined", "separated", "centralized"] as const;

describe("inference over the sandbox", function () {
  this.timeout(60_000);
  let sandbox: TestSandbox;
  let client: Client;

  before(async () => {
    sandbox = await startSandboxInProcess();
    client = await openClient(sandbox);
  });
  after(async () => {
    client?.broker.close();
    await sandbox?.stop();
  });

  it("lists the services with class, privacy and prices", async () => {
    const services = await client.broker.inference.listService();
    const chats = services.filter((service) => service.serviceType === "chatbot");
    assert.deepEqual(chats.map((service) => [service.providerClass, service.privacy]).sort(), [
      ["centralized", "authentic"],
      ["combined", "private"],
      ["combined", "private"], // the one that trains serves chat too
      ["separated", "private"],
    ]);
    assert.ok(chats.every((service) => service.inputPrice > 0n && service.info.isReadable));
  });

  for (const providerClass of classes)
    for (const isStreamed of [false, true])
      it(`verifies a ${isStreamed ? "streamed" : "plain"} answer of a ${providerClass} provider`, async () => {
        const events: ChatEvent[] = [];
        const provider = idOf(sandbox, providerClass);
        const exchange = await client.ask({ provider, isStreamed }, { on: (event) => events.push(event) });
        assert.equal(exchange.ended, "complete");
        assert.equal(exchange.isStreamed, isStreamed);
        assert.ok(exchange.text.length > 10, exchange.text);
        assert.equal(events[0]?.kind, "sent");
        const heard = events.flatMap((event) => (event.kind === "delta" ? [event.text] : [])).join("");
        assert.equal(heard, exchange.text);
        assert.ok(exchange.usage.promptTokens > 0 && !exchange.usage.isEstimated);
        const verdict = await client.broker.inference.verifyResponse(exchange);
        assert.equal(verdict.level, "verified", JSON.stringify(verdict));
        assert.equal(verdict.reason, undefined);
        const status = Object.fromEntries(verdict.checks.map((check) => [check.id, check.status]));
        const expected = {
          signature: "proven",
          signer: "proven",
          "request-hash": "proven",
          "response-hash": "proven",
          "owner-acknowledged": "observed",
          "user-acknowledged": "observed",
          enclave: "not-checked",
          ...(providerClass === "centralized" ? { routing: "proven", certificate: "not-checked" } : {}),
        };
        assert.deepEqual(status, expected);
        assert.equal(verdict.checks.find((check) => check.id === "enclave")?.why, "sandbox");
        // The official client refuses the label TeeTLS that relaying providers carry, whatever the signature.
        const isLabelKnown = exchange.service.verifiability === "TeeML";
        assert.equal(isLabelKnown, providerClass !== "centralized");
        assert.equal(await client.broker.inference.processResponse(provider, exchange.chatId), isLabelKnown);
      });

  it("sends its request in the form the broker itself would write", async () => {
    const exchange = await client.ask({
      provider: idOf(sandbox, "combined"),
      maxTokens: 40,
      temperature: 0.5,
    });
    assert.equal(
      Buffer.from(exchange.requestBody).toString(),
      '{"max_tokens":40,"messages":[{"content":"What is 0G Compute? \\u003cb\\u003e\\u0026\\u003c/b\\u003e Grüße 👋","role":"user"}],"model":"' +
        exchange.model +
        '","stream":true,"stream_options":{"include_usage":true},"temperature":0.5}',
    );
  });

  it("owes what the price formula says, by the provider's own word", async () => {
    const fresh = await openClient(sandbox);
    const provider = idOf(sandbox, "combined");
    const { inference } = fresh.broker;
    const service = await inference.getService(provider);
    assert.equal(await inference.getUnsettledFee(service), 0n);
    const exchange = await fresh.ask({ provider });
    const owed = await inference.getUnsettledFee(service);
    assert.equal(owed, chatFee(exchange.service, exchange.usage).total);
    fresh.broker.close();
  });

  it("makes one token for many requests and moves no money for it", async () => {
    const provider = idOf(sandbox, "combined");
    const before = await client.broker.ledger.overview();
    const headers = await Promise.all(
      [1, 2, 3].map(() => client.broker.inference.getRequestHeaders(provider)),
    );
    assert.equal(new Set(headers.map((header) => header.Authorization)).size, 1);
    const after = await client.broker.ledger.overview();
    assert.deepEqual([after.walletBalance, after.ledger], [before.walletBalance, before.ledger]);
    const empty = await openClient(sandbox, { isFunded: false });
    await empty.broker.inference.getRequestHeaders(provider);
    assert.equal(await empty.broker.ledger.getSubAccount("inference", provider), undefined);
    empty.broker.close();
  });

  it("takes a new token with the new generation after all tokens were revoked", async () => {
    const revoked = await openClient(sandbox);
    const provider = idOf(sandbox, "combined");
    await revoked.ask({ provider });
    const { Wallet, JsonRpcProvider, Contract } = await import("ethers");
    const rpc = new JsonRpcProvider(sandbox.ready.rpcUrl, undefined, {
      cacheTimeout: -1,
      pollingInterval: 50,
    });
    const { contractInterface } = await import("../../src/broker/contracts/interfaces.js");
    const contract = new Contract(
      sandbox.ready.contracts.inference,
      contractInterface("inference"),
      new Wallet(revoked.wallet.privateKey, rpc),
    );
    await (await contract.getFunction("revokeAllTokens")(provider)).wait();
    rpc.destroy();
    const before = await revoked.broker.inference.getRequestHeaders(provider);
    const verdict = await revoked.verify({ provider });
    assert.equal(verdict.level, "verified");
    const after = await revoked.broker.inference.getRequestHeaders(provider);
    assert.notEqual(after.Authorization, before.Authorization);
    revoked.broker.close();
  });

  it("says what is missing: no sub-account, too little in it", async () => {
    const empty = await openClient(sandbox, { isFunded: false });
    const provider = idOf(sandbox, "combined");
    await assert.rejects(
      empty.ask({ provider }),
      failsWith("insufficientFunds", { account: "sub-account", have: 0n }),
    );
    await assert.rejects(
      empty.broker.inference.acknowledgeProviderSigner(provider),
      failsWith("insufficientFunds", { account: "sub-account", have: 0n, need: oneOg }),
    );
    await sandbox.control.fund(empty.wallet.address, "100");
    await empty.broker.ledger.addLedger((10n * oneOg) as never);
    await empty.broker.ledger.transferFund(provider, "inference", oneOg);
    await empty.ask({ provider });
    await assert.rejects(
      empty.ask({ provider }),
      failsWith("insufficientFunds", { account: "sub-account", have: oneOg }),
    );
    empty.broker.close();
  });

  it("acknowledges once, and tells both acknowledgements", async () => {
    const provider = idOf(sandbox, "separated");
    assert.equal(await client.broker.inference.acknowledgeProviderSigner(provider), undefined);
    const status = await client.broker.inference.checkProviderSignerStatus(provider);
    assert.deepEqual([status.isAcknowledgedByOwner, status.isAcknowledgedByUser], [true, true]);
  });

  it("reads models and metadata, and times a probe", async () => {
    const provider = idOf(sandbox, "combined");
    const service = await client.broker.inference.getService(provider);
    const models = await client.broker.inference.getModels(provider);
    assert.ok(models.some((model) => model.id === service.model));
    assert.deepEqual(await client.broker.inference.getServiceMetadata(provider), {
      endpoint: `${service.url}/v1/proxy`,
      model: service.model,
    });
    assert.ok((await client.broker.inference.probe(provider)).latencyMs >= 0);
  });

  it("reads a service once in a minute, whatever the capitals of the address", async () => {
    const provider = idOf(sandbox, "combined");
    await client.broker.inference.getService(provider);
    client.urls.length = 0;
    const spellings = [provider, provider.toLowerCase(), provider.toUpperCase().replace("0X", "0x")];
    for (const spelling of spellings) await client.broker.inference.getService(spelling as ProviderId);
    assert.equal(client.urls.length, 0);
    await client.broker.inference.getService(provider, { maxAgeMs: 0 });
    assert.equal(client.urls.length, 1);
  });

  it("does not know a provider that is not there", async () => {
    const nobody = "0x00000000000000000000000000000000DeaDBeef" as ProviderId;
    await assert.rejects(client.broker.inference.getService(nobody), failsWith("unknownProvider"));
    await assert.rejects(client.ask({ provider: nobody }), failsWith("unknownProvider"));
  });

  it("lets no more than five requests of ours run at a provider at once", async () => {
    await sandbox.control.fault(idOf(sandbox, "combined"), "rate-limit", "requests=1000,user=5");
    const provider = idOf(sandbox, "combined");
    const answers = await Promise.all(Array.from({ length: 12 }, () => client.ask({ provider })));
    assert.ok(answers.every((answer) => answer.ended === "complete"));
    await sandbox.control.clear();
  });

  it("writes no key, token, question or answer into the log", () => {
    const written = client.log.lines.join("\n");
    for (const secret of [client.wallet.privateKey.slice(2), "app-sk-", "Grüße", "0G Compute?"])
      assert.ok(!written.includes(secret), secret);
    assert.ok(client.log.lines.length > 10);
  });
});
