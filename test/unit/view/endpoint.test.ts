import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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
import { privacyWord } from "../../../src/view/providers/providerRows.js";
import { shortAddress } from "../../../src/view/address.js";
import { chatModels, keyEntry, modelChoices, modelEntries } from "../../../src/view/endpoint/endpointRows.js";
import { endpointStatus, endpointTitle, startedText } from "../../../src/view/endpoint/endpointStatus.js";
import { createEndpointTexts, revokeConfirmation } from "../../../src/view/endpoint/endpointTexts.js";
import { plainErrorText } from "../../../src/view/chat/editorModelView.js";
import { errorView } from "../../../src/view/errors/errors.js";
import { ComputeError } from "../../../src/domain/error.js";
import type { Sha256Hex } from "../../../src/domain/ids.js";
import { english as t } from "../../../src/view/translate.js";
import { address, aModel, anInfo, aService, aWallet, noon, og } from "../../support/builders.js";
import { everyError } from "../../support/everyError.js";
import { assertGolden } from "../../support/golden.js";

const day = 86_400_000;
const texts = createEndpointTexts(t, (at) => new Date(at).toISOString());
const clineFields = ["API Provider", "Base URL", "API Key", "Model ID"];
const hostile = `a"b'c$(touch x)\`d\`\u202e\ne`;

const refusals: Refusal[] = [
  { kind: "foreignHost" },
  { kind: "foreignOrigin" },
  { kind: "noKey" },
  { kind: "wrongKey" },
  { kind: "bodyTooLarge" },
  { kind: "tooManyBodies" },
  { kind: "expired", label: "Continue" },
  { kind: "otherScope", label: "Continue", network: "mainnet" },
  { kind: "otherScope", label: "Continue", network: "custom" },
  { kind: "sandboxStopped" },
  { kind: "unknownRoute", method: "POST", path: "/v1/embeddings" },
  { kind: "wrongMethod", method: "GET", path: "/v1/chat/completions", takes: "POST" },
  { kind: "badBody", why: "json" },
  { kind: "badBody", why: "model" },
  { kind: "badBody", why: "messages" },
  { kind: "badBody", why: "twice", name: "max_tokens" },
  { kind: "badBody", why: "count", name: "n" },
  { kind: "badBody", why: "id" },
  { kind: "unknownModel", model: "gpt-9" },
  { kind: "unknownNow", model: "gpt-9" },
  { kind: "modelNotAllowed", model: "phi-4" },
  { kind: "unknownAnswer", id: "chatcmpl-1" },
];

describe("The words of the local endpoint", () => {
  it("are all of these", () => {
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
    const created = [
      facts,
      { ...facts, budget: og("0.000000000000000001"), lifetimeMs: 30 * day, models },
    ].map((one) => texts.create(one));
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

  it("say before a key is revoked what becomes of an answer under way", () => {
    const { title, detail } = revokeConfirmation("Continue", t);
    assert.equal(title, "Revoke the key “Continue”?");
    assert.match(detail, /refused from now on/);
    assert.match(detail, /An answer that is under way still goes on to its end, and is paid\./);
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

describe("What programs are told to run in the editor", () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
    contributes: {
      commands: { command: string; title: string; category: string }[];
      menus: { commandPalette: { command: string; when: string }[] };
    };
  };
  const words = JSON.parse(readFileSync("package.nls.json", "utf8")) as Record<string, string>;
  const { commands, menus } = manifest.contributes;
  const hidden = menus.commandPalette.filter(({ when }) => when === "false").map(({ command }) => command);
  const palette = commands
    .filter(({ command }) => !hidden.includes(command))
    .map(({ title, category }) => `${category}: ${words[title.replace(/%/g, "")]}`);
  const named = (text: string) => [...text.matchAll(/“(0G Compute: [^”]+)”/g)].map(([, name = ""]) => name);

  it("stands in the command palette under that name", () => {
    assert.ok(palette.includes("0G Compute: Start local endpoint"));
    const told = [
      ...refusals.map((refusal) => texts.refusal(refusal)),
      ...everyError.map((error) => texts.error(error)),
      ...everyError.map((error) => plainErrorText(errorView(error, t), t)),
      ...Object.keys(JSON.parse(readFileSync("l10n/bundle.l10n.json", "utf8")) as object),
    ];
    assert.ok(told.flatMap(named).length > 30);
    for (const text of told) for (const name of named(text)) assert.ok(palette.includes(name), text);
  });

  it("is there for every error that something mends", () => {
    for (const error of everyError) {
      const [mend] = errorView(error, t).actions.filter(
        ({ id }) => id !== "retry" && id !== "zgCompute.showLog",
      );
      assert.equal(named(texts.error(error)).length, mend ? 1 : 0, texts.error(error));
    }
    const text = (error: ComputeError) => texts.error(error);
    const provider = address("a");
    assert.match(
      text(new ComputeError("notAcknowledged", { provider, by: "user" })),
      /Acknowledge provider”/,
    );
    assert.match(text(new ComputeError("noLedger", {})), /Deposit to ledger”/);
  });
});

describe("Whether the local endpoint runs", () => {
  const url = "http://127.0.0.1:8787/v1";
  const blocked = {
    kind: "blocked",
    port: 8787,
    error: new ComputeError("internal", { detail: "" }),
  } as const;

  it("is in the status bar, here or in another window, and says why it does not", () => {
    assert.equal(endpointStatus({ kind: "off" }, 1, t), undefined);
    const here = endpointStatus({ kind: "here", port: 8787 }, 0, t)!;
    assert.deepEqual([here.text, here.mood], ["$(broadcast) 0G :8787", undefined]);
    const other = endpointStatus({ kind: "elsewhere", port: 8787 }, 0, t)!;
    assert.equal(other.text, here.text);
    assert.match(other.tooltip, /in another window: .*http:\/\/127\.0\.0\.1:8787\/v1/);
    assert.match(other.label, /in another window, port 8787/);
    const failed = endpointStatus({ kind: "here", port: 8787 }, 2, t)!;
    assert.deepEqual([failed.text, failed.mood], ["$(error) 0G :8787", "error"]);
    assert.match(failed.label, /2 answers/);
    const off = endpointStatus(blocked, 0, t)!;
    assert.deepEqual([off.text, off.mood], ["$(warning) 0G endpoint off", "warning"]);
    assert.match(off.label, /not running\. .*port 8787/);
  });

  it("stands above its keys", () => {
    const titles = (["off", "here", "elsewhere"] as const).map((kind) =>
      endpointTitle({ kind, port: 8787 }, t),
    );
    assert.deepEqual(
      [...titles, endpointTitle(blocked, t)],
      [
        "Local endpoint (not running)",
        `Local endpoint at ${url}`,
        `Local endpoint at ${url}, in another window`,
        "Local endpoint (not running: port 8787 is taken)",
      ],
    );
  });

  it("is said when it was started, with the address if that is another one than before", () => {
    const here = { kind: "here", port: 8787 } as const;
    for (const usual of [undefined, 8787])
      assert.equal(startedText(here, usual, t), `The local endpoint runs at ${url}.`);
    assert.match(startedText(here, 8000, t), /8787\/v1 this time: another program has port 8000/);
    assert.match(
      startedText({ kind: "elsewhere", port: 8787 }, 8787, t),
      /already, in another window, at http/,
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
      modelChoices(served, t).map(({ label, value }) => [label, value.provider]),
      [
        ["phi-4", address("a")],
        ["qwen", address("a")],
        ["ft-otter", address("a")],
        ["phi-4", address("b")],
        ["flux", address("d")],
      ],
    );
    const mixed = [...servedBy(painter, [], []), ...served];
    assert.deepEqual(
      modelChoices(mixed, t).map(({ label }) => label),
      ["phi-4", "qwen", "ft-otter", "phi-4", "flux", "flux"],
      "those that chat come first",
    );
  });

  it("say what each is for, what it costs, and who reads along", () => {
    const reads = aService({ provider: address("b"), model: "gpt", privacy: "authentic" });
    const [one, further, mine, other, picture] = modelChoices(
      [...servedBy(several, models, [tuned]), ...servedBy(reads, [], []), ...servedBy(painter, [], [])],
      t,
    );
    assert.deepEqual(
      [one!.icon, one!.group, one!.detail],
      ["shield", "Chat", `Chat · private · ${shortAddress(address("a"))}`],
    );
    assert.match(one!.description!, /in, .* out per M tokens/);
    assert.notEqual(further!.description, one!.description, "at its own price");
    assert.match(mine!.detail!, /tuned by you$/);
    assert.deepEqual(
      [other!.icon, other!.detail?.split(" · ")[1]],
      ["organization", privacyWord("authentic", t)],
    );
    assert.deepEqual([picture!.group, picture!.detail?.split(" · ")[0]], ["Text to image", "Text to image"]);
    assert.match(picture!.description!, /image/);
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
