// Answers with pictures, as programs may read them (spec inference.md 6.3, 8).
import assert from "node:assert/strict";
import { hasPicturesOnly, picturesOf } from "../../../src/broker/wire/pictures.js";

const [good, evil] = ["GOOD", "EVIL"].map((text) => Buffer.from(text).toString("base64"));

describe("An answer with pictures", () => {
  const only = (text: string) => {
    const bytes = Buffer.from(text);
    assert.deepEqual(picturesOf(bytes)?.map(String), ["GOOD"], "what we see");
    return hasPicturesOnly(bytes);
  };

  it("has those alone, whoever reads it", () => {
    for (const more of ["", ',"url":null', ',"url":""', ',"revised_prompt":"a cat"'])
      assert.equal(only(`{"created":1,"data":[{"b64_json":"${good}"${more}}]}`), true, more);
  });

  it("has others beside them for one who follows links, takes the first of two members, or minds no capitals", () => {
    for (const text of [
      `{"data":[{"b64_json":"${good}","url":"https://evil.example/other.png"}]}`,
      `{"data":[{"b64_json":"${good}","URL":"https://evil.example/other.png"}]}`,
      `{"data":[{"b64_json":"${evil}"}],"data":[{"b64_json":"${good}"}]}`,
      `{"data":[{"b64_json":"${good}"}],"Data":[{"b64_json":"${evil}"}]}`,
      `{"data":[{"b64_json":"${evil}","b64_json":"${good}"}]}`,
      `{"data":[{"b64_json":"${good}","B64_JSON":"${evil}"}]}`,
    ])
      assert.equal(only(text), false, text);
  });

  it("is none where it is made of links", () => {
    assert.equal(hasPicturesOnly(Buffer.from('{"data":[{"url":"https://a.example/b.png"}]}')), false);
  });
});
