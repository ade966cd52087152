// API keys as other programs use them: over plain HTTP, against providers that check as the official ones do; the golden vectors; and the
// official SDK, which makes keys that ours reads, and the other way round.
import { createZGComputeNetworkBroker, type ZGComputeNetworkBroker } from "@0gfoundation/0g-compute-ts-sdk";
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JsonRpcProvider, Wallet } from "ethers";
import { createBroker } from "../../src/broker/broker.js";
import { readApiKey } from "../../src/broker/inference/apiKeys.js";
import { authCheck } from "../../src/broker/wire/authCheck.js";
import { apiKeyState } from "../../src/domain/apiKey.js";
import type { Address, ProviderId } from "../../src/domain/ids.js";
import { networks } from "../../src/domain/networks.js";
import { apiKeySnippet, snippetChoices, type SnippetKind } from "../../src/view/apiKeys/apiKeySnippets.js";
import { english } from "../../src/view/translate.js";
import { aPicture, aSound, providerOf as mediaProviderOf } from "../support/media.js";
import { letGoOfLongTimers } from "../support/longTimers.js";
import { memoryLog, TestClock } from "../support/ports.js";
import { startSandboxInProcess, type TestSandbox } from "../support/sandbox.js";
import { failsWith, idOf, openClient, type Client } from "./inferenceSupport.js";

interface TokenVector {
  readonly name: string;
  readonly private_key: string;
  readonly provider: string;
  readonly now_ms: number;
  readonly mode: "ephemeral" | "persistent";
  readonly duration_ms: number | null;
  readonly account_generation: number;
  readonly nonce: string;
  readonly expected: {
    user: string;
    token_id: number;
    expires_at: number;
    api_key: string;
    authorization: string;
  };
}

interface AuthVector {
  readonly name: string;
  readonly authorization: string;
  readonly provider: string;
  readonly now_ms: number;
  readonly on_chain: { generation: number; revoked_bitmap: string };
  readonly expected_error: string | null;
}

const vectors = JSON.parse(
  readFileSync(new URL("../fixtures/vectors/inference.json", import.meta.url), "utf8"),
) as { session_tokens: TokenVector[]; server_auth: AuthVector[] };

describe("API keys", function () {
  this.timeout(120_000);

  describe("of the golden vectors", () => {
    const persistent = vectors.session_tokens.filter(({ mode }) => mode === "persistent");

    it("are read: wallet, provider, id, generation and end", () => {
      assert.ok(persistent.length >= 3, String(persistent.length));
      for (const { name, provider, now_ms, account_generation, expected } of persistent)
        assert.deepEqual(
          readApiKey(expected.api_key),
          {
            rawToken: expected.api_key,
            facts: {
              wallet: expected.user,
              provider,
              tokenId: expected.token_id,
              generation: account_generation,
              createdAt: now_ms,
              ...(expected.expires_at > 0 ? { expiresAt: expected.expires_at } : {}),
            },
          },
          name,
        );
    });

    it("are made byte for byte, given their moment and their chance", async () => {
      const hex = persistent.filter(({ nonce }) => /^[0-9a-f]{32}$/.test(nonce));
      assert.ok(hex.length > 0);
      for (const vector of hex) {
        const { inference } = createBroker({
          network: networks.sandbox,
          signer: { address: vector.expected.user as Address, key: async () => vector.private_key },
          clock: new TestClock(vector.now_ms),
          log: memoryLog(),
          random: () => Buffer.from(vector.nonce, "hex"),
        });
        const { rawToken } = await inference.createApiKey(vector.provider as ProviderId, {
          tokenId: vector.expected.token_id,
          generation: vector.account_generation,
          ...(vector.duration_ms === null ? {} : { lifetimeMs: vector.duration_ms }),
        });
        assert.equal(rawToken, vector.expected.api_key, vector.name);
      }
    });

    it("are in the state that a provider finds them in", () => {
      let seen = 0;
      for (const { name, authorization, provider, now_ms, on_chain, expected_error } of vectors.server_auth) {
        const facts = tryRead(authorization);
        if (facts?.provider.toLowerCase() !== provider.toLowerCase()) continue;
        const account = {
          generation: on_chain.generation,
          revokedBitmap: BigInt(on_chain.revoked_bitmap),
        };
        assert.equal(apiKeyState(facts, account, now_ms) === "active", expected_error === null, name);
        seen++;
      }
      assert.ok(seen > 1, String(seen));
    });

    it("are in that state at every turn of generation, bitmap and clock", () => {
      for (const { provider, expected } of persistent) {
        const { facts } = readApiKey(expected.api_key);
        const moments = [facts.createdAt, ...[0, 999, 1000].map((ms) => expected.expires_at + ms)];
        for (const generation of [facts.generation - 1, facts.generation, facts.generation + 1])
          for (const revokedBitmap of [0n, 1n << BigInt(facts.tokenId), ~(1n << BigInt(facts.tokenId))])
            for (const now of moments) {
              const account = { generation, revokedBitmap };
              const refusal = authCheck(expected.authorization, { provider, now, account });
              assert.equal(apiKeyState(facts, account, now) === "active", refusal === undefined, refusal);
            }
      }
    });

    const tryRead = (authorization: string) => {
      try {
        return readApiKey(authorization).facts;
      } catch {
        return undefined; // a pass, or one that no provider takes either
      }
    };
  });

  describe("at the sandbox's providers", () => {
    let now = Date.now();
    let sandbox: TestSandbox;
    let client: Client;
    let provider: ProviderId;

    before(async () => {
      sandbox = await startSandboxInProcess({ now: () => now });
      client = await openClient(sandbox);
      provider = idOf(sandbox, "combined");
    });
    after(async () => {
      client?.broker.close();
      await sandbox?.stop();
    });

    const make = async (tokenId: number, more: { generation?: number; lifetimeMs?: number } = {}) =>
      (await client.broker.inference.createApiKey(provider, { tokenId, generation: 0, ...more })).rawToken;

    /** With nothing of ours: what a program does that was given URL, model and key. */
    const ask = async (key: string): Promise<string> => {
      const { url, model } = sandbox.provider("combined");
      const response = await fetch(`${url}/v1/proxy/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: JSON.stringify({ model, messages: [{ role: "user", content: "What is a key?" }] }),
      });
      const text = await response.text();
      return response.ok ? "answered" : `${response.status} ${text}`;
    };
    const refused = (why: string) => JSON.stringify({ error: `validate session: ${why}` });

    it("are accepted over plain HTTP, with and without an end", async () => {
      assert.equal(await ask(await make(1)), "answered");
      assert.equal(await ask(await make(254, { lifetimeMs: 60_000 })), "answered");
    });

    it("are refused at every other provider, and when a letter is another", async () => {
      const key = await make(2);
      const { url, model } = sandbox.provider("separated");
      const elsewhere = await fetch(`${url}/v1/proxy/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: JSON.stringify({ model, messages: [] }),
      });
      assert.match(await elsewhere.text(), /session token is for different provider/);
      const changed = Buffer.from(key.slice(7), "base64").toString().replace('"tokenId":2', '"tokenId":3');
      assert.match(await ask(`app-sk-${Buffer.from(changed).toString("base64")}`), /address mismatch/);
    });

    it("are refused after revokeToken, the others are not", async () => {
      const [first, second] = [await make(10), await make(11)];
      await client.broker.ledger.run({ kind: "revokeToken", provider, tokenId: 10, label: "first" });
      assert.equal(await ask(first), `400 ${refused("session token has been revoked")}`);
      assert.equal(await ask(second), "answered");
      const account = await client.broker.ledger.getSubAccount("inference", provider);
      assert.equal(apiKeyState(readApiKey(first).facts, account, now), "revoked");
      assert.equal(apiKeyState(readApiKey(second).facts, account, now), "active");
    });

    it("are refused after their end, and good in the second of it", async () => {
      now = Date.now();
      const key = await make(20, { lifetimeMs: 7 * 86_400_000 });
      const { expiresAt = 0 } = readApiKey(key).facts;
      const account = await client.broker.ledger.getSubAccount("inference", provider);
      now = expiresAt;
      assert.equal(await ask(key), "answered");
      assert.equal(apiKeyState(readApiKey(key).facts, account, now), "active");
      now = expiresAt + 1000;
      assert.equal(await ask(key), `400 ${refused("session token expired")}`);
      assert.equal(apiKeyState(readApiKey(key).facts, account, now), "expired");
      now = Date.now();
    });

    it("are refused after revokeAllTokens, running passes too; those made afterwards are good", async () => {
      const key = await make(30);
      const pass = await client.broker.inference.getRequestHeaders(provider);
      await client.broker.ledger.run({ kind: "revokeAllTokens", provider });
      const expired = `400 ${refused("session token has been revoked (generation expired)")}`;
      assert.equal(await ask(key), expired);
      assert.equal(await ask(pass.Authorization.slice("Bearer ".length)), expired);
      assert.equal(await ask(await make(10, { generation: 1 })), "answered", "revoked before, free again");
      const account = await client.broker.ledger.getSubAccount("inference", provider);
      assert.equal(apiKeyState(readApiKey(key).facts, account, now), "revokedWithAll");
      assert.equal((await client.ask({ provider })).ended, "complete", "the chat goes on by itself");
    });

    for (const [serviceType, answer] of [
      ["chatbot", /"role": ?"assistant"/],
      ["text-to-image", /"b64_json": ?"iVBORw0KGgo/],
      ["image-editing", /"b64_json": ?"iVBORw0KGgo/],
      ["speech-to-text", /"text": ?"/],
    ] as const)
      it(`work in each of our snippets for ${serviceType}, run as they are`, async () => {
        const { inference } = client.broker;
        const asked = mediaProviderOf(sandbox, serviceType).address as ProviderId;
        const generation = asked === provider ? 1 : 0;
        const { rawToken: key } = await inference.createApiKey(asked, { tokenId: 40, generation });
        const service = await inference.getService(asked);
        const folder = mkdtempSync(join(tmpdir(), "snippets-"));
        writeFileSync(join(folder, "picture.png"), aPicture());
        writeFileSync(join(folder, "recording.wav"), aSound(2));
        for (const { value } of snippetChoices(english).filter(({ value }) => isThere(value))) {
          const { content } = apiKeySnippet(value, service, english);
          assert.ok(!content.includes(key));
          const { code, text } = await runSnippet(value, content, folder, key);
          assert.equal(code, 0, `${value}: ${text}`);
          assert.match(text, answer, value);
          const without = await runSnippet(value, content, folder, "wrong");
          assert.match(without.text, /invalid|missing|400/, value);
        }
        rmSync(folder, { recursive: true });
      });

    it("cannot be planned to be revoked where there is no account", async () => {
      const stranger = await openClient(sandbox, { isFunded: false });
      await sandbox.control.fund(stranger.wallet.address, "1");
      await assert.rejects(
        stranger.broker.ledger.plan({ kind: "revokeAllTokens", provider }),
        failsWith("rejectedByChain", { reason: "AccountNotExists" }),
      );
      stranger.broker.close();
    });
  });

  describe("and the official SDK 0.9.0", () => {
    let sandbox: TestSandbox;
    let client: Client;
    let rpc: JsonRpcProvider;
    let provider: ProviderId;
    let takeTimersBack: () => void;

    before(async () => {
      takeTimersBack = letGoOfLongTimers();
      sandbox = await startSandboxInProcess();
      client = await openClient(sandbox);
      provider = idOf(sandbox, "combined");
      rpc = new JsonRpcProvider(sandbox.ready.rpcUrl, undefined, { cacheTimeout: -1, pollingInterval: 50 });
    });
    after(async () => {
      rpc?.destroy();
      client?.broker.close();
      await sandbox?.stop();
      takeTimersBack();
    });

    /** A new one each time: it keeps what it read of an account for five minutes. */
    const official = (): Promise<ZGComputeNetworkBroker> =>
      createZGComputeNetworkBroker(new Wallet(client.wallet.privateKey, rpc));
    const stateOf = async (key: string) =>
      apiKeyState(
        readApiKey(key).facts,
        await client.broker.ledger.getSubAccount("inference", provider),
        Date.now(),
      );
    const accepts = async (key: string) => {
      const account = await client.broker.ledger.getSubAccount("inference", provider);
      const { generation = 0, revokedBitmap = 0n } = account ?? {};
      const state = { provider, now: Date.now(), account: { generation, revokedBitmap } };
      return authCheck(`Bearer ${key}`, state) === undefined;
    };

    it("makes keys that ours reads, with the same facts", async () => {
      const { requestProcessor } = (await official()).inference;
      for (const expiresIn of [0, 3_600_000]) {
        const made = await requestProcessor.createApiKey(provider, { tokenId: 5, expiresIn });
        const { facts } = readApiKey(made.rawToken);
        assert.deepEqual(
          [
            facts.wallet,
            facts.provider,
            facts.tokenId,
            facts.generation,
            facts.createdAt,
            facts.expiresAt ?? 0,
          ],
          [client.wallet.address, provider, made.tokenId, 0, made.createdAt, made.expiresAt],
        );
        assert.equal(await stateOf(made.rawToken), "active");
        assert.ok(await accepts(made.rawToken));
      }
    });

    it("revokes a key of ours, which ours then says is revoked", async () => {
      const { rawToken } = await client.broker.inference.createApiKey(provider, {
        tokenId: 77,
        generation: 0,
      });
      assert.equal(await stateOf(rawToken), "active");
      await (await official()).inference.revokeApiKey(provider, 77);
      assert.equal(await stateOf(rawToken), "revoked");
      assert.equal(await accepts(rawToken), false);
    });

    it("sees what ours revoked: it makes no key with that id, and takes the next for the smallest", async () => {
      for (const tokenId of [0, 1])
        await client.broker.ledger.run({ kind: "revokeToken", provider, tokenId, label: String(tokenId) });
      const { requestProcessor } = (await official()).inference;
      await assert.rejects(requestProcessor.createApiKey(provider, { tokenId: 1 }), /already revoked/);
      assert.equal((await requestProcessor.createApiKey(provider)).tokenId, 2);
    });

    it("makes keys of the new generation after ours revoked all", async () => {
      const before = await (
        await official()
      ).inference.requestProcessor.createApiKey(provider, { tokenId: 9 });
      await client.broker.ledger.run({ kind: "revokeAllTokens", provider });
      assert.equal(await stateOf(before.rawToken), "revokedWithAll");
      const after = await (await official()).inference.requestProcessor.createApiKey(provider);
      const { facts } = readApiKey(after.rawToken);
      assert.deepEqual([facts.tokenId, facts.generation], [0, 1]);
      assert.equal(await stateOf(after.rawToken), "active");
    });
  });
});

const programs: Readonly<Record<SnippetKind, readonly [string, ...string[]]>> = {
  curl: ["sh", "-s"],
  javascript: [process.execPath, "--input-type=module", "-"],
  python: ["python3", "-"],
};

/** Not every machine has curl and Python. */
function isThere(kind: SnippetKind): boolean {
  const program = kind === "curl" ? "curl" : programs[kind][0];
  return spawnSync(program, ["--version"]).status === 0;
}

/** In a process of its own, as a user would run it. */
async function runSnippet(
  kind: SnippetKind,
  content: string,
  cwd: string,
  key: string,
): Promise<{ code: number | null; text: string }> {
  const [program, ...args] = programs[kind];
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env.PATH ?? "", ZG_API_KEY: key },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  child.stdin.end(content);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, text };
}
