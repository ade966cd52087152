import assert from "node:assert/strict";
import { load } from "js-yaml";
import { networks } from "../../../src/domain/networks.js";
import type { EndpointKey } from "../../../src/services/endpoint/keyFile.js";
import type { Refusal } from "../../../src/services/endpoint/refusal.js";
import {
  configurationFor,
  keyPlaceholder,
  programChoices,
} from "../../../src/view/endpoint/endpointConfigurations.js";
import { noTally } from "../../../src/services/endpoint/usage.js";
import { servedBy } from "../../../src/services/endpoint/routing.js";
import { shortAddress } from "../../../src/view/address.js";
import { chatModels, keyEntry, modelChoices, modelEntries } from "../../../src/view/endpoint/endpointRows.js";
import { createEndpointTexts } from "../../../src/view/endpoint/endpointTexts.js";
import { ComputeError } from "../../../src/domain/error.js";
import type { Sha256Hex } from "../../../src/domain/ids.js";
import { english as t } from "../../../src/view/translate.js";
import { address, aModel, anInfo, aService, aWallet, noon, og } from "../../support/builders.js";
import { assertGolden } from "../../support/golden.js";

const day = 86_400_000;
const texts = createEndpointTexts(t, (at) => new Date(at).toISOString());
const clineFields = ["API Provider", "Base URL", "API Key", "Model ID"];
const hostile = `a"b'c$(touch x)\`d\`\u202e\ne`;

describe("The words of the local endpoint", () => {
  it("are all of these", () => {
    const refusals: Refusal[] = [
      { kind: "foreignHost" },
      { kind: "foreignOrigin" },
      { kind: "noKey" },
      { kind: "wrongKey" },
      { kind: "bodyTooLarge" },
      { kind: "expired", label: "Continue" },
      { kind: "otherScope", label: "Continue", network: "mainnet" },
      { kind: "otherScope", label: "Continue", network: "custom" },
      { kind: "unknownRoute", method: "POST", path: "/v1/images/generations" },
      { kind: "badBody", why: "json" },
      { kind: "badBody", why: "model" },
      { kind: "badBody", why: "messages" },
      { kind: "badBody", why: "twice", name: "max_tokens" },
      { kind: "badBody", why: "id" },
      { kind: "unknownModel", model: "gpt-9" },
      { kind: "modelNotAllowed", model: "phi-4" },
      { kind: "unknownAnswer", id: "chatcmpl-1" },
    ];
    const facts = {
      label: "Continue",
      budget: og("0.5"),
      network: networks.testnet,
      wallet: aWallet(),
      now: noon,
    };
    const models = Array.from({ length: 8 }, (_, index) => ({
      provider: address("a"),
      model: `model-${index}`,
    }));
    const created = [facts, { ...facts, lifetimeMs: 30 * day, models }].map((one) => texts.create(one));
    const funds = { account: "sub-account", provider: address("a"), have: og("0"), need: og("1") } as const;
    const errors = [
      new ComputeError("insufficientFunds", funds),
      new ComputeError("internal", { detail: "x" }),
    ];
    assertGolden(
      "endpoint",
      [
        ...created.map(({ title, detail, confirmLabel }) => `${title}\n${detail}\n[${confirmLabel}]`),
        refusals.map((refusal) => texts.refusal(refusal)).join("\n"),
        errors.map((error) => texts.error(error)).join("\n"),
      ].join("\n\n---\n\n"),
    );
  });

  it("say of a key what it spent of what, and how it was used", () => {
    const key: EndpointKey = {
      ...{
        id: "0",
        label: "Continue",
        digest: "1".repeat(64) as Sha256Hex,
        budget: og("0.5"),
        createdAt: noon,
      },
      scope: { network: "testnet", networkKey: "testnet", wallet: address("c") },
      expiresAt: noon + 3 * day,
    };
    const tally = { ...noTally, requests: 12, promptTokens: 1000, completionTokens: 234, verified: 11 };
    const usage = { ...tally, failed: 1, refused: 2, models: {} };
    const entry = (part: Partial<EndpointKey>, isUsable = true) =>
      keyEntry({ key: { ...key, ...part }, usage, spent: og("0.0021"), isUsable }, noon, t);
    assert.deepEqual(entry({}), {
      ...{ icon: "key", label: "Continue" },
      description: "0.0021 0G of 0.5 0G · 12 requests · 1234 tokens",
      detail: "3 days left · every model · 2 refused · 1 failed · 11 verified",
    });
    assert.match(entry({ expiresAt: noon }).detail!, /^ended/);
    assert.match(
      entry({ expiresAt: undefined }, false).detail!,
      /^for another wallet or network: Testnet · until it is/,
    );
  });
});

describe("The use of a key", () => {
  it("is told of each model, the dearest first", () => {
    const models = {
      "phi-4": { ...noTally, requests: 1, promptTokens: 10, cost: "1000000000000000", verified: 1 },
      "flux\u202e": { ...noTally, requests: 3, cost: "2000000000000000", failed: 1, notProven: 2 },
    };
    assert.deepEqual(
      modelEntries({ models }, t).map(({ label, description, detail }) => [label, description, detail]),
      [
        ["flux", "0.002 0G · 3 requests · 0 tokens", "1 failed · 2 not proven"],
        ["phi-4", "0.001 0G · 1 request · 10 tokens", "1 verified"],
      ],
    );
  });
});

describe("The models of the endpoint's questions", () => {
  const tuned = { provider: address("a"), model: "ft-otter" };
  const [several, painter] = [
    aService({ provider: address("a"), model: "phi-4", info: anInfo({ isMultiModel: true }) }),
    aService({ provider: address("d"), model: "flux", serviceType: "text-to-image" }),
  ];
  const models = [aModel("phi-4"), aModel("qwen", [1n, 1n])];
  const served = [
    ...servedBy(several, models, [tuned]),
    ...servedBy(aService({ provider: address("b"), model: "phi-4" }), [], [tuned]),
    ...servedBy(painter, [], []),
  ];

  it("are, for a key, all that each provider serves, further models and the user's own among them", () => {
    assert.deepEqual(
      modelChoices(served, t).map(({ label, description, value }) => [label, description, value.provider]),
      [
        ["phi-4", shortAddress(address("a")), address("a")],
        ["qwen", shortAddress(address("a")), address("a")],
        ["ft-otter", `tuned by you · ${shortAddress(address("a"))}`, address("a")],
        ["phi-4", shortAddress(address("b")), address("b")],
        ["flux", shortAddress(address("d")), address("d")],
      ],
    );
    const [choice] = modelChoices(servedBy(aService({ model: hostile }), [], []), t);
    assert.equal(choice?.value.model, hostile, "what is kept is the name as it is");
    assert.ok(!choice?.label.includes("\u202e"));
  });

  it("are, for a program that chats, those that chat, each name once", () => {
    assert.deepEqual(chatModels(served), ["phi-4", "qwen", "ft-otter"]);
  });
});

describe("Configurations of other programs", () => {
  it("are these, with a placeholder for the key", () => {
    const connection = { url: "http://127.0.0.1:8787/v1", model: "phi-4" };
    const all = programChoices(t).map(
      ({ label, value }) => `# ${label}\n${configurationFor(value, connection)}`,
    );
    assertGolden("endpointConfigurations", all.join("\n").trimEnd());
    for (const one of all) assert.ok(one.includes(keyPlaceholder), one);
  });

  it("hold a model's name as data, whatever is in it", () => {
    const connection = { url: "http://127.0.0.1:8787/v1", model: hostile, key: "zg-local-x" };
    for (const { value } of programChoices(t)) {
      const text = configurationFor(value, connection);
      assert.ok(text.includes("zg-local-x"));
      assert.ok(!text.includes("\u202e"), value);
      if (value === "continue") {
        const { models } = load(text) as { models: readonly object[] };
        const { url: apiBase, key: apiKey, model } = connection;
        const rest = { provider: "openai", roles: ["chat", "edit", "apply"] };
        assert.deepEqual(models, [{ name: `${model} (0G)`, model, apiBase, apiKey, ...rest }]);
      }
      if (value === "cline") assert.deepEqual(text.match(/^[^:\n]+/gm), clineFields);
      if (value === "aider") assert.ok(text.includes(`'openai/a"b'\\''c$(touch x)\`d\`e'`), text);
      if (value === "javascript" || value === "python" || value === "continue")
        assert.ok(text.includes(String.raw`"a\"b'c$(touch x)` + "`d`" + String.raw`\u202e\ne`), text);
    }
  });
});
