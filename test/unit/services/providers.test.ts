// The marketplace's list: what a provider of several models serves is named, and stays named while the list is read anew.
import assert from "node:assert/strict";
import type { Broker } from "../../../src/broker/api.js";
import { Emitter } from "../../../src/domain/event.js";
import type { ModelInfo, ServiceDetail } from "../../../src/domain/provider.js";
import { ProvidersService } from "../../../src/services/providers/providers.js";
import type { Session } from "../../../src/services/wallets/session.js";
import { address, anInfo, aService } from "../../support/builders.js";
import { memoryLog } from "../../support/ports.js";
import { SteppedClock } from "../../support/steppedClock.js";
import { until } from "../../until.js";

const several = aService({ provider: address("d"), model: "a", info: anInfo({ isMultiModel: true }) });
const named = (...ids: readonly string[]): ModelInfo[] =>
  ids.map((id) => ({ id, inputModalities: [], supportedParameters: [] }));

function service(
  listed: () => readonly ServiceDetail[],
  getModels: (id: string) => Promise<ModelInfo[]>,
  clock = new SteppedClock(),
) {
  const inference = {
    listServiceWithDetail: async () => listed(),
    getModels,
    probe: async () => ({ latencyMs: 1 }),
  };
  const session = {
    onDidChange: new Emitter<void>().event,
    broker: async () => ({ inference }) as unknown as Broker,
  } as unknown as Session;
  return new ProvidersService({ session, clock, log: memoryLog() });
}

describe("The marketplace's list", () => {
  it("names the models of a provider that serves several, by its own word where nobody else tells", async () => {
    let answer = async () => named("a", "b", "c");
    const asked: string[] = [];
    const providers = service(
      () => [{ service: several }, { service: aService() }],
      (id) => {
        asked.push(id);
        return answer();
      },
    );
    const names = () => providers.find(several.provider)?.models?.map(({ id }) => id);
    await providers.refresh();
    await until("they are named", () => names()?.length === 3);
    assert.deepEqual(asked, [several.provider], "of the other nobody wants to know");
    let isAsked = false;
    answer = async () => {
      isAsked = true;
      throw new Error("away");
    };
    const seen: (readonly string[] | undefined)[] = [];
    providers.onDidChange(() => seen.push(names()));
    await providers.refresh();
    await until("it was asked again", () => isAsked);
    assert.ok(
      seen.every((one) => one?.join() === "a,b,c"),
      "no menu is emptied meanwhile",
    );
    providers.dispose();
  });

  it("knows nothing of the models of a provider that does not answer, and asks it again a while later", async () => {
    let answer = (): Promise<ModelInfo[]> => Promise.reject(new Error("away"));
    const clock = new SteppedClock();
    let asked = 0;
    const providers = service(
      () => [{ service: aService({ provider: several.provider }) }],
      () => {
        asked++;
        return answer();
      },
      clock,
    );
    await providers.refresh();
    const models = async () => (await providers.modelsOf(several.provider)).map(({ id }) => id);
    assert.deepEqual(await models(), []);
    assert.equal(providers.knownModels(several.provider), undefined, "that is not: it has none");
    answer = async () => named("a");
    await clock.advance(29_000);
    assert.deepEqual(await models(), [], "whoever waits for it is not kept waiting with each question");
    assert.equal(asked, 1);
    await clock.advance(1_000);
    assert.deepEqual(await models(), ["a"]);
    assert.deepEqual(await models(), ["a"]);
    assert.equal(asked, 2);
    answer = () => Promise.reject(new Error("away"));
    await providers.refresh();
    assert.deepEqual(await models(), []);
    answer = async () => named("b");
    await providers.refresh();
    assert.deepEqual(await models(), ["b"], "with the list, everybody is asked anew");
    providers.dispose();
  });

  it("reckons with nothing that is older than a list may be: models are asked for again, and unknown where nobody tells", async () => {
    const priced = (name: string): ModelInfo[] => [{ ...named("a")[0]!, name }];
    const clock = new SteppedClock();
    let answer = async () => priced("new");
    const providers = service(
      () => [{ service: several, models: priced("old") }],
      () => answer(),
      clock,
    );
    await providers.refresh();
    const price = async () => (await providers.modelInfo(several.provider, "a"))?.name;
    assert.equal(await price(), "old");
    await clock.advance(5 * 60_000 - 1);
    assert.equal(await price(), "old");
    await clock.advance(1);
    assert.equal(await price(), "new");
    answer = () => Promise.reject(new Error("away"));
    assert.equal(await price(), "new");
    await clock.advance(5 * 60_000);
    assert.equal(await price(), undefined);
    assert.ok(providers.knownModels(several.provider), "menus go on naming it");
    providers.dispose();
  });

  it("keeps the last known prices, with their age, of whom the list no longer tells any", async () => {
    const inDollars = aService({ provider: address("e"), info: anInfo({ priceDenomination: "USD" }) });
    const clock = new SteppedClock();
    const models = named("a");
    let listed: readonly ServiceDetail[] = [{ service: several, models }, { service: inDollars }];
    let answer = async () => named("b");
    const providers = service(
      () => listed,
      () => answer(),
      clock,
    );
    await providers.refresh();
    await until("the other one is asked", () => providers.find(inDollars.provider)?.models);
    listed = [{ service: several }, { service: inDollars }];
    answer = () => Promise.reject(new Error("away"));
    await clock.advance(5 * 60_000);
    await providers.refresh();
    for (const [{ provider }, id] of [
      [several, "a"],
      [inDollars, "b"],
    ] as const) {
      assert.equal(providers.freshModels(provider), undefined);
      assert.equal(providers.freshModels(provider, 5 * 60_000 + 1)?.[0]?.id, id);
    }
    providers.dispose();
  });

  it("asks nobody whom the network's status service has named", async () => {
    const providers = service(
      () => [{ service: several, models: named("a", "z") }],
      () => Promise.reject(new Error("asked")),
    );
    await providers.refresh();
    assert.deepEqual(
      (await providers.modelsOf(several.provider)).map(({ id }) => id),
      ["a", "z"],
    );
    providers.dispose();
  });
});
