// The local endpoint while a provider does not tell its models: prices stand in that list, and what was served a moment before goes on being served.
// The sandbox's provider has another model here, as those of the public networks have, or prices in dollars.
import assert from "node:assert/strict";
import type { ProviderId } from "../../src/domain/ids.js";
import type {
  AdditionalInfo,
  InferenceService,
  ModelInfo,
  ServiceDetail,
} from "../../src/domain/provider.js";
import { aModel } from "../support/builders.js";
import { TestEndpoint } from "../support/endpoint.js";
import { House, World } from "../support/house.js";
import { movedClock } from "../support/movedClock.js";

const clock = movedClock();
const minute = 60_000;

const silences: Readonly<Record<string, () => Promise<ModelInfo[]>>> = {
  "takes its time": () => {
    setImmediate(() => clock.moveOn(1_500));
    return new Promise(() => undefined);
  },
  fails: () => Promise.reject(new Error("503")),
};
const kinds: readonly (readonly [
  what: string,
  asked: string,
  info: Partial<AdditionalInfo>,
  code: string,
])[] = [
  ["several models", "big", { isMultiModel: true }, "model_not_known"],
  ["prices in dollars", "sandbox-chat", { priceDenomination: "USD" }, "price_not_known"],
];

for (const [silence, getModels] of Object.entries(silences))
  for (const [what, model, info, code] of kinds)
    describe(`The local endpoint before a provider of ${what} whose list of models ${silence}`, function () {
      this.timeout(60_000);
      const world = new World();
      let house: House;
      let endpoint: TestEndpoint;
      let provider: ProviderId;

      before(async () => {
        world.clock = clock;
        house = new House(world);
        provider = house.chat.get(await house.trySandbox.run())!.provider!;
        endpoint = await new TestEndpoint(house).start();
      });
      after(async () => {
        await endpoint?.close();
        house?.abandon();
        await world.launcher.stop();
      });

      it("goes by what it told within the hour, and then says when to ask again", async () => {
        const { inference } = await house.session.broker();
        const { inputPrice, outputPrice } = house.providers.find(provider)!.service;
        const models = ["sandbox-chat", "big"].map((id) => aModel(id, [inputPrice, outputPrice]));
        const changed = (service: InferenceService) =>
          service.provider === provider ? { ...service, info: { ...service.info, ...info } } : service;
        const [list, read] = [
          inference.listServiceWithDetail.bind(inference),
          inference.getService.bind(inference),
        ];
        inference.getService = async (...asked) => changed(await read(...asked));
        inference.listServiceWithDetail = async (...asked) =>
          (await list(...asked)).map(({ service, ...detail }): ServiceDetail => ({
            ...{ ...detail, service: changed(service) },
            ...(service.provider === provider ? { models } : {}),
          }));
        await house.providers.refresh();
        const key = await endpoint.key();
        const ask = async () => {
          const response = await fetch(`${endpoint.url}/chat/completions`, {
            method: "POST",
            headers: { authorization: `Bearer ${key.text}`, "content-type": "application/json" },
            body: JSON.stringify({ model, max_tokens: 5, messages: [{ role: "user", content: "Hi" }] }),
          });
          const { error } = (await response.json()) as { error?: { type: string; code: string } };
          const isAsked = response.ok || error?.type === "BadRequestError"; // the sandbox has no such model, and says so
          return isAsked ? "asked" : [response.status, error?.code, response.headers.get("retry-after")];
        };
        assert.deepEqual(await ask(), "asked");
        inference.getModels = getModels;
        inference.listServiceWithDetail = () => Promise.reject(new Error("away"));
        clock.moveOn(6 * minute);
        assert.deepEqual(await ask(), "asked", "its list is too old to be reckoned with unasked");
        assert.deepEqual(await ask(), "asked", "and so it is at once again");
        clock.moveOn(60 * minute);
        assert.deepEqual(await ask(), [503, code, "30"]);
      });
    });
