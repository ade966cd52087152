// Whatever lies between us and the chain: of the payments a user confirmed, those are on chain that he was told of, each once.
import assert from "node:assert/strict";
import { SigningKey, Transaction } from "ethers";
import type { TransactionBook } from "../../src/broker/chain/api.js";
import { memoryBook } from "../../src/broker/chain/book.js";
import { createTransactions } from "../../src/broker/chain/sent.js";
import { ComputeError, isComputeError } from "../../src/domain/error.js";
import type { TransactionResult } from "../../src/domain/account.js";
import type { TransactionHash } from "../../src/domain/ids.js";
import { isPending, newestVersion } from "../../src/domain/transaction.js";
import {
  type Answer,
  pass,
  type RpcCall,
  type RpcRelay,
  type Rule,
  startRelay,
} from "../support/rpcRelay.js";
import { until } from "../until.js";
import { printTable } from "./inferenceSupport.js";
import { type Desk, failure, fastClock, og, openDesk } from "./ledgerSupport.js";

const send = "eth_sendRawTransaction";
const count = "eth_getTransactionCount";

/** Does that to the first so many calls of a method, and nothing to the others. */
function first(times: number, method: string, instead: Rule): Rule {
  let left = times;
  return (call, forward) => (call.method === method && left-- > 0 ? instead(call, forward) : forward());
}

const hang = () => new Promise<never>(() => undefined);
const drop = async (): Promise<Answer> => "drop";
const limited = async (): Promise<Answer> => ({ status: 429, headers: { "retry-after": "2" } });
const denied = async (): Promise<Answer> => ({ result: null });
const asksForIt = ({ method }: RpcCall) =>
  method === "eth_getTransactionReceipt" || method === "eth_getTransactionByHash";
const hexOf = (answer: Answer) => Number(answer !== "drop" && "result" in answer ? answer.result : 0);

/** What a user is told of one payment: its hash, or the code of an error. */
interface Told {
  readonly hash?: string;
  readonly error?: string;
}

interface Case {
  readonly story: string;
  readonly rule: () => Rule;
  /** Of a second URL, where there is one. */
  readonly second?: () => Rule;
  /** Default: one payment. */
  readonly pay?: (desk: Desk) => Promise<readonly Told[]>;
  /** On chain in the end, and what the user is told of the rest. */
  readonly paid: number;
  readonly errors?: readonly string[];
}

async function pay({ ledger }: Desk): Promise<Told> {
  return ledger.depositFund(og("1")).catch((error: unknown) => {
    assert.ok(error instanceof ComputeError, String(error));
    return { error: isComputeError(error, "rejectedByChain") ? error.facts.reason : error.code };
  });
}

/** Signed and sent; then nobody waits for it any more. */
async function payAndLeave({ ledger }: Desk): Promise<Told> {
  const stop = new AbortController();
  let hash: TransactionHash | undefined;
  let isSent = () => undefined as void;
  const sent = new Promise<void>((resolve) => (isSent = resolve));
  const paying = ledger.depositFund(og("1"), {
    signal: stop.signal,
    onSent: (signed) => {
      hash = signed;
      isSent();
    },
  });
  paying.catch(() => undefined);
  await sent;
  await relayHas(hash);
  stop.abort();
  await failure(paying, "cancelled");
  return { hash };
}

let relayHas: (hash: string | undefined) => Promise<void> = async () => undefined;

async function inTurn(desk: Desk, times: number): Promise<Told[]> {
  const told: Told[] = [];
  for (let at = 0; at < times; at++) told.push(await pay(desk));
  return told;
}

/** Takes the first sending without delivering it, and delivers it after the second. */
function reordering(): Rule {
  let late: (() => Promise<Answer>) | undefined;
  let sendings = 0;
  return async (call, forward) => {
    if (call.method !== send) return forward();
    if (sendings++ > 0) {
      const answer = await forward();
      await late?.();
      return answer;
    }
    late = forward;
    return { result: `0x${"0".repeat(64)}` };
  };
}

const cases: readonly Case[] = [
  { story: "nothing is wrong", rule: () => pass, paid: 1 },
  { story: "timeout before the node has it, twice", rule: () => first(2, send, hang), paid: 1 },
  {
    story: "timeout after the node has it",
    rule: () => first(1, send, (_call, forward) => forward().then(hang)),
    paid: 1,
  },
  { story: "the connection ends before, twice", rule: () => first(2, send, drop), paid: 1 },
  {
    story: "the connection ends after",
    rule: () => first(1, send, (_call, forward) => forward().then(drop)),
    paid: 1,
  },
  {
    story: "delivered twice",
    rule: () => first(1, send, (_call, forward) => forward().then(forward)),
    paid: 1,
  },
  {
    story: "delivered twice, refused by a node that does not know it yet",
    rule: () => {
      let [isOut, unknown] = [false, 3];
      const past = async () => ({ error: { code: -32000, message: "missing trie node" } });
      return async (call, forward) => {
        if (isOut && call.method === count && call.params[1] !== "latest" && call.params[1] !== "pending")
          return past();
        if (asksForIt(call) && unknown > 0 && isOut) {
          unknown--;
          return { result: null };
        }
        if (call.method !== send || isOut) return forward();
        isOut = true;
        await forward();
        return { error: { code: -32000, message: "nonce too low" } };
      };
    },
    paid: 1,
  },
  {
    story: "taken and forgotten, twice",
    rule: () => first(2, send, async ({ params }) => ({ result: params[0] })),
    paid: 1,
  },
  {
    story: "answered with garbage",
    rule: () => first(1, send, (_call, forward) => forward().then(() => ({ status: 200 }))),
    paid: 1,
  },
  {
    story: "two payments arrive in the wrong order",
    rule: reordering,
    pay: async (desk) => [await payAndLeave(desk), await pay(desk)],
    paid: 2,
  },
  {
    story: "the nonce lags behind our own payment",
    rule: () => first(Infinity, count, async () => ({ result: "0x1" })),
    pay: (desk) => inTurn(desk, 3),
    paid: 3,
  },
  {
    story: "the nonce is one of the past",
    rule: () => first(Infinity, count, async () => ({ result: "0x0" })),
    paid: 0,
    errors: ["nonceTaken"],
  },
  {
    story: "the nonce is too high, once",
    rule: () =>
      first(1, count, async (_call, forward) => ({
        result: `0x${(hexOf(await forward()) + 2).toString(16)}`,
      })),
    pay: async (desk) => [await payAndLeave(desk), ...(await inTurn(desk, 2))],
    paid: 3,
  },
  { story: "a rate limit, twice", rule: () => first(2, send, limited), paid: 1 },
  {
    story: "a rate limit in the answer, twice",
    rule: () => first(2, send, async () => ({ error: { code: -32005, message: "limit exceeded" } })),
    paid: 1,
  },
  {
    story: "the receipt comes late",
    rule: () => first(12, "eth_getTransactionReceipt", denied),
    paid: 1,
  },
  {
    story: "the node denies what it mined, until it is sent again",
    rule: () => {
      let sendings = 0;
      return async (call, forward) => {
        if (call.method === send) sendings++;
        return asksForIt(call) && sendings < 2 ? { result: null } : forward();
      };
    },
    paid: 1,
  },
  {
    story: "one of two URLs denies it for good",
    rule: () => async (call, forward) => (asksForIt(call) ? { result: null } : forward()),
    second: () => pass,
    paid: 1,
  },
  {
    story: "one of two URLs takes it and is silent from then on",
    rule: () => {
      let isSilent = false;
      return async (call, forward) => {
        if (isSilent) return hang();
        isSilent = call.method === send;
        return isSilent ? forward().then(hang) : forward();
      };
    },
    second: () => pass,
    paid: 1,
  },
  {
    story: "one of two URLs forgets it and calls its nonce used",
    rule: () => {
      let isUsed = false;
      return async (call, forward) => {
        if (asksForIt(call)) return { result: null };
        if (isUsed && call.method === send) return { error: { code: -32000, message: "nonce too low" } };
        if (isUsed && call.method === count) return { result: "0x9" };
        if (call.method !== send) return forward();
        isUsed = true;
        return { result: call.params[0] };
      };
    },
    second: () => pass,
    paid: 1,
  },
  {
    story: "one of two URLs has no writes",
    rule: () => async (call, forward) => (call.method === send ? limited() : forward()),
    second: () => pass,
    paid: 1,
  },
  {
    story: "another chain",
    rule: () => async (call, forward) => (call.method === "eth_chainId" ? { result: "0x40da" } : forward()),
    paid: 0,
    errors: ["wrongChain"],
  },
];

describe("payments over a bad RPC", function () {
  this.timeout(120_000);
  const rows: string[][] = [
    ["what goes wrong", "confirmed", "told done", "told not sent", "on chain", "requests to send"],
  ];
  const relays: RpcRelay[] = [];
  let base: Desk;

  beforeEach(async () => {
    base = await openDesk({ clock: fastClock(15) });
    await base.ledger.addLedger(og("3"));
  });
  afterEach(async () => {
    for (const relay of relays.splice(0)) await relay.close();
    await base.close();
  });
  after(() => printTable(rows));

  async function relay(rule: Rule): Promise<RpcRelay> {
    const made = await startRelay(base.net.chain.rpcUrl, rule);
    relays.push(made);
    return made;
  }

  for (const one of cases)
    it(`are made as confirmed and told: ${one.story}`, async () => {
      const ours = [await relay(one.rule()), ...(one.second ? [await relay(one.second())] : [])];
      const desk = base.another({ rpcUrls: ours.map(({ url }) => url), clock: fastClock(15) });
      const sendings = () =>
        ours.flatMap(({ calls }) => calls.filter(({ method }) => method === send)).length;
      relayHas = async () => void (await until("the node to have it", () => sendings() > 0));
      const told = one.pay ? await one.pay(desk) : [await pay(desk)];
      // What was left on its way is followed to its end.
      const transactions = createTransactions(desk.chain);
      await until("all to have ended", async () => {
        const waiting = (await desk.chain.book.read()).filter(isPending);
        await Promise.all(waiting.map(({ id }) => transactions.look(id)));
        return waiting.length === 0;
      });
      const done = told.filter(({ hash }) => hash !== undefined);
      const paid = (await base.sent()) - 1;
      rows.push([
        ...[one.story, String(told.length), String(done.length), String(told.length - done.length)],
        ...[String(paid), String(sendings())],
      ]);
      assert.equal(paid, one.paid);
      assert.equal(
        new Set(done.map(({ hash }) => hash)).size,
        paid,
        "told of each that is on chain, and of no other",
      );
      assert.deepEqual(
        told.flatMap(({ error }) => error ?? []),
        one.errors ?? [],
      );
      const { available } = (await base.ledger.getLedger())!;
      assert.equal(available, og("3") + og(String(paid)));
    });

  it("are left alone by other windows as long as the one that signs may still take them back", async () => {
    const book = memoryBook();
    const other = base.another({ book, clock: fastClock(15) });
    const transactions = createTransactions(other.chain);
    let looks = 0;
    const bad = await relay(async (call, forward) => {
      if (call.method !== send) return forward();
      for (const { id } of (await book.read()).filter(isPending)) {
        looks++;
        assert.equal(await transactions.look(id), undefined);
      }
      return limited();
    });
    const desk = base.another({ rpcUrls: [bad.url], book, clock: fastClock(15) });
    assert.deepEqual(await pay(desk), { error: "network" });
    assert.ok(looks > 1, `${looks} looks`);
    assert.deepEqual(
      [await base.sent(), await book.read()],
      [1, []],
      "told that it was not sent, and it was not",
    );
  });

  it("are sent on by the next window when the one that signed was killed before it could", async () => {
    const book = memoryBook();
    const change: TransactionBook["change"] = async (id, make) => {
      await book.change(id, make);
      throw new ComputeError("internal", { detail: "killed" });
    };
    const killed = base.another({ book: { ...book, change }, clock: fastClock(15) });
    assert.deepEqual(await pay(killed), { error: "internal" });
    assert.deepEqual([await base.sent(), (await book.read()).map(({ isOut }) => isOut)], [1, [false]]);
    const other = base.another({ book, clock: fastClock(15) });
    const [left] = await book.read();
    const transactions = createTransactions(other.chain);
    const paying = pay(other);
    await until("the first to end", () => transactions.look(left!.id));
    assert.equal((await paying).error, undefined);
    assert.equal(await base.sent(), 3);
    assert.deepEqual(
      (await book.read()).map(({ nonce }) => nonce),
      [1, 2],
    );
  });

  for (const hidden of ["the receipt", "the block too"])
    it(`are not called undone by the only URL, which has their nonce used and hides ${hidden}`, async () => {
      let [isHiding, isOut] = [true, false];
      const bad = await relay(async (call, forward) => {
        if (isHiding && asksForIt(call)) return { result: null };
        const isWhole = call.method === "eth_getBlockByNumber" && call.params[1] === true;
        if (isHiding && isWhole && hidden !== "the receipt") return { result: { transactions: [] } };
        if (isOut && call.method === send) return { error: { code: -32000, message: "nonce too low" } };
        isOut ||= call.method === send;
        return forward();
      });
      const desk = base.another({ rpcUrls: [bad.url], clock: fastClock(15) });
      const { hash, detail } = await failure(desk.ledger.depositFund(og("1")), "network");
      assert.equal(detail, "another transaction used its number, or the node hides it");
      assert.equal(await base.sent(), 2, "it was paid");
      const [sent] = await desk.chain.book.read();
      assert.deepEqual([sent?.id, sent?.end], [hash, undefined]);
      const transactions = createTransactions(desk.chain);
      assert.equal(await transactions.look(sent!.id), undefined);
      assert.equal(await transactions.isDoubtful(sent!.id), true);
      if (hidden === "the receipt") {
        isHiding = false;
        assert.equal((await transactions.giveUp(sent!.id)).kind, "mined", "it is looked for once more");
        return;
      }
      assert.deepEqual(await transactions.giveUp(sent!.id), { kind: "unknown" });
      const [ended] = await desk.chain.book.read();
      assert.deepEqual([ended?.end, ended?.versions[0]?.raw], [{ kind: "unknown" }, undefined]);
      const sendings = bad.calls.filter(({ method }) => method === send).length;
      assert.deepEqual(await transactions.look(sent!.id), { kind: "unknown" });
      assert.deepEqual(
        await desk.chain.lookUp(sent!.id),
        { kind: "pending" },
        "for whoever would pay again if it were unknown",
      );
      isHiding = isOut = false;
      assert.equal((await desk.chain.lookUp(sent!.id)).kind, "mined");
      assert.equal(bad.calls.filter(({ method }) => method === send).length, sendings, "nor sent again");
      assert.equal(await base.sent(), 2);
    });

  it("cannot be given up while they may still be mined", async () => {
    const never = await relay(async (call, forward) =>
      call.method === send ? { result: Transaction.from(String(call.params[0])).hash } : forward(),
    );
    const desk = base.another({ rpcUrls: [never.url], clock: fastClock(15) });
    const paying = pay(desk);
    const sent = await until("it to be out", async () => (await desk.chain.book.read())[0]);
    const transactions = createTransactions(desk.chain);
    assert.equal(await transactions.isDoubtful(sent.id), false);
    const facts = await failure(transactions.giveUp(sent.id), "rejectedByChain");
    assert.equal(facts.reason, "stillWaits");
    assert.equal((await desk.chain.book.read())[0]?.end, undefined);
    await desk.close();
    await paying.catch(() => undefined);
    base = await openDesk({ clock: fastClock(15) });
  });

  it("are called undone by one URL when a block holds the transaction that took their place", async () => {
    let isTaken = false;
    const bad = await relay(async (call, forward) => {
      if (call.method !== send || isTaken) return forward();
      isTaken = true;
      const ours = Transaction.from(String(call.params[0]));
      const { chainId, nonce, type, gasLimit, maxFeePerGas, maxPriorityFeePerGas, from } = ours;
      const fee = { gasLimit, maxFeePerGas, maxPriorityFeePerGas };
      const other = Transaction.from({ chainId, nonce, type, to: from, ...fee }); // sent elsewhere
      other.signature = new SigningKey(base.user.privateKey).sign(other.unsignedHash);
      await base.net.chain.request(send, [other.serialized]);
      return { result: ours.hash };
    });
    const desk = base.another({ rpcUrls: [bad.url], clock: fastClock(15) });
    assert.deepEqual(await pay(desk), { error: "replaced" });
    assert.deepEqual((await desk.chain.book.read())[0]?.end, { kind: "replaced" });
    assert.equal(await base.sent(), 2);
  });

  it("stay what they are when nodes refuse to replace them", async () => {
    let isRefusing = false;
    const bad = await relay(async (call, forward) =>
      isRefusing && call.method === send
        ? { error: { code: -32000, message: "replacement transaction underpriced" } }
        : forward(),
    );
    base.net.faults.set("chain", "no-mining");
    const desk = base.another({ rpcUrls: [bad.url], clock: fastClock(15) });
    const paying = pay(desk);
    const pending = await until("it to wait", async () => {
      const [sent] = await desk.chain.book.read();
      return sent?.isOut ? sent : undefined;
    });
    isRefusing = true;
    const transactions = createTransactions(desk.chain);
    const plan = await transactions.planReplacement(pending.id, "cancel");
    const facts = await failure(transactions.replace(plan), "rejectedByChain");
    assert.equal(facts.reason, "feeTooLow");
    const [sent] = await desk.chain.book.read();
    assert.deepEqual(
      sent?.versions.map(({ kind, raw }) => [kind, raw !== undefined]),
      [
        ["original", true],
        ["cancel", false],
      ],
    );
    assert.equal(sent && newestVersion(sent)?.kind, "original");
    base.net.faults.clear();
    assert.deepEqual(Object.keys(await paying), ["hash", "blockNumber", "fee"]);
    assert.equal(await base.sent(), 2);
  });

  it("count only at the depth that was asked for, and are followed again when a reorganisation takes them back", async () => {
    const { chain } = base.net;
    const desk = base.another({ isLive: true, confirmations: 3, clock: fastClock(15) });
    const mine = () => chain.request("evm_mine", []);
    const receiptOf = async (hash: string) =>
      (await chain.request("eth_getTransactionReceipt", [hash])) as { blockNumber: string } | null;
    const before = await chain.request("evm_snapshot", []);
    let hash = "";
    const results: TransactionResult[] = [];
    const paying = desk.ledger
      .depositFund(og("1"), { onSent: (sent) => (hash = sent) })
      .then((done) => results.push(done));
    const mined = await until("it to be mined", () => (hash ? receiptOf(hash) : null));
    await mine();
    assert.equal(results.length, 0, "two blocks are not three");
    assert.equal(await chain.request("evm_revert", [before]), true);
    assert.equal(await receiptOf(hash), null);
    await mine();
    const again = await until("it to be mined again", () => receiptOf(hash), 30_000);
    assert.notEqual(again.blockNumber, mined.blockNumber);
    assert.equal(results.length, 0);
    await mine();
    await mine();
    await paying;
    assert.deepEqual([results[0]?.hash, results[0]?.blockNumber], [hash, Number(again.blockNumber)]);
    assert.equal((await base.ledger.getLedger())?.available, og("4"));
    assert.equal(await base.sent(), 2);
  });
});
