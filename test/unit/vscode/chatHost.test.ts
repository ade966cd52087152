// The chat's host in an editor in memory, over the real services and the real sandbox: what it does while something takes its time.
import { ChatPanel, desk, heldBack } from "../../support/chatPanel.js";
import assert from "node:assert/strict";
import type { ConversationId } from "../../../src/domain/ids.js";
import type { ToPanel } from "../../../src/protocol.js";
import { House, type HouseInSandbox, houseInSandbox } from "../../support/house.js";
import { until } from "../../until.js";

describe("The chat's host", function () {
  this.timeout(60_000);
  let setting: HouseInSandbox;
  let house: House;
  let panel: ChatPanel;

  before(async () => {
    setting = await houseInSandbox();
    ({ house } = setting);
  });
  afterEach(async () => {
    panel.dispose();
    desk.clear();
    setting.world.settings.set({ network: "sandbox", "limits.perProvider": "5" });
    await setting.sandbox.control.clear();
  });
  after(async () => {
    await house.chat.close();
    house.abandon();
    await setting.world.launcher.stop();
  });

  const start = () => house.chat.create({ provider: setting.provider, model: setting.model }).id;
  const questions = (id: ConversationId) => house.chat.get(id)?.turns.map(({ question }) => question);
  const last = (id: ConversationId) => house.chat.get(id)?.turns.at(-1)?.answer;
  const open = async (conversation?: ConversationId) => {
    panel = new ChatPanel(house, conversation);
    panel.say({ kind: "ready" });
    await until("the page is told what to show", () => panel.shown);
  };
  const attach = async (path: string, text: string) => {
    desk.files.set(path, text);
    await panel.host.prepare([{ uri: `file://${path}`, path }]);
  };
  /** With a file that is read only when the test says so. */
  const sendSlowly = async (conversation: ConversationId) => {
    await open(conversation);
    await attach("/a.txt", "about a");
    const files = heldBack(desk, "read");
    panel.say({ kind: "send", text: "Meant for A" });
    await until("it is on its way", () => files.calls > 0);
    return files;
  };
  const chips = () => panel.all("attached").at(-1)?.items.length;
  const drafts = () => panel.all("draft").map(({ text }: Extract<ToPanel, { kind: "draft" }>) => text);
  /** Resolves when it is on its way, with what makes it fail. */
  const sendInVain = async (text: string) => {
    const sending = heldBack(house.chat, "send");
    panel.say({ kind: "send", text });
    await until("it is on its way", () => sending.calls > 0);
    return () => sending.end(new Error("broken"));
  };
  /** Time for whatever is on its way. */
  const settled = () => new Promise((resolve) => setTimeout(resolve, 200));
  /** By its receipt. */
  const lastSent = async () => {
    const [receipt] = await house.receipts.list();
    const text = new TextDecoder().decode(await house.receipts.bytes(receipt!.id));
    const { request } = JSON.parse(text) as { request: { base64: string } };
    return Buffer.from(request.base64, "base64").toString();
  };

  it("asks a question in the conversation that it was written in, whichever is opened meanwhile", async () => {
    const [a, b] = [start(), start()];
    const files = await sendSlowly(a);
    panel.say({ kind: "openConversation", id: b });
    await until("B is shown", () => panel.shown?.conversation === b);
    files.end();
    await until("it is answered", () => last(a)?.state === "done");
    assert.deepEqual([questions(a), questions(b)], [["Meant for A"], []]);
    assert.equal(house.chat.get(a)?.turns[0]?.attachments?.length, 1);
  });

  it("asks, sets up and picks in the conversation that the page shows, though another one is about to be", async () => {
    const [a, b] = [start(), start()];
    await house.chat.send(a, "One");
    await open(a);
    const list = heldBack(house.chat, "list");
    panel.say({ kind: "openConversation", id: b });
    await until("B is on its way", () => list.calls > 0);
    panel.say({ kind: "pickModel", provider: setting.provider, model: "another" });
    await until("it is picked", () => house.chat.get(a)?.model === "another");
    panel.say({ kind: "pickModel", provider: setting.provider, model: setting.model });
    panel.say({ kind: "setting", name: "systemPrompt", text: "Be brief." });
    panel.say({ kind: "edit", turn: house.chat.get(a)!.turns[0]!.id, text: "Two" });
    await until("it is answered", () => questions(a)?.[0] === "Two" && last(a)?.state === "done");
    panel.say({ kind: "send", text: "Three" });
    await until("that is, too", () => questions(a)?.length === 2 && last(a)?.state === "done");
    list.end();
    await until("B is shown", () => panel.shown?.conversation === b);
    assert.deepEqual([questions(a), questions(b)], [["Two", "Three"], []]);
    const settings = [a, b].map((id) => house.chat.get(id)?.settings?.systemPrompt);
    assert.deepEqual(settings, ["Be brief.", undefined]);
    assert.equal(house.chat.get(b)?.model, setting.model);
  });

  it("begins one conversation with what a page says that shows none, though another one is about to be shown", async () => {
    const b = start();
    await open();
    const before = new Set((await house.chat.list()).map(({ id }) => id));
    const list = heldBack(house.chat, "list");
    panel.say({ kind: "openConversation", id: b });
    await until("B is on its way", () => list.calls > 0);
    panel.say({ kind: "pickModel", provider: setting.provider, model: setting.model });
    panel.say({ kind: "setting", name: "systemPrompt", text: "Be brief." });
    panel.say({ kind: "send", text: "Meant for a new one" });
    list.end();
    await until("B is shown", () => panel.shown?.conversation === b);
    const begun = await until("it is there", async () =>
      (await house.chat.list()).filter(({ id }) => !before.has(id) && house.chat.get(id)?.turns.length),
    );
    const [one] = begun;
    await until("it is answered", () => last(one!.id)?.state === "done");
    assert.deepEqual([begun.length, questions(one!.id), questions(b)], [1, ["Meant for a new one"], []]);
    assert.equal(house.chat.get(one!.id)?.settings?.systemPrompt, "Be brief.");
  });

  it("does not ask in a new conversation what was written in one that is deleted meanwhile, and gives it back", async () => {
    const a = start();
    const files = await sendSlowly(a);
    const before = (await house.chat.list()).length;
    panel.say({ kind: "deleteConversation", id: a });
    await until("nothing is shown", () => panel.shown?.conversation === undefined);
    files.end();
    await until("it is back", () => drafts().length > 0);
    assert.deepEqual([drafts(), chips(), panel.host.conversation], [["Meant for A"], 1, undefined]);
    assert.equal((await house.chat.list()).length, before);
  });

  it("gives back what was not sent where it was written, once that is shown again", async () => {
    const [a, b] = [start(), start()];
    const files = await sendSlowly(a);
    panel.say({ kind: "openConversation", id: b });
    await until("B is shown", () => panel.shown?.conversation === b);
    desk.files.delete("/a.txt"); // it cannot be sent any more
    files.end();
    await until("that is said", () => desk.told.length > 0);
    assert.deepEqual(drafts(), []);
    panel.say({ kind: "openConversation", id: a });
    await until("it is back", () => drafts().length > 0);
    assert.deepEqual([drafts(), questions(a), questions(b)], [["Meant for A"], [], []]);
    const shownA = panel.told.findLastIndex((one) => one.kind === "snapshot");
    assert.ok(panel.told.findIndex((one) => one.kind === "draft") > shownA, "the page shows A by then");
  });

  it("gives back what was written where it is shown next, in another panel once its own is closed, with what was attached", async () => {
    const a = start();
    await open(a);
    await attach("/a.txt", "about a");
    const fail = await sendInVain("Meant for A");
    panel.dispose();
    fail();
    await settled();
    panel = new ChatPanel(house, start(), panel.drafts);
    panel.say({ kind: "ready" });
    await until("B is shown", () => panel.shown);
    await settled();
    assert.deepEqual([drafts(), chips()], [[], 0]);
    panel.say({ kind: "openConversation", id: a });
    await until("the file is back", () => chips() === 1);
    assert.deepEqual([drafts(), panel.shown?.conversation], [["Meant for A"], a]);
    panel.say({ kind: "ready" });
    await settled();
    assert.equal(drafts().length, 1, "once");
  });

  /** With a file; it is not sent once the test says so. */
  const sendInVainAndShowB = async () => {
    const [a, b] = [start(), start()];
    await open(a);
    await attach("/a.txt", "about a");
    const fail = await sendInVain("Meant for A");
    panel.say({ kind: "openConversation", id: b });
    await until("B is shown", () => panel.shown?.conversation === b);
    return { a, b, fail };
  };

  it("does not attach in the one shown meanwhile what was attached in the one that it was not sent in", async () => {
    const { a, b, fail } = await sendInVainAndShowB();
    fail();
    await settled();
    panel.say({ kind: "send", text: "Meant for B" });
    await until("it is answered", () => last(b)?.state === "done");
    assert.deepEqual([house.chat.get(b)?.turns[0]?.attachments ?? [], drafts()], [[], []]);
    panel.say({ kind: "openConversation", id: a });
    await until("the file is back", () => chips() === 1);
    assert.deepEqual(drafts(), ["Meant for A"]);
  });

  for (const when of ["before", "after"])
    it(`gives back what was not sent in whatever is shown, where its own conversation is deleted ${when} that`, async () => {
      const { a, b, fail } = await sendInVainAndShowB();
      if (when === "after") fail();
      await settled();
      panel.say({ kind: "deleteConversation", id: a });
      await until("it is gone", () => house.chat.get(a) === undefined);
      if (when === "before") fail();
      await until("the file is back", () => chips() === 1);
      assert.deepEqual([drafts(), panel.shown?.conversation], [["Meant for A"], b]);
    });

  it("shows the conversation that is open, whichever was opened before and takes longer", async () => {
    const [a, b] = [start(), start()];
    await open();
    const list = heldBack(house.chat, "list", 1);
    panel.say({ kind: "openConversation", id: a });
    await until("A is on its way", () => list.calls > 0);
    panel.say({ kind: "openConversation", id: b });
    await settled();
    list.end();
    await until("one is shown", () => panel.shown?.conversation);
    await settled();
    assert.deepEqual([panel.shown?.conversation, panel.host.conversation], [b, b]);
  });

  it("shows a verdict that came while the list of conversations was being read", async () => {
    const a = start();
    await open(a);
    const list = heldBack(house.chat, "list");
    await house.chat.send(a, "What is a ledger?");
    await until("it is verified", () => last(a)?.verdict?.level === "verified");
    list.end();
    await until("it is shown as that", () => panel.shown?.turns.at(-1)?.answer.verdict?.label === "Verified");
  });

  it("shows each word once, also where the page is made anew in the middle of an answer", async () => {
    const a = start();
    await open(a);
    await setting.sandbox.control.fault(setting.provider, "slow-stream", 20);
    const again = house.chat.onDidChange(({ kind }) => kind === "delta" && panel.say({ kind: "ready" }));
    await house.chat.send(a, "What is a ledger?");
    again.dispose();
    await settled();
    const shown = panel.told.map((_, at) => panel.shownAfter(at + 1)?.turns.at(-1)?.answer.text ?? "");
    const { text } = last(a)!;
    assert.ok(text.length > 20 && shown.at(-1) === text);
    assert.deepEqual(
      shown.filter((one) => !text.startsWith(one)),
      [],
    );
  });

  it("asks as it was set up just before, also where the provider takes its time", async () => {
    for (const [name, text, sent] of [
      ["systemPrompt", "Be brief.", /Be brief\./],
      ["maxTokens", "77", /"max_tokens":77\b/],
    ] as const) {
      const a = start();
      await open(a);
      const models = heldBack(house.providers, "modelInfo", 1);
      panel.say({ kind: "setting", name, text });
      panel.say({ kind: "send", text: "What is a ledger?" });
      await until("the provider is asked", () => models.calls > 0);
      await settled();
      models.end();
      await until("it is answered", () => last(a)?.state === "done");
      assert.match(await lastSent(), sent);
      panel.dispose();
    }
  });

  it("gives back the question and its chips when sending breaks, and keeps them on disk until then", async () => {
    const a = start();
    await open(a);
    await attach("/a.txt", "about a");
    const send = house.chat.send.bind(house.chat);
    let onDisk: unknown;
    house.chat.send = async () => {
      onDisk = panel.drafts.kept.get("zgCompute.attached");
      throw new Error("broken");
    };
    panel.say({ kind: "send", text: "What is this?" });
    await until("it is back", () => drafts().length > 0);
    house.chat.send = send;
    assert.deepEqual([drafts(), chips()], [["What is this?"], 1]);
    assert.match(String(onDisk), /a\.txt/);
    panel.say({ kind: "send", text: "What is this?" });
    await until("the question is there", () => questions(a)?.length === 1);
    await until("nothing is left", () => panel.drafts.kept.get("zgCompute.attached") === "{}");
    await until("it is answered", () => last(a)?.state === "done");
    assert.deepEqual([drafts().length, chips()], [1, 0]);
  });
  describe("asked for an earlier question again", () => {
    let a: ConversationId;
    const asked: string[] = [];
    const say = (kind: "regenerate" | "edit", text = "One, again") => {
      const turn = house.chat.get(a)!.turns[0]!.id;
      panel.say(kind === "edit" ? { kind, turn, text } : { kind, turn });
    };

    beforeEach(async () => {
      a = start();
      for (const question of ["One", "Two", "Three"]) await house.chat.send(a, question);
      asked.length = 0;
      desk.press = (title, [options, button]) => {
        asked.push(`${title} ${(options as { readonly detail: string }).detail}`);
        return button;
      };
      await open(a);
    });

    it("asks before later questions are replaced, and a no leaves all and gives the new words back", async () => {
      desk.press = (title) => void asked.push(title);
      say("regenerate");
      await until("it is asked", () => asked.length === 1);
      say("edit");
      await until("the words are back", () => drafts().length > 0);
      assert.deepEqual([questions(a), drafts(), asked.length], [["One", "Two", "Three"], ["One, again"], 2]);
    });

    it("replaces them after a yes, and asks nothing where none stands behind it", async () => {
      say("edit");
      await until("it is asked", () => questions(a)?.length === 1 && last(a)?.state === "done");
      const edited = house.chat.get(a)!.turns[0]!.id;
      say("regenerate");
      // By its turn: that an answer runs may begin and end between two looks.
      await until("it is asked again", () => house.chat.get(a)!.turns[0]!.id !== edited);
      await until("it is answered", () => last(a)?.state === "done");
      const detail = "Ask again from here? 2 later questions and their answers are replaced.";
      assert.deepEqual([questions(a), asked], [["One, again"], [detail]]);
    });

    const elsewhere = async (does: (other: House) => Promise<unknown>) => {
      const other = new House(setting.world);
      await other.chat.open(a);
      await does(other);
      await other.chat.close();
      other.abandon();
    };

    it("gives the new words back where the conversation was deleted in another window", async () => {
      await elsewhere((other) => other.chat.delete(a));
      say("edit");
      await until("the words are back", () => drafts().length > 0);
      assert.deepEqual([drafts(), questions(a)], [["One, again"], undefined]);
      assert.match(desk.told.join(), /deleted in another window/);
    });

    it("gives the new words back where the question was replaced in another window, also once that is known", async () => {
      const turn = house.chat.get(a)!.turns[0]!.id;
      await elsewhere((other) => other.chat.edit(a, turn, "Else"));
      panel.say({ kind: "edit", turn, text: "One, again" });
      await until("the words are back", () => drafts().length > 0);
      panel.say({ kind: "edit", turn, text: "Once more" });
      await until("they are back, too", () => drafts().length > 1);
      assert.deepEqual([drafts(), questions(a)], [["One, again", "Once more"], ["Else"]]);
    });

    it("leaves all as it was where the limit keeps it from being sent, in the window and on disk", async () => {
      const before = house.chat.get(a)!;
      setting.world.settings.set({ "limits.perProvider": "0.000000001" });
      desk.press = (title, buttons) => {
        asked.push(title);
        return asked.length === 1 ? buttons[1] : undefined;
      };
      say("edit");
      await until("the words are back", () => drafts().length > 0);
      await until("the reason is told", () => asked.length === 2);
      const { turns, title } = house.chat.get(a)!;
      assert.deepEqual([turns, title, drafts()], [before.turns, before.title, ["One, again"]]);
      assert.deepEqual(JSON.parse(setting.world.folder.text(`${a}.json`)).turns.length, 3);
      assert.deepEqual(panel.shown?.turns.length, 3);
      setting.world.settings.set({ "limits.perProvider": "5" });
      desk.press = (_, buttons) => buttons[1];
      say("regenerate");
      await until("it can be asked again", () => questions(a)?.length === 1);
      await until("it is answered", () => last(a)?.state === "done");
    });
  });
});
