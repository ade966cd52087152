import assert from "node:assert/strict";
import { modelNamed } from "../../../src/domain/modelsByName.js";
import { neuron } from "../../../src/domain/money.js";
import { atMost, chatFee, imageFee, isUnpriced, mostChatFee, pricedAs } from "../../../src/domain/pricing.js";
import { aModel, anInfo, aService } from "../../support/builders.js";

const usage = { promptTokens: 100, completionTokens: 10 };

describe("What a model costs", () => {
  const service = aService({ model: "own", info: anInfo({ isMultiModel: true }) });
  const feeAs = (model?: ReturnType<typeof aModel>) => chatFee(pricedAs(service, model), usage).total;
  const most = (model?: ReturnType<typeof aModel>) =>
    atMost(service, model, (one) => mostChatFee(one, 100, 10));
  const onChain = 100n * service.inputPrice + 10n * service.outputPrice;

  it("is by the chain for the registered model, whatever its provider lists, and at most by the dearer of both", () => {
    for (const [listed, dearest] of [
      [aModel("own", [1n, 1n]), onChain],
      [aModel("own", [service.inputPrice * 3n, service.outputPrice]), onChain + 200n * service.inputPrice],
      [aModel("own"), onChain],
      [undefined, onChain],
    ] as const)
      assert.deepEqual([feeAs(listed), most(listed)], [onChain, dearest]);
  });

  it("is by its provider's list for another model, and at most by the dearer of both", () => {
    const [dear, cheap] = [
      aModel("big", [service.inputPrice * 100n, service.outputPrice * 100n]),
      aModel("tiny", [1n, 2n]),
    ];
    assert.deepEqual([feeAs(dear), most(dear)], [onChain * 100n, onChain * 100n]);
    assert.deepEqual([feeAs(cheap), most(cheap)], [120n, onChain]);
    const single = aService({ model: "own" });
    assert.equal(
      chatFee(pricedAs(single, dear), usage).total,
      onChain,
      "a list of another name is no second model",
    );
  });

  it("is at most what a kept prompt costs, where a provider takes more for that", () => {
    const odd = aService({ info: anInfo({ cacheDivisor: 0.1 }) });
    assert.equal(mostChatFee(odd, 100, 10), 1_000n * odd.inputPrice + 10n * odd.outputPrice);
    assert.equal(mostChatFee(aService({ info: anInfo({ cacheDivisor: 10 }) }), 100, 10), onChain);
  });

  it("is at most what a prompt costs that the provider begins to keep, in the dearest way that its list has", () => {
    const writes = [
      { numerator: 5, denominator: 4 },
      { numerator: 2, denominator: 1 },
    ];
    const prices = { prompt: service.inputPrice, completion: service.outputPrice, tiers: [] };
    const keeping = (id: string) => aModel(id, undefined, { prices: { ...prices, cacheWrites: writes } });
    for (const id of ["own", "big"])
      assert.equal(most(keeping(id)), 200n * service.inputPrice + 10n * service.outputPrice, id);
    assert.equal(feeAs(keeping("own")), onChain, "what it costs is told by the answer");
    const cheap = { ...prices, cacheWrites: [{ numerator: 1, denominator: 4 }] };
    assert.equal(most(aModel("own", undefined, { prices: cheap })), onChain);
    const tiers = [{ maxInputTokens: 0, inputMultiplier: 3, outputMultiplier: 1 }];
    const tiered = aModel("own", undefined, { prices: { ...prices, tiers, cacheWrites: writes } });
    assert.equal(most(tiered), 600n * service.inputPrice + 10n * service.outputPrice, "at its tier's price");
  });

  it("takes tiers and the discount from the chain first, then from the list", () => {
    const tiers = (inputMultiplier: number) => [{ maxInputTokens: 0, inputMultiplier, outputMultiplier: 1 }];
    const listed = aModel("own", undefined, {
      prices: { prompt: neuron(1n), completion: neuron(1n), tiers: tiers(3), cacheDivisor: 4 },
    });
    const told = pricedAs(service, listed);
    assert.deepEqual(
      [told.inputPrice, told.info.tiers, told.info.cacheDivisor],
      [service.inputPrice, tiers(3), 4],
    );
    const own = aService({ model: "own", info: anInfo({ tiers: tiers(2), cacheDivisor: 10 }) });
    assert.deepEqual(pricedAs(own, listed).info, own.info);
    assert.equal(most(listed), onChain + 200n * service.inputPrice);
  });

  it("is a picture's where the service makes pictures", () => {
    const painter = aService({
      serviceType: "text-to-image",
      model: "own",
      info: anInfo({ isMultiModel: true }),
    });
    const listed = aModel("big", undefined, { prices: { image: neuron(7n), tiers: [] } });
    assert.equal(imageFee(pricedAs(painter, listed), 3), 21n);
    assert.equal(imageFee(pricedAs(painter, aModel("big", [1n, 1n])), 1), painter.outputPrice);
  });

  it("is by its provider's list where prices are set in dollars, for its own model too, and else not known", () => {
    const dollars = (serviceType: string) =>
      aService({ serviceType, model: "own", info: anInfo({ priceDenomination: "USD" }) });
    const chat = dollars("chatbot");
    for (const id of ["own", "its other name"]) {
      const dear = aModel(id, [chat.inputPrice * 100n, chat.outputPrice * 100n]);
      assert.equal(chatFee(pricedAs(chat, dear), usage).total, onChain * 100n);
      assert.equal(isUnpriced(chat, "own", dear), false);
    }
    for (const unknown of [undefined, aModel("own")]) assert.equal(isUnpriced(chat, "own", unknown), true);
    const painter = dollars("text-to-image");
    const drawn = aModel("own", undefined, { prices: { image: neuron(7n), tiers: [] } });
    assert.equal(imageFee(pricedAs(painter, drawn), 3), 21n);
    assert.equal(isUnpriced(painter, "own", drawn), false);
    assert.equal(isUnpriced(painter, "own", aModel("own", [1n, 1n])), true);
    assert.equal(pricedAs(dollars("speech-to-text"), aModel("own", [5n, 6n])).inputPrice, 5n);
    const native = aService({ model: "own", info: anInfo({ priceDenomination: "NATIVE" }) });
    assert.equal(isUnpriced(native, "own", undefined), false);
    const several = aService({
      model: "own",
      info: anInfo({ priceDenomination: "USD", isMultiModel: true }),
    });
    assert.equal(isUnpriced(several, "own", aModel("big", [1n, 1n])), true, "that is another one");
  });

  it("is that of an adapter's base model, which its name tells, and in dollars is known by the list alone", () => {
    const usage = { promptTokens: 100, completionTokens: 10 };
    const [small, big] = [aModel("qwen/qwen2.5", [1n, 1n]), aModel("Qwen/Qwen2.5-7B", [9n, 90n])];
    const adapter = "ft-qwen2-5-7b-3e2911d9-cdb";
    for (const name of [adapter, "ft-Qwen-Qwen2-5-7B-3e2911d9-cdb"])
      assert.equal(modelNamed([small, big], name), big);
    assert.equal(modelNamed([small, aModel("phi")], adapter), undefined);
    for (const isMultiModel of [true, false]) {
      const info = anInfo({ isMultiModel, priceDenomination: "USD" });
      const priced = aService({
        model: "Qwen/Qwen2.5-7B",
        inputPrice: neuron(1n),
        outputPrice: neuron(1n),
        info,
      });
      assert.equal(isUnpriced(priced, adapter, undefined), true, "the chain's price is only indicative");
      assert.equal(isUnpriced(priced, adapter, aModel(big.id)), true);
      assert.equal(isUnpriced(priced, adapter, big), false);
      assert.equal(chatFee(pricedAs(priced, big), usage).total, 100n * 9n + 10n * 90n);
      assert.equal(isUnpriced(priced, adapter, small), isMultiModel, "of several, that is another one");
    }
    const several = aService({ model: "own", info: anInfo({ isMultiModel: true }) });
    assert.equal(chatFee(pricedAs(several, big), usage).total, 100n * 9n + 10n * 90n);
  });

  it("is not known of a further model without a listed price, and of nothing else", () => {
    const priced = aModel("big", [1n, 1n]);
    assert.deepEqual(
      [
        isUnpriced(service, "big", undefined),
        isUnpriced(service, "big", aModel("big")),
        isUnpriced(service, "big", aModel("own", [1n, 1n])),
        isUnpriced(service, "big", aModel("big", undefined, { prices: { prompt: neuron(1n), tiers: [] } })),
      ],
      [true, true, true, true],
    );
    assert.deepEqual(
      [
        isUnpriced(service, "big", priced),
        isUnpriced(service, "own", undefined),
        isUnpriced(service, "ft-own-0123456789ab", undefined),
        isUnpriced(aService({ model: "own" }), "big", undefined),
      ],
      [false, false, false, false],
    );
  });
});
