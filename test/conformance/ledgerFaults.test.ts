// A network that loses answers, lies, and falls over: what was asked for once is paid once, and every error says what is known.
import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ComputeError } from "../../src/domain/error.js";
import { until } from "../until.js";
import { failure, fastClock, og, openDesk, type Desk, type DeskOptions } from "./ledgerSupport.js";

const send = "eth_sendRawTransaction";

describe("the ledger over a bad network", function () {
  this.timeout(60_000);
  let desk: Desk;
  const servers: Server[] = [];

  async function open(options: DeskOptions = {}): Promise<void> {
    desk = await openDesk({ clock: fastClock(15), ...options });
    await desk.ledger.addLedger(og("3"));
  }
  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  /** One deposit of 1 0G is on chain, not two, whatever happened on the way. */
  async function assertPaidOnce(): Promise<void> {
    assert.equal(await desk.sent(), 2);
    assert.deepEqual(await desk.ledger.getLedger(), { available: og("4"), total: og("4") });
  }

  afterEach(async () => {
    await desk.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  for (const [fault, story] of [
    ["rpc-timeout-before", "the node never took the transaction in"],
    ["rpc-timeout-after", "the node took the transaction in and its answer was lost"],
    ["rpc-drop", "the node took the transaction and forgot it"],
    ["rpc-duplicate", "the node calls the transaction known"],
  ] as const)
    it(`pays once when ${story} (${fault})`, async () => {
      await open();
      desk.net.faults.set("chain", fault, undefined, 1);
      const hashes: string[] = [];
      const result = await desk.ledger.depositFund(og("1"), { onSent: (hash) => hashes.push(hash) });
      assert.deepEqual(hashes, [result.hash]);
      assert.equal(desk.net.faults.list().length, 0, "the fault struck");
      await assertPaidOnce();
    });

  for (const fault of ["rpc-timeout-before", "rpc-timeout-after", "rpc-drop"] as const)
    it(`pays once when that happens again and again (${fault})`, async () => {
      await open();
      desk.net.faults.set("chain", fault, undefined, 3);
      await desk.ledger.depositFund(og("1"));
      await assertPaidOnce();
    });

  it("sends nothing before its hash is written down, and nothing at all when that fails", async () => {
    await open();
    const before = await desk.sent();
    let during = -1;
    const write = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      during = await desk.sent();
    };
    await desk.ledger.depositFund(og("1"), { onSent: write });
    assert.equal(during, before);
    const refuse = () => Promise.reject(new ComputeError("diskFull", { path: "journal" }));
    await failure(desk.ledger.depositFund(og("1"), { onSent: refuse }), "diskFull");
    assert.equal(await desk.sent(), before + 1);
  });

  it("pays once when the answer to the sending is garbage", async () => {
    await open();
    desk.net.faults.set("chain", "rpc-garbage", send, 1);
    await desk.ledger.depositFund(og("1"));
    await assertPaidOnce();
  });

  it("pays once when the node is too busy for the first sendings", async () => {
    await open();
    let refused = 0;
    const busy = await proxy((method) => method !== send || ++refused > 2);
    await desk.another({ rpcUrls: [busy] }).ledger.depositFund(og("1"));
    assert.equal(refused, 3);
    await assertPaidOnce();
  });

  it("does not follow a node that sends its callers elsewhere", async () => {
    await open();
    const away = await serve((_, response) =>
      response.writeHead(307, { location: desk.net.chain.rpcUrl }).end(),
    );
    const facts = await failure(
      desk.another({ rpcUrls: [away], clock: fastClock(15) }).chain.balance(desk.user.address),
      "network",
    );
    assert.deepEqual(facts, { what: "rpc", url: new URL(away).host, detail: "HTTP status 307" });
  });

  it("waits as a rate limit says, and gives up at once when that is too long", async () => {
    await open();
    let waits = 4; // two rounds of two requests
    const limited = await serve((_, response) =>
      response.writeHead(429, { "retry-after": waits-- > 0 ? "2" : "60" }).end(),
    );
    const clock = fastClock(15);
    const before = clock.now();
    const facts = await failure(
      desk.another({ rpcUrls: [limited], clock }).chain.balance(desk.user.address),
      "network",
    );
    assert.deepEqual(facts, { what: "rpc", url: new URL(limited).host, detail: "rate limited" });
    const waited = clock.now() - before;
    assert(waited >= 4_000 && waited < 20_000, `waited ${waited} ms`);
  });

  it("waits for the miners, and for itself when two payments are due", async () => {
    await open();
    desk.net.faults.set("chain", "no-mining");
    let sent = 0;
    const both = [1, 2].map(() => desk.ledger.depositFund(og("1"), { onSent: () => sent++ }));
    await until("the first to be sent", () => sent === 1);
    assert.equal(await desk.sent(), 1);
    desk.net.faults.clear();
    await Promise.all(both);
    assert.deepEqual(await desk.ledger.getLedger(), { available: og("5"), total: og("5") });
    assert.equal(await desk.sent(), 3);
  });

  it("names the transaction when its outcome stays unknown", async () => {
    const clock = fastClock(15);
    await open({ clock });
    desk.net.faults.set("chain", "no-mining");
    let hash = "";
    const onSent = (sent: string) => {
      hash = sent;
      clock.speedUp(400);
    };
    const facts = await failure(desk.ledger.depositFund(og("1"), { onSent }), "network");
    assert.equal(facts.hash, hash);
    assert.equal(facts.url, new URL(desk.net.chain.rpcUrl).host);
    clock.speedUp(1);
    desk.net.faults.clear();
    await until("the payment to be mined", async () => (await desk.sent()) === 2);
    await assertPaidOnce();
  });

  it("stops waiting when told to, and leaves the transaction its way", async () => {
    await open();
    desk.net.faults.set("chain", "no-mining");
    const stop = new AbortController();
    const waiting = desk.ledger.depositFund(og("1"), {
      signal: stop.signal,
      onSent: () => setImmediate(() => stop.abort()),
    });
    await failure(waiting, "cancelled");
    await until(
      "the pool to hold the payment",
      async () =>
        Number(await desk.net.chain.request("eth_getTransactionCount", [desk.user.address, "pending"])) === 2,
    );
    desk.net.faults.clear();
    await until("the payment to be mined", async () => (await desk.sent()) === 2);
    await assertPaidOnce();
  });

  it("sends nothing when stopped before signing", async () => {
    await open();
    const stop = new AbortController();
    stop.abort();
    await failure(desk.ledger.depositFund(og("1"), { signal: stop.signal }), "cancelled");
    const late = new AbortController();
    const running = desk.ledger.depositFund(og("1"), { signal: late.signal });
    late.abort();
    await failure(running, "cancelled");
    await desk.ledger.depositFund(og("1"));
    await assertPaidOnce();
  });

  it("ends what runs as cancelled when the broker is closed", async () => {
    await open();
    desk.net.faults.set("chain", "rpc-timeout-before", "*");
    const reading = desk.ledger.overview();
    const sending = desk.ledger.depositFund(og("1"));
    const closing = desk.close();
    await Promise.all([failure(reading, "cancelled"), failure(sending, "cancelled"), closing]);
    desk = await openDesk();
  });

  it("says that the node answers for another chain, and signs nothing", async () => {
    await open();
    desk.net.faults.set("chain", "rpc-wrong-chain", 16602);
    const facts = { url: new URL(desk.net.chain.rpcUrl).host, expected: 31337, actual: 16602 };
    assert.deepEqual(await failure(desk.chain.checkChainId(), "wrongChain"), facts);
    const fresh = desk.another({});
    let asked = 0;
    assert.deepEqual(
      await failure(fresh.ledger.depositFund(og("1"), { onSent: () => asked++ }), "wrongChain"),
      facts,
    );
    assert.equal(asked, 0);
    desk.net.faults.clear();
    await desk.chain.checkChainId();
    assert.equal(await desk.sent(), 1);
  });

  it("uses another URL when one is gone, hangs, or talks nonsense", async () => {
    await open();
    const gone = "http://127.0.0.1:1/key-in-path";
    const hanging = await serve(() => undefined);
    const html = await serve((_, response) => response.end("<html>nginx</html>"));
    const empty = await serve((_, response) => response.end());
    const down = await serve((_, response) => response.writeHead(503).end("{}"));
    const dropping = await serve((request) => request.socket.destroy());
    for (const bad of [gone, html, empty, down, dropping, hanging]) {
      const other = desk.another({ rpcUrls: [bad, desk.net.chain.rpcUrl] });
      assert.equal((await other.ledger.overview()).ledger?.total, og("3"), bad);
    }
    const other = desk.another({ rpcUrls: [gone, html, dropping, desk.net.chain.rpcUrl] });
    await other.ledger.depositFund(og("1"));
    await assertPaidOnce();
  });

  it("sends the payment to the second URL when the first takes only reads", async () => {
    await open();
    const readOnly = await proxy((method) => method !== send);
    const other = desk.another({ rpcUrls: [readOnly, desk.net.chain.rpcUrl] });
    await other.ledger.depositFund(og("1"));
    await assertPaidOnce();
  });

  it("gives up with the host only, never with the key in the URL", async () => {
    await open();
    const secret = "s3cr3t-project-key";
    const { host } = new URL(await serve((_, response) => response.writeHead(502).end("<html>")));
    for (const url of [`http://${host}/v3/${secret}`, `http://127.0.0.1:1/${secret}`, `http://[${secret}`]) {
      const other = desk.another({ rpcUrls: [url] });
      const error = await other.ledger
        .overview()
        .catch((caught: unknown) => caught as Error & { facts: unknown });
      assert("facts" in error);
      assert(!`${JSON.stringify(error.facts)} ${error.stack}`.includes(secret), url);
      assert(!other.log.lines.join("\n").includes(secret));
    }
    const other = desk.another({ rpcUrls: [] });
    assert.equal((await failure(other.ledger.limits(), "network")).url, "");
  });

  it("does without batches where a node does not know them, and uses them where it does", async () => {
    await open();
    const sizes: number[] = [];
    const single = await proxy(
      () => true,
      (body) => {
        sizes.push(Array.isArray(body) ? body.length : 1);
        return Array.isArray(body)
          ? { jsonrpc: "2.0", id: null, error: { code: -32600, message: "no batches" } }
          : undefined;
      },
    );
    const live = desk.another({ rpcUrls: [single], isLive: true });
    assert.equal((await live.ledger.overview()).ledger?.total, og("3"));
    assert(sizes.some((size) => size > 1) && sizes.filter((size) => size === 1).length > 5);
    const batched = desk.another({
      rpcUrls: [
        await proxy(
          () => true,
          (body) => void sizes.push(Array.isArray(body) ? body.length : 1),
        ),
      ],
      isLive: true,
    });
    sizes.length = 0;
    assert.equal((await batched.ledger.overview()).ledger?.total, og("3"));
    assert(sizes.length <= 4, `overview took ${sizes.length} requests`);
  });

  it("does not believe malformed numbers, blocks and contracts", async () => {
    await open();
    for (const result of ["", "0x", "12", "0x" + "f".repeat(65), null, 7, {}, [], true]) {
      const liar = await proxy(
        () => true,
        (body) => answer(body, (method) => (method === "eth_chainId" ? "0x7a69" : result)),
      );
      const other = desk.another({ rpcUrls: [liar] });
      const { ledger, chain } = other;
      const asked = [ledger.overview(), chain.balance(desk.user.address), ledger.depositFund(og("1"))];
      await Promise.all(asked.map((one) => failure(one, "network")));
    }
    assert.equal(await desk.sent(), 1);
  });

  it("tells why a mined transaction failed, with its hash", async () => {
    await open();
    let isLying = false;
    const lies: Record<string, unknown> = { eth_call: "0x", eth_estimateGas: "0x30d40" };
    const liar = await proxy(
      (method) => {
        if (method === send) isLying = false;
        return true;
      },
      (body) => (isLying ? answer(body, (method) => lies[method]) : undefined),
    );
    const other = desk.another({ rpcUrls: [liar] });
    await other.ledger.limits();
    isLying = true;
    const facts = await failure(other.ledger.refund(og("9")), "insufficientFunds");
    assert.deepEqual(facts, { account: "ledger", have: og("3"), need: og("9") });
    isLying = true;
    let hash = "";
    const again = other.ledger.deleteLedger({ onSent: (sent) => (hash = sent) });
    const args = [String(og("3"))];
    assert.deepEqual(await failure(again, "rejectedByChain"), {
      reason: "MustWithdrawAllFundsFirst",
      args,
      hash,
    });
    assert.equal(await desk.sent(), 3);
  });

  /** A proxy before the chain: `passes` decides by method; `instead` may give the whole answer. */
  async function proxy(
    passes: (method: string) => boolean,
    instead: (body: unknown) => unknown = () => undefined,
  ): Promise<string> {
    return serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const body = JSON.parse(text) as { method?: string };
        const own = instead(body);
        if (own !== undefined) return response.end(JSON.stringify(own));
        if (body.method !== undefined && !passes(body.method)) return response.writeHead(429).end("{}");
        const headers = { "content-type": "application/json" };
        void fetch(desk.net.chain.rpcUrl, { method: "POST", headers, body: text }).then(
          async (reply) => response.end(await reply.text()),
          () => response.destroy(),
        );
      });
    });
  }
});

/** A reply to a single call whose result `result` gives; undefined where it gives none. */
function answer(body: unknown, result: (method: string) => unknown): unknown {
  const { id, method } = body as { id: number; method: string };
  const value = result(method);
  return value === undefined ? undefined : { jsonrpc: "2.0", id, result: value };
}
