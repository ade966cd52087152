// A question in the place of answers that are there: until a provider may have taken it they stand, here, on disk and in other windows.
import assert from "node:assert/strict";
import type { ConversationId } from "../../../src/domain/ids.js";
import { failsWith } from "../../conformance/inferenceSupport.js";
import { heldBack } from "../../support/chatPanel.js";
import { House, type HouseInSandbox, houseInSandbox } from "../../support/house.js";
import { until } from "../../until.js";

describe("A question asked again", function () {
  this.timeout(60_000);
  let setting: HouseInSandbox;
  let house: House;
  let a: ConversationId;
  const { fetch } = globalThis;
  let isReachable = true;

  before(async () => {
    globalThis.fetch = (input, init) => {
      const isQuestion = JSON.stringify(input).includes("/chat/completions");
      return fetch(isQuestion && !isReachable ? "http://127.0.0.1:65535/" : input, init);
    };
    setting = await houseInSandbox();
    ({ house } = setting);
  });
  beforeEach(async () => {
    a = house.chat.create({ provider: setting.provider, model: setting.model }).id;
    for (const question of ["One", "Two"]) await house.chat.send(a, question);
  });
  afterEach(async () => {
    isReachable = true;
    await setting.sandbox.control.clear();
  });
  after(async () => {
    globalThis.fetch = fetch;
    await house.chat.close();
    house.abandon();
    await setting.world.launcher.stop();
  });

  const first = (of: House = house) => of.chat.get(a)!.turns[0]!;
  const questions = (of: House = house) => of.chat.get(a)?.turns.map(({ question }) => question);
  const onDisk = () => {
    const { title, turns } = JSON.parse(setting.world.folder.text(`${a}.json`)) as {
      readonly title: string;
      readonly turns: readonly { readonly question: string; readonly answer: { readonly text: string } }[];
    };
    return [
      title,
      ...turns.map(({ question, answer }) => question + (answer.text === "" ? "" : ", answered")),
    ];
  };
  const asBefore = ["One", "One, answered", "Two, answered"];
  const edit = () => house.chat.edit(a, first().id, "One, new");
  const isAsBefore = () => assert.deepEqual([questions(), onDisk()], [["One", "Two"], asBefore]);
  const spent = () => house.limits.spentAt(house.session.scope()!, setting.provider);

  it("leaves the answers where the provider refuses it before any work", async () => {
    const before = spent();
    await setting.sandbox.control.fault(setting.provider, "status", 402);
    await assert.rejects(edit(), failsWith("refusedByProvider"));
    isAsBefore();
    assert.equal(spent(), before);
  });

  it("leaves the answers where nobody listens at the provider", async () => {
    isReachable = false;
    await assert.rejects(edit(), failsWith("providerUnavailable"));
    isAsBefore();
  });

  it("leaves the answers where it is stopped while it waits for a provider that is too busy", async () => {
    await setting.sandbox.control.fault(setting.provider, "status", 429);
    const asking = edit();
    await until("it waits", () => first().answer.waitSeconds);
    house.chat.stop(a);
    await assert.rejects(asking, failsWith("cancelled"));
    isAsBefore();
  });

  it("replaces them where an answer began and broke off", async () => {
    await setting.sandbox.control.fault(setting.provider, "cut-stream", 600);
    await edit();
    assert.deepEqual([questions(), first().answer.state], [["One, new"], "failed"]);
    assert.equal(onDisk().length, 2);
  });

  describe("that is not out yet", () => {
    let asking: Promise<boolean>;
    let held: ReturnType<typeof heldBack>;
    beforeEach(async () => {
      held = heldBack(house.enclaves, "beforeSending");
      asking = edit();
      await until("it is on its way", () => held.calls > 0);
      assert.deepEqual(questions(), ["One, new"]);
    });
    const stop = async () => {
      house.chat.stop(a);
      held.end();
      await assert.rejects(asking, failsWith("cancelled"));
    };

    it("keeps them on disk, whatever is changed meanwhile", async () => {
      await house.chat.configure(a, { systemPrompt: "Be brief." });
      await house.chat.pick(a, setting.provider, setting.model);
      assert.deepEqual(onDisk(), asBefore);
      await stop();
      isAsBefore();
      assert.equal(house.chat.get(a)?.settings?.systemPrompt, "Be brief.");
    });

    it("loses nothing to another window that has them open", async () => {
      const other = new House(setting.world);
      try {
        await other.chat.open(a);
        await house.chat.configure(a, { systemPrompt: "Be brief." });
        await other.chat.refresh(a);
        assert.deepEqual(questions(other), ["One", "Two"]);
        await stop();
        await other.chat.configure(a, undefined);
        await house.chat.refresh(a);
        assert.deepEqual(
          [questions(), questions(other)],
          [
            ["One", "Two"],
            ["One", "Two"],
          ],
        );
        assert.deepEqual(onDisk(), asBefore);
      } finally {
        other.abandon();
      }
    });

    it("is on disk as soon as it was answered", async () => {
      held.end();
      assert.equal(await asking, true);
      assert.deepEqual(onDisk(), ["One, new", "One, new, answered"]);
      const [newest] = await house.chat.list();
      assert.equal(newest?.title, "One, new");
    });
  });

  it("gives a verdict to an answer that would be replaced, where that comes meanwhile", async () => {
    await setting.sandbox.control.fault(setting.provider, "late-signature", 2_000);
    const last = () => house.chat.get(a)!.turns.at(-1)!;
    void house.chat.send(a, "Three");
    await until("it is not checked yet", () => last().answer.verdict?.level === "pending");
    await until("the next may be asked", () => house.chat.running(a) === undefined);
    const { id } = last();
    const held = heldBack(house.enclaves, "beforeSending");
    const asking = house.chat.regenerate(a, id);
    await until("it is on its way", () => held.calls > 0);
    const text = () => setting.world.folder.text(`${a}.json`);
    assert.match(text(), /"level": ?"pending"/);
    await until("the disk has the verdict", () => !/"level": ?"pending"/.test(text()), 20_000);
    house.chat.stop(a);
    held.end();
    await assert.rejects(asking, failsWith("cancelled"));
    assert.deepEqual([last().id, last().answer.verdict?.level], [id, "verified"]);
  });

  it("is false where there is none (any more)", async () => {
    const { id } = first();
    const other = new House(setting.world);
    try {
      await other.chat.open(a);
      await other.chat.edit(a, id, "One, elsewhere");
      assert.equal(await house.chat.edit(a, id, "One, here"), false);
      assert.equal(await house.chat.regenerate(a, id), false);
      assert.deepEqual(questions(), ["One, elsewhere"]);
      await other.chat.delete(a);
      assert.equal(await house.chat.edit(a, id, "One, here"), false);
    } finally {
      other.abandon();
    }
  });
});
