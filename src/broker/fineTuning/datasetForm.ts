// The form a dataset travels in (spec fine-tuning.md 5.3): file, signature, timestamp, in this order, and its length known beforehand.

const lineEnd = "\r\n";
/** 0x and 65 bytes in hex. */
const signatureLength = 132;
/** Unix seconds, until the year 2286. */
const timestampLength = 10;

export interface SignedUpload {
  readonly signature: string;
  readonly timestamp: number;
}

export interface DatasetForm {
  readonly contentType: string;
  /** Of the whole body, when the file has that size. */
  contentLength(fileSize: number): number;
  /** Before and after the file's bytes. */
  readonly head: Uint8Array;
  tail(signed: SignedUpload): Uint8Array;
}

export function datasetForm(fileName: string, boundary: string): DatasetForm {
  const part = (name: string) => `--${boundary}${lineEnd}Content-Disposition: form-data; name="${name}"`;
  const head = Buffer.from(
    `${part("file")}; filename="${fileNameInForm(fileName)}"${lineEnd}Content-Type: application/octet-stream${lineEnd}${lineEnd}`,
  );
  const text = (signature: string, timestamp: string) =>
    Buffer.from(
      `${lineEnd}${part("signature")}${lineEnd}${lineEnd}${signature}` +
        `${lineEnd}${part("timestamp")}${lineEnd}${lineEnd}${timestamp}${lineEnd}--${boundary}--${lineEnd}`,
    );
  const tailLength = text("x".repeat(signatureLength), "x".repeat(timestampLength)).length;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    contentLength: (fileSize) => head.length + fileSize + tailLength,
    head,
    tail: ({ signature, timestamp }) => text(signature, String(timestamp)),
  };
}

/** As browsers do. */
export function fileNameInForm(name: string): string {
  return name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
