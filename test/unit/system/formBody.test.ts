// Forms of other programs: taken as common clients write them, refused where two readers could find something else in them.
import assert from "node:assert/strict";
import { parseMultipart } from "../../../src/sandbox/multipart.js";
import { readForm } from "../../../src/system/formBody.js";
import { clientForms } from "../../support/forms.js";

const type = "multipart/form-data; boundary=B0";
const disposition = (parameters: string) => `Content-Disposition: form-data; ${parameters}`;
const field = (name: string, value: string, ...more: readonly string[]) =>
  [disposition(`name="${name}"`), ...more, "", value].join("\r\n");
const form = (...parts: readonly string[]) =>
  [...parts.map((part) => `--B0\r\n${part}\r\n`), "--B0--\r\n"].join("");
const partOf = (head: string, value = "x") => form(`${head}\r\n\r\n${value}`);
const file = (parameters: string) => partOf(disposition(`name="file"; ${parameters}`));
const read = (body: string, contentType = type) => readForm(contentType, Buffer.from(body));

/** With what makes it well formed beside each that is not. */
function isRefused(bodies: readonly string[], contentType = type): void {
  for (const body of bodies) assert.equal(read(body, contentType), undefined, JSON.stringify(body));
}

describe("a form of another program", () => {
  const fields = { model: "m", n: "2", "timestamp_granularities[]": "word" };
  const content = Buffer.from([0x52, 0x49, 0x0d, 0x0a, 0x2d, 0x2d, 0x42, 0xff, 0x00]);

  for (const { client, contentType, body } of clientForms(fields, content)) {
    const expected = [...Object.entries(fields), ["file", content.toString("latin1")]].map(
      ([name, value]) => [name, name === "file", value],
    );

    it(`is read as it was meant: ${client}`, () => {
      const parts = readForm(contentType, body)?.map((part) => [
        ...[part.name, part.isFile, Buffer.from(part.content).toString("latin1")],
      ]);
      assert.deepEqual(parts, expected);
    });

    it(`is read by the sandbox's own reader alike: ${client}`, () => {
      const parts = parseMultipart(contentType, body)?.map((part) => [
        ...[part.name, part.fileName !== undefined, part.content.toString("latin1")],
      ]);
      assert.deepEqual(parts, expected);
    });
  }

  it("has one boundary, and nothing that would change it", () => {
    const body = form(field("n", "1"));
    for (const contentType of [
      "multipart/form-data",
      "multipart/form-data; boundary=",
      "multipart/form-data; boundary=B0; boundary=B1",
      'multipart/form-data; boundary=B1; boundary="B0"',
      "multipart/form-data; boundary=B0; Boundary=B0",
      "multipart/form-data; boundary*=utf-8''B0; boundary=B0",
      "multipart/form-data; boundary*0=B0",
      'multipart/form-data; boundary="B0',
      'multipart/form-data; boundary="B\\0"',
      "multipart/form-data; boundary=B0, multipart/form-data; boundary=B0",
      "multipart/form-data, multipart/form-data; boundary=B0",
      "multipart/form-data; charset=utf-8; boundary=B0; charset=utf-8",
      "multipart/form-data; charset=utf-8; charset=utf-8; boundary=B0",
      "multipart/form-data; boundary=B0; charset=utf-16",
      "multipart/form-data; boundary=B0; charset=utf-7",
      'multipart/form-data; boundary=B0; charset="utf-8; boundary=B1"',
      "multipart/form-data; boundary=B0; charset",
      "multipart/form-data; boundary=B0; start=n",
      "multipart/form-data; boundary=B0;",
      "multipart/form-data boundary=B0",
      "multipart/mixed; boundary=B0",
      "application/x-www-form-urlencoded; boundary=B0",
      "",
    ])
      assert.equal(read(body, contentType), undefined, contentType);
    assert.equal(read(body)?.length, 1);
    // Some readers end it at the comma, with quotes or without.
    const comma = body.replaceAll("B0", "B0,1");
    isRefused([comma], "multipart/form-data; boundary=B0,1");
    isRefused([comma], 'multipart/form-data; boundary="B0,1"');
  });

  it("has nothing around its parts, and its boundary nowhere in them", () => {
    const body = form(field("n", "1"));
    const [part] = [field("n", "9")];
    isRefused([
      `\n${body}`,
      `\r\n\r\n${body}`,
      ` \r\n${body}`,
      `preamble\r\n${body}`,
      `x\r${body}`,
      `${body}\r\n`,
      `${body}--B0\r\n${part}\r\n--B0--`,
      body.replace("--B0--", "--B0-- "),
      body.replace("--B0--", "--B0"),
      body.replace("--B0\r\n", "--B0 \r\n"),
      body.replace("--B0\r\n", "--B0\n"),
      form(`${field("x", "1")}\n--B0\r\n${part}`),
      form(`${field("x", "1")}\r--B0\r\n${part}`),
      form(`${field("x", "--B0")}`),
      form(`${field("x", "1")}\r\n--B0 \r\n${part}`),
      form(`${field("x", "1")}\r\n--B0x\r\n${part}`),
      "--B0\r\n",
      "",
    ]);
  });

  it("says of each part once, and plainly, what it is called", () => {
    isRefused(
      [
        `name="n"; name="n"`,
        `name=n; name="m"`,
        `name=n; Name=m`,
        `name="n"; filename="a"; name="m"`,
        `name*=utf-8''n`,
        `name="m"; name*=utf-8''n`,
        `name*=utf-8''n; name="m"`,
        `name*0="n"`,
        `name='n`.replace("'", '"'),
        `name=n"`,
        `name=`,
        `name=""`,
        `name="%6E"`,
        `name=%6E`,
        `name="\\n"`,
        `name=\\n`,
        `name="=?utf-8?B?bg==?="`,
        `name=" n"`,
        `name="n "`,
        `name="\u00A0n"`,
        `name="x;name=n"`,
        `name="n;x"`,
        `name=n m`,
        `name=n,m`,
        `name=n(m)`,
        `name= n`,
        `name ="n"`,
        `name="n";`,
        `name="n" filename="a"`,
        `name="n"; size=1`,
        `filename="a"; name="n"`,
        `filename="a"`,
      ].map((parameters) => partOf(disposition(parameters))),
    );
    isRefused([
      partOf('Content-Disposition: attachment; name="n"'),
      partOf('Content-Disposition: form-data, form-data; name="n"'),
      partOf(`${disposition('name="n"')}\r\n${disposition('name="n"')}`),
      partOf(`${disposition('name="n"')}\r\n${disposition("name=m")}`),
      partOf(`${disposition('name="x"')}\r\nContent-Disposition : form-data; name="n"`),
      partOf(`${disposition('name="x"')};\r\n filename="a"`),
      partOf(`${disposition('name="x"')}\r\n\tfilename="a"`),
      partOf(`${disposition('name="x"')}\nContent-Disposition: form-data; name="n"`),
      partOf(`${disposition('name="x"')}\rContent-Disposition: form-data; name="n"`),
      partOf(`Content-Disposition:\tform-data; name="n"`),
      partOf(`${disposition('name="n\0"')}`),
      partOf("Content-Type: text/plain"),
      partOf(" "),
      "--B0\r\n\r\n1\r\n--B0--\r\n",
    ]);
    assert.equal(partOf(disposition('name="n"')) && read(partOf(disposition('name="n"')))?.[0]?.name, "n");
  });

  it("writes its fields' names in one way", () => {
    const [plain, quoted] = [`${disposition("name=n")}\r\n\r\n9`, field("model", "m")];
    isRefused([form(quoted, plain), form(plain, quoted)]);
    assert.equal(read(form(plain, field("timestamp_granularities[]", "word")))?.length, 2, "needs quotes");
    assert.equal(read(form(plain, `${disposition('name="file"; filename="a"')}\r\n\r\nx`))?.length, 2);
  });

  it("says of a file once what it is called, and hides nothing in its name", () => {
    isRefused(
      [
        `filename="a"; filename="b"`,
        `filename=a; filename="b"`,
        `filename*=utf-8''a; filename*=utf-8''b`,
        `filename*=utf-8''a; filename="a"`,
        `filename*0="a"; filename*1="b"`,
        `filename="a\\"; name="n"`,
        `filename="a\\"; name=n; x="b"`,
        `filename="a; name=n"`,
        `filename="a\\\\"`,
        `filename="a\\\\"; name=n; x="b"`,
        `filename="a\\"`,
        `filename="a`,
        `filename=a"`,
        `filename=a b`,
        `filename=a\\b`,
        `filename=`,
        `filename*=a`,
        `filename*="utf-8''a"`,
        `filename*=utf-16''a`,
        `filename*=utf-8''a b`,
        `filename*=utf-8''a;`,
        `filename*=utf-8''%C`,
        `filename*`,
        `filename="a\nb"`,
        `filename="a\0"`,
        `filename="a\u0085b"`,
      ].map(file),
    );
    for (const good of [`filename="a"`, `filename=""`, `filename="a=b;c"`, `filename*=iso-8859-1'en'%A3`])
      assert.deepEqual(
        read(file(good))?.map(({ name, isFile }) => [name, isFile]),
        [["file", true]],
        good,
      );
  });

  it("is encoded in no way that would have to be undone, and its heads say nothing else", () => {
    const more = (...lines: readonly string[]) => form(field("n", "1", ...lines));
    for (const encoding of [
      "base64",
      "quoted-printable",
      "x-gzip",
      "binary, base64",
      "binary; x",
      '"binary"',
      "",
    ])
      isRefused([more(`Content-Transfer-Encoding: ${encoding}`)]);
    isRefused([
      more("Content-Transfer-Encoding: binary", "Content-Transfer-Encoding: binary"),
      more("Content-Transfer-Encoding : binary"),
      more("Content-Encoding: gzip"),
      more("Transfer-Encoding: chunked"),
      more("Content-Type: text/plain", "Content-Type: text/plain"),
      more("Content-Type: multipart/mixed; boundary=b"),
      more("Content-Type: text/plain; charset=utf-16"),
      more("Content-Type: text/plain; charset=utf-7"),
      more("Content-Type: text/plain; charset*=utf-8''utf-16"),
      more("Content-Type: text/plain; charset=utf-8; charset=utf-16"),
      more("Content-Length: 2"),
      more("Content-Length: 0"),
      more("Content-Length: 1", "Content-Length: 1"),
      more("Content-Length: +1"),
      more("X-Other: 1"),
      more("constructor: 1"),
      more("Content-Type"),
    ]);
    for (const good of [
      "Content-Type:text/plain;charset=UTF-8",
      "Content-Type: application/json",
      "Content-Length: 1",
      "content-transfer-encoding: BINARY",
    ])
      assert.equal(read(more(good))?.[0]?.name, "n", good);
    // What a file holds is told by its bytes.
    const audio = `${disposition('name="file"; filename="a"')}\r\nContent-Type: audio/x-wav; charset=binary`;
    assert.equal(read(partOf(audio))?.length, 1);
  });

  it("has an end to its heads and its parts", () => {
    isRefused([
      form(...Array.from({ length: 65 }, (_, index) => field(`f${index}`, "1"))),
      file(`filename="${"a".repeat(5_000)}"`),
    ]);
    const before = performance.now();
    isRefused(
      [
        `filename="${"\\".repeat(3_900)}`,
        `filename="${"; a=".repeat(900)}`,
        `filename=${"a".repeat(3_900)}"`,
        `filename*=utf-8''${"a".repeat(3_900)}%`,
        `filename*=utf-8''${"%41".repeat(1_300)}%`,
        `filename="a"${" ".repeat(3_900)}x`,
      ].map(file),
    );
    isRefused([form(field("n", "1", `Content-Type: text/plain${" ;".repeat(1_900)} charset=x`))]);
    isRefused([form(field("n", "1"))], `multipart/form-data${"; charset=utf-8".repeat(1_000)}; boundary=B0`);
    assert.ok(performance.now() - before < 500, "it takes no time to refuse");
  });
});
