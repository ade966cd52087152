import assert from "node:assert/strict";
import { request } from "node:http";
import { Transaction } from "ethers";
import { type Json, type TestChain, post, rpc, signTransfer, startTestChain } from "./chainSupport.js";

const chainIdCall = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });

describe("the chain's RPC server", () => {
  let net: TestChain;
  before(async () => {
    net = await startTestChain();
  });
  after(() => net.close());

  describe("keeps out", () => {
    it("web pages, which send an Origin", async () => {
      for (const origin of ["https://example.com", "null", "http://127.0.0.1:8080", net.chain.rpcUrl])
        assert.equal((await post(net.chain.rpcUrl, chainIdCall, { origin })).status, 403, origin);
    });

    it("foreign host names, which DNS rebinding would bring", async () => {
      assert.equal(await statusWithHost(net, "rebind.example.com"), 403);
      assert.equal(await statusWithHost(net, `rebind.example.com:${net.chain.port}`), 403);
      assert.equal(await statusWithHost(net, `127.0.0.1:${net.chain.port + 1}`), 403);
      assert.equal(await statusWithHost(net, `localhost:${net.chain.port}`), 200);
    });

    it("bodies a page may send without asking first", async () => {
      const status = (await post(net.chain.rpcUrl, chainIdCall, { "content-type": "text/plain" })).status;
      assert.equal(status, 415);
    });

    it("other methods than POST", async () => {
      assert.equal((await fetch(net.chain.rpcUrl)).status, 405);
      assert.equal((await fetch(net.chain.rpcUrl, { method: "OPTIONS" })).status, 405);
    });

    it("bodies over two megabytes", async () => {
      const body = JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "eth_chainId",
        params: ["x".repeat(2 << 20)],
      });
      const status = await post(net.chain.rpcUrl, body).then(
        (answer) => answer.status,
        () => 413, // the server may close before all is sent
      );
      assert.equal(status, 413);
    });
  });

  it("listens on the loopback address only", () => {
    assert.match(net.chain.rpcUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("answers a batch in its order, without the notifications, each failure for itself", async () => {
    const batch = [
      { jsonrpc: "2.0", id: "a", method: "eth_chainId" },
      { jsonrpc: "2.0", method: "eth_blockNumber" },
      { jsonrpc: "2.0", id: 7, method: "no_such_method", params: [] },
      5,
      { jsonrpc: "2.0", id: 8, method: "net_version", params: [] },
    ];
    const replies = JSON.parse((await post(net.chain.rpcUrl, JSON.stringify(batch))).text);
    assert.deepEqual(
      replies.map(({ id, result, error }: Json) => [id, result ?? error.code]),
      [
        ["a", "0x7a69"],
        [7, -32601],
        [null, -32600],
        [8, "31337"],
      ],
    );
  });

  it("answers what is no JSON, no call and no list of params with the standard's codes", async () => {
    const code = async (body: string) => JSON.parse((await post(net.chain.rpcUrl, body)).text).error.code;
    assert.equal(await code("{"), -32700);
    assert.equal(await code("[]"), -32600);
    assert.equal(await code("{}"), -32600);
    assert.equal(await code('{"id":1,"method":"eth_chainId","params":{}}'), -32602);
    assert.equal(await code('{"id":1,"method":"constructor","params":[]}'), -32601);
    assert.equal(await code('{"id":1,"method":"eth_getBalance","params":["0x12"]}'), -32602);
  });

  it("answers nothing to a lone notification", async () => {
    const answer = await post(net.chain.rpcUrl, '{"jsonrpc":"2.0","method":"eth_chainId"}');
    assert.deepEqual([answer.status, answer.text], [204, ""]);
  });

  it("counts the calls of each method that came over HTTP, and no invented ones", async () => {
    const before = net.chain.counters();
    await rpc(net.chain.rpcUrl, "web3_clientVersion");
    await rpc(net.chain.rpcUrl, "made_up");
    await net.chain.request("web3_clientVersion");
    const after = net.chain.counters();
    assert.equal((after.web3_clientVersion ?? 0) - (before.web3_clientVersion ?? 0), 1);
    assert.equal(after.made_up, undefined);
  });

  describe("misbehaves on demand:", () => {
    let nonce = 0;
    const next = () => signTransfer(8, nonce++);
    afterEach(() => net.faults.clear());

    const known = async (raw: string) =>
      (await rpc(net.chain.rpcUrl, "eth_getTransactionReceipt", [Transaction.from(raw).hash])).result !==
      null;
    const send = (raw: string, signal?: AbortSignal) =>
      fetch(net.chain.rpcUrl, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_sendRawTransaction", params: [raw] }),
        signal,
      });

    it("rpc-timeout-before never answers, and the transaction was not sent", async () => {
      net.faults.set("chain", "rpc-timeout-before", undefined, 1);
      const raw = await signTransfer(8, nonce);
      await assert.rejects(send(raw, AbortSignal.timeout(300)));
      assert.equal(await known(raw), false);
    });

    it("rpc-timeout-after never answers, and the transaction was sent", async () => {
      net.faults.set("chain", "rpc-timeout-after", undefined, 1);
      const raw = await next();
      const patience = new AbortController();
      const answer = send(raw, patience.signal);
      while (!(await known(raw)));
      patience.abort();
      await assert.rejects(answer);
    });

    it("rpc-drop answers with the hash and forgets the transaction", async () => {
      net.faults.set("chain", "rpc-drop", undefined, 1);
      const raw = await signTransfer(8, nonce);
      const { result } = await rpc(net.chain.rpcUrl, "eth_sendRawTransaction", [raw]);
      assert.equal(result, Transaction.from(raw).hash);
      assert.equal(await known(raw), false);
    });

    it("rpc-duplicate takes the transaction and says it was known", async () => {
      net.faults.set("chain", "rpc-duplicate", undefined, 1);
      const raw = await next();
      const { error } = await rpc(net.chain.rpcUrl, "eth_sendRawTransaction", [raw]);
      assert.equal(error?.message, "already known");
      assert.equal(await known(raw), true);
    });

    it("rpc-wrong-chain claims another chain", async () => {
      net.faults.set("chain", "rpc-wrong-chain", 16602);
      assert.equal((await rpc(net.chain.rpcUrl, "eth_chainId")).result, "0x40da");
      assert.equal((await rpc(net.chain.rpcUrl, "net_version")).result, "16602");
    });

    it("rpc-garbage answers with a proxy's page, for all methods or the named one", async () => {
      net.faults.set("chain", "rpc-garbage");
      assert.match((await post(net.chain.rpcUrl, chainIdCall)).text, /^<html>/);
      net.faults.set("chain", "rpc-garbage", "eth_blockNumber");
      assert.equal((await rpc(net.chain.rpcUrl, "eth_chainId")).result, "0x7a69");
    });

    it("rpc-rate-limit answers 429 with a waiting time, from the first or after so many a minute", async () => {
      net.faults.set("chain", "rpc-rate-limit");
      const refused = await post(net.chain.rpcUrl, chainIdCall);
      assert.equal(refused.status, 429);
      assert.ok(Number(refused.headers.get("retry-after")) >= 1);

      net.faults.set("chain", "rpc-rate-limit", 2);
      net.clock.now += 60_000;
      const statuses = [];
      for (let i = 0; i < 4; i++) statuses.push((await post(net.chain.rpcUrl, chainIdCall)).status);
      assert.deepEqual(statuses, [200, 200, 429, 429]);
      net.clock.now += 60_000;
      assert.equal((await post(net.chain.rpcUrl, chainIdCall)).status, 200);
    });

    it("no-mining keeps transactions waiting until it is off", async () => {
      net.faults.set("chain", "no-mining");
      const raws = [await next(), await next()];
      for (const raw of raws) await net.chain.sendTransaction(raw);
      assert.equal(await known(raws[0]!), false);
      net.faults.clear();
      // The next call waits for the block that the end of the fault set off.
      await net.chain.request("eth_getBalance", [`0x${"00".repeat(20)}`]);
      assert.equal(await known(raws[0]!), true);
      assert.equal(await known(raws[1]!), true);
    });

    it("leaves calls of this process alone", async () => {
      net.faults.set("chain", "rpc-wrong-chain");
      net.faults.set("chain", "rpc-garbage");
      assert.equal(await net.chain.request("eth_chainId"), "0x7a69");
    });
  });
});

/** fetch does not let one choose the Host. */
function statusWithHost(net: TestChain, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        port: net.chain.port,
        host: "127.0.0.1",
        method: "POST",
        headers: { host, "content-type": "application/json" },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    call.on("error", reject);
    call.end(chainIdCall);
  });
}
