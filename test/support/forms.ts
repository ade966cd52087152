// Forms as common HTTP clients write them, byte by byte.

export interface ClientForm {
  readonly client: string;
  readonly contentType: string;
  readonly body: Buffer;
}

/** The fields' names and values, the bytes of a file, and the name of its field. */
export function clientForms(
  fields: Readonly<Record<string, string>>,
  file: Uint8Array,
  fileField = "file",
): readonly ClientForm[] {
  const type = "multipart/form-data; boundary=B0";
  /** Heads without their last line end. */
  const form = (fieldHead: (name: string) => string, fileHead: string) =>
    Buffer.concat([
      ...Object.entries(fields).map(([name, value]) =>
        Buffer.from(`--B0\r\n${fieldHead(name)}\r\n\r\n${value}\r\n`),
      ),
      ...[Buffer.from(`--B0\r\n${fileHead}\r\n\r\n`), file, Buffer.from("\r\n--B0--\r\n")],
    ]);
  const field = (name: string) => `Content-Disposition: form-data; name="${name}"`;
  const named = (parameters: string) =>
    `Content-Disposition: form-data; name="${fileField}"; ${parameters}\r\nContent-Type: audio/wav`;
  const usual = form(field, named('filename="a.wav"'));
  const encoded = (encoding: string) =>
    form(
      (name) => `${field(name)}\r\nContent-Transfer-Encoding: ${encoding}`,
      `${named('filename="a.wav"')}\r\nContent-Transfer-Encoding: ${encoding}`,
    );
  const of = (client: string, body: Buffer, contentType = type): ClientForm => ({
    ...{ client, contentType, body },
  });
  const text = "Content-Type: text/plain; charset=utf-8";
  const bare = (name: string) =>
    `${text}\r\nContent-Disposition: form-data; name=${/^\w+$/.test(name) ? name : `"${name}"`}`;
  return [
    of(
      ".NET",
      form(
        bare,
        `Content-Type: audio/wav\r\nContent-Disposition: form-data; name=${fileField}; filename=a.wav; filename*=utf-8''a.wav`,
      ),
      'multipart/form-data; boundary="B0"',
    ),
    of("RestSharp: a file's name in quotes, others without", form(bare, named('filename="a.wav"'))),
    of(
      "Ruby and Faraday",
      form(
        field,
        `Content-Disposition: form-data; name="${fileField}"; filename="a.wav"\r\nContent-Length: ${file.length}\r\n` +
          "Content-Type: audio/wav\r\nContent-Transfer-Encoding: binary",
      ),
    ),
    of(
      "Apache's for Java",
      form(
        (name) =>
          `${field(name)}\r\nContent-Type: text/plain; charset=ISO-8859-1\r\nContent-Transfer-Encoding: 8bit`,
        `${named('filename="a.wav"')}\r\nContent-Transfer-Encoding: binary`,
      ),
      "multipart/form-data; charset=ISO-8859-1; boundary=B0",
    ),
    of("8bit", encoded("8bit")),
    of("7bit", encoded("7bit")),
    of("a charset behind the boundary", usual, `${type}; charset=UTF-8`),
    of("a charset before it", usual, 'multipart/form-data;charset="utf-8";boundary=B0'),
    of("a boundary in quotes", usual, 'multipart/form-data; boundary="B0"; charset=UTF-8'),
    of("Rust's reqwest", form(field, named("filename*=utf-8''%C3%BC%20a.wav"))),
    of("both file names", form(field, named(`filename="?.wav"; filename*=UTF-8''%C3%BC.wav`))),
    of("an escaped quote", form(field, named('filename="a \\"b\\".wav"'))),
    of("a path", form(field, named('filename="C:\\x\\a.wav"'))),
    of("escaped backslashes", form(field, named('filename="C:\\\\x\\\\a.wav"'))),
    of("a semicolon", form(field, named('filename="a; b.wav"'))),
    of(
      "no space after colons",
      form(
        (name) => `content-disposition:form-data;name="${name}"`,
        `content-disposition:form-data;name="${fileField}";filename="a.wav"\r\ncontent-type:audio/wav`,
      ),
      "multipart/form-data;boundary=B0",
    ),
    of("an empty preamble", Buffer.concat([Buffer.from("\r\n"), usual])),
    of("no line end behind the last boundary", usual.subarray(0, -2)),
  ];
}
