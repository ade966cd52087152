// What training costs, and what its log tells.
import assert from "node:assert/strict";
import { neuron } from "../../../src/domain/money.js";
import { feeRange, penaltyOf, trainingFee } from "../../../src/domain/trainingFee.js";
import { trainingCurve } from "../../../src/domain/trainingLog.js";

describe("the training fee", () => {
  it("counts tokens by epochs, price and coefficient, and adds the reserve once", () => {
    const rule = { coefficient: 8n, storageReserve: neuron(90n) };
    assert.equal(trainingFee(rule, neuron(5n), 1000n, 3), 120_090n);
    assert.equal(trainingFee(rule, neuron(5n), 0n, 3), 90n);
  });

  it("is a range for tokens that are estimated, by the model's own way of counting", () => {
    const feeRule = { coefficient: 8n, storageReserve: neuron(90_000_000_000_000_000n) };
    const service = { pricePerToken: neuron(500_000_000_000n) };
    const tokens = { low: 9_000, likely: 10_000, high: 12_000.5 };
    const words = { low: 1, likely: 1, high: 1 };
    assert.deepEqual(feeRange({ tokenizer: "Qwen/Qwen3-32B", feeRule }, service, { tokens, words }, 3), {
      low: 198_000_000_000_000_000n,
      likely: 210_000_000_000_000_000n,
      high: 234_012_000_000_000_000n,
    });
    const ofWords = feeRange({ tokenizer: "words", feeRule }, service, { tokens, words }, 1);
    assert.equal(ofWords?.high, 90_004_000_000_000_000n);
    assert.equal(feeRange({ tokenizer: "words", feeRule }, service, {}, 3), undefined);
    assert.equal(feeRange({ tokenizer: "words" }, service, { tokens }, 3), undefined);
  });

  it("is charged in part for a model that nobody acknowledged, rounded down", () => {
    assert.equal(penaltyOf(neuron(101n), 30), 30n);
    assert.equal(penaltyOf(neuron(101n), 0), 0n);
  });
});

describe("the training log", () => {
  it("keeps numbers that are none, and learns a rate written in scientific form", () => {
    const text = "{'loss': nan, 'grad_norm': inf, 'learning_rate': 5e-05, 'epoch': 0.5}\n{'loss': -inf}";
    assert.deepEqual(trainingCurve(text).points, [
      { loss: Number.NaN, epoch: 0.5, learningRate: 0.00005 },
      { loss: -Infinity },
    ]);
  });

  it("finds a loss behind a progress bar on the same line", () => {
    const bar = "  5%|5    | 10/200 [00:10<03:10]\r{'loss': 2.5, 'epoch': 0.1}\r 10%|";
    assert.deepEqual(trainingCurve(bar), { points: [{ loss: 2.5, epoch: 0.1 }] });
  });

  it("takes the last total, and no loss from errors, quotations or endless lines", () => {
    const text = [
      "{'train_runtime': 1, 'train_loss': 3.0}",
      "{'train_runtime': 1, 'train_loss': '2.5'}",
      "[ERROR] Step: 20, Error: {'lost': 1}",
      "{'loss': 'boom'}",
      "{'loss': 1e}",
      "{'loss': 1",
      `{'loss': 1, 'x': ${"9".repeat(20_000)}}`,
    ].join("\n");
    assert.deepEqual(trainingCurve(text), { points: [], finalLoss: 2.5 });
  });

  it("keeps no more than twenty thousand points", () => {
    assert.equal(trainingCurve("{'loss': 1}\n".repeat(30_000)).points.length, 20_000);
  });
});
