import assert from "node:assert/strict";
import { bearerOf, checkHost, checkOrigin, isSameText } from "../../../../src/services/endpoint/admission.js";
import { chatAsked, readChatBody, worstCaseOf } from "../../../../src/services/endpoint/chatBody.js";
import { keysToBytes, parseKeys, type EndpointKey } from "../../../../src/services/endpoint/keyFile.js";
import { generationAt } from "../../../../src/services/endpoint/mediaBody.js";
import { errorBody, refusalForm, RefusalError } from "../../../../src/services/endpoint/refusal.js";
import { Router } from "../../../../src/services/endpoint/router.js";
import {
  allowedFor,
  inOrder,
  modelList,
  routesFor,
  servedBy,
} from "../../../../src/services/endpoint/routing.js";
import { neuron, zeroNeuron } from "../../../../src/domain/money.js";
import { chatFee } from "../../../../src/domain/pricing.js";
import { adaptersOf } from "../../../../src/domain/modelNames.js";
import { isComputeError } from "../../../../src/domain/error.js";
import type { ProviderId, Sha256Hex } from "../../../../src/domain/ids.js";
import { address, aModel, anInfo, aService, aSubAccount, noon, og } from "../../../support/builders.js";
import { sleepingClock } from "../../../support/sleepingClock.js";

const headers = (values: Record<string, string>) => ({ header: (name: string) => values[name] });
const refuses = (kind: string) => (error: unknown) =>
  error instanceof RefusalError && error.refusal.kind === kind;
const bytes = (body: unknown) => new TextEncoder().encode(JSON.stringify(body));
const aKey = (part: Partial<EndpointKey> = {}): EndpointKey => ({
  ...{ id: "0123456789abcdef01234567", label: "Continue", digest: "1".repeat(64) as Sha256Hex },
  scope: { network: "testnet", networkKey: "testnet", wallet: address("c") },
  ...{ budget: og("0.5"), createdAt: noon },
  ...part,
});

describe("Who may ask the local endpoint", () => {
  it("is this machine under its own name and port", () => {
    for (const host of ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080"])
      checkHost(headers({ host }), 8080);
    for (const host of ["127.0.0.1", "127.0.0.1:80", "evil.example:8080", "127.0.0.1.evil.example:8080", ""])
      assert.throws(() => checkHost(headers({ host }), 8080), refuses("foreignHost"), host);
    assert.throws(() => checkHost(headers({}), 8080), refuses("foreignHost"));
  });

  it("is a program, or a page that is listed", () => {
    const listed = ["http://localhost:5173"];
    assert.equal(checkOrigin(headers({}), []), undefined);
    assert.equal(
      checkOrigin(headers({ "sec-fetch-site": "none" }), []),
      undefined,
      "typed into the address bar",
    );
    assert.equal(checkOrigin(headers({ origin: "http://localhost:5173" }), listed), "http://localhost:5173");
    for (const origin of ["null", "https://localhost:5173", "http://localhost:5173.evil.example"])
      assert.throws(() => checkOrigin(headers({ origin }), listed), refuses("foreignOrigin"), origin);
    assert.throws(
      () => checkOrigin(headers({ "sec-fetch-site": "cross-site" }), listed),
      refuses("foreignOrigin"),
    );
  });

  it("shows a key as OpenAI's clients do", () => {
    assert.equal(bearerOf(headers({ authorization: "Bearer zg-local-a" })), "zg-local-a");
    for (const authorization of ["", "Basic YTpi", "Bearer", "Bearer a b"])
      assert.throws(() => bearerOf(headers({ authorization })), refuses("noKey"), authorization);
  });

  it("is told apart by every character of its key", () => {
    assert.equal(isSameText("abc", "abc"), true);
    for (const other of ["", "ab", "abd", "bbc", "abca", "abcabc"])
      assert.equal(isSameText("abc", other), false);
  });
});

describe("What a chat's body says", () => {
  const messages = [{ role: "user", content: "Why is the sky blue?" }];

  it("is its model, how it is to come, and how much it may bring", () => {
    const body = readChatBody(bytes({ model: "phi-4", messages, stream: true, max_tokens: 50, n: 2 }));
    assert.deepEqual(
      [body.model, body.isStreamed, body.bounds, body.choices, body.words, body.hasMedia],
      ["phi-4", true, { max_tokens: 50 }, 2, 5, false],
    );
  });

  it("is refused without a model or messages, and when it is no object", () => {
    for (const body of [
      { messages },
      { model: "", messages },
      { model: 1, messages },
      { model: "x" },
      [],
      1,
      null,
    ])
      assert.throws(() => readChatBody(bytes(body)), refuses("badBody"), JSON.stringify(body));
    assert.throws(() => readChatBody(new TextEncoder().encode("{")), refuses("badBody"));
  });

  it("is refused with a name that stands in it twice, in whatever letters, and when it is too deep or has too many fields", () => {
    const rest = '"messages":[{"role":"user","content":"{\\"model\\": [\\\\"}],"model":"m"';
    const read = (begin: string) => readChatBody(new TextEncoder().encode(`{${begin}${rest}}`));
    assert.equal(read('"max_tokens": 5, "tools": [{"model": 1, "max_tokens": 2}], ').bounds.max_tokens, 5);
    for (const twice of [
      '"max_tokens":100000,"max_tokens":1,',
      '"max\\u005ftokens":100000,"max_tokens":1,',
      '"model":"other",',
      '"Model":"other",',
      '"mode\u017f":1,"modeS" : 2,',
      '"max_to\u212aens":100000,"max_tokens":1,',
    ])
      assert.throws(() => read(twice), refuses("badBody"), twice);
    const deep = (by: number) => read(`"x":${"[".repeat(by)}${"]".repeat(by)},`);
    assert.equal(deep(400).model, "m");
    assert.throws(() => deep(200_000), refuses("badBody"));
    // Before it is parsed: that takes seconds for millions of levels.
    const tooMuch = (body: string, why: string) =>
      assert.throws(
        () => readChatBody(new TextEncoder().encode(body)),
        ({ refusal }: RefusalError) => refusal.kind === "badBody" && refusal.why === why,
      );
    tooMuch(`{"model":"m","x":${"[".repeat(600)}`, "deep");
    const fields = (count: number) =>
      Array.from({ length: count }, (_, at) => `"x${at}":{"a":1,"b":2},`).join("");
    tooMuch(`{"model":"m",${fields(1_000)}`, "fields");
    assert.equal(read(fields(900)).model, "m");
    tooMuch(`{"model":"m","messages":[${"{},".repeat(150_000)}{}]}`, "fields");
    assert.equal(read(`"x":[${"1,".repeat(150_000)}1],"y":"${",{[".repeat(300_000)}",`).model, "m");
  });

  it("is refused with a bound that a provider may read as more than was set aside", () => {
    for (const name of ["n", "best_of", "max_tokens", "max_completion_tokens"])
      for (const value of ["128", 1.5, true, [4], { a: 1 }])
        assert.throws(
          () => readChatBody(bytes({ model: "x", messages, max_tokens: 1, [name]: value })),
          refuses("badBody"),
          `${name}: ${JSON.stringify(value)}`,
        );
    const { bounds } = readChatBody(bytes({ model: "x", messages, max_tokens: null, n: null }));
    assert.deepEqual(bounds, {});
  });

  it("bounds the price: by the larger of two limits, by every answer, and by the most there can be without one", () => {
    const service = aService();
    const model = aModel("phi-4", undefined, { maxCompletionTokens: 8_000 });
    const priceOf = (more: object, info?: typeof model) =>
      worstCaseOf(service, info, readChatBody(bytes({ model: "phi-4", messages, ...more })));
    const answers = (tokens: number) => service.outputPrice * BigInt(tokens);
    const limited = priceOf({ max_tokens: 50 }, model);
    assert.ok(limited > answers(50) && limited < answers(60) + service.inputPrice * 200n);
    assert.ok(priceOf({ max_tokens: 50, max_completion_tokens: 500 }) > answers(500));
    assert.ok(priceOf({ max_tokens: 50, n: 10 }) > answers(500));
    assert.ok(priceOf({}, model) > answers(8_000));
    assert.ok(
      priceOf({}, { ...model, maxCompletionTokens: 1 }) > answers(4_096),
      "a provider may tell too little",
    );
    assert.ok(priceOf({}) > answers(100_000));
    assert.ok(priceOf({ max_tokens: -1 }) > answers(100_000), "what is no number is no limit");
    assert.ok(priceOf({ max_tokens: 1, max_completion_tokens: -1 }) > answers(100_000));
    const old = { ...model, supportedParameters: ["temperature", "max_tokens"] };
    assert.ok(priceOf({ max_tokens: 50 }, old) < answers(60) + service.inputPrice * 200n);
    assert.ok(priceOf({ max_completion_tokens: 50 }, old) > answers(8_000), "it may not know that name");
    const both = priceOf({ max_tokens: 50, max_completion_tokens: 5_000 }, old);
    assert.ok(both > answers(5_000) && both < answers(8_000), "it may obey the one that it does not list");
    assert.ok(priceOf({ max_tokens: 50 }, { ...old, supportedParameters: ["stop"] }) > answers(8_000));
    const picture = [
      { role: "user", content: [{ type: "image_url", image_url: { url: "https://a.example/b" } }] },
    ];
    assert.ok(priceOf({ messages: picture, max_tokens: 1 }) > service.inputPrice * 100_000n);
  });
});

describe("What is counted of an answer", () => {
  const service = aService();
  const messages = [{ role: "user", content: "Why?" }];
  const asked = chatAsked(bytes({ model: "phi-4", messages, max_tokens: 5 }));
  const by = { service, info: undefined, broker: {} as never };
  const worstCase = asked.worstCase(by);
  const takeable = og("0.5");
  const counted = (completionTokens: number, more: object = {}) => {
    const usage = { promptTokens: 10, completionTokens };
    const exchange = { ended: "complete", usage, text: "So.", reasoning: "", ...more };
    return asked.costOf({ exchange } as never, { ...by, worstCase, takeable });
  };
  const fee = (completionTokens: number) => chatFee(service, { promptTokens: 10, completionTokens }).total;

  it("is the provider's word where that can be, and where it is more than was set aside", () => {
    assert.equal(counted(5), fee(5));
    assert.ok(fee(3_000) > worstCase);
    assert.equal(counted(3_000), fee(3_000));
    assert.equal(counted(3_000, { ended: "cut" }), fee(3_000), "it bills what it counted so far");
    const usage = { promptTokens: 0, completionTokens: 3_000, isEstimated: true };
    assert.equal(counted(0, { usage }), service.outputPrice * 3_000n, "it bills the words");
  });

  it("is what was set aside where the provider says less than there is, or the answer has no end", () => {
    assert.equal(counted(1, { text: "So it is." }), undefined);
    assert.equal(counted(5, { ended: "cut" }), undefined);
  });

  it("is nothing where nobody knows the price in dollars: it is not asked", () => {
    const dollars = aService({ info: anInfo({ priceDenomination: "USD" }) });
    const isUnpriced = (error: unknown) => isComputeError(error, "unpriced");
    assert.throws(() => asked.worstCase({ ...by, service: dollars }), isUnpriced);
    assert.ok(asked.worstCase({ ...by, service: dollars, info: aModel("phi-4", [1n, 1n]) }) > 0n);
    const picture = bytes({ model: "phi-4", prompt: "an otter" });
    const ordered = generationAt("/v1/proxy/images/generations")(picture, "application/json");
    const painter = { ...dollars, serviceType: "text-to-image" };
    assert.throws(() => ordered.worstCase({ ...by, service: painter }), isUnpriced);
  });

  it("is never more than what is in the account with the provider", () => {
    assert.equal(counted(1e15), takeable);
    const spent = { ...by, worstCase, takeable: zeroNeuron };
    const usage = { promptTokens: 10, completionTokens: 1e15 };
    const exchange = { ended: "complete", usage, text: "So.", reasoning: "" };
    assert.equal(asked.costOf({ exchange } as never, spent), worstCase, "what was read may be out of date");
  });
});

describe("The price of a model that is not the registered one", () => {
  const service = aService({ info: anInfo({ isMultiModel: true }) });
  const big = aModel("big", [service.inputPrice * 100n, service.outputPrice * 100n]);
  const body = { model: "big", messages: [{ role: "user", content: "Why?" }], max_tokens: 50 };
  const broker = {} as never;

  it("is set aside, counted and compared as its provider lists it", () => {
    const asked = chatAsked(bytes(body));
    const at = (info?: typeof big) => asked.worstCase({ service, info, broker });
    const asOnChain = aModel("big", [service.inputPrice, service.outputPrice]);
    assert.equal(at(big), at(asOnChain) * 100n);
    const usage = { promptTokens: 10, completionTokens: 1 };
    const exchange = { ended: "complete", usage, text: "So.", reasoning: "" } as never;
    const set = { worstCase: og("1"), takeable: og("1") };
    const cost = (info?: typeof big) =>
      asked.costOf({ exchange } as never, { service, info, broker, ...set });
    assert.equal(cost(big), cost(asOnChain)! * 100n);
    const dear = { ...servedBy(service, [big], [])[1]! };
    const call = { id: "a", name: "weather", arguments: '{ "in": "Ulm" }' };
    const withTools = { ended: "complete", usage, text: "So.", reasoning: "", toolCalls: [call] } as never;
    const costWithTools = asked.costOf({ exchange: withTools } as never, {
      service,
      info: undefined,
      broker,
      ...set,
    });
    assert.equal(costWithTools, undefined, "one token for six words cannot be");
    const other = aService({
      provider: address("b"),
      model: "big",
      inputPrice: neuron(service.inputPrice * 2n),
    });
    const [first] = inOrder([dear, ...servedBy(other, [], [])], () => undefined, "price");
    assert.equal(first?.provider, other.provider);
  });
});

describe("Where a model's name leads", () => {
  const [rich, poor] = [aService({ provider: address("a") }), aService({ provider: address("b") })];
  const served = [...servedBy(poor, [], []), ...servedBy(rich, [], [])];
  const chat = (model: string) => ({ model, serviceType: "chatbot" });

  const asListed = <T>(routes: readonly T[]) => routes;
  const providers = (routes: readonly { provider: string }[]) => routes.map(({ provider }) => provider);

  it("is the provider with money in its account, then the cheapest, or first of all where nobody reads along", () => {
    const accounts = [aSubAccount({ provider: rich.provider })];
    const accountOf = ({ provider }: { provider: string }) =>
      accounts.find((one) => one.provider === provider);
    const first = (all: Parameters<typeof inOrder>[0], of: typeof accountOf, prefers: "price" | "private") =>
      routesFor(all, aKey(), chat("phi-4"), (routes) => inOrder(routes, of, prefers))[0];
    assert.equal(first(served, accountOf, "price").provider, rich.provider);
    assert.equal(
      first(served, () => undefined, "price").provider,
      poor.provider,
      "the list's first at the same price",
    );
    const cheap = aService({ provider: address("d"), outputPrice: neuron(1n), privacy: "authentic" });
    const all = [...served, ...servedBy(cheap, [], [])];
    assert.equal(first(all, () => undefined, "price").provider, cheap.provider);
    assert.equal(first(all, () => undefined, "private").provider, poor.provider);
    assert.equal(first(all, accountOf, "price").provider, rich.provider);
  });

  it("is the one the user lists first, money or not, and then the others as before", () => {
    const cheap = aService({ provider: address("d"), outputPrice: neuron(1n), privacy: "authentic" });
    const all = [...served, ...servedBy(cheap, [], [])];
    const listed = (...order: readonly ProviderId[]) => {
      const accountOf = ({ provider }: { provider: string }) =>
        provider === rich.provider ? aSubAccount({ provider: rich.provider }) : undefined;
      return providers(inOrder(all, accountOf, "private", order));
    };
    assert.deepEqual(listed(), [rich.provider, poor.provider, cheap.provider]);
    assert.deepEqual(listed(cheap.provider), [cheap.provider, rich.provider, poor.provider]);
    assert.deepEqual(listed(cheap.provider, poor.provider), [cheap.provider, poor.provider, rich.provider]);
    const shouted = poor.provider.toUpperCase().replace("X", "x") as ProviderId;
    assert.deepEqual(listed(address("f"), shouted), [poor.provider, rich.provider, cheap.provider]);
  });

  it("is never one that is weaker in privacy than the first", () => {
    const weak = aService({ provider: address("d"), privacy: "authentic" });
    const all = [...served, ...servedBy(weak, [], [])];
    assert.deepEqual(providers(routesFor(all, aKey(), chat("phi-4"), asListed)), [
      poor.provider,
      rich.provider,
    ]);
    assert.equal(
      routesFor([...servedBy(weak, [], []), ...served], aKey(), chat("phi-4"), asListed).length,
      3,
    );
  });

  it("knows a conversation by a hash of its beginning, and holds none of its words", () => {
    const of = (...messages: readonly (readonly [string, string])[]) =>
      readChatBody(
        bytes({ model: "phi-4", messages: messages.map(([role, content]) => ({ role, content })) }),
      ).conversation;
    const [system, question] = [["system", "Be brief."] as const, ["user", "Why?"] as const];
    assert.match(of(system, question), /^[0-9a-f]{64}$/);
    assert.equal(of(system, question, ["assistant", "So."], ["user", "And?"]), of(system, question));
    assert.notEqual(of(system, ["user", "How?"]), of(system, question));
  });

  it("is the one that answered the same conversation before, and last of all one that failed lately", () => {
    let now = noon;
    const router = new Router(sleepingClock({ now: () => now, sleep: () => new Promise(() => undefined) }));
    const asked = (conversation?: string) => ({
      ...chat("phi-4"),
      ...(conversation ? { conversation } : {}),
    });
    const order = (conversation?: string, key = aKey()) =>
      providers(router.order(served, key, asked(conversation)));
    router.didAnswer(rich.provider, aKey(), asked("one"));
    assert.deepEqual(order("one"), [rich.provider, poor.provider]);
    assert.deepEqual(order("two"), [poor.provider, rich.provider]);
    assert.deepEqual(order("one", aKey({ id: "another" })), [poor.provider, rich.provider]);
    assert.deepEqual(order(), [poor.provider, rich.provider]);
    router.didFail(rich.provider);
    router.didFail(poor.provider, 5);
    assert.deepEqual(order("two"), [poor.provider, rich.provider], "when all failed, all are tried");
    now += 6_000;
    assert.deepEqual(order("one"), [poor.provider, rich.provider]);
    now += 60_000;
    assert.deepEqual(order("one"), [rich.provider, poor.provider]);
    now += 61 * 60_000;
    assert.deepEqual(order("one"), [poor.provider, rich.provider], "forgotten after an hour");
    router.didFail(poor.provider);
    now -= 3_600_000;
    assert.deepEqual(order(), [poor.provider, rich.provider], "no rest lasts longer with the clock put back");
  });

  it("is never one that is weaker than the first to be asked, or than who has the conversation", () => {
    const router = new Router(sleepingClock({ now: () => noon, sleep: () => new Promise(() => undefined) }));
    const weak = aService({ provider: address("d"), privacy: "authentic" });
    const all = [...servedBy(weak, [], []), ...served];
    const order = (conversation: string) =>
      providers(router.order(all, aKey(), { ...chat("phi-4"), conversation }));
    router.didAnswer(rich.provider, aKey(), { ...chat("phi-4"), conversation: "one" });
    assert.deepEqual(order("one"), [rich.provider, poor.provider]);
    assert.deepEqual(order("two"), [weak.provider, poor.provider, rich.provider]);
    router.didFail(rich.provider);
    assert.deepEqual(order("one"), [poor.provider, rich.provider], "it rests, and is asked all the same");
    router.didFail(weak.provider);
    assert.deepEqual(order("two"), [poor.provider, rich.provider]);
  });

  it("is within what the key may use", () => {
    const key = aKey({ models: [{ provider: rich.provider, model: "phi-4" }] });
    assert.deepEqual(providers(routesFor(served, key, chat("phi-4"), asListed)), [rich.provider]);
    assert.deepEqual(allowedFor(served, aKey({ models: [] })), []);
    assert.throws(
      () => routesFor(served, aKey({ models: [] }), chat("phi-4"), asListed),
      refuses("modelNotAllowed"),
    );
    assert.throws(() => routesFor(served, key, chat("gpt-9"), asListed), refuses("unknownModel"));
  });

  it("is known of all models of a provider that has several, and of the user's adapters", () => {
    const several = aService({ info: anInfo({ isMultiModel: true }) });
    const models = [aModel("phi-4"), aModel("qwen", [1n, 1n]), aModel("without a price")];
    const adapters = [
      { provider: several.provider, model: "ft-qwen-0123456789ab" },
      { provider: poor.provider, model: "ft-b" },
    ];
    const names = (all: readonly { model: string }[]) => all.map(({ model }) => model);
    assert.deepEqual(names(servedBy(several, models, adapters)), ["phi-4", "qwen", "ft-qwen-0123456789ab"]);
    assert.deepEqual(names(servedBy(aService(), models, [])), ["phi-4"], "others name what is not theirs");
    const own = servedBy(several, models, adapters).filter(({ isTuned }) => isTuned);
    assert.deepEqual(names(own), ["ft-qwen-0123456789ab"]);
    assert.equal(own[0]?.info, models[1], "it costs what its base model does");
  });

  it("is known of an adapter that answers, though it has to be brought back first, and of no other", () => {
    const tuned = (["loading", "ready", "active", "offloaded", "archived", "failed", "unknown"] as const).map(
      (state) => ({ lineage: { provider: poor.provider }, adapter: { name: `ft-${state}`, state } }),
    );
    assert.deepEqual(
      adaptersOf([{ lineage: { provider: poor.provider } }, ...tuned]).map(({ model }) => model),
      ["ft-active", "ft-offloaded", "ft-archived"],
    );
  });

  it("is found in no time, however many models a provider lists", () => {
    const several = aService({ info: anInfo({ isMultiModel: true }) });
    const models = Array.from({ length: 20_000 }, (_, at) => aModel(`m${at}`, [1n, 1n]));
    const { user, system } = process.cpuUsage();
    const served = servedBy(several, models, []);
    assert.equal(modelList(served).data.length, 20_001);
    const took = process.cpuUsage();
    const ms = (took.user + took.system - user - system) / 1_000;
    assert.ok(ms < 1_000, `${ms} ms`); // each by each takes several seconds
    const twins = [aModel("big", [1n, 1n], { name: "first" }), aModel("big", [2n, 2n])];
    assert.equal(servedBy(several, twins, []).find(({ model }) => model === "big")?.info?.name, "first");
  });

  it("is listed once", () => {
    assert.deepEqual(
      modelList(served).data.map(({ id, owned_by }) => [id, owned_by]),
      [["phi-4", poor.provider]],
    );
  });
});

describe("The file of the endpoint's keys", () => {
  it("gives back what was written", () => {
    const keys = [aKey(), aKey({ expiresAt: noon, models: [{ provider: address("a"), model: "phi-4" }] })];
    assert.deepEqual(parseKeys("keys.json", keysToBytes(keys)), keys);
  });

  it("is refused when anything in it is not what it must be: a key without bounds is none", () => {
    const good = JSON.parse(new TextDecoder().decode(keysToBytes([aKey()]))) as { keys: object[] };
    const broken = ["budget", "digest", "scope", "label", "createdAt"].map((name) => ({
      ...good.keys[0],
      [name]: null,
    }));
    for (const key of [
      ...broken,
      { ...good.keys[0], budget: "-1" },
      { ...good.keys[0], models: "all" },
      null,
    ])
      assert.throws(
        () => parseKeys("keys.json", bytes({ keys: [key] })),
        (error) => isComputeError(error, "badFile"),
      );
    for (const file of ["", "{}", '{"keys":{}}'])
      assert.throws(() => parseKeys("keys.json", new TextEncoder().encode(file)));
  });
});

describe("Refusals of the local endpoint", () => {
  it("have OpenAI's form", () => {
    const form = refusalForm({ kind: "unknownModel", model: "gpt-9" });
    assert.equal(form.status, 404);
    assert.deepEqual(errorBody(form, "No."), {
      error: { message: "No.", type: "invalid_request_error", param: "model", code: "model_not_found" },
    });
  });
});
