import assert from "node:assert/strict";
import { mayBeAudio } from "../../../src/broker/wire/audioKind.js";
import { aPicture, aSound } from "../../support/media.js";

const bytes = (...parts: (string | readonly number[])[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))),
  );
const rest = "\0\0\0\x20 whatever comes then";

describe("Whether a file may be a recording", () => {
  it("is told by its beginning, for all that decoders read", () => {
    const beginnings = {
      wav: aSound(0.1),
      "large wav": bytes("RF64\xff\xff\xff\xffWAVEds64"),
      "mp3 with tags": bytes("ID3\x04\0", rest),
      mp3: bytes([0xff, 0xfb, 0x90, 0x64], rest),
      "mp3 of 24 kHz": bytes([0xff, 0xf3, 0x84, 0xc4], rest),
      "mp3 after zeros": bytes("\0\0\0\0\0\0\0", [0xff, 0xfb, 0x90, 0x64], rest),
      aac: bytes([0xff, 0xf1, 0x50, 0x80], rest),
      ogg: bytes("OggS\0\x02", rest),
      flac: bytes("fLaC", rest),
      aiff: bytes("FORM\0\0\x10\0AIFFCOMM"),
      m4a: bytes("\0\0\0\x20ftypM4A ", rest),
      "old mp4": bytes("\0\0\0\x08wide\0\0\x10\0mdat"),
      webm: bytes([0x1a, 0x45, 0xdf, 0xa3], rest),
      amr: bytes("#!AMR\n", rest),
      wma: bytes([0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11], rest),
      mpeg: bytes([0, 0, 1, 0xba], rest),
      "a stream from its midst": bytes(
        "midst of a frame",
        [0xff, 0xfb, 0x90],
        rest,
        [0xff, 0xfb, 0xa2],
        rest,
      ),
      "zeros, of which nobody can tell": Buffer.alloc(4096),
    };
    for (const [name, head] of Object.entries(beginnings)) assert.ok(mayBeAudio(head), name);
  });

  it("is denied to text, pictures and archives", () => {
    const others = {
      text: bytes("These are words.\n".repeat(200)),
      "text that names a kind": bytes("WAVE RIFF ID3 OggS ftyp"),
      ...Object.fromEntries(
        [
          "ID3 is a tag",
          "one free lunch",
          "MAC and PC",
          "OggS of old",
          "caffeine",
          ".snd it",
          "RIFF and WAVE",
        ].map((words) => [words, bytes(words)]),
      ),
      "UTF-8": Buffer.from("Grüße, 你好 👋 ".repeat(100)),
      "UTF-16": bytes([0xff, 0xfe], Buffer.from("Dear Sir, ".repeat(100), "utf16le").toString("latin1")),
      page: bytes("<!doctype html>"),
      pdf: bytes("%PDF-1.7\n%", [0xe2, 0xe3, 0xcf, 0xd3]),
      zip: bytes("PK\x03\x04\x14\0", rest),
      png: aPicture(),
      // A telephone's: a profile and a second picture, whose marks look like frames.
      jpeg: bytes([0xff, 0xd8, 0xff, 0xe2, 2, 0x24], rest, [0xff, 0xe2, 0, 0x58], rest),
      webp: bytes("RIFF\0\0\x10\0WEBPVP8 "),
      "one byte": bytes("\xff"),
    };
    for (const [name, head] of Object.entries(others)) assert.ok(!mayBeAudio(head), name);
  });
});
