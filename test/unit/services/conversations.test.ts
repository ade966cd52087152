import assert from "node:assert/strict";
import { isComputeError } from "../../../src/domain/error.js";
import { conversationFromBytes, conversationToBytes } from "../../../src/services/chat/conversationFile.js";
import { ConversationStore } from "../../../src/services/chat/conversations.js";
import type { ConversationId } from "../../../src/domain/ids.js";
import { ComputeError } from "../../../src/domain/error.js";
import { errorView } from "../../../src/view/errors/errors.js";
import { english } from "../../../src/view/translate.js";
import { keptError } from "../../../src/services/loaded.js";
import { aConversation, anAnswer, aTurn, aVerdict, address, noon, og } from "../../support/builders.js";
import { MemoryFolder, memoryLog } from "../../support/ports.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const id = (digit: string) => digit.repeat(24) as ConversationId;

function setUp() {
  const folder = new MemoryFolder();
  const log = memoryLog();
  const open = () => new ConversationStore({ folder, log });
  return { folder, log, open, store: open() };
}

describe("A conversation's file", () => {
  it("gives back what was written, money to the neuron", () => {
    const error = keptError(
      new ComputeError("insufficientFunds", {
        account: "sub-account",
        provider: address("a"),
        have: 1n,
        need: 2n ** 80n,
      }),
    );
    const whole = aConversation({
      turns: [
        aTurn({
          answer: anAnswer({
            cost: og("0.000000000000000001"),
            verdict: aVerdict(),
            leftOut: 2,
            reasoning: "hm",
          }),
        }),
        aTurn({ answer: anAnswer({ state: "failed", error, text: 'a "quoted" \u2028 {"$neuron":"1"}' }) }),
        aTurn({ answer: anAnswer({ state: "failed", error, mostCost: og("0.0002") }) }),
      ],
    });
    assert.deepEqual(conversationFromBytes("x", conversationToBytes(whole)), whole);
  });

  it("keeps how the model is asked, and of a hand-made file what is within bounds", () => {
    const settings = { systemPrompt: "Be brief.", temperature: 0.2, maxTokens: 500, stop: ["END"] };
    const read = (given: unknown) =>
      conversationFromBytes(
        "x",
        bytes(JSON.stringify({ version: 1, ...aConversation({ turns: [] }), settings: given })),
      ).settings;
    assert.deepEqual(read(settings), settings);
    assert.equal(read(undefined), undefined);
    assert.deepEqual(
      read({ temperature: 9, topP: "1", maxTokens: 1.5, seed: 3, stop: ["", "x"], systemPrompt: " " }),
      {
        seed: 3,
      },
    );
  });

  it("keeps what went along with a question, and an older file had nothing to keep", () => {
    const attachments = [
      { path: "a\n`b`.ts", lines: { first: 1, last: 2 }, text: "\u0000 ``` \u{1F308}" },
      { path: "b", text: "" },
    ];
    const whole = aConversation({ turns: [aTurn({ attachments }), aTurn()] });
    const written = conversationToBytes(whole);
    assert.deepEqual(conversationFromBytes("x", written), whole);
    assert.equal(
      new TextDecoder().decode(conversationToBytes(aConversation())).includes("attachments"),
      false,
      "a question about nothing is written as ever",
    );
    for (const [good, bad] of [
      ['"first":1', '"first":"1"'],
      ['"path":"b"', '"path":7'],
      ['"attachments":[', '"attachments":[null,'],
    ] as const) {
      const text = new TextDecoder().decode(written);
      assert.ok(text.includes(good));
      assert.throws(
        () => conversationFromBytes("x", bytes(text.replace(good, bad))),
        (error) => isComputeError(error, "badFile"),
      );
    }
  });

  it("is refused when it is cut off, of another kind or of a later version", () => {
    const good = new TextDecoder().decode(conversationToBytes(aConversation()));
    for (const bad of [
      "",
      "null",
      "[]",
      good.slice(0, -20),
      good.replace('"version":1', '"version":2'),
      good.replace('"network":"sandbox"', '"network":"moon"'),
      good.replace('"state":"done"', '"state":"forgotten"'),
      good.replace('"turns":[', '"turns":[7,'),
    ])
      assert.throws(
        () => conversationFromBytes("x", bytes(bad)),
        (error) => isComputeError(error, "badFile"),
        bad,
      );
    assert.throws(() => conversationFromBytes("x", new Uint8Array([0xff, 0xfe])));
  });

  it("loses only the part that is damaged where that part can be missed", () => {
    const text = new TextDecoder()
      .decode(
        conversationToBytes(aConversation({ turns: [aTurn({ answer: anAnswer({ verdict: aVerdict() }) })] })),
      )
      .replace('"level":"verified"', '"level":"excellent"')
      .replace(/"cost":\{[^}]*\}/, '"cost":"cheap"');
    const answer = conversationFromBytes("x", bytes(text)).turns[0]?.answer;
    assert.equal(answer?.verdict, undefined);
    assert.equal(answer?.cost, undefined);
    assert.equal(answer?.text, "Because of Rayleigh scattering.");
  });
});

describe("An error kept in a conversation's file", () => {
  const read = (error: unknown) => {
    const answer = { ...anAnswer({ state: "failed" }), error } as never;
    return conversationFromBytes("x", conversationToBytes(aConversation({ turns: [aTurn({ answer })] })))
      .turns[0]?.answer.error;
  };

  it("always has a sentence, whatever the file says of it", () => {
    const odd = [
      ...["insufficientFunds", "limitReached", "rejectedByChain", "badSetting", "wrongChain", "network"],
      ...["__proto__", "toString", "nosuchcode", ""],
    ].map((code) => ({ code, facts: {} }));
    const wrong = { code: "rejectedByChain", facts: { reason: "x", args: [1] } };
    for (const error of [...odd, wrong, { code: "noWallet" }, 7, null, "text"]) {
      const kept = read(error);
      assert.ok(kept, JSON.stringify(error));
      assert.notEqual(errorView(kept, english).text, "");
      assert.equal(kept.code, "internal", JSON.stringify(error));
    }
  });

  it("is kept as it was where it is whole", () => {
    const whole = [
      { code: "limitReached", facts: { limit: "perDay", max: 2n, wanted: 1n, spent: 2n } },
      { code: "providerUnavailable", facts: { provider: address("a"), detail: "cut" } },
      { code: "rejectedByChain", facts: { reason: "LedgerExists", args: ["1"] } },
      { code: "noWallet", facts: {} },
    ];
    for (const error of whole) assert.deepEqual(read(error), error);
  });
});

describe("Conversations on disk", () => {
  it("are listed newest first and found by every word that was said", async () => {
    const { store, open } = setUp();
    await store.save(aConversation({ id: id("a"), title: "Sky", updatedAt: noon }));
    await store.save(aConversation({ id: id("b"), title: "Sea", updatedAt: noon + 1, turns: [] }));
    const next = open();
    assert.deepEqual(
      (await next.list()).map(({ title }) => title),
      ["Sea", "Sky"],
    );
    assert.deepEqual(
      (await next.list("RAYLEIGH sky")).map(({ title }) => title),
      ["Sky"],
    );
    assert.deepEqual(await next.list("rayleigh sea"), []);
  });

  it("leave a file that cannot be read alone and warn once", async () => {
    const { folder, log, store } = setUp();
    await store.save(aConversation({ id: id("a") }));
    folder.files.set(`${id("b")}.json`, bytes("{ broken"));
    folder.files.set("notes.txt", bytes("mine"));
    assert.equal((await store.list()).length, 1);
    assert.equal((await store.list()).length, 1);
    assert.equal(await store.read(id("b")), undefined);
    assert.equal(log.lines.filter((line) => line.startsWith("warn")).length, 1);
    assert.equal(folder.text(`${id("b")}.json`), "{ broken");
    assert.ok(folder.files.has("notes.txt"));
  });

  it("of another window appear, and those it deleted cannot come back from here", async () => {
    const { store, open } = setUp();
    await store.list();
    await open().save(aConversation({ id: id("c") }));
    assert.equal((await store.list()).length, 1);
    await store.delete(id("c"));
    await store.save(aConversation({ id: id("c") }));
    assert.deepEqual(await store.list(), []);
    assert.deepEqual(await open().list(), []);
  });

  it("can be deleted all at once, broken ones too", async () => {
    const { folder, store } = setUp();
    await store.save(aConversation({ id: id("a") }));
    folder.files.set(`${id("b")}.json`, bytes("{ broken"));
    await store.deleteAll();
    assert.equal(folder.files.size, 0);
  });

  it("are asked for by nothing that could leave the folder", async () => {
    const { store } = setUp();
    assert.equal(await store.read("../../etc/passwd" as ConversationId), undefined);
  });
});
