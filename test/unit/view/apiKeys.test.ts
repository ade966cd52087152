import assert from "node:assert/strict";
import { type ApiKeyState, chooseTokenId } from "../../../src/domain/apiKey.js";
import { networks } from "../../../src/domain/networks.js";
import { type ApiKey, apiKeyOf, emptyBook } from "../../../src/services/apiKeys/apiKeyBook.js";
import { loaded } from "../../../src/services/loaded.js";
import { type ApiKeyRowsOptions, apiKeysRow } from "../../../src/view/apiKeys/apiKeyRows.js";
import { apiKeySnippet, snippetChoices } from "../../../src/view/apiKeys/apiKeySnippets.js";
import {
  createApiKeyTexts,
  lifetimeChoices,
  revocationTexts,
} from "../../../src/view/apiKeys/apiKeyTexts.js";
import { english as t } from "../../../src/view/translate.js";
import {
  address,
  anOverview,
  aProvider,
  aService,
  aSubAccount,
  aWallet,
  noon,
} from "../../support/builders.js";
import { assertGolden, rowsAsText } from "../../support/golden.js";

const day = 86_400_000;
const moment = (at: number) => new Date(at).toISOString();
const aKey = (label: string, part: Partial<ApiKey> = {}): ApiKey =>
  apiKeyOf(
    {
      wallet: address("c"),
      provider: address("a"),
      tokenId: 3,
      generation: 0,
      createdAt: noon - day,
      ...part,
    },
    label,
    part.origin ?? "here",
  );

describe("The rows of API keys", () => {
  const keys = [
    aKey("Build server", { tokenId: 12, expiresAt: noon + 29 * day }),
    aKey("Notebook <b>", { tokenId: 40 }),
    aKey("Old", { tokenId: 41, expiresAt: noon - 1 }),
    aKey("Lost laptop", { tokenId: 42 }),
    aKey("All at once", { tokenId: 43 }),
    aKey("Before the reset", { tokenId: 44, generation: 5 }),
    aKey("From the SDK", { tokenId: 0, origin: "elsewhere" }),
    { ...aKey("Back", { tokenId: 8 }), wasRevoked: true as const },
    aKey("Gone account", { tokenId: 7, provider: address("e") }),
  ];
  const states: readonly ApiKeyState[] = [
    ...([
      "active",
      "active",
      "expired",
      "revoked",
      "revokedWithAll",
      "ahead",
      "active",
      "active",
      "noAccount",
    ] as const),
  ];
  const base: ApiKeyRowsOptions = {
    ...{ t, now: noon, moment },
    book: { keys, used: {} },
    stateOf: (key) => states[keys.indexOf(key)],
    accounts: anOverview({
      subAccounts: [
        aSubAccount({ generation: 0, revokedBitmap: (1n << 42n) | (1n << 100n) | (1n << 254n) }),
        aSubAccount({ provider: address("d"), generation: 2, revokedBitmap: 8n }),
      ],
    }),
    providers: loaded([aProvider()], noon),
  };

  it("say of each key what the chain says, and of ids that are in no row that they are revoked", () => {
    const cases: readonly (readonly [string, ApiKeyRowsOptions])[] = [
      ["keys", base],
      ["damaged", { ...base, error: { code: "apiKeysDamaged", facts: { path: "/home/keys.json" } } }],
      ["full", { ...base, error: { code: "diskFull", facts: { path: "/home/keys.json" } } }],
      ["none", { ...base, book: emptyBook, accounts: anOverview() }],
      [
        "accounts not read",
        {
          ...base,
          book: { keys: keys.slice(0, 1), used: {} },
          stateOf: () => undefined,
          accounts: undefined,
        },
      ],
    ];
    assertGolden(
      "apiKeys",
      cases.map(([name, options]) => `# ${name}\n${rowsAsText([apiKeysRow(options)])}`).join("\n"),
    );
  });

  it("offer copying and revoking only where there is something to stop", () => {
    const rows = apiKeysRow(base).children!.flatMap(({ children = [] }) => children);
    const having = (word: string) =>
      rows
        .filter(({ context = "" }) => context.split(" ").includes(word))
        .map(({ label }) => label)
        .sort();
    assert.deepEqual(having("copyableKey"), [
      "Back",
      "Build server",
      "From the SDK",
      "Gone account",
      "Notebook <b>",
    ]);
    assert.deepEqual(having("revocableKey"), ["Back", "Build server", "From the SDK", "Notebook <b>"]);
  });
});

describe("The confirmation", () => {
  const create = (part: object) => {
    const { title, detail, confirmLabel } = createApiKeyTexts(t, moment).create({
      ...{ provider: address("a"), label: "Build server", lifetimeMs: 30 * day, now: noon },
      ...{ service: aService(), account: aSubAccount(), network: networks.sandbox, wallet: aWallet() },
      ...part,
    });
    return `${title}\n${detail}\n[${confirmLabel}]`;
  };

  it("says what the key allows, until when, and what is not limited", () => {
    assertGolden(
      "apiKeyConfirmations",
      [
        create({}),
        create({ lifetimeMs: undefined, network: networks.mainnet }),
        create({ network: networks.testnet, account: aSubAccount({ isAcknowledged: false }) }),
      ].join("\n\n---\n"),
    );
  });

  it("of revoking says what stops and what does not", () => {
    const provider = address("a");
    assertGolden(
      "apiKeyRevocations",
      [
        revocationTexts({ kind: "revokeToken", provider, tokenId: 12, label: "Build\u202e server" }, t),
        revocationTexts({ kind: "revokeAllTokens", provider }, t),
      ]
        .map(({ title, consequence, confirmLabel }) => `${title}\n${consequence}\n[${confirmLabel}]`)
        .join("\n\n---\n"),
    );
  });

  it("proposes 30 days, and has an end without one last", () => {
    const choices = lifetimeChoices(t);
    assert.equal(choices[0]?.lifetimeMs, 30 * day);
    assert.equal(choices.at(-1)?.lifetimeMs, undefined);
  });
});

describe("The snippets for API keys", () => {
  const hostile = aService({
    url: "https://provider.example/$(id)/'\"`;rm -rf ~",
    model: "phi-4'\"$(id)`\u202e\u0000\\ \ud83d\ude00",
  });

  it("hold a placeholder, and nothing of what a provider wrote acts in them", () => {
    assertGolden(
      "apiKeySnippets",
      [
        ...[aService(), hostile, aService({ serviceType: "text-to-image" })],
        ...[aService({ serviceType: "image-editing" }), { ...hostile, serviceType: "speech-to-text" }],
      ]
        .flatMap((service) => snippetChoices(t).map(({ value }) => apiKeySnippet(value, service, t).content))
        .join("---\n")
        .trimEnd(),
    );
  });
});

describe("The id of a new API key", () => {
  it("is neither revoked nor used, and the smallest one only when there is no other", () => {
    const all = (1n << 255n) - 1n;
    const free = (...ids: number[]) => all ^ ids.reduce((bits, id) => bits | (1n << BigInt(id)), 0n);
    const none = new Set<number>();
    for (let chance = 0; chance < 256; chance++)
      assert.ok([9, 200].includes(chooseTokenId(free(3, 9, 200), none, chance)!));
    assert.equal(chooseTokenId(free(3, 9, 200), new Set([9]), 5), 200);
    assert.equal(chooseTokenId(free(3, 9), new Set([9]), 5), 3);
    assert.equal(chooseTokenId(free(3), none, 5), 3);
    assert.equal(chooseTokenId(free(3, 9), new Set([3, 9]), 5), undefined);
    assert.equal(chooseTokenId(all, none, 5), undefined);
    assert.equal(chooseTokenId(0n, new Set(Array.from({ length: 254 }, (_, id) => id)), 5), 254);
  });
});
