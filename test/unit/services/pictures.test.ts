// Pictures over the sandbox: on disk, on the wire, in receipts, and in files that leave and come back.
import assert from "node:assert/strict";
import { isPicture, type Attachment } from "../../../src/domain/attachment.js";
import { isComputeError } from "../../../src/domain/error.js";
import { parseOg } from "../../../src/domain/money.js";
import type { ConversationId, ProviderId } from "../../../src/domain/ids.js";
import { mostPictureBytes, type Picture } from "../../../src/domain/picture.js";
import type { AnswerReceipt } from "../../../src/domain/receipt.js";
import { toBase64 } from "../../../src/services/base64.js";
import { exportedConversation } from "../../../src/services/chat/conversationExport.js";
import { importedConversation } from "../../../src/services/chat/conversationImport.js";
import { PastedPictures } from "../../../src/services/chat/pastedPictures.js";
import { PictureStore, readPicture } from "../../../src/services/chat/pictures.js";
import { ConversationStore } from "../../../src/services/chat/conversations.js";
import { conversationMarkdown } from "../../../src/view/chat/conversationMarkdown.js";
import { english } from "../../../src/view/translate.js";
import { aConversation, aTurn, noon } from "../../support/builders.js";
import { House, houseInSandbox, type World } from "../../support/house.js";
import { aPicture } from "../../support/media.js";
import { MemoryFolder, memoryLog, random } from "../../support/ports.js";
import { sleepingClock } from "../../support/sleepingClock.js";

const pictureOf = async (bytes: Uint8Array): Promise<Picture> => {
  const read = readPicture(bytes);
  assert.ok("picture" in read);
  return read.picture;
};
const attached = async (path: string, bytes: Uint8Array): Promise<Attachment> => ({
  path,
  picture: await pictureOf(bytes),
});

describe("A picture's bytes", () => {
  it("are one by what they are, within bounds", async () => {
    assert.deepEqual(readPicture(Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>")), {
      problem: "notPicture",
    });
    const large = Buffer.concat([aPicture(), Buffer.alloc(mostPictureBytes)]);
    assert.deepEqual(readPicture(large), { problem: "pictureTooLarge" });
    const wide = Buffer.from(aPicture());
    wide.writeUInt32BE(100_000, 16);
    wide.writeUInt32BE(100_000, 20);
    assert.deepEqual(readPicture(wide), { problem: "pictureTooLarge" });
  });

  it("are kept by their hash, and are what was kept or nothing", async () => {
    const folder = new MemoryFolder();
    const store = new PictureStore(folder);
    const bytes = aPicture(3, 4);
    const picture = await pictureOf(bytes);
    await store.keep(bytes);
    await store.keep(bytes);
    assert.deepEqual(await folder.list(), [`${picture.sha256}.png`]);
    assert.deepEqual(await store.read(picture), bytes);
    folder.files.set(`${picture.sha256}.png`, aPicture(3, 5));
    assert.equal(await store.read(picture), undefined, "somebody changed it");
    await store.keep(bytes);
    assert.deepEqual(await store.read(picture), bytes, "and it is kept again");
  });

  it("go with the last conversation that names them, also where one cannot be read", async () => {
    const [folder, pictures] = [new MemoryFolder(), new MemoryFolder()];
    const kept = new PictureStore(pictures);
    const store = new ConversationStore({ folder, pictures: kept, log: memoryLog() });
    const [one, two, three] = [aPicture(1, 1), aPicture(2, 2), aPicture(3, 3)];
    for (const bytes of [one, two, three]) await kept.keep(bytes);
    const ids = ["a", "b", "c"].map((digit) => digit.repeat(24) as ConversationId);
    const save = async (id: ConversationId, ...along: Uint8Array[]) => {
      const attachments = await Promise.all(along.map((bytes) => attached("x.png", bytes)));
      await store.save(aConversation({ id, turns: [aTurn({ attachments })] }));
    };
    await save(ids[0]!, one, two);
    await save(ids[1]!, two);
    folder.files.set(
      `${ids[2]}.json`,
      Buffer.from(`{"version":99,"of":"${(await pictureOf(three)).sha256}"`),
    );
    await store.delete(ids[0]!);
    await store.sweepPictures([]);
    const left = async () =>
      (await Promise.all([one, two, three].map(async (b) => kept.read(await pictureOf(b))))).map(Boolean);
    assert.deepEqual(await left(), [false, true, true]);
    const unsaved = aConversation({ turns: [aTurn({ attachments: [await attached("x.png", two)] })] });
    await store.delete(ids[1]!);
    await store.sweepPictures([unsaved]);
    assert.deepEqual(await left(), [false, true, true], "a disk may have refused it");
    await store.sweepPictures([]);
    assert.deepEqual(await left(), [false, false, true]);
    await store.deleteAll();
    assert.equal(pictures.files.size, 0);
  });

  it("that were pasted wait in files of their own, few of them, and are looked at first", async () => {
    const folder = new MemoryFolder();
    let now = noon;
    const clock = sleepingClock({ now: () => now++, sleep: async () => undefined });
    const pasted = new PastedPictures({ folder, random, clock });
    const paste = (bytes: Uint8Array, size = bytes.length) => pasted.keep({ size, base64: toBase64(bytes) });
    assert.deepEqual(await paste(Buffer.from("<html>")), { problem: "notPicture" });
    assert.deepEqual(await paste(new Uint8Array(), mostPictureBytes + 1), { problem: "pictureTooLarge" });
    assert.deepEqual(await pasted.keep({ size: 4, base64: "////*" }), { problem: "notPicture" });
    assert.equal(folder.files.size, 0);
    const files: string[] = [];
    for (let at = 0; at < 103; at++) {
      const kept = await paste(aPicture(at + 1, 1));
      assert.ok("file" in kept);
      files.push(kept.file);
    }
    assert.equal(folder.files.size, 100);
    assert.ok(!folder.files.has(files[2]!.replace("/memory/", "")), "the oldest went");
    await pasted.forget([files.at(-1)!, "/etc/passwd"]);
    assert.equal(folder.files.size, 99);
  });
});

describe("A question with pictures over the sandbox", function () {
  this.timeout(60_000);
  let world: World;
  let house: House;
  let blind: { provider: ProviderId; model: string };
  let seeing: { provider: ProviderId; model: string };
  const [first, second] = [aPicture(96, 64), aPicture(32, 48)];

  before(async () => {
    const made = await houseInSandbox();
    ({ world, house } = made);
    seeing = made;
    const { service } = house.providers.chatServices[1] ?? assert.fail("only one");
    blind = service;
    const broker = await house.session.broker();
    await broker.ledger.depositFund(parseOg("2"));
    await broker.ledger.transferFund(service.provider, "inference", parseOg("2"));
    await broker.inference.acknowledgeProviderSigner(service.provider);
    await house.accounts.refresh();
  });
  after(async () => {
    await house.chat.close();
    house.abandon();
    await world.launcher.stop();
  });

  const here = () => ({ ...house, pictures: house.chat.pictures, random, clock: world.clock });
  const ask = async (id: ConversationId, question: string, ...along: Uint8Array[]) => {
    const attachments = await Promise.all(along.map((bytes, at) => attached(`p${at}.png`, bytes)));
    await house.chat.send(id, question, attachments, along);
    return house.chat.get(id)!.turns.at(-1)!.answer;
  };
  const lastRequest = async () => {
    const [{ id } = assert.fail("no receipt")] = await house.receipts.list();
    const receipt = JSON.parse(new TextDecoder().decode(await house.receipts.bytes(id))) as AnswerReceipt;
    const body = Buffer.from(receipt.request.base64!, "base64").toString();
    return JSON.parse(body) as { messages: { content: string | { image_url?: { url: string } }[] }[] };
  };
  const sent = async () =>
    (await lastRequest()).messages.flatMap(({ content }) =>
      typeof content === "string" ? [] : content.flatMap((part) => part.image_url?.url ?? []),
    );
  const urlOf = (bytes: Buffer) => `data:image/png;base64,${bytes.toString("base64")}`;

  it("arrives with every byte, is seen, and its answer is verified by its receipt", async () => {
    const { id } = house.chat.create(seeing);
    const answer = await ask(id, "What is this?", first, second);
    assert.match(answer.text, /^I see 2 pictures of 96×64, 32×48 px\./);
    assert.equal(answer.verdict?.level, "verified");
    assert.deepEqual(await sent(), [urlOf(first), urlOf(second)]);
    assert.ok(answer.usage!.promptTokens < 1_000 && answer.cost! > 0n);
    const next = await ask(id, "And now?", second);
    assert.match(next.text, /^I see 1 picture of 32×48 px\. With earlier questions came 2\./);
    assert.deepEqual(await sent(), [urlOf(first), urlOf(second), urlOf(second)]);
    await house.chat.edit(id, house.chat.get(id)!.turns[1]!.id, "Once more?");
    assert.match(house.chat.get(id)!.turns[1]!.answer.text, /^I see 1 picture/, "an edit keeps its pictures");
  });

  it("is refused by a model that takes none, before anything is paid; earlier ones stay here, which is said", async () => {
    const { id } = house.chat.create(blind);
    const receipts = (await house.receipts.list()).length;
    const refused = await ask(id, "What is this?", first);
    assert.deepEqual(refused.error?.code, "unsupported");
    assert.equal((await house.receipts.list()).length, receipts);
    await house.chat.pick(id, seeing.provider, seeing.model);
    assert.match((await ask(id, "What is this?", first)).text, /^I see 1/);
    await house.chat.pick(id, blind.provider, blind.model);
    const words = await ask(id, "What is a ledger?");
    assert.deepEqual([words.state, words.picturesLeftOut], ["done", 1]);
    assert.deepEqual(await sent(), []);
  });

  it("is not asked without one that is gone or changed", async () => {
    const { id } = house.chat.create(seeing);
    await ask(id, "What is this?", aPicture(7, 7));
    const name = `${(await pictureOf(aPicture(7, 7))).sha256}.png`;
    for (const bytes of [undefined, aPicture(7, 8)]) {
      if (bytes) world.pictures.files.set(name, bytes);
      else world.pictures.files.delete(name);
      const { turns } = house.chat.get(id)!;
      const refusal = { code: "pictureGone", facts: { path: "p0.png" } };
      await assert.rejects(house.chat.regenerate(id, turns[0]!.id), refusal);
      assert.deepEqual(house.chat.get(id)!.turns, turns, "the answer stands");
    }
  });

  it("takes its picture along when it is deleted, and is there again after a restart", async () => {
    const { id } = house.chat.create(seeing);
    const bytes = aPicture(11, 11);
    await ask(id, "What is this?", bytes);
    const picture = await pictureOf(bytes);
    const later = new House(world);
    const turn = (await later.chat.open(id))?.turns[0];
    assert.deepEqual(turn?.attachments, [{ path: "p0.png", picture }]);
    assert.deepEqual(await later.chat.pictures.read(picture), bytes);
    later.abandon();
    await house.chat.delete(id);
    assert.equal(await house.chat.pictures.read(picture), undefined);
  });

  describe("as a file", () => {
    interface Written {
      turns: {
        attachments: { path: string; picture: Record<string, unknown> & { base64?: string } }[];
        answer: { receipt?: { id: string } };
      }[];
    }
    const mine = aPicture(40, 30);
    let id: ConversationId;
    let written: Written;

    before(async () => {
      ({ id } = house.chat.create(seeing));
      await ask(id, "What is this?", mine);
      await ask(id, "And this?", mine, second);
      const bytes = await exportedConversation(here(), house.chat.get(id)!, true);
      written = JSON.parse(new TextDecoder().decode(bytes)) as Written;
    });
    const read = (change: (document: Written) => void = () => undefined) => {
      const document = structuredClone(written);
      change(document);
      return importedConversation(here(), "x", new TextEncoder().encode(JSON.stringify(document)));
    };
    const withoutPictures = { read: async () => undefined };
    const levels = ({ conversation }: Awaited<ReturnType<typeof read>>) =>
      conversation.turns.map(({ answer }) => [answer.verdict?.level, answer.imported?.receipt]);

    it("carries the bytes once, and comes back with them, verified", async () => {
      assert.deepEqual(
        written.turns.flatMap(({ attachments }) =>
          attachments.map(({ picture }) => picture.base64?.length ?? 0),
        ),
        [toBase64(mine).length, 0, toBase64(second).length],
      );
      const imported = await read();
      assert.deepEqual(
        imported.pictures.map((bytes) => Buffer.from(bytes)),
        [mine, second],
      );
      assert.deepEqual(levels(imported), [
        ["verified", "held"],
        ["verified", "held"],
      ]);
      assert.deepEqual(
        imported.conversation.turns[1]?.attachments,
        house.chat.get(id)?.turns[1]?.attachments,
      );
      world.pictures.files.clear();
      await house.chat.add(imported.conversation, imported.pictures);
      const back = await house.chat.pictures.read(await pictureOf(mine));
      assert.deepEqual(back && Buffer.from(back), mine);
    });

    it("does not prove an answer about another picture, or about one that nobody sees here", async () => {
      const other = aPicture(41, 30);
      const exchanged = {
        ...(await pictureOf(other)),
        type: undefined,
        mediaType: "image/png",
        base64: toBase64(other),
      };
      const changed = await read(({ turns }) =>
        Object.assign(turns[0]!.attachments[0]!, { picture: exchanged }),
      );
      assert.deepEqual(levels(changed), [
        [undefined, "contradicted"],
        [undefined, "otherBefore"],
      ]);
      const document = structuredClone(written);
      for (const { attachments } of document.turns)
        for (const { picture } of attachments) delete picture.base64;
      const bytes = new TextEncoder().encode(JSON.stringify(document));
      const unseen = await importedConversation({ ...here(), pictures: withoutPictures }, "x", bytes);
      assert.deepEqual(levels(unseen), [
        [undefined, undefined],
        [undefined, undefined],
      ]);
      const fewer = await read(({ turns }) => turns[1]!.attachments.pop());
      assert.deepEqual(levels(fewer)[1], [undefined, "contradicted"]);
      const claimed = await read(({ turns }) => Object.assign(turns[1]!.answer, { picturesLeftOut: 1 }));
      assert.deepEqual(levels(claimed)[1], [undefined, "otherBefore"], "it did go along");
    });

    const hostile: [string, (picture: Record<string, unknown>) => void, RegExp][] = [
      ["bytes of another hash", (one) => (one.sha256 = "0".repeat(64)), /is not the picture that it says/],
      ["another size", (one) => (one.width = 9_999), /is not the picture that it says/],
      ["another kind", (one) => (one.mediaType = "image/webp"), /is not the picture that it says/],
      ["a drawing with scripts", (one) => (one.mediaType = "image/svg+xml"), /mediaType is not a known word/],
      [
        "a path in place of a hash",
        (one) => (one.sha256 = "../../settings"),
        /sha256 is not of the right form/,
      ],
      ["bytes that are no base64", (one) => (one.base64 = "<script>"), /base64 is not base64/],
      ["bytes without end", (one) => (one.base64 = "A".repeat(12_000_000)), /base64 is longer than allowed/],
      [
        "a page for a picture",
        (one) => (one.base64 = btoa("<html></html>")),
        /is not the picture that it says/,
      ],
    ];
    for (const [what, change, where] of hostile)
      it(`is refused with its place: ${what}`, async () => {
        await assert.rejects(
          read(({ turns }) => change(turns[0]!.attachments[0]!.picture)),
          (error) =>
            isComputeError(error, "badFile") &&
            where.test(error.facts.detail) &&
            error.facts.detail.includes("turns[0].attachments[0].picture"),
        );
      });

    it("is refused with more pictures than a question takes", async () => {
      const many = (document: Written) =>
        (document.turns[0]!.attachments = Array.from(
          { length: 9 },
          () => document.turns[0]!.attachments[0]!,
        ));
      await assert.rejects(
        read(many),
        (error) => isComputeError(error, "badFile") && /more than 8/.test(error.facts.detail),
      );
    });

    it("is refused with more of them than a request takes", async () => {
      const large = ({ turns }: Written) => (turns[1]!.attachments[0]!.picture.size = 11 * 1024 * 1024);
      await assert.rejects(
        read(large),
        (error) => isComputeError(error, "badFile") && /more than 10 MB of pictures/.test(error.facts.detail),
      );
    });

    it("names them in Markdown, without their bytes", async () => {
      const text = conversationMarkdown(house.chat.get(id)!, {
        ...{ t: english, exportedAt: 0, receipts: new Map(), quote: (words: string) => words },
        moment: () => "then",
      });
      const { sha256 } = await pictureOf(mine);
      assert.ok(text.includes(`Picture: p0.png (40×30 · 1 KB, SHA-256 \`${sha256}\`)`), text);
      assert.ok(!text.includes(toBase64(mine).slice(0, 40)));
    });
  });

  it("keeps every attachment a picture or a text", async () => {
    const conversation = house.chat.create(seeing);
    await house.chat.send(
      conversation.id,
      "What?",
      [{ path: "a.md", text: "x" }, await attached("b.png", first)],
      [first],
    );
    const file = new TextDecoder().decode(world.folder.files.get(`${conversation.id}.json`));
    assert.ok(!file.includes(toBase64(first).slice(0, 40)), "the bytes are beside it");
    const later = new House(world);
    const [text, picture] = (await later.chat.open(conversation.id))?.turns[0]?.attachments ?? [];
    later.abandon();
    assert.ok(text && picture && !isPicture(text) && isPicture(picture));
  });
});
