// The chat providers as an official broker's clients see them (spec/inference.md 3.5 to 6.4).
import assert from "node:assert/strict";
import { verifyMessage } from "ethers";
import { startSandboxInProcess, type TestSandbox } from "../../support/sandbox.js";
import { chatBody, events, type Json, SandboxUser, sha256, textOf } from "../../support/sandboxUser.js";

describe("chat providers of the sandbox", function () {
  this.timeout(60_000);
  let sandbox: TestSandbox;
  let user: SandboxUser;

  before(async () => {
    sandbox = await startSandboxInProcess();
    user = await SandboxUser.create(sandbox);
    for (const provider of sandbox.ready.providers) await user.pay(provider);
  });
  after(async () => {
    user.close();
    await sandbox.stop();
  });

  const classes = ["combined", "separated", "centralized"];
  const service = async (providerClass: string) => {
    const provider = sandbox.provider(providerClass);
    const chain = await user.contract("inference").getFunction("getService")(provider.address);
    return { provider, chain, info: JSON.parse(chain.additionalInfo) };
  };
  const signerOf = async (providerClass: string): Promise<string> => {
    const { chain, info } = await service(providerClass);
    return providerClass === "separated" ? info.TargetTeeAddress : chain.teeSignerAddress;
  };

  describe("registration", () => {
    it("puts each class on chain as the network's documents describe it, acknowledged by the owner", async () => {
      const facts = await Promise.all(classes.map(service));
      assert.deepEqual(
        facts.map(({ chain, info }) => [
          chain.serviceType,
          chain.model,
          chain.verifiability,
          info.TargetSeparated,
          info.ProviderType,
          chain.teeSignerAcknowledged,
        ]),
        [
          ["chatbot", "sandbox-chat", "TeeML", false, undefined, true],
          ["chatbot", "sandbox-chat", "TeeML", true, undefined, true],
          ["chatbot", "sandbox-chat", "TeeTLS", true, "centralized", true],
        ],
      );
      for (const { chain, provider } of facts) assert.equal(chain.url, provider.url);
    });

    it("names a signer that is not the provider, and a model enclave of its own only when separated", async () => {
      const addresses = new Set<string>();
      for (const providerClass of classes) {
        const { provider, chain, info } = await service(providerClass);
        assert.equal(info.TargetTeeAddress !== "", providerClass === "separated");
        for (const address of [provider.address, chain.teeSignerAddress, info.TargetTeeAddress])
          if (address) addresses.add(address.toLowerCase());
      }
      assert.equal(addresses.size, 7);
    });
  });

  for (const providerClass of classes)
    for (const isStreamed of [false, true])
      it(`signs ${isStreamed ? "streamed" : "plain"} answers of the ${providerClass} provider over the exact bytes`, async () => {
        const provider = sandbox.provider(providerClass);
        const answer = await user.chat(provider, "What is 0G Compute?", isStreamed);
        assert.equal(answer.status, 200, answer.body.toString());
        assert.notEqual(textOf(answer.body), "");
        assert.equal(answer.headers.has("zg-res-key"), providerClass !== "separated");
        assert.equal(answer.headers.get("provider"), provider.address);
        const { text, signature } = await user.signature(provider, answer);
        assert.equal(verifyMessage(text, signature), await signerOf(providerClass));
        assert.deepEqual(text.split(":").slice(0, 2), [sha256(answer.sent), sha256(answer.body)]);
      });

  it("proves the route of the centralized provider with its vendor's name and certificate", async () => {
    const { provider, info } = await service("centralized");
    const answer = await user.chat(provider);
    const { text, ...more } = await user.signature(provider, answer);
    const [, , type, identity, fingerprint] = text.split(":");
    assert.deepEqual([type, identity], ["centralized", info.ProviderIdentity]);
    assert.match(fingerprint!, /^[0-9a-f]{64}$/);
    assert.deepEqual(
      [more.provider_type, more.provider_identity, more.tls_cert_fingerprint],
      [type, identity, fingerprint],
    );
  });

  it("finds a signature whatever the case of its id, and does not know others", async () => {
    const provider = sandbox.provider("combined");
    const answer = await user.chat(provider);
    const upper = { ...answer, chatId: answer.chatId.toUpperCase() };
    assert.deepEqual(await user.signature(provider, upper), await user.signature(provider, answer));
    await assert.rejects(
      user.signature(provider, { ...answer, chatId: "nobody" }),
      /^Error: 400 .*chat_id_not_found/,
    );
  });

  describe("streams", () => {
    it("send role, text, usage and the end mark, and every event ends with a blank line", async () => {
      const { body, headers } = await user.chat(sandbox.provider("combined"), "What is 0G Compute?", true);
      const seen = events(body);
      assert.match(headers.get("content-type")!, /^text\/event-stream/);
      assert.equal(seen[0]!.choices[0].delta.role, "assistant");
      assert.equal(seen.at(-2)!.choices[0].finish_reason, "stop");
      assert.deepEqual(seen.at(-1)!.choices, []);
      assert.ok(seen.at(-1)!.usage.completion_tokens > 0);
      assert.ok(body.toString().endsWith("\n\ndata: [DONE]\n\n"));
      assert.equal(new Set(seen.map((event) => event.id)).size, 1);
    });

    it("arrive in small pieces of odd sizes that tear characters apart", async () => {
      const { oddPieces } = await import("../../../src/sandbox/providers/delivery.js");
      const bytes = Buffer.from(
        "Größe: 漢字 and 🙂 — then plain text that goes on for a while, and on, and on.",
      );
      const pieces = [...oddPieces(bytes)];
      assert.deepEqual(Buffer.concat(pieces), bytes);
      assert.ok(pieces.some((piece) => (piece[0]! & 0xc0) === 0x80));
      const { pieces: received } = await user.chat(
        sandbox.provider("separated"),
        "What is 0G Compute?",
        true,
      );
      assert.ok(received.length > 10);
      assert.ok(new Set(received.map((piece) => piece.length)).size > 5);
    });

    it("send no usage when the request says so, and the wish is respected in what is signed", async () => {
      const provider = sandbox.provider("combined");
      const body = chatBody("What is 0G Compute?", true).replace("true}}", "false}}");
      const answer = await user.post(provider, body);
      assert.ok(events(answer.body).every((event) => event.usage === undefined));
      const { text } = await user.signature(provider, answer);
      assert.equal(text.split(":")[0], sha256(Buffer.from(body)));
    });
  });

  describe("requests", () => {
    it("are hashed as the broker rewrites them: sorted, escaped, with usage and model filled in", async () => {
      const provider = sandbox.provider("separated");
      const answer = await user.post(
        provider,
        '{"stream": true, "messages": [{"role":"user","content":"a<b"}]}',
      );
      const { text } = await user.signature(provider, answer);
      const rewritten =
        '{"messages":[{"content":"a\\u003cb","role":"user"}],"model":"sandbox-chat","stream":true,"stream_options":{"include_usage":true}}';
      assert.equal(text.split(":")[0], sha256(Buffer.from(rewritten)));
    });

    it("reach the same endpoint below /v1/proxy/v1 and with a slash at the end", async () => {
      const provider = sandbox.provider("combined");
      for (const path of ["/v1/proxy/v1/chat/completions", "/v1/proxy/chat/completions/"])
        assert.equal((await user.post(provider, chatBody("hello"), { path })).status, 200);
    });

    it("to other paths below /v1/proxy are refused in the broker's words", async () => {
      const answer = await user.post(sandbox.provider("combined"), "{}", {
        path: "/v1/proxy/images/generations",
      });
      assert.equal(answer.status, 400);
      assert.deepEqual(JSON.parse(answer.body.toString()), {
        error: "unsupported endpoint: endpoint not supported",
      });
    });

    it("for another model are refused by name", async () => {
      for (const providerClass of ["separated", "centralized"]) {
        const answer = await user.post(sandbox.provider(providerClass), chatBody("hello", false, "gpt-9"));
        assert.equal(answer.status, 400);
        assert.match(
          answer.body.toString(),
          /model not supported: requested 'gpt-9', only 'sandbox-chat' is available for this service/,
        );
      }
      assert.equal(
        (await user.post(sandbox.provider("combined"), chatBody("hello", false, "x"))).status,
        404,
      );
    });

    it("that are no JSON, or no chat, end as 400", async () => {
      const provider = sandbox.provider("combined");
      for (const body of ["", "not json", "[]", "{}", '{"messages":[]}', '{"messages":[1]}'])
        assert.equal((await user.post(provider, body)).status, 400, body);
    });

    it("above 32 MB are refused", async () => {
      const answer = await user.post(sandbox.provider("combined"), Buffer.alloc(32 * 1024 * 1024 + 1, 0x20));
      assert.equal(answer.status, 413);
      assert.match(answer.body.toString(), /Request body size exceeds the maximum allowed size of 32MB/);
    });

    it("under a foreign host name are not answered", async () => {
      const { request } = await import("node:http");
      const url = new URL(`${sandbox.provider("combined").url}/v1/models`);
      const status = await new Promise((resolve, reject) => {
        request(url, { headers: { host: "evil.example" } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on("error", reject)
          .end();
      });
      assert.equal(status, 403);
    });
  });

  describe("admission", () => {
    const refusal = async (asking: SandboxUser, authorization?: string): Promise<string> => {
      const provider = sandbox.provider("combined");
      const answer = await asking.post(provider, chatBody("hello"), { authorization });
      assert.equal(answer.status, 400, answer.body.toString());
      return JSON.parse(answer.body.toString()).error as string;
    };

    it("wants a token, its form first", async () => {
      assert.match(
        await refusal(user, "Bearer sk-abc"),
        /^validate session: missing or invalid Authorization/,
      );
      assert.match(await refusal(user, "Bearer app-sk-***"), /^validate session: invalid base64/);
    });

    it("refuses tokens of other providers, expired ones and such of a future generation", async () => {
      const provider = sandbox.provider("combined");
      const other = user.bearer(sandbox.provider("separated"));
      assert.equal(await refusal(user, other), "validate session: session token is for different provider");
      const old = user.bearer(provider, { now: Date.now() - 86_400_000 - 2000 });
      assert.equal(await refusal(user, old), "validate session: session token expired");
      const future = user.bearer(provider, { generation: 7 });
      assert.equal(
        await refusal(user, future),
        "validate session: invalid session token (future generation)",
      );
    });

    it("refuses who has no sub-account, who did not acknowledge, and says so", async () => {
      const stranger = await SandboxUser.create(sandbox, "10", "0");
      assert.equal(await refusal(stranger), "validate request: get account from contract, account not exist");
      stranger.close();
    });

    it("wants the reserve of 1 0G left, and writes the sum with six decimals", async () => {
      const poor = await SandboxUser.create(sandbox, "10", "3");
      const provider = sandbox.provider("combined");
      await poor.pay(provider, "1");
      assert.equal((await poor.chat(provider)).status, 200);
      const text = await refusal(poor);
      assert.match(
        text,
        /^insufficient balance: your locked balance is 1\.000000 0G, but the required minimum is 1\.0000\d\d 0G \(breakdown: minimum reserve 1\.000000 0G \+ unsettled fees 0\.0000\d\d 0G \+ current request fee 0\.000000 0G\)\. Please add more funds with: /,
      );
      poor.close();
    });

    it("refuses revoked keys at once, one by its bit and all by the generation", async () => {
      const owner = await SandboxUser.create(sandbox);
      const provider = sandbox.provider("combined");
      await owner.pay(provider);
      const key = (tokenId: number) => owner.bearer(provider, { mode: "persistent", tokenId });
      const [first, second] = [key(0), key(1)];
      const status = async (authorization: string) =>
        (await owner.post(provider, chatBody("hello"), { authorization })).status;
      assert.deepEqual([await status(first), await status(second)], [200, 200]);
      await owner.send("inference", "revokeToken", [provider.address, 0]);
      assert.equal(await refusal(owner, first), "validate session: session token has been revoked");
      assert.equal(await status(second), 200);
      await owner.send("inference", "revokeAllTokens", [provider.address]);
      assert.equal(
        await refusal(owner, second),
        "validate session: session token has been revoked (generation expired)",
      );
      assert.equal(await status(owner.bearer(provider, { generation: 1 })), 200);
      owner.close();
    });
  });

  describe("the catalogue", () => {
    it("lists the model with prices as on chain", async () => {
      for (const providerClass of classes) {
        const { provider, chain } = await service(providerClass);
        const list: Json = await (await fetch(`${provider.url}/v1/models`)).json();
        assert.equal(list.object, "list");
        assert.equal(list.data[0].id, provider.model);
        assert.equal(list.data[0].pricing.prompt, chain.inputPrice.toString());
        assert.equal(list.data[0].pricing.completion, chain.outputPrice.toString());
      }
    });
  });
});
