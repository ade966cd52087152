import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Turn } from "../../../src/domain/chat.js";
import type { ConversationId, TurnId } from "../../../src/domain/ids.js";
import { chooseTokenId } from "../../../src/domain/apiKey.js";
import { apiKeyOf, usedIds, withKey } from "../../../src/services/apiKeys/apiKeyBook.js";
import { ApiKeyStore } from "../../../src/services/apiKeys/apiKeyStore.js";
import { ConversationStore } from "../../../src/services/chat/conversations.js";
import { type ChatChange, OpenConversations } from "../../../src/services/chat/openConversations.js";
import { createSharedFolder } from "../../../src/system/sharedFolder.js";
import { aConversation, address, anAnswer, aTurn, noon } from "../../support/builders.js";
import { memoryLog, TestClock } from "../../support/ports.js";

const id = "a".repeat(24) as ConversationId;
const turn = (name: string, at: number, state: "done" | "streaming" = "done") =>
  aTurn({
    id: name as TurnId,
    question: name,
    answer: anAnswer({ state, startedAt: noon + at, text: name }),
  });

describe("Two windows on one folder of conversations", () => {
  let root = "";
  let path = "";

  const open = () => {
    const store = new ConversationStore({ folder: createSharedFolder(path), log: memoryLog() });
    const chats = new OpenConversations({ store, clock: new TestClock(), log: memoryLog() });
    const heard: ChatChange[] = [];
    chats.onDidChange((change) => heard.push(change));
    const put = async (turns: readonly Turn[]) => {
      chats.replace({ ...(chats.get(id) ?? aConversation({ id })), turns });
      await chats.save(id);
    };
    const questions = () => chats.get(id)?.turns.map(({ question }) => question);
    return { store, chats, heard, put, questions, turns: () => chats.get(id)?.turns ?? [] };
  };
  const onDisk = async () =>
    (await open().store.read(id))?.turns.map(({ question, answer }) => `${question} ${answer.state}`);
  const files = () => readdirSync(path).filter((name) => name.endsWith(".json"));

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "windows-"));
    path = join(root, "conversations");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("keeps what both asked, in the order of asking, and shows it in both", async () => {
    const [a, b] = [open(), open()];
    await a.put([turn("first", 0)]);
    await b.chats.open(id);
    await b.put([...b.turns(), turn("b1", 1)]);
    await b.put([...b.turns(), turn("b2", 3)]);
    await a.put([...a.turns(), turn("a1", 2)]);
    assert.deepEqual(await onDisk(), ["first done", "b1 done", "a1 done", "b2 done"]);
    assert.deepEqual(a.questions(), ["first", "b1", "a1", "b2"]);
    await b.chats.refresh(id);
    assert.deepEqual(b.questions(), a.questions());
  });

  it("loses no write when both save at the same moment", async () => {
    const windows = [open(), open(), open()];
    await windows[0]!.put([turn("first", 0)]);
    for (const { chats } of windows) await chats.open(id);
    const writing = windows.map(async ({ put, turns }, w) => {
      for (let i = 0; i < 4; i++) await put([...turns(), turn(`w${w}.${i}`, 1 + i)]);
    });
    await Promise.all(writing);
    assert.equal((await onDisk())?.length, 13);
  });

  it("does not end the other window's answer, nor take a stopped one for running", async () => {
    const [a, b] = [open(), open()];
    await a.put([turn("first", 0)]);
    await b.chats.open(id);
    await b.put([...b.turns(), turn("b1", 1, "streaming")]);
    await a.put([...a.turns(), turn("a1", 2)]);
    assert.equal(a.chats.find(id, "b1" as TurnId)?.answer.state, "stopped", "nothing runs in this window");
    await b.chats.refresh(id);
    assert.equal(b.chats.find(id, "b1" as TurnId)?.answer.state, "streaming");
    b.chats.change(id, "b1" as TurnId, { state: "done" });
    await b.chats.save(id);
    assert.deepEqual(await onDisk(), ["first done", "b1 done", "a1 done"]);
    await a.chats.refresh(id);
    assert.equal(a.chats.find(id, "b1" as TurnId)?.answer.state, "done");
  });

  it("lets a question be asked anew in one: what it replaced does not come back from the other", async () => {
    const [a, b] = [open(), open()];
    await a.put([turn("first", 0), turn("second", 1)]);
    await b.chats.open(id);
    await a.put([turn("first", 0), turn("other", 2)]);
    await b.put([...b.turns(), turn("b1", 3)]);
    assert.deepEqual(await onDisk(), ["first done", "other done", "b1 done"]);
  });

  it("keeps what changed here and could not be written when the file is read again", async () => {
    const [a, b] = [open(), open()];
    await a.put([turn("first", 0)]);
    await b.chats.open(id);
    await b.put([...b.turns(), turn("b1", 1)]);
    a.chats.replace({ ...aConversation({ id, title: "renamed" }), turns: [...a.turns(), turn("a1", 2)] });
    await a.chats.refresh(id);
    await a.chats.save(id);
    assert.deepEqual(await onDisk(), ["first done", "b1 done", "a1 done"]);
    assert.equal((await open().store.read(id))?.title, "renamed");
  });

  it("never writes again what was deleted in the other, and says so", async () => {
    const [a, b] = [open(), open()];
    await a.put([turn("secret", 0)]);
    await b.chats.open(id);
    await a.chats.delete(id);
    await b.put([...b.turns(), turn("b1", 1)]);
    assert.deepEqual(files(), []);
    assert.equal(b.chats.get(id), undefined);
    assert.ok(b.heard.some((change) => change.kind === "deleted" && change.isElsewhere));
    await b.store.save(aConversation({ id }));
    assert.deepEqual(files(), []);
  });

  it("knows before asking that everything was removed, the folder too", async () => {
    const [a, b] = [open(), open()];
    await a.put([turn("secret", 0)]);
    await b.chats.open(id);
    await a.chats.deleteAll();
    rmSync(root, { recursive: true });
    assert.equal(await b.chats.refresh(id), undefined);
    await b.put([turn("secret", 0), turn("b1", 1)]);
    assert.equal(await onDisk(), undefined);
  });

  it("lists what the other wrote last, and no longer what it deleted", async () => {
    const [a, b] = [open(), open()];
    await a.put([turn("first", 0)]);
    await b.store.list();
    await a.put([...a.turns(), turn("second", 1)]);
    assert.deepEqual(
      (await b.store.list("second")).map(({ turns }) => turns),
      [2],
    );
    await a.chats.delete(id);
    assert.deepEqual(await b.store.list(), []);
  });
});

describe("Two windows on one list of API keys", () => {
  let root = "";
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "keys-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("never set the same id aside, and lose none, on a real disk", async () => {
    const open = () => new ApiKeyStore(createSharedFolder(join(root, "keys")));
    const scope = { network: "testnet", networkKey: "testnet", wallet: address("c") } as const;
    const facts = { wallet: address("c"), provider: address("a"), generation: 0, createdAt: noon };
    const taken: number[] = [];
    const take = (store: ApiKeyStore) =>
      store.change(scope, (book) => {
        const tokenId = chooseTokenId(0n, usedIds(book, facts.provider, 0), 7)!;
        taken.push(tokenId);
        return withKey(book, apiKeyOf({ ...facts, tokenId }, "key", "here"));
      });
    const windows = [open(), open(), open()];
    await Promise.all(Array.from({ length: 24 }, (_, i) => take(windows[i % 3]!)));
    assert.equal(new Set(taken).size, 24);
    assert.equal((await open().read(scope)).keys.length, 24);
    await open().emptyLists(address("c"));
    const { keys, used } = await open().read(scope);
    assert.deepEqual([keys.length, Object.values(used)[0]?.length], [0, 24]);
  });
});
