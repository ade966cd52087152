// Names, links and prices of pictures.
import assert from "node:assert/strict";
import { neuron } from "../../../src/domain/money.js";
import type { Verdict } from "../../../src/domain/verdict.js";
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

  it("make a link that its own text cannot end", () => {
    assert.equal(
      markdownPicture("a ](http://x) b\n<c>", "images/a b(1).png"),
      "![a (http://x) b c](images/a%20b%281%29.png)",
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
    const rows = (isOpen?: boolean) =>
      serviceChoices([service], english, () => isOpen).map(({ detail }) => detail);
    assert.match(rows(false)[0] ?? "", / · needs 1 0G in your account there$/);
    assert.doesNotMatch([...rows(true), ...rows()].join(), /needs/);
    const facts = { bytes: 1, seconds: 2160, isExact: false, leastSeconds: 1, mostSeconds: 9000 };
    const costs = () => ({ usual: neuron(10n ** 17n), most: neuron(2n * 10n ** 18n) });
    const [row] = speechChoices([service], facts, costs, english);
    assert.match(row?.description ?? "", /^at most 2 0G, about 0\.1 0G for some 36 min · /);
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
