import assert from "node:assert/strict";
import {
  Contract,
  Transaction,
  ZeroAddress,
  id,
  parseEther,
  parseUnits,
  toBeHex,
  zeroPadValue,
} from "ethers";
import { contractAddresses } from "../../../src/sandbox/chain/rules.js";
import { type TestChain, type Json, rpc, signTransfer, startTestChain } from "./chainSupport.js";

const gwei = parseUnits("1", "gwei");
const ledgerAbi = [
  "function addLedger(string additionalInfo) payable returns (uint256, uint256)",
  "function updateAdditionalInfo(string additionalInfo)",
  "function getLedger(address user) view returns ((address user, uint256 available, uint256 total, string info))",
  "function transferOwnership(address owner)",
  "event LedgerInfoUpdated(address indexed user, string additionalInfo)",
];
const infoUpdated = id("LedgerInfoUpdated(address,string)");

describe("the chain", () => {
  let net: TestChain;
  let url: string;
  const call = async (method: string, ...params: unknown[]): Promise<Json> => {
    const reply = await rpc<Json>(url, method, params);
    assert.equal(reply.error, undefined, `${method}: ${reply.error?.message}`);
    return reply.result;
  };
  const failure = async (method: string, ...params: unknown[]) => {
    const reply = await rpc(url, method, params);
    assert.ok(reply.error, `${method} answered ${JSON.stringify(reply.result)}`);
    return reply.error;
  };
  const ledger = (index: number) => new Contract(contractAddresses.ledger, ledgerAbi, net.wallet(index));

  beforeEach(async () => {
    net = await startTestChain();
    url = net.chain.rpcUrl;
  });
  afterEach(() => net.close());

  it("says who it is, and holds no keys", async () => {
    assert.equal(await call("eth_chainId"), "0x7a69");
    assert.equal(await call("net_version"), "31337");
    assert.match(await call("web3_clientVersion"), /sandbox/);
    assert.deepEqual(await call("eth_accounts"), []);
    assert.equal(await call("eth_syncing"), false);
  });

  it("starts with the contracts in place and 100,000 for each of ten accounts", async () => {
    for (const address of Object.values(contractAddresses))
      assert.notEqual(await call("eth_getCode", address), "0x");
    for (let index = 0; index < 10; index++)
      assert.equal(
        await net.provider.getBalance(net.wallet(index)),
        parseEther("100000"),
        `account ${index}`,
      );
    assert.equal(await net.provider.getBalance(net.wallet(10)), 0n);
    const slot0 = await call("eth_getStorageAt", contractAddresses.ledger, "0x0", "latest");
    assert.equal(slot0.length, 66);
    assert.equal(net.chain.head().number, 21);
  });

  it("mines a transfer at once and charges exactly gas used times price", async () => {
    const [from, to] = [net.wallet(8), net.wallet(9)];
    const receipt = (await (await from.sendTransaction({ to, value: parseEther("1") })).wait())!;
    assert.equal(receipt.status, 1);
    assert.equal(receipt.gasUsed, 21_000n);
    assert.equal(receipt.gasPrice, 2n * gwei);
    assert.equal(receipt.blockNumber, 22);
    assert.equal(await net.provider.getBalance(from), parseEther("99999") - 42_000n * gwei);
    assert.equal(await net.provider.getBalance(to), parseEther("100001"));
  });

  it("takes legacy and access-list transactions, and both prices equal as the official SDK sends them", async () => {
    const price = BigInt(await call("eth_gasPrice"));
    for (const changes of [
      { type: 0, gasPrice: price },
      { type: 1, gasPrice: price, accessList: [] },
      { maxFeePerGas: price, maxPriorityFeePerGas: price },
    ]) {
      const receipt = (await (await net.wallet(8).sendTransaction({ to: ZeroAddress, ...changes })).wait())!;
      assert.equal(receipt.gasPrice, price);
    }
  });

  it("shows blocks, transactions and receipts as they were sent", async () => {
    const sent = await net.wallet(8).sendTransaction({ to: net.wallet(9), value: 5n, data: "0x1234" });
    const block = await call("eth_getBlockByNumber", "latest", true);
    const tx = await call("eth_getTransactionByHash", sent.hash);
    assert.deepEqual(block.transactions, [tx]);
    assert.equal(block.hash, net.chain.head().hash);
    assert.equal(block.baseFeePerGas, toBeHex(gwei));
    assert.equal(tx.input, "0x1234");
    assert.equal(tx.value, "0x5");
    assert.equal(tx.from, net.wallet(8).address.toLowerCase());
    assert.deepEqual(await call("eth_getTransactionByBlockHashAndIndex", block.hash, "0x0"), tx);
    const shortBlock = await call("eth_getBlockByHash", block.hash, false);
    assert.deepEqual(shortBlock.transactions, [sent.hash]);
    const receipt = await call("eth_getTransactionReceipt", sent.hash);
    assert.deepEqual(await call("eth_getBlockReceipts", block.number), [receipt]);
    assert.equal(receipt.cumulativeGasUsed, block.gasUsed);
    assert.equal(await call("eth_getTransactionReceipt", `0x${"ab".repeat(32)}`), null);
    assert.equal(await call("eth_getBlockByNumber", "0x7777", false), null);
    const parent = await call("eth_getBlockByHash", block.parentHash, false);
    assert.equal(Number(parent.number), Number(block.number) - 1);
  });

  it("names the contract that a transaction created", async () => {
    const receipt = (await (
      await net.wallet(8).sendTransaction({ data: "0x6001600081600b8239f300" })
    ).wait())!;
    assert.equal(await call("eth_getCode", receipt.contractAddress), "0x00");
  });

  it("keeps the fee and status of a transaction that reverts", async () => {
    const sent = await ledger(8).updateAdditionalInfo!("x", { gasLimit: 100_000n });
    await assert.rejects(sent.wait(), { code: "CALL_EXCEPTION" });
    const receipt = await call("eth_getTransactionReceipt", sent.hash);
    assert.equal(receipt.status, "0x0");
    assert.deepEqual(receipt.logs, []);
    assert.ok((await net.provider.getBalance(net.wallet(8))) < parseEther("100000"));
  });

  describe("refuses", () => {
    const send = async (raw: string) => (await failure("eth_sendRawTransaction", raw)).message;

    it("another chain's signature", async () => {
      assert.match(await send(await signTransfer(8, 0, { chainId: 16602 })), /invalid chain id for signer/);
      const legacy = { type: 0, gasPrice: gwei, maxFeePerGas: undefined, maxPriorityFeePerGas: undefined };
      assert.match(
        await send(await signTransfer(8, 0, { ...legacy, chainId: 16602 })),
        /invalid chain id for signer/,
      );
      assert.match(await send(await signTransfer(8, 0, { ...legacy, chainId: 0 })), /replay-protected/);
    });

    it("a nonce that is used", async () => {
      await net.chain.sendTransaction(await signTransfer(8, 0));
      assert.match(await send(await signTransfer(8, 0, { value: 2n })), /^nonce too low/);
    });

    it("the same transaction twice", async () => {
      const raw = await signTransfer(8, 1);
      await net.chain.sendTransaction(raw);
      assert.equal(await send(raw), "already known");
    });

    it("more than the wallet has", async () => {
      assert.match(
        await send(await signTransfer(8, 0, { value: parseEther("100000") })),
        /^insufficient funds for gas \* price \+ value/,
      );
    });

    it("gas limits that are too low or over the block's", async () => {
      assert.match(await send(await signTransfer(8, 0, { gasLimit: 20_999n })), /^intrinsic gas too low/);
      assert.match(
        await send(await signTransfer(8, 0, { gasLimit: 30_000_001n })),
        /^exceeds block gas limit/,
      );
    });

    it("prices under the base fee", async () => {
      assert.match(
        await send(await signTransfer(8, 0, { maxFeePerGas: 1n, maxPriorityFeePerGas: 1n })),
        /^transaction underpriced/,
      );
    });

    it("what is no transaction", async () => {
      for (const raw of ["0x", "0x02", "0xdeadbeef", "hello", 5, null])
        assert.equal((await failure("eth_sendRawTransaction", raw)).code, -32602);
    });
  });

  describe("keeps waiting transactions:", () => {
    it("a gap in the nonces queues, and its filling mines all in order", async () => {
      const [first, second, third] = [
        await signTransfer(8, 0),
        await signTransfer(8, 1),
        await signTransfer(8, 2),
      ];
      const sender = net.wallet(8).address;
      await call("eth_sendRawTransaction", third);
      await call("eth_sendRawTransaction", second);
      const waiting = await call("eth_getTransactionByHash", Transaction.from(third).hash);
      assert.equal(waiting.blockNumber, null);
      assert.equal(await call("eth_getTransactionCount", sender, "pending"), "0x0");
      assert.equal(net.chain.head().number, 21);
      await call("eth_sendRawTransaction", first);
      assert.equal(net.chain.head().number, 24);
      assert.equal(await call("eth_getTransactionCount", sender, "latest"), "0x3");
      const receipt = await call("eth_getTransactionReceipt", Transaction.from(third).hash);
      assert.equal(receipt.blockNumber, "0x18");
    });

    it("a replacement must raise both prices by a tenth", async () => {
      net.faults.set("chain", "no-mining");
      const prices = (fee: bigint, tip: bigint) => ({ maxFeePerGas: fee, maxPriorityFeePerGas: tip });
      await call("eth_sendRawTransaction", await signTransfer(8, 0, prices(3n * gwei, gwei)));
      for (const poor of [
        prices(3n * gwei, 2n * gwei),
        prices(4n * gwei, gwei),
        prices(3_299_999_999n, 1_099_999_999n),
      ]) {
        const { message } = await failure("eth_sendRawTransaction", await signTransfer(8, 0, poor));
        assert.equal(message, "replacement transaction underpriced");
      }
      const winner = await signTransfer(8, 0, { ...prices(3_300_000_000n, 1_100_000_000n), value: 9n });
      await call("eth_sendRawTransaction", winner);
      assert.equal(await call("eth_getTransactionCount", net.wallet(8).address, "pending"), "0x1");
      await call("evm_mine");
      const block = await call("eth_getBlockByNumber", "latest", false);
      assert.deepEqual(block.transactions, [Transaction.from(winner).hash]);
    });

    it("who pays more comes first into the block", async () => {
      net.faults.set("chain", "no-mining");
      const cheap = await signTransfer(7, 0);
      const dear = await signTransfer(8, 0, { maxFeePerGas: 9n * gwei, maxPriorityFeePerGas: 5n * gwei });
      await net.chain.sendTransactions([cheap, dear]);
      await net.chain.mine();
      const block = await call("eth_getBlockByNumber", "latest", false);
      assert.deepEqual(block.transactions, [Transaction.from(dear).hash, Transaction.from(cheap).hash]);
      const receipt = await call("eth_getTransactionReceipt", Transaction.from(cheap).hash);
      assert.equal(receipt.cumulativeGasUsed, "0xa410");
    });

    it("what the sender cannot pay for any more waits until he can", async () => {
      const half = { value: parseEther("60000") };
      await call("eth_sendRawTransaction", await signTransfer(8, 1, half));
      await call("eth_sendRawTransaction", await signTransfer(8, 0, half));
      assert.equal(net.chain.head().number, 22);
      await net.chain.setBalance(net.wallet(8).address, parseEther("70000"));
      assert.equal(net.chain.head().number, 23);
    });
  });

  describe("runs calls:", () => {
    it("the revert data is in error.data, for calls and estimates", async () => {
      const data = ledger(8).interface.encodeFunctionData("updateAdditionalInfo", ["x"]);
      const request = { from: net.wallet(8).address, to: contractAddresses.ledger, data };
      const expected = `0x7d2d536b${zeroPadValue(net.wallet(8).address, 32).slice(2).toLowerCase()}`;
      for (const method of ["eth_call", "eth_estimateGas"]) {
        const error = await failure(method, request);
        assert.deepEqual(error, { code: 3, message: "execution reverted", data: expected });
      }
    });

    it("a string reason is part of the message too", async () => {
      const data = ledger(8).interface.encodeFunctionData("transferOwnership", [net.wallet(8).address]);
      const error = await failure("eth_call", {
        from: net.wallet(8).address,
        to: contractAddresses.ledger,
        data,
      });
      assert.equal(error.message, "execution reverted: Ownable: caller is not the owner");
      assert.ok(error.data?.startsWith("0x08c379a0"));
    });

    it("ethers reads custom errors from them", async () => {
      await assert.rejects(ledger(8).getLedger!(net.wallet(8).address), (error: Json) =>
        error.data.startsWith("0x7d2d536b"),
      );
      await assert.rejects(
        ledger(8).updateAdditionalInfo!("x"),
        (error: Json) => error.action === "estimateGas",
      );
    });

    it("a call changes nothing", async () => {
      const data = ledger(8).interface.encodeFunctionData("addLedger", [""]);
      const head = net.chain.head();
      const request = {
        from: net.wallet(8).address,
        to: contractAddresses.ledger,
        data,
        value: toBeHex(parseEther("5")),
      };
      assert.notEqual(await call("eth_call", request, "latest"), "0x");
      await call("eth_estimateGas", request);
      assert.deepEqual(net.chain.head(), head);
      await assert.rejects(ledger(8).getLedger!(net.wallet(8).address));
      assert.equal(await call("eth_getTransactionCount", net.wallet(8).address, "latest"), "0x0");
    });

    it("an estimate suffices, and 3 % less does not", async () => {
      const value = parseEther("5");
      const estimate = await ledger(8).addLedger!.estimateGas("", { value });
      const short = await ledger(8).addLedger!("", { value, gasLimit: (estimate * 97n) / 100n });
      await assert.rejects(short.wait(), { code: "CALL_EXCEPTION" });
      const enough = await ledger(8).addLedger!("", { value, gasLimit: estimate });
      assert.equal((await enough.wait()).status, 1);
      assert.equal(
        await net.provider.estimateGas({ from: net.wallet(8), to: net.wallet(9), value: 1n }),
        21_000n,
      );
    });

    it("an estimate fails when the limit or the money is short", async () => {
      const data = ledger(8).interface.encodeFunctionData("addLedger", [""]);
      const request = {
        from: net.wallet(8).address,
        to: contractAddresses.ledger,
        data,
        value: toBeHex(parseEther("5")),
      };
      assert.equal(
        (await failure("eth_estimateGas", { ...request, gas: "0x5208" })).message,
        "gas required exceeds allowance (21000)",
      );
      const poor = { ...request, from: net.wallet(11).address };
      assert.equal((await failure("eth_estimateGas", poor)).message, "insufficient funds for transfer");
      await net.chain.setBalance(net.wallet(11).address, parseEther("5") + 1000n * gwei);
      const short = await failure("eth_estimateGas", { ...poor, gasPrice: toBeHex(gwei) });
      assert.equal(short.message, "gas required exceeds allowance (1000)");
    });

    it("the number of transactions of an address is known at every block", async () => {
      const { address } = net.wallet(8);
      const before = net.chain.head().number;
      const counts = async () =>
        Promise.all(
          [before, before + 1, before + 2].map((number) =>
            call("eth_getTransactionCount", address, toBeHex(number)),
          ),
        );
      await net.chain.sendTransaction(await signTransfer(8, 0));
      await net.chain.sendTransaction(await signTransfer(8, 1));
      assert.deepEqual(await counts(), ["0x0", "0x1", "0x2"]);
      const beyond = await failure("eth_getTransactionCount", address, toBeHex(before + 3));
      assert.equal(beyond.message, "header not found");
    });

    it("an older state is an error, the head's own number is not", async () => {
      const address = net.wallet(8).address;
      await net.chain.mine();
      const { number, hash } = net.chain.head();
      for (const tag of [toBeHex(number - 1), "earliest", { blockNumber: "0x1" }])
        for (const [method, ...params] of [
          ["eth_getBalance", address, tag],
          ["eth_getCode", address, tag],
          ["eth_getStorageAt", address, "0x0", tag],
          ["eth_call", { to: address }, tag],
        ] as [string, ...unknown[]][])
          assert.match((await failure(method, ...params)).message, /historical state/);
      assert.equal(await call("eth_getBalance", address, toBeHex(number)), toBeHex(parseEther("100000")));
      assert.equal(await call("eth_getBalance", address, { blockHash: hash }), toBeHex(parseEther("100000")));
      assert.equal(
        (await failure("eth_getBalance", address, toBeHex(number + 1))).message,
        "header not found",
      );
    });
  });

  describe("finds logs", () => {
    const user = () => zeroPadValue(net.wallet(8).address, 32);
    const update = async (index: number, text: string) =>
      (await ledger(index).updateAdditionalInfo!(text)).wait();
    beforeEach(async () => {
      for (const index of [8, 9])
        await (await ledger(index).addLedger!("", { value: parseEther("3") })).wait();
    });

    it("by address, topic, alternatives and block", async () => {
      const first = await update(8, "one");
      await update(9, "two");
      const logs = (filter: object) => call("eth_getLogs", { fromBlock: "earliest", ...filter });
      const address = contractAddresses.ledger;
      assert.equal((await logs({ address, topics: [infoUpdated] })).length, 2);
      assert.equal(
        (await logs({ address: [address, ZeroAddress], topics: [infoUpdated, user()] })).length,
        1,
      );
      assert.equal(
        (await logs({ topics: [null, [user(), zeroPadValue(net.wallet(9).address, 32)]] })).length,
        2,
      );
      assert.equal((await logs({ address: contractAddresses.inference, topics: [infoUpdated] })).length, 0);
      assert.equal((await logs({ topics: [infoUpdated, null, null] })).length, 0);
      assert.equal((await call("eth_getLogs", { topics: [infoUpdated] })).length, 1, "from the head only");
      const inBlock = await call("eth_getLogs", { blockHash: first.blockHash });
      assert.equal(inBlock.length, 1);
      assert.equal(inBlock[0].transactionHash, first.hash);
      assert.equal(inBlock[0].removed, false);
    });

    it("through filters, each change once", async () => {
      const logs = await call("eth_newFilter", { address: contractAddresses.ledger, topics: [infoUpdated] });
      const blocks = await call("eth_newBlockFilter");
      const pending = await call("eth_newPendingTransactionFilter");
      const receipt = await update(8, "one");
      assert.deepEqual(
        (await call("eth_getFilterChanges", logs)).map((log: Json) => log.transactionHash),
        [receipt.hash],
      );
      assert.deepEqual(await call("eth_getFilterChanges", blocks), [receipt.blockHash]);
      assert.deepEqual(await call("eth_getFilterChanges", pending), [receipt.hash]);
      for (const filter of [logs, blocks, pending])
        assert.deepEqual(await call("eth_getFilterChanges", filter), []);
      assert.equal((await call("eth_getFilterLogs", logs)).length, 1);
      assert.equal(await call("eth_uninstallFilter", logs), true);
      assert.equal(await call("eth_uninstallFilter", logs), false);
      assert.equal((await failure("eth_getFilterChanges", logs)).message, "filter not found");
      net.clock.now += 5 * 60_000 + 1;
      assert.equal((await failure("eth_getFilterChanges", blocks)).message, "filter not found");
    });

    it("for a listener of ethers", async () => {
      const contract = ledger(8);
      const heard = new Promise(
        (resolve) => void contract.once("LedgerInfoUpdated", (_user, text) => resolve(text)),
      );
      await call("eth_blockNumber");
      while (!(net.chain.counters().eth_newFilter ?? 0)) await call("eth_blockNumber");
      await update(8, "listen");
      assert.equal(await heard, "listen");
    });
  });

  it("gives the fee history with rewards", async () => {
    await net.chain.sendTransaction(await signTransfer(8, 0, { maxPriorityFeePerGas: 2n * gwei }));
    const history = await call("eth_feeHistory", "0x2", "latest", [10, 90]);
    assert.equal(history.oldestBlock, "0x15");
    assert.deepEqual(
      history.baseFeePerGas,
      [gwei, gwei, gwei].map((fee) => toBeHex(fee)),
    );
    assert.deepEqual(history.reward[1], [toBeHex(2n * gwei), toBeHex(2n * gwei)]);
    assert.equal(history.gasUsedRatio[1], 21_000 / 30_000_000);
    assert.equal((await failure("eth_feeHistory", "0x2", "latest", [90, 10])).code, -32602);
  });

  describe("lets time pass:", () => {
    const wall = () => Math.floor(net.clock.now / 1000);

    it("with the wall clock, and blocks of one second share its timestamp", async () => {
      await net.chain.mine();
      await net.chain.mine();
      assert.equal(net.chain.head().timestamp, wall());
      net.clock.now += 90_000;
      await net.chain.mine();
      assert.equal(net.chain.head().timestamp, wall());
    });

    it("never backwards, even when the wall clock is set back", async () => {
      await net.chain.mine();
      const { timestamp } = net.chain.head();
      net.clock.now -= 3_600_000;
      await net.chain.mine();
      assert.equal(net.chain.head().timestamp, timestamp);
    });

    it("by evm_increaseTime, for good", async () => {
      await call("evm_increaseTime", 86_400);
      await call("evm_mine");
      assert.equal(net.chain.head().timestamp, wall() + 86_400);
      await net.chain.increaseTime(100);
      net.clock.now += 5_000;
      await net.chain.mine();
      assert.equal(net.chain.head().timestamp, wall() + 86_500);
    });

    it("by evm_setNextBlockTimestamp, which refuses the past", async () => {
      const wanted = wall() + 1000;
      await call("evm_setNextBlockTimestamp", wanted);
      await net.chain.sendTransaction(await signTransfer(8, 0));
      assert.equal(net.chain.head().timestamp, wanted);
      net.clock.now += 7_000;
      await call("evm_mine");
      assert.equal(net.chain.head().timestamp, wanted + 7);
      assert.equal((await failure("evm_setNextBlockTimestamp", wanted)).code, -32602);
    });

    it("for calls as well: they see the time of the next block", async () => {
      await net.chain.mine();
      await net.chain.increaseTime(10);
      await call("evm_increaseTime", 500);
      // Init code that returns TIMESTAMP.
      const timestamp = BigInt(await call("eth_call", { data: "0x4260005260206000f3" }));
      assert.equal(timestamp, BigInt(wall() + 510));
    });
  });

  it("goes back to a snapshot, once", async () => {
    const before = net.chain.head();
    const saved = await call("evm_snapshot");
    const hash = await call("eth_sendRawTransaction", await signTransfer(8, 0));
    await call("evm_increaseTime", 1000);
    const later = await call("evm_snapshot");
    assert.equal(await call("evm_revert", saved), true);
    assert.deepEqual(net.chain.head(), before);
    assert.equal(await call("eth_getTransactionReceipt", hash), null);
    assert.equal(await net.provider.getBalance(net.wallet(8)), parseEther("100000"));
    assert.equal(await call("evm_revert", saved), false);
    assert.equal(await call("evm_revert", later), false);
    await call("evm_mine");
    assert.equal(net.chain.head().timestamp, Math.floor(net.clock.now / 1000));
  });

  it("gives money by hardhat_setBalance", async () => {
    await call("hardhat_setBalance", net.wallet(20).address, toBeHex(parseEther("7")));
    assert.equal(await net.provider.getBalance(net.wallet(20)), parseEther("7"));
    assert.equal((await failure("hardhat_setBalance", net.wallet(20).address, "-1")).code, -32602);
  });

  it("takes many transactions in one go", async () => {
    const raws = await Promise.all([0, 1, 2, 3, 4].map((nonce) => signTransfer(8, nonce)));
    const hashes = await net.chain.sendTransactions(raws);
    assert.deepEqual(
      hashes,
      raws.map((raw) => Transaction.from(raw).hash),
    );
    assert.equal(net.chain.head().number, 26);
  });

  it("serves callers at the same time without mixing their states", async () => {
    const senders = [5, 6, 7, 8];
    const raws = await Promise.all(
      senders.flatMap((index) => [0, 1, 2].map((nonce) => signTransfer(index, nonce))),
    );
    const address = net.wallet(8).address;
    const data = ledger(8).interface.encodeFunctionData("addLedger", [""]);
    const request = { from: address, to: contractAddresses.ledger, data, value: toBeHex(parseEther("5")) };
    await Promise.all(
      raws.flatMap((raw) => [call("eth_sendRawTransaction", raw), call("eth_estimateGas", request)]),
    );
    assert.equal(net.chain.head().number, 33);
    for (const index of senders)
      assert.equal(await call("eth_getTransactionCount", net.wallet(index).address, "latest"), "0x3");
  });
});
