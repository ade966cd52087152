// Conversations that leave as a file and come back: what was said is the same, and what the file says of it is the file's word.
import assert from "node:assert/strict";
import { spendingOn, type Answer, type Conversation } from "../../../src/domain/chat.js";
import { isComputeError } from "../../../src/domain/error.js";
import type { ConversationId, ProviderId } from "../../../src/domain/ids.js";
import type { AnswerReceipt } from "../../../src/domain/receipt.js";
import { conversationFromBytes, conversationToBytes } from "../../../src/services/chat/conversationFile.js";
import {
  documentText,
  mostDocumentBytes,
  readDocument,
} from "../../../src/services/chat/conversationDocument.js";
import { exportedConversation } from "../../../src/services/chat/conversationExport.js";
import { importedConversation } from "../../../src/services/chat/conversationImport.js";
import { zeroNeuron } from "../../../src/domain/money.js";
import { importedWarning } from "../../../src/view/chat/importedView.js";
import { turnView } from "../../../src/view/chat/chatView.js";
import { english } from "../../../src/view/translate.js";
import { aConversation, anAnswer, aTurn, aVerdict, noon, og } from "../../support/builders.js";
import type { House } from "../../support/house.js";
import { houseInSandbox, type World } from "../../support/house.js";
import { random } from "../../support/ports.js";

const bytesOf = (value: unknown) =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const exported = (conversation: Conversation) => documentText(conversation, new Map(), noon);

interface Written {
  title: string;
  turns: {
    question: string;
    attachments?: { path: string; text: string }[];
    answer: Record<string, unknown> & { text: string; receipt?: { id: string; file?: string } };
  }[];
}

describe("A conversation's export as JSON", () => {
  const attachments = [{ path: "src/a.ts", lines: { first: 1, last: 2 }, text: "const a = 1;\n" }];
  const conversation = aConversation({
    turns: [
      aTurn({
        attachments,
        answer: anAnswer({
          network: "sandbox",
          toolCalls: [{ id: "a", name: "weather", arguments: "{}" }],
          reasoning: "hm",
          cost: og("1.000000000000000001"),
          verdict: aVerdict(),
        }),
      }),
      aTurn({ answer: anAnswer({ state: "streaming", text: "So far", cost: undefined, mostCost: og("2") }) }),
    ],
  });

  it("gives back what was said, paid and found, the verdict as the file's word alone", () => {
    const read = readDocument("x", bytesOf(exported(conversation)), noon + 5);
    assert.equal(read.title, conversation.title);
    const [first, second] = read.turns.map(({ turn }) => turn);
    assert.deepEqual(first?.attachments, attachments);
    const { verdict, ...rest } = conversation.turns[0]!.answer;
    assert.deepEqual(first?.answer, {
      ...rest,
      imported: { at: noon + 5, claim: { level: verdict!.level, checkedAt: verdict!.checkedAt } },
    });
    assert.equal(second?.answer.state, "stopped");
    assert.equal(second?.answer.mostCost, og("2"), "what may have been billed is still said to be the most");
  });

  const change = (part: (document: Written) => void): Uint8Array => {
    const document = JSON.parse(exported(conversation)) as Written;
    part(document);
    return bytesOf(document);
  };
  const hostile: [string, Uint8Array, RegExp][] = [
    ["no JSON", bytesOf('{\n"schema": "0g-conversation/1",\nnonsense'), /not JSON/],
    ["no text", new Uint8Array([0xff, 0xfe, 0x00]), /UTF-8/],
    ["another document", bytesOf({ schema: "0g-receipt/1" }), /not an exported conversation/],
    ["a later version", bytesOf({ schema: "0g-conversation/2" }), /later version/],
    ["nothing at all", bytesOf("null"), /the file is not an object/],
    ["too deep", bytesOf("[".repeat(50_000)), /more than any conversation/],
    ["too many", bytesOf(`[${"{},".repeat(1_100_000)}{}]`), /more than any conversation/],
    [
      "an answer of no text",
      change(({ turns }) => Object.assign(turns[1]!.answer, { text: 5 })),
      /turns\[1\]\.answer\.text/,
    ],
    [
      "a forged provider",
      change(({ turns }) => (turns[0]!.answer.provider = "0x1")),
      /turns\[0\]\.answer\.provider/,
    ],
    [
      "a cost that is none",
      change(({ turns }) => (turns[0]!.answer.costInNeuron = "-1")),
      /turns\[0\]\.answer\.costInNeuron/,
    ],
    [
      "a time that is none",
      change(({ turns }) => (turns[0]!.answer.startedAt = "soon")),
      /turns\[0\]\.answer\.startedAt/,
    ],
    [
      "an answer that still runs",
      change(({ turns }) => (turns[0]!.answer.state = "waiting")),
      /answer\.state/,
    ],
    [
      "a level nobody knows",
      change(
        ({ turns }) => (turns[0]!.answer.verdict = { level: "sure", checkedAt: "2026-01-01T00:00:00Z" }),
      ),
      /verdict\.level/,
    ],
    [
      "too large a file along",
      change(({ turns }) => (turns[0]!.attachments![0]!.text = "x".repeat(600_000))),
      /attachments\[0\]\.text/,
    ],
    [
      "too many turns",
      change((document) => (document.turns = Array.from({ length: 5_001 }, () => document.turns[0]!))),
      /more than 5000/,
    ],
    ["a title without end", change((document) => (document.title = "x".repeat(10_000))), /title/],
  ];
  for (const [what, bytes, where] of hostile)
    it(`is refused with one sentence and its place: ${what}`, () => {
      assert.throws(
        () => readDocument("talk.0gchat.json", bytes, noon),
        (error) => isComputeError(error, "badFile") && where.test(error.facts.detail),
      );
    });

  it("names the line where it is no JSON", () => {
    assert.throws(
      () => readDocument("x", bytesOf('{\n"a": 1,\n nonsense }'), noon),
      (error) => isComputeError(error, "badFile") && error.facts.line === 3,
    );
  });

  it("is refused unread where it is larger than any", () => {
    assert.throws(
      () => readDocument("x", new Uint8Array(mostDocumentBytes + 1), noon),
      (error) => isComputeError(error, "badFile") && /larger than 64 MB/.test(error.facts.detail),
    );
  });
});

describe("A conversation of thousands of answers with receipts", () => {
  it("is imported in a moment: none is compared with all before it where their numbers differ", async function () {
    this.timeout(10_000);
    const text = `<think>${"hm ".repeat(700)}</think>Yes.`;
    const answer = anAnswer({ network: "sandbox", text });
    const turns = Array.from({ length: 2_000 }, () => aTurn({ question: "Sure?", answer }));
    const document = JSON.parse(exported(aConversation({ turns }))) as Written;
    for (const one of document.turns) one.answer.receipt = { id: "a".repeat(24), file: "{}" };
    const { provider, model } = answer;
    const receipt = { kind: "answer", service: { provider }, model, network: { id: "sandbox" } };
    const said = { ...{ text, reasoning: "", toolCalls: [], question: "Sure?", pictures: [] }, before: [{}] };
    const receipts = {
      bytes: async () => undefined,
      recheck: async () => ({ receipt, level: "verified", word: "fine", checks: [] }),
      said: async () => said,
    };
    const options = {
      receipts,
      pictures: { read: async () => undefined },
      random,
      clock: { now: () => noon },
    };
    const { conversation } = await importedConversation(options as never, "x", bytesOf(document));
    assert.deepEqual(
      new Set(conversation.turns.map((turn) => turn.answer.imported?.receipt)),
      new Set(["otherBefore"]),
    );
  });
});

describe("An imported conversation over the sandbox", function () {
  this.timeout(60_000);
  let world: World;
  let house: House;
  let provider: ProviderId;
  let model: string;
  let id: ConversationId;
  let carried: Written;

  before(async () => {
    ({ world, house, provider, model } = await houseInSandbox());
    id = house.chat.create({ provider, model }).id;
    const along = [{ path: "a.md", text: "A ledger holds money.\n" }];
    await house.chat.send(id, "What is a ledger?", along);
    await house.chat.send(id, "And a sub-account?");
    const bytes = await exportedConversation(here(), house.chat.get(id)!, true);
    carried = JSON.parse(new TextDecoder().decode(bytes)) as Written;
  });
  after(async () => {
    await house.chat.close();
    house.abandon();
    await world.launcher.stop();
  });

  const here = () => ({ ...house, pictures: house.chat.pictures, random, clock: world.clock });
  const read = async (document: unknown, options: Parameters<typeof importedConversation>[0] = here()) =>
    (await importedConversation(options, "x", bytesOf(document))).conversation;
  const imported = (change: (document: Written) => void = () => undefined) => {
    const document = structuredClone(carried);
    change(document);
    return read(document);
  };
  const told = ({ turns }: Conversation) =>
    turns.map(({ answer }) => [answer.verdict?.level, answer.imported?.receipt]);
  const view = (answer: Answer) => turnView(aTurn({ answer }), { isSandbox: true }, english).answer;
  const elsewhere = (document: Written) => {
    for (const { answer } of document.turns) answer.receipt!.id = "f".repeat(24);
  };

  const invented = (): Written["turns"][number] => {
    const { receipt, ...answer } = structuredClone(carried.turns[0]!.answer);
    assert.ok(receipt);
    return { question: "Is a key safe to hand over?", answer: { ...answer, text: "Yes, always." } };
  };

  it("names the receipt of each answer, and carries it only where that is asked for", async () => {
    const receipts = await house.receipts.list();
    assert.deepEqual(
      new Set(carried.turns.map(({ answer }) => answer.receipt?.id)),
      new Set(receipts.map((receipt) => receipt.id as string)),
    );
    const bytes = await exportedConversation(here(), house.chat.get(id)!, false);
    const plain = JSON.parse(new TextDecoder().decode(bytes)) as Written;
    assert.deepEqual(
      plain.turns.map(({ answer }) => Object.keys(answer.receipt!)),
      [["id"], ["id"]],
    );
  });

  it("is checked with our own receipts, says so, and is spending of nobody", async () => {
    const conversation = await imported();
    assert.deepEqual(told(conversation), [
      ["verified", "held"],
      ["verified", "held"],
    ]);
    const { verdict, byline } = view(conversation.turns[0]!.answer);
    assert.equal(verdict?.word, "verified");
    assert.match(verdict.sentence, /^Imported, and checked here with your own receipt/);
    assert.match(byline, /imported$/);
    assert.equal(conversation.provider, undefined, "whom to ask next is not the file's to say");
    await house.chat.add(conversation);
    assert.deepEqual(spendingOn(conversation.turns), { known: zeroNeuron, most: zeroNeuron });
    const listed = (await house.chat.list()).map(({ id, isImported }) => [
      id === conversation.id,
      isImported,
    ]);
    assert.ok(
      listed.some(([isIt, isImported]) => isIt && isImported),
      "told from its original, whose title it has",
    );
    assert.ok(listed.some(([isIt, isImported]) => !isIt && !isImported));
  });

  it("is checked with the receipt in the file, by the key that the chain names, where there is none of ours", async () => {
    const conversation = await imported(elsewhere);
    assert.deepEqual(told(conversation), [
      ["verified", "carried"],
      ["verified", "carried"],
    ]);
    const { verdict } = view(conversation.turns[0]!.answer);
    assert.equal(verdict?.receipt, undefined, "there is none of ours to show");
    assert.ok(!verdict?.checks.some(({ label }) => label === "Key accepted by you"));
  });

  it("proves nothing with a receipt whose key cannot be compared, or without one", async () => {
    const blind = { ...here(), providers: { find: () => undefined } };
    const document = structuredClone(carried);
    elsewhere(document);
    delete document.turns[1]!.answer.receipt;
    const conversation = await read(document, blind);
    assert.deepEqual(told(conversation), [
      [undefined, "unknownKey"],
      [undefined, undefined],
    ]);
    const [first, second] = conversation.turns.map(({ answer }) => view(answer).verdict);
    assert.equal(first?.word, "notProven");
    assert.equal(second?.word, "notProven");
    assert.match(second.sentence, /the file says “Verified”/);
    assert.equal(importedWarning(conversation, english), undefined, "each answer says it");
  });

  it("ends as its receipt says it did, whatever the file says", async () => {
    const conversation = await imported(({ turns }) => (turns[0]!.answer.state = "stopped"));
    assert.deepEqual(told(conversation)[0], ["verified", "held"]);
    assert.deepEqual(
      conversation.turns.map(({ answer }) => answer.state),
      ["done", "done"],
    );
  });

  for (const [what, change] of [
    ["the answer was changed", ({ turns }) => (turns[0]!.answer.text += " Really.")],
    ["the question was changed", ({ turns }) => (turns[0]!.question = "What is a wallet?")],
    ["what went along was changed", ({ turns }) => (turns[0]!.attachments![0]!.text = "Nothing.\n")],
    ["reasoning was added", ({ turns }) => (turns[0]!.answer.reasoning = "I lie.")],
    [
      "a tool call was added",
      ({ turns }) => (turns[0]!.answer.toolCalls = [{ id: "x", name: "rm", arguments: "{}" }]),
    ],
    ["another provider is named", ({ turns }) => (turns[0]!.answer.provider = `0x${"1".repeat(40)}`)],
    [
      "another answer's receipt is named",
      ({ turns }) => (turns[0]!.answer.receipt = turns[1]!.answer.receipt),
    ],
  ] as [string, (document: Written) => void][])
    it(`is called failed where ${what}, whichever receipt is at hand`, async () => {
      for (const more of [() => undefined, elsewhere]) {
        const conversation = await imported((document) => (change(document), more(document)));
        assert.deepEqual(told(conversation)[0], [undefined, "contradicted"]);
        assert.match(importedWarning(conversation, english) ?? "", /^Of the 2 answers in this file, 1 /);
        assert.equal(view(conversation.turns[0]!.answer).verdict?.word, "failed");
      }
    });

  it("is called failed where the receipt in the file was changed", async () => {
    const conversation = await imported((document) => {
      elsewhere(document);
      const receipt = JSON.parse(document.turns[0]!.answer.receipt!.file!) as AnswerReceipt;
      document.turns[0]!.answer.receipt!.file = JSON.stringify({ ...receipt, cost: "1" });
    });
    assert.deepEqual(told(conversation)[0], [undefined, "contradicted"]);
  });

  for (const [what, change, at] of [
    ["behind a turn that never was", ({ turns }) => turns.splice(1, 0, invented()), 2],
    ["with another answer before it", ({ turns }) => (turns[0]!.answer.text = "Give your key away."), 1],
    ["with another question before it", ({ turns }) => (turns[0]!.question = "Whom may I trust?"), 1],
    ["without what was said before it", ({ turns }) => turns.splice(0, 1), 0],
    [
      "as if what was said before had been left out",
      ({ turns }) => Object.assign(turns[1]!.answer, { leftOut: 1 }),
      1,
    ],
  ] as [string, (document: Written) => void, number][])
    it(`does not prove an answer that stands ${what}, whichever receipt is at hand`, async () => {
      for (const more of [() => undefined, elsewhere]) {
        const conversation = await imported((document) => (more(document), change(document)));
        assert.deepEqual(told(conversation)[at], [undefined, "otherBefore"]);
        const { verdict } = view(conversation.turns[at]!.answer);
        assert.equal(verdict?.word, "notProven");
        assert.match(verdict.sentence, /something else was said before them/);
        const kept = conversationFromBytes("x", conversationToBytes(conversation));
        assert.deepEqual(told(kept), told(conversation));
      }
    });

  it("proves what the first ones were left out of, where the file says so", async () => {
    const conversation = await imported(({ turns }) => {
      turns.splice(0, 0, invented());
      for (const { answer } of turns.slice(1)) Object.assign(answer, { leftOut: 1 });
    });
    assert.deepEqual(told(conversation).slice(1), [
      ["verified", "held"],
      ["verified", "held"],
    ]);
    assert.match(view(conversation.turns[1]!.answer).meter, /1 earlier question did not fit/);
  });

  it("tells of instructions that went before, and proves nothing where the file names others", async () => {
    const told = house.chat.create({ provider, model }).id;
    await house.chat.configure(told, { systemPrompt: "Answer in one word." });
    await house.chat.send(told, "Is it safe?");
    const bytes = await exportedConversation(here(), house.chat.get(told)!, true);
    const document = JSON.parse(new TextDecoder().decode(bytes)) as Written & {
      settings: { systemPrompt?: string };
    };
    const answer = async () => (await read(document)).turns[0]!.answer;
    const same = await answer();
    assert.deepEqual([same.verdict?.level, same.imported?.isInstructed], ["verified", true]);
    assert.match(view(same).verdict?.sentence ?? "", /had instructions beforehand/);
    const { conversation, hadSettings } = await importedConversation(here(), "x", bytes);
    assert.deepEqual([conversation.settings, hadSettings], [undefined, true]);
    assert.match(importedWarning(conversation, english, { hadSettings }) ?? "", /^Its system prompt/);
    for (const systemPrompt of [undefined, "Tell the truth."]) {
      document.settings = { systemPrompt };
      const other = await answer();
      assert.deepEqual([other.verdict, other.imported?.receipt], [undefined, "otherBefore"]);
    }
  });

  it("is not proven by the receipt in the file where the enclave failed here", async () => {
    const { control } = world.launcher.running!;
    await control.fault(provider, "wrong-quote", "debug");
    await house.enclaves.verify(provider, "inference");
    await control.clear();
    const conversation = await imported(elsewhere);
    assert.equal(view(conversation.turns[0]!.answer).verdict?.word, "notProven");
    const enclave = conversation.turns[0]!.answer.verdict?.checks.find(({ id }) => id === "enclave");
    assert.deepEqual([enclave?.status, enclave?.why], ["failed", "verification"]);
    const held = await imported();
    assert.equal(view(held.turns[0]!.answer).verdict?.word, "verified", "our own was made before");
  });

  it("says again what it said when it is exported once more", async () => {
    const document = structuredClone(carried);
    for (const { answer } of document.turns) delete answer.receipt;
    const first = await read(document);
    const again = readDocument("x", bytesOf(exported(first)), noon);
    assert.deepEqual(
      again.turns.map(({ turn }) => turn.answer.imported?.claim?.level),
      ["verified", "verified"],
    );
  });
});
