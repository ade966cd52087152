// A form with one file, as bytes whose length is known beforehand: what is hashed is what goes out, boundary included (spec inference.md 8).
import { fileNameInForm } from "../fineTuning/datasetForm.js";

export interface FileForm {
  readonly contentType: string;
  /** Before and after the file's bytes. */
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

export interface FormFile {
  readonly field: string;
  readonly name: string;
}

export function fileForm(
  file: FormFile,
  fields: Readonly<Record<string, string | undefined>>,
  boundary: string,
): FileForm {
  const part = (name: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`;
  const texts = Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${part(name)}\r\n\r\n${value}\r\n`]))
    .join("");
  const fileHead = `${part(file.field)}; filename="${fileNameInForm(file.name)}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    head: Buffer.from(texts + fileHead),
    tail: Buffer.from(`\r\n--${boundary}--\r\n`),
  };
}

export function newBoundary(random: (bytes: number) => Uint8Array): string {
  return `----zgcompute${Buffer.from(random(16)).toString("hex")}`;
}
