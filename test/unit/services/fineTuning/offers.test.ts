import assert from "node:assert/strict";
import { ComputeError } from "../../../../src/domain/error.js";
import type { FineTuningService } from "../../../../src/domain/fineTuning.js";
import { tuningOffers } from "../../../../src/services/fineTuning/offers.js";
import { address } from "../../../support/builders.js";
import { settled, TestClock } from "../../../support/ports.js";
import { aBaseModel, TuningWorld } from "../../../support/tuningWorld.js";
import { isCode } from "../../../support/tuningWindow.js";

describe("the offers of fine-tuning", () => {
  const world = new TuningWorld();
  const at = (digit: string): FineTuningService => ({ ...world.service, provider: address(digit) });
  const silent = () => new Promise<never>(() => undefined);

  it("tell the queue of each provider, and wait only so long for one that does not", async () => {
    const clock = new TestClock();
    const { fineTuning } = world.broker();
    const queues: Record<string, () => Promise<number>> = {
      [address("a")]: async () => 2,
      [address("b")]: () =>
        Promise.reject(new ComputeError("providerUnavailable", { provider: address("b"), detail: "" })),
      [address("c")]: silent,
    };
    const listed = tuningOffers(
      {
        fineTuning: {
          ...fineTuning,
          listService: async () => [at("a"), at("b"), at("c")],
          countPending: (provider) => (queues[provider] ?? silent)(),
        },
      },
      clock,
    );
    let isListed = false;
    void listed.then(() => (isListed = true));
    await settled();
    assert.equal(isListed, false);
    await clock.advance(3_000);
    const offers = await listed;
    assert.deepEqual(
      offers.map(({ service, model, queue }) => [service.provider, model.name, queue]),
      [
        [address("a"), aBaseModel.name, 2],
        [address("b"), aBaseModel.name, undefined],
        [address("c"), aBaseModel.name, undefined],
      ],
    );
  });

  it("leave out who does not tell its models, and say why where nobody does", async () => {
    const { fineTuning } = world.broker();
    const offersWhere = (silentOnes: readonly string[]) =>
      tuningOffers(
        {
          fineTuning: {
            ...fineTuning,
            listService: async () => [at("a"), at("b")],
            listModelOf: async (provider) => {
              if (!silentOnes.includes(provider)) return [aBaseModel];
              throw new ComputeError("providerUnavailable", { provider, detail: "" });
            },
          },
        },
        new TestClock(),
      );
    const providers = (await offersWhere([address("a")])).map(({ service }) => service.provider);
    assert.deepEqual(providers, [address("b")]);
    await assert.rejects(offersWhere([address("a"), address("b")]), isCode("providerUnavailable"));
    const none = { fineTuning: { ...fineTuning, listService: async () => [] } };
    await assert.rejects(tuningOffers(none, new TestClock()), isCode("unknownProvider"));
  });
});
