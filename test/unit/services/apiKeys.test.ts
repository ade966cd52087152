import assert from "node:assert/strict";
import type { ApiKeyId } from "../../../src/domain/apiKey.js";
import { isComputeError } from "../../../src/domain/error.js";
import type { ProviderId } from "../../../src/domain/ids.js";
import { type ApiKey, withKey } from "../../../src/services/apiKeys/apiKeyBook.js";
import { ApiKeyStore } from "../../../src/services/apiKeys/apiKeyStore.js";
import { address, og } from "../../support/builders.js";
import { House, World } from "../../support/house.js";

const day = 86_400_000;

describe("API keys", function () {
  this.timeout(60_000);
  const world = new World();
  let house = new House(world);
  let provider: ProviderId;

  before(async () => {
    provider = house.chat.get(await house.trySandbox.run())!.provider!;
    await house.accounts.refresh();
  });
  after(async () => {
    house.abandon();
    await world.launcher.stop();
  });

  const create = (label: string, lifetimeMs?: number) =>
    house.apiKeys.create({ provider, label, lifetimeMs });
  const states = () => house.apiKeys.book!.keys.map((key) => `${key.label} ${house.apiKeys.stateOf(key)}`);
  const stored = () => [...world.secrets.kept.keys()].filter((name) => name.startsWith("zgCompute.apiKey."));
  const written = () => [
    ...[...world.apiKeys.files.keys()].map((name) => world.apiKeys.text(name)),
    ...[...world.journal.files.keys()].map((name) => world.journal.text(name)),
    ...world.state.kept.values(),
    ...world.log.lines,
  ];

  it("are made after a confirmation that says who can spend what and until when", async () => {
    const { key, text, isKept } = await create("Build server", 30 * day);
    assert.match(text, /^app-sk-[A-Za-z0-9+/]+=*$/);
    assert.equal(isKept, true);
    assert.equal(key.expiresAt, key.createdAt + 30 * day);
    const asked = house.dialogs.asked.at(-1)!;
    assert.equal(asked.title, "Create the API key “Build server”?");
    assert.match(asked.detail, /Whoever has this key can .* spend the money on your account.*3 0G/);
    assert.match(asked.detail, /good for 30 days, until /);
    assert.equal(await house.apiKeys.copyText(key.id), text);
    assert.deepEqual(states(), ["Build server active"]);
  });

  it("are in the keychain and nowhere else", async () => {
    const [name] = stored();
    const text = world.secrets.kept.get(name!)!;
    for (const place of written()) assert.ok(!place.includes(text.slice(7, 60)), place.slice(0, 80));
  });

  it("are not made when the user says no", async () => {
    house.dialogs.answer = false;
    const before = house.apiKeys.book;
    await assert.rejects(create("No"), (error) => isComputeError(error, "cancelled"));
    assert.equal(house.apiKeys.book, before);
    house.dialogs.answer = true;
  });

  it("need an account with their provider: says what one needs at least", async () => {
    const other = house.providers.chatServices.find(({ service }) => service.provider !== provider)!.service;
    await assert.rejects(house.apiKeys.create({ provider: other.provider, label: "x" }), (error) =>
      isComputeError(error, "insufficientFunds"),
    );
    await assert.rejects(house.apiKeys.create({ provider: address("f"), label: "x" }), (error) =>
      isComputeError(error, "unknownProvider"),
    );
  });

  it("never share an id, whichever window makes them, and the official tools' next one is left alone", async () => {
    const second = new House(world);
    await second.accounts.refresh();
    const made: ApiKey[] = [];
    for (let i = 0; i < 10; i++) {
      const [a, b] = await Promise.all([
        create(`a${i}`),
        second.apiKeys.create({ provider, label: `b${i}` }),
      ]);
      made.push(a.key, b.key);
    }
    assert.equal(new Set(made.map(({ tokenId }) => tokenId)).size, 20);
    assert.ok(made.every(({ tokenId }) => tokenId > 0));
    for (const { id } of made) await second.apiKeys.remove(id);
    await house.apiKeys.refresh();
    assert.deepEqual(states(), ["Build server active"], "what the other window did is seen");
    second.abandon();
  });

  it("keep their ids after a restart and after they were removed, until all are used up", async () => {
    house.abandon();
    house = new House(world);
    await house.session.broker();
    await house.accounts.refresh();
    await house.apiKeys.refresh();
    assert.deepEqual(states(), ["Build server active"]);
    const before = usedIds();
    assert.equal(before.length, 21);
    const [left = 0, last = 0, ...others] = Array.from({ length: 255 }, (_, id) => id)
      .reverse()
      .filter((id) => !before.includes(id));
    const store = new ApiKeyStore(world.apiKeys);
    await store.change(house.session.scope()!, (book) => ({
      ...withKey(book, book.keys[0]!, others),
      keys: book.keys,
    }));
    const { key: one } = await create("One");
    const { key: two } = await create("Two");
    assert.deepEqual(new Set([one.tokenId, two.tokenId]), new Set([left, last]));
    for (const { id } of [one, two]) await house.apiKeys.remove(id);
    await assert.rejects(create("one too many"), (error) => isComputeError(error, "noApiKeyLeft"));
  });

  it("stop all at once, which frees the ids; sessions of the chat go on with a new pass", async () => {
    await house.apiKeys.revokeAll(provider);
    assert.match(house.dialogs.asked.at(-1)!.detail, /every running session/);
    assert.deepEqual(states(), ["Build server revokedWithAll"]);
    const { key } = await create("Fresh");
    assert.equal(key.generation, 1);
    assert.deepEqual(states(), ["Build server revokedWithAll", "Fresh active"]);
  });

  it("belong to the generation there is when the question is answered", async () => {
    const { generation } = find("Fresh");
    house.dialogs.answer = async () => {
      house.dialogs.answer = true;
      await house.apiKeys.revokeAll(provider);
      return true;
    };
    const { key } = await create("Asked before");
    assert.equal(key.generation, generation + 1);
    assert.equal(house.apiKeys.stateOf(key), "active");
    await house.apiKeys.remove(find("Fresh").id);
    await house.apiKeys.rename(key.id, "Fresh");
  });

  it("are revoked one by one, after a confirmation with the fee", async () => {
    const { key } = await create("Second");
    const { hash } = await house.apiKeys.revoke(key);
    assert.match(hash, /^0x[0-9a-f]{64}$/);
    const { title, detail } = house.dialogs.asked.at(-1)!;
    assert.equal(title, "Revoke the API key “Second”?");
    assert.match(detail, /Fee: at most/);
    assert.deepEqual(states(), ["Build server revokedWithAll", "Fresh active", "Second revoked"]);
  });

  it("are written down before they are signed: killed in between, an id is not used again", async () => {
    const before = usedIds().length;
    world.secrets.beforeStore = () => {
      assert.equal(usedIds().length, before + 1);
      throw new Error("the keychain is locked");
    };
    const { isKept, key } = await create("Unkept");
    world.secrets.beforeStore = () => undefined;
    assert.equal(isKept, false);
    await assert.rejects(house.apiKeys.copyText(key.id), (error) => isComputeError(error, "badApiKey"));
  });

  it("leave the list but not the memory when signing fails", async () => {
    const wallet = [...world.secrets.kept.keys()].find((name) => name.startsWith("zgCompute.wallet."))!;
    const kept = world.secrets.kept.get(wallet)!;
    world.secrets.kept.delete(wallet);
    const before = states();
    const used = usedIds().length;
    await assert.rejects(create("Unsigned"), (error) => isComputeError(error, "walletLocked"));
    world.secrets.kept.set(wallet, kept);
    assert.deepEqual(states(), before);
    assert.equal(usedIds().length, used + 1);
  });

  it("of a book that cannot be read are not made, as an id could be used twice", async () => {
    const [name] = [...world.apiKeys.files.keys()];
    const good = world.apiKeys.files.get(name!)!;
    for (const damaged of ["{", "null", "[]", '{"keys":[{}],"used":{}}', '{"keys":[],"used":{"a":["1"]}}']) {
      world.apiKeys.files.set(name!, new TextEncoder().encode(damaged));
      await assert.rejects(create("x"), (error) => isComputeError(error, "apiKeysDamaged"), damaged);
      assert.equal(world.apiKeys.text(name!), damaged, "it is not written over");
    }
    await house.apiKeys.refresh();
    assert.deepEqual(house.apiKeys.error, { code: "apiKeysDamaged", facts: { path: `/memory/${name}` } });
    world.apiKeys.files.set(name!, good);
    await house.apiKeys.refresh();
    assert.equal(house.apiKeys.error, undefined);
  });

  it("of a damaged book stay listed as far as they can be read, and no id of it is given again", async () => {
    const [name] = [...world.apiKeys.files.keys()];
    const good = world.apiKeys.text(name!);
    const { keys, used } = house.apiKeys.book!;
    const damaged = good.slice(0, good.lastIndexOf("]")); // after the last id
    world.apiKeys.files.set(name!, new TextEncoder().encode(damaged));
    const fresh = new House(world); // a window that never saw the whole
    await fresh.apiKeys.refresh();
    assert.equal(fresh.apiKeys.error?.code, "apiKeysDamaged");
    const done = await fresh.apiKeys.setAside();
    assert.equal(world.apiKeys.text(done!.kept.replace("/memory/", "")), damaged, "nothing is lost");
    assert.deepEqual([fresh.apiKeys.book?.keys, fresh.apiKeys.book?.used], [keys, used]);
    assert.equal(fresh.apiKeys.error, undefined);
    assert.equal(await fresh.apiKeys.setAside(), undefined, "there is nothing wrong with it any more");
    fresh.abandon();

    world.apiKeys.files.set(name!, new Uint8Array(100));
    await house.apiKeys.setAside();
    assert.deepEqual(
      [house.apiKeys.book?.keys, house.apiKeys.book?.used],
      [keys, used],
      "as this window knew",
    );
    for (const file of world.apiKeys.files.keys()) if (file !== name) world.apiKeys.files.delete(file);
  });

  it("made by another tool are recognised and listed once; those of others and short passes are not", async () => {
    const { inference } = await house.session.broker();
    const { rawToken } = await inference.createApiKey(provider, {
      tokenId: 7,
      generation: find("Fresh").generation,
    });
    const key = await house.apiKeys.add(`  "Bearer ${rawToken}"\n`, "From the SDK");
    assert.deepEqual([key.origin, key.tokenId, house.apiKeys.stateOf(key)], ["elsewhere", 7, "active"]);
    assert.equal((await house.apiKeys.add(rawToken, "Again")).label, "From the SDK");
    assert.equal(await house.apiKeys.copyText(key.id), rawToken);
    const pass = (await inference.getRequestHeaders(provider)).Authorization;
    const why = (wanted: string) => (error: unknown) =>
      isComputeError(error, "badApiKey") && error.facts.why === wanted;
    await assert.rejects(house.apiKeys.add(pass, "x"), why("pass"));
    await assert.rejects(house.apiKeys.add("hello", "x"), why("form"));
    const bytes = Buffer.from(rawToken.slice(7), "base64").toString();
    const forged = `app-sk-${Buffer.from(bytes.replace('"tokenId":7', '"tokenId":8')).toString("base64")}`;
    await assert.rejects(house.apiKeys.add(forged, "x"), why("signature"));
    assert.ok(usedIds().includes(7));
  });

  it("that were revoked one by one are good again with a new ledger, and known for it; their ids stay used", async () => {
    const [revoked, fresh] = [find("Second"), find("Fresh")];
    assert.deepEqual([house.apiKeys.stateOf(revoked), revoked.wasRevoked], ["revoked", true]);
    const asked = { kind: "retrieveFund", providers: [provider], service: "inference" } as const;
    await house.accounts.run(asked, "asked");
    await world.launcher.running!.control.time(2 * 86_400);
    await house.accounts.run(asked, "asked");
    const { available } = (await (await house.session.broker()).ledger.getLedger())!;
    await house.accounts.run({ kind: "refund", amount: available }, "asked");
    assert.equal(house.apiKeys.stateOf(fresh), "noAccount");
    await house.accounts.topUp(await house.accounts.planTopUp("inference", provider, og("2")), "asked");
    assert.deepEqual(
      [
        house.apiKeys.stateOf(revoked),
        house.apiKeys.stateOf(fresh),
        house.apiKeys.stateOf(find("Build server")),
      ],
      ["active", "active", "revokedWithAll"],
    );
    assert.ok(usedIds().includes(revoked.tokenId));
    await house.apiKeys.revoke(revoked);
    assert.equal(house.apiKeys.stateOf(revoked), "revoked");
  });

  const find = (label: string) => house.apiKeys.book!.keys.find((key) => key.label === label)!;

  it("are forgotten with their wallet, secrets first, the ids are not", async () => {
    const used = usedIds().length;
    await house.apiKeys.removeOf(house.session.wallet()!.address);
    await house.apiKeys.refresh();
    assert.deepEqual([states(), stored(), usedIds().length], [[], [], used]);
    assert.equal(house.apiKeys.get("x" as ApiKeyId), undefined);
  });

  /** In the newest generation. */
  function usedIds(): readonly number[] {
    const [name] = [...world.apiKeys.files.keys()];
    const { used } = JSON.parse(world.apiKeys.text(name!)) as { used: Record<string, number[]> };
    return Object.values(used).at(-1) ?? [];
  }
});
