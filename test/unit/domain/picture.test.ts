// What calls itself a picture, and how large it says that it is.
import assert from "node:assert/strict";
import { pictureSize } from "../../../src/domain/picture.js";
import { aPicture } from "../../support/media.js";

describe("A picture's header", () => {
  const numbers = (...bytes: number[]) => Buffer.from(bytes);
  const text = (words: string) => Buffer.from(words, "latin1");
  const webp = (kind: string, ...rest: Buffer[]) =>
    Buffer.concat([text(`RIFF\0\0\0\0WEBP${kind}`), Buffer.alloc(4), ...rest, Buffer.alloc(16)]);

  it("says its size in every format", () => {
    assert.deepEqual(pictureSize(aPicture(96, 64)), { width: 96, height: 64 });
    const start = numbers(0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2); // a segment to be left out
    const frame = numbers(0xff, 0xff, 0xc2, 0, 11, 8, 0, 64, 0, 96, 1);
    assert.deepEqual(pictureSize(Buffer.concat([start, frame])), { width: 96, height: 64 });
    const lossy = webp("VP8 ", numbers(0, 0, 0, 0x9d, 0x01, 0x2a, 96, 0, 64, 0));
    assert.deepEqual(pictureSize(lossy), { width: 96, height: 64 });
    const bits = Buffer.alloc(5, 0x2f);
    bits.writeUInt32LE(95 | (63 << 14), 1);
    assert.deepEqual(pictureSize(webp("VP8L", bits)), { width: 96, height: 64 });
    const wide = webp("VP8X", numbers(0, 0, 0, 0, 95, 0, 0, 63, 0, 0));
    assert.deepEqual(pictureSize(wide), { width: 96, height: 64 });
  });

  it("that is not there makes it none, whatever stands behind its first bytes", () => {
    const signature = aPicture().subarray(0, 8);
    const script = Buffer.concat([signature, text("<html><script>alert(1)</script></html>")]);
    for (const none of [
      signature,
      script,
      aPicture(0, 64),
      text("<svg/>"),
      webp("HTML"),
      numbers(0xff, 0xd8, 0xff),
    ])
      assert.equal(pictureSize(none), undefined);
  });

  it("ends every look, however it is made", () => {
    for (let cut = 0; cut < 64; cut++) {
      for (const start of [
        [0xff, 0xd8, 0xff],
        [0x89, 0x50, 0x4e, 0x47],
      ])
        pictureSize(Buffer.concat([numbers(...start), Buffer.alloc(cut, 0xff)]));
      pictureSize(aPicture().subarray(0, cut));
      pictureSize(webp("VP8X").subarray(0, cut));
    }
  });
});
