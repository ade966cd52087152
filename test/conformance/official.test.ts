// The official SDK and command line tool, as published, against our sandbox: what they accept is what the network speaks.
import { createZGComputeNetworkBroker, type ZGComputeNetworkBroker } from "@0gfoundation/0g-compute-ts-sdk";
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatEther, JsonRpcProvider, Wallet } from "ethers";
import { letGoOfLongTimers } from "../support/longTimers.js";
import { OfficialCli, officialVersion } from "../support/officialCli.js";
import { startSandbox, type TestSandboxProcess } from "../support/sandbox.js";
import { events, type Json, readPieces } from "../support/sandboxUser.js";

describe("the official client 0.9.0 against the sandbox", function () {
  this.timeout(180_000);
  let sandbox: TestSandboxProcess;

  before(async () => {
    assert.equal(officialVersion(), "0.9.0");
    sandbox = await startSandbox({ args: ["--settle", "0"] });
  });
  after(() => sandbox.stop());
  afterEach(() => sandbox.control.clear());

  describe("SDK", () => {
    let rpc: JsonRpcProvider;
    let wallet: Wallet;
    let broker: ZGComputeNetworkBroker;
    let takeTimersBack: () => void;

    before(async () => {
      takeTimersBack = letGoOfLongTimers();
      rpc = new JsonRpcProvider(sandbox.ready.rpcUrl, undefined, { cacheTimeout: -1, pollingInterval: 50 });
      wallet = new Wallet(Wallet.createRandom().privateKey, rpc);
      await sandbox.control.fund(wallet.address, "100");
      // No contract addresses: the SDK knows those of chain 31337.
      broker = await createZGComputeNetworkBroker(wallet);
    });
    after(() => {
      rpc.destroy();
      takeTimersBack();
    });

    const chat = async (providerClass: string, isStreamed: boolean) => {
      const { address } = sandbox.provider(providerClass);
      const { endpoint, model } = await broker.inference.getServiceMetadata(address);
      const headers = await broker.inference.getRequestHeaders(address);
      const response = await fetch(`${endpoint}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({
          model,
          messages: [{ role: "user", content: "What is 0G Compute?" }],
          ...(isStreamed && { stream: true }),
        }),
      });
      const parts: Uint8Array[] = [];
      await readPieces(response, (part) => parts.push(part));
      const body = Buffer.concat(parts);
      assert.equal(response.status, 200, body.toString());
      const last: Json = isStreamed ? events(body).at(-1) : JSON.parse(body.toString());
      const chatId = response.headers.get("ZG-Res-Key") ?? (last.id as string);
      return { address, chatId, usage: JSON.stringify(last.usage) };
    };

    it("lists the four providers of chat, and those of pictures and speech", async () => {
      const services = await broker.inference.listService();
      assert.deepEqual(
        services.map((service) => [service.provider, service.url, service.model, service.serviceType]),
        sandbox.ready.providers
          .filter(({ serviceType }) => serviceType !== "fine-tuning")
          .map(({ address, url, model, serviceType }) => [address, url, model, serviceType]),
      );
    });

    it("makes a ledger, deposits, and acknowledges a provider", async () => {
      await broker.ledger.addLedger(10);
      await broker.ledger.depositFund(5);
      const ledger = await broker.ledger.getLedger();
      assert.equal(formatEther(ledger.totalBalance), "15.0");
      const { address } = sandbox.provider("combined");
      await broker.inference.acknowledgeProviderSigner(address);
      const account = await broker.inference.getAccount(address);
      assert.equal(account.acknowledged, true);
    });

    for (const providerClass of ["combined", "separated"])
      for (const isStreamed of [false, true])
        it(`finds ${isStreamed ? "a streamed" : "a plain"} answer of the ${providerClass} provider valid, and a tampered one not`, async () => {
          const { address, chatId, usage } = await chat(providerClass, isStreamed);
          assert.match(usage, /"completion_tokens":[1-9]/);
          assert.equal(await broker.inference.processResponse(address, chatId, usage), true);
          for (const fault of ["tamper-text", "wrong-key"]) {
            await sandbox.control.fault(address, fault);
            const wrong = await chat(providerClass, isStreamed);
            assert.equal(await broker.inference.processResponse(address, wrong.chatId), false, fault);
            await sandbox.control.clear();
          }
        });

    it("knows no proof for TeeTLS: false with a good signature", async () => {
      const { address, chatId } = await chat("centralized", false);
      assert.equal(await broker.inference.processResponse(address, chatId), false);
    });

    it("throws for an id nobody knows, and for none says null", async () => {
      const { address } = sandbox.provider("combined");
      await assert.rejects(broker.inference.processResponse(address, "nobody"), /getting signature error/);
      assert.equal(await broker.inference.processResponse(address), null);
    });

    it("verifies the reports of every class: signer and compose hash match, and a wrong one is seen", async () => {
      const folder = mkdtempSync(join(tmpdir(), "official-verify-"));
      const verify = async (providerClass: string) => {
        const { address } = sandbox.provider(providerClass);
        const result = await broker.inference.verifyService(address, folder);
        assert.ok(result);
        return {
          reports: result.reportsGenerated,
          isSigner: result.signerVerification?.allMatch,
          isCompose: result.composeVerification?.passed,
        };
      };
      const good = (...reports: string[]) => ({ reports, isSigner: true, isCompose: true });
      assert.deepEqual(await verify("combined"), good("combined"));
      assert.deepEqual(await verify("separated"), good("broker", "llm"));
      assert.deepEqual(await verify("centralized"), good("broker"));
      await sandbox.control.fault("*", "wrong-quote");
      assert.equal((await verify("combined")).isSigner, false);
      await sandbox.control.fault("*", "wrong-quote", "compose");
      assert.equal((await verify("combined")).isCompose, false);
      rmSync(folder, { recursive: true, force: true });
    });

    it("makes an API key that works until it is revoked", async () => {
      const { address, url, model } = sandbox.provider("combined");
      const key = await broker.inference.requestProcessor.createApiKey(address, { tokenId: 3 });
      const ask = async () => {
        const response: Response = await fetch(`${url}/v1/proxy/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${key.rawToken}` },
          body: JSON.stringify({ model, messages: [{ role: "user", content: "hello" }] }),
        });
        return { status: response.status, text: await response.text() };
      };
      assert.equal((await ask()).status, 200);
      await broker.inference.requestProcessor.revokeApiKey(address, 3);
      assert.match((await ask()).text, /session token has been revoked/);
    });
  });

  describe("command line tool", () => {
    let tool: OfficialCli;
    before(async () => (tool = await OfficialCli.create(sandbox)));
    after(() => tool.remove());

    const run = (...args: string[]) => tool.run(...args);

    it("lists the providers and their models", async () => {
      const { flat } = await run("inference", "list-providers");
      for (const { address } of sandbox.ready.providers) assert.ok(flat.includes(address), flat);
      const { address, model } = sandbox.provider("separated");
      const models = await run("inference", "get-models", "--provider", address);
      assert.ok(models.flat.includes(model), models.text);
    });

    it("makes an account, deposits, acknowledges a provider and shows the balances", async () => {
      await run("add-account", "--amount", "10");
      await run("deposit", "--amount", "4");
      const { address } = sandbox.provider("combined");
      await run("inference", "acknowledge-provider", "--provider", address);
      await run("transfer-fund", "--provider", address, "--amount", "2", "--service", "inference");
      const { text } = await run("get-account");
      assert.match(text, /14\.0/);
      assert.match(text, /3\.0/);
    });

    it("makes a key with which a chat is answered, plain and streamed", async () => {
      const { address, url, model } = sandbox.provider("combined");
      const { flat } = await run("inference", "get-secret", "--provider", address, "--duration", "0");
      const [, key] = /(app-sk-[A-Za-z0-9+/]+=*)/.exec(flat) ?? [];
      assert.ok(key, flat);
      for (const stream of [false, true]) {
        const response: Response = await fetch(`${url}/v1/proxy/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
          body: JSON.stringify({
            model,
            stream,
            messages: [{ role: "user", content: "What is 0G Compute?" }],
          }),
        });
        const body = await response.text();
        assert.equal(response.status, 200, body);
        assert.match(body, stream ? /data: \[DONE\]\n\n$/ : /"role":"assistant"/);
      }
    });

    it("verifies a provider and keeps its reports", async () => {
      for (const providerClass of ["combined", "separated", "centralized"]) {
        const { address } = sandbox.provider(providerClass);
        const { text } = await run("inference", "verify", "--provider", address, "--output-dir", tool.home);
        assert.match(text, /Docker Compose Verification: ✅ PASSED/);
        assert.match(text, /TEE Signer Address Verification: ✅ PASSED/);
      }
      assert.deepEqual(
        readdirSync(tool.home)
          .filter((name) => name.endsWith(".json"))
          .sort(),
        ["attestation_report.json", "broker_attestation_report.json", "llm_attestation_report.json"],
      );
    });
  });
});
