import assert from "node:assert/strict";
import { isAlreadyKnown, isNonceUsed, toChainError } from "../../../src/broker/chain/errors.js";
import { RpcRejection } from "../../../src/broker/chain/rpc.js";
import { hash32, hexData, quantity, smallQuantity } from "../../../src/broker/chain/values.js";
import { parseOg, exactOg, neuron } from "../../../src/domain/money.js";
import { hostOf } from "../../../src/domain/url.js";

const said = (message: string, data?: string) => new RpcRejection("rpc.example", -32000, message, data);

describe("what nodes say", () => {
  it("is that the wallet is short, in all their words", () => {
    for (const message of [
      "insufficient funds for gas * price + value: have 1 want 2",
      "insufficient funds for transfer",
      "gas required exceeds allowance (0)",
      "sender doesn't have enough funds... insufficient funds",
    ]) {
      const { code, facts } = toChainError(said(message), { walletBalance: 1n, walletNeed: 2n });
      assert.deepEqual(
        [code, facts],
        ["insufficientFunds", { account: "wallet", have: 1n, need: 2n }],
        message,
      );
    }
  });

  it("is a refusal without a reason, a fee too low, a nonce taken, or nothing known", () => {
    for (const [message, code, reason] of [
      ["execution reverted", "rejectedByChain", "reverted"],
      ["transaction underpriced", "rejectedByChain", "feeTooLow"],
      ["max fee per gas less than block base fee", "rejectedByChain", "feeTooLow"],
      ["nonce too low", "rejectedByChain", "nonceTaken"],
      ["something new", "network", undefined],
    ] as const) {
      const error = toChainError(said(message), {});
      assert.equal(error.code, code, message);
      if (reason) assert.equal((error.facts as { reason: string }).reason, reason);
    }
  });

  it("is decoded from the data before the message is looked at", () => {
    const { code } = toChainError(
      said("execution reverted: insufficient funds", `0x7d2d536b${"00".repeat(32)}`),
      {},
    );
    assert.equal(code, "noLedger");
  });

  it("tells a transaction it had before from one whose nonce is used", () => {
    assert(isAlreadyKnown(said("already known")) && !isAlreadyKnown(said("nonce too low")));
    assert(
      isNonceUsed(said("nonce too low: next nonce 5, tx nonce 4")) && !isNonceUsed(said("already known")),
    );
  });

  it("is kept short", () => {
    assert(JSON.stringify(toChainError(said("x".repeat(9999)), {}).facts).length < 350);
  });

  it("is checked value by value", () => {
    assert.equal(quantity("0xff"), 255n);
    for (const bad of ["", "0x", "ff", "0xzz", `0x${"f".repeat(65)}`, 1, null, undefined, {}])
      assert.throws(() => quantity(bad));
    assert.throws(() => smallQuantity("0xffffffffffffffff"));
    for (const bad of ["0x1", "12", null]) assert.throws(() => hexData(bad));
    assert.throws(() => hash32("0x12"));
    assert.equal(hostOf("https://user:secret@rpc.example:8545/key?k=1"), "rpc.example:8545");
    assert.equal(hostOf("http://[secret"), "");
  });
});

describe("money", () => {
  it("comes back from its exact text, 10,000 times", () => {
    // xorshift: the same amounts in every run
    let state = 0x9e3779b97f4a7c15n;
    const random = (bits: bigint) => {
      state ^= (state << 13n) & 0xffffffffffffffffn;
      state ^= state >> 7n;
      state ^= (state << 17n) & 0xffffffffffffffffn;
      return (state * state) % (1n << bits);
    };
    for (let count = 0; count < 10_000; count++) {
      const amount = neuron(random(BigInt(1 + (count % 96))));
      assert.equal(parseOg(exactOg(amount)), amount);
    }
  });
});
