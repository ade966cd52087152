// What a request for pictures or a transcript says of itself.
import assert from "node:assert/strict";
import { editAt, generationAt, transcription } from "../../../../src/services/endpoint/mediaBody.js";
import { RefusalError } from "../../../../src/services/endpoint/refusal.js";
import { imageFee } from "../../../../src/domain/pricing.js";
import { aService } from "../../../support/builders.js";
import { clientForms } from "../../../support/forms.js";
import type { Answering, Asked } from "../../../../src/services/endpoint/asked.js";

const generation = generationAt("/v1/proxy/images/generations");
const edit = editAt("/v1/proxy/images/edits");
const bytes = (text: string | Buffer) => new Uint8Array(Buffer.from(text));
const formType = "multipart/form-data; boundary=B0";
type Field = readonly [head: string, value: string];
const form = (...fields: readonly Field[]) =>
  bytes(
    [
      ...fields.map(([head, value]) => `--B0\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`),
      "--B0--\r\n",
    ].join(""),
  );
const isForm = (error: unknown) =>
  error instanceof RefusalError && error.refusal.kind === "badBody" && error.refusal.why === "form";

describe("What a request for pictures or a transcript says", () => {
  const service = aService();
  const most = (asked: Asked) => asked.worstCase({ service, info: undefined } as unknown as Answering);

  it("goes out as JSON when it was read as JSON, whatever its program calls it", () => {
    const body = bytes(JSON.stringify({ model: "m", prompt: "p", n: 2 }));
    for (const written of [
      undefined,
      "",
      "application/json",
      "application/json; charset=utf-16",
      "application/x-www-form-urlencoded",
      "text/plain",
      "x-multipart/form-data; boundary=B0",
    ])
      for (const read of [generation, edit]) {
        const asked = read(body, written);
        assert.equal(asked.contentType, "application/json", written);
        assert.equal(asked.body, body);
        assert.equal(most(asked), imageFee(service, 2));
      }
  });

  it("goes out as the form that it is, with its own boundary", () => {
    for (const { client, contentType, body } of clientForms({ model: "m", n: "3" }, Buffer.from("x"))) {
      const asked = edit(bytes(body), contentType);
      assert.equal(asked.contentType, contentType, client);
      assert.equal(asked.model, "m", client);
      assert.equal(most(asked), imageFee(service, 3), client);
      assert.equal(transcription(bytes(body), contentType).contentType, contentType, client);
    }
    assert.throws(() => edit(form(), "multipart/mixed; boundary=B0"), isForm);
  });

  it("is said once, and by no name that some take for another", () => {
    const model: Field = [`name="model"`, "m"];
    assert.equal(edit(form(model), formType).model, "m");
    for (const fields of [
      [[`name="n"`, "1"] as const, [`name="n"`, "9"] as const],
      [[`name="N"`, "9"] as const],
      [[`name="n[]"`, "9"] as const],
      [[`name="n[0]"`, "9"] as const],
      [[`name="model[]"`, "other"] as const],
      [[`name="Model"`, "other"] as const],
      [[`name="n"; filename="a"`, "9"] as const],
      [[`name="n"; filename*=utf-8''a`, "9"] as const],
      [[`name="file"`, "x"] as const],
      [[`name="stream[]"`, "true"] as const],
    ])
      assert.throws(() => edit(form(model, ...fields), formType), isForm, JSON.stringify(fields));
    // A mark of its order is taken away by some, and a letter beyond ASCII is another one in Latin-1.
    assert.throws(() => edit(form(model, [`name="n"`, "\uFEFF9"]), formType), isForm);
    assert.throws(() => edit(form([`name="model"`, "\u00FC"]), formType), isForm);
    assert.equal(
      most(edit(form(model, [`name="image[]"; filename="a"`, "x"]), formType)),
      imageFee(service, 1),
    );
  });
});
