// Names, links and prices of pictures.
import assert from "node:assert/strict";
import { ComputeError } from "../../../src/domain/error.js";
import type { Sha256Hex } from "../../../src/domain/ids.js";
import { neuron } from "../../../src/domain/money.js";
import type { Verdict } from "../../../src/domain/verdict.js";
import { errorView } from "../../../src/view/errors/errors.js";
import {
  countChoices,
  formatChoices,
  isTooLarge,
  markdownPicture,
  pictureName,
  savedText,
  serviceChoices,
  speechChoices,
} from "../../../src/view/media/mediaView.js";
import { failedText, lostText, unsavedText } from "../../../src/view/media/pictureOrders.js";
import { english } from "../../../src/view/translate.js";
import { aService } from "../../support/builders.js";

describe("pictures in words", () => {
  it("name a file by what was asked for, and lead nowhere else", () => {
    assert.equal(pictureName("A red Fox, at dawn!"), "a-red-fox-at-dawn");
    assert.equal(pictureName("../../etc/passwd"), "etc-passwd");
    assert.equal(pictureName("…"), "picture");
    assert.equal(pictureName("CON"), "picture");
    assert.equal(pictureName("Füchse 狐"), "füchse-狐");
    assert.ok(pictureName("word ".repeat(100)).length <= 48);
  });

  it("keep the vowel signs and accents of its words", () => {
    assert.equal(pictureName("हिन्दी में, एक लोमड़ी"), "हिन्दी-में-एक-लोमड़ी".normalize("NFC"));
    assert.equal(pictureName("ที่บ้าน ผู้ใหญ่"), "ที่บ้าน-ผู้ใหญ่");
    assert.equal(pictureName("Fu\u0308chse"), "f\u00fcchse");
    assert.equal(pictureName("M\u0304 İ"), "m\u0304-i\u0307", "no single character is both");
    assert.equal(pictureName("\u0308\u0301"), "picture", "marks alone are no word");
  });

  it("keep the beginning of a first word that is too long, cut between characters as one sees them", () => {
    assert.equal(pictureName("狐".repeat(60)), "狐".repeat(48));
    assert.equal(pictureName(`${"x".repeat(60)} fox`), "x".repeat(48));
    assert.equal(pictureName(`${"x".repeat(47)}m\u0304n`), "x".repeat(47));
    assert.equal(pictureName("ที่".repeat(20)), "ที่".repeat(16));
  });

  it("make a link that its own text cannot end", () => {
    assert.equal(
      markdownPicture("a ](http://x) b\n<c>", "images/a b(1).png"),
      "![a (http://x) b c](images/a%20b%281%29.png)",
    );
  });

  it("cut the text of a link between characters, and never through one", () => {
    for (const one of ["🦊", "👩‍👩‍👧", "e\u0301"])
      assert.equal(markdownPicture(`a${one.repeat(200)}`, "a.png"), `![a${one.repeat(99)}](a.png)`);
  });

  it("tell what could not be saved, with its verdict and price, and where it is", () => {
    const told = (level: "verified" | "forged") => {
      const verdict = { level, checks: [], providerClass: "combined", checkedAt: 0 } as const;
      const cost = neuron(10n ** 16n);
      return savedText({ what: "talk.srt", isSaved: false, cost, isCostKnown: false, verdict }, english);
    };
    assert.equal(told("verified"), "talk.srt is not saved yet. Verified. 0.01 0G at most.");
    assert.match(told("forged"), /^The check of talk\.srt failed\./);
    const order = { name: "an-otter" };
    const job = { model: "m", jobId: "1", requestHash: "00" as Sha256Hex, requestLength: 1, sentAt: 0 };
    assert.equal(
      unsavedText({ ...order, job }, "/ws/images", english),
      "“an-otter” was made and is paid for, and could not be saved in /ws/images. It stays under Picture orders until it is saved or you forget it.",
    );
    assert.match(
      unsavedText(order, undefined, english),
      /is not saved yet\. .*, or this window is closed\.$/,
    );
  });

  it("say once that it may be billed, and why an order has no number", () => {
    const order = { name: "an-otter" };
    const none = errorView(
      new ComputeError("verificationFailed", { what: "image", why: "structure", provider: "0x1" }),
      english,
    );
    assert.equal(failedText(order, none.text, true, english).match(/billed/g)?.length, 1);
    assert.equal(failedText(order, "It gave up.", false, english).match(/billed/g)?.length, 1);
    assert.match(
      lostText(order, "It cannot answer now (HTTP 500).", english),
      /gave the order of the picture “an-otter” no number\. It cannot answer now \(HTTP 500\)\. It may have/,
    );
  });

  it("tell the verdict with the file, and that it is still to come", () => {
    const told = (verdict: Pick<Verdict, "level" | "isAskedAgain">) => {
      const full = { ...verdict, checks: [], providerClass: "combined", checkedAt: 0 } as const;
      const cost = neuron(3_000_000_000_000_000n);
      return savedText({ what: "an-otter.png", cost, isCostKnown: true, verdict: full }, english);
    };
    assert.equal(told({ level: "verified" }), "Saved as an-otter.png. Verified. 0.003 0G.");
    assert.equal(
      told({ level: "unsigned", isAskedAgain: true }),
      "Saved as an-otter.png. 0.003 0G. Not proven yet: the signature is asked for again, and the receipt says what came of it.",
    );
  });

  it("tell nothing but the alarm of a check that failed", () => {
    const told = (level: "forged" | "mismatch", isAskedAgain = false) => {
      const verdict = { level, isAskedAgain, checks: [], providerClass: "combined", checkedAt: 0 } as const;
      return savedText({ what: "a.png", cost: neuron(10n ** 16n), isCostKnown: true, verdict }, english);
    };
    assert.equal(
      told("forged"),
      "The check of a.png failed. The signature is by another key than the one the chain names for this provider. Do not rely on it. Cost: 0.01 0G.",
    );
    assert.match(told("forged", true), /^The check of a\.png failed\. .* do not rely on it before\. Cost/);
    assert.match(
      told("mismatch"),
      /^The check of a\.png failed\. .* signed another answer.* Do not rely on it\./,
    );
  });

  it("tell whom an account has to be opened with, and the most that may have to be paid before all else", () => {
    const service = aService({ inputPrice: neuron(10n ** 15n) });
    const known = (isOpen?: boolean) => ({ isOpen: () => isOpen, priced: (one: typeof service) => one });
    const rows = (isOpen?: boolean) =>
      serviceChoices([service], known(isOpen), english).map(({ detail }) => detail);
    assert.match(rows(false)[0] ?? "", / · needs 1 0G in your account there$/);
    assert.doesNotMatch([...rows(true), ...rows()].join(), /needs/);
    const facts = { bytes: 1, seconds: 2160, isExact: false, leastSeconds: 1, mostSeconds: 9000 };
    const costs = () => ({ usual: neuron(10n ** 17n), most: neuron(2n * 10n ** 18n) });
    const [row] = speechChoices([service], facts, costs, known(), english);
    assert.match(row?.description ?? "", /^at most 2 0G, about 0\.1 0G for some 36 min · /);
  });

  it("name the price that counts, which is not the chain's where it is set in dollars", () => {
    const service = aService({ serviceType: "text-to-image", outputPrice: neuron(1n) });
    const priced = () => ({ ...service, outputPrice: neuron(3_000_000_000_000_000n) });
    const [row] = serviceChoices([service], { isOpen: () => true, priced }, english);
    assert.deepEqual([row?.description, row?.value], ["0.003 0G an image", service]);
  });

  it("tell what several cost together", () => {
    const choices = countChoices({ outputPrice: neuron(3_000_000_000_000_000n) }, english);
    assert.deepEqual(
      choices.map(({ label, description }) => [label, description]),
      [
        ["1 picture", "0.003 0G"],
        ["2 pictures", "0.006 0G"],
        ["3 pictures", "0.009 0G"],
        ["4 pictures", "0.012 0G"],
      ],
    );
  });

  it("tell when fewer or more came than were ordered", () => {
    const verdict = { level: "verified", checks: [], providerClass: "combined", checkedAt: 0 } as const;
    const told = (ordered: number, came: number) =>
      savedText(
        { what: "a.png", cost: neuron(10n ** 16n), isCostKnown: true, verdict, count: { ordered, came } },
        english,
      );
    const saved = "Saved as a.png. Verified. 0.01 0G.";
    assert.equal(told(4, 4), saved);
    assert.equal(told(4, 1), `${saved} 1 of 4 pictures came; the price is that of all that were ordered.`);
    assert.equal(told(1, 32), `${saved} 32 pictures came and 1 were ordered: the others are not saved.`);
  });

  it("know which picture is too large to be opened unasked", () => {
    assert.equal(isTooLarge({ width: 65_500, height: 65_500 }), true);
    assert.equal(isTooLarge({ width: 4096, height: 4096 }), false);
  });

  it("offer the forms of a transcript that the provider has, and all where it does not tell", () => {
    const offered = (formats?: string[]) => formatChoices(formats, english).map(({ value }) => value);
    assert.deepEqual(offered(["json", "text", "diarized_json"]), ["text", "json"]);
    assert.deepEqual(offered(), ["text", "srt", "vtt", "json", "verbose_json"]);
    assert.deepEqual(offered(["diarized_json"]), offered());
  });
});
