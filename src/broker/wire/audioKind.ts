// Whether a file may be a recording, by its first bytes: its name is only what somebody called it.
import { pictureType } from "../../domain/picture.js";

/** How files begin that hold sound: WAV and its larger kinds, MP3 with tags, Ogg, FLAC, AIFF, MP4, Matroska and the rarer ones that decoders read. No words begin so. */
const beginnings =
  /^(?:(?:RIFF|RIFX|RF64|BW64)[^]{4}WAVE|ID3[\x02-\x04]|APETAGEX|OggS\0|fLaC|FORM[^]{4}AIF[FC]|#!AMR|caff\0|\.snd\0|ADIF|MAC [^]\x0f|wvPk|\x1aE\xdf\xa3|0&\xb2u\x8ef\xcf\x11|\0\0\x01[\xba\xb3]|[\0-\x02][^]{3}(?:ftyp|moov|mdat|wide|free|skip))/;

/**
 * False only for what surely is none: text, a picture, an archive. Frames of MP3 and AAC need nothing before them, and a
 * recording of a stream may begin in the midst of one: two headers alike are taken for it. Of mere zeros nobody can tell.
 */
export function mayBeAudio(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (beginnings.test(bytes.toString("latin1", 0, 16))) return true;
  if (pictureType(head) !== undefined) return false;
  const start = bytes.findIndex((byte) => byte !== 0);
  if (start === -1 || frameAt(bytes, start) !== undefined) return true;
  const seen = new Set<number>();
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const frame = frameAt(bytes, at);
    if (frame === undefined) continue;
    if (seen.has(frame)) return true;
    seen.add(frame);
  }
  return false;
}

/** What all frames of one recording have in common: version, layer and sampling rate. Undefined where none begins. */
function frameAt(bytes: Buffer, at: number): number | undefined {
  if (at + 4 > bytes.length || bytes[at] !== 0xff) return undefined;
  const [second, third] = [bytes.readUInt8(at + 1), bytes.readUInt8(at + 2)];
  if ((second & 0xf6) === 0xf0) return (third & 0x3c) < 13 << 2 ? (second << 8) | (third & 0xfc) : undefined;
  const [version, layer] = [(second >> 3) & 3, (second >> 1) & 3];
  const isFrame = second >= 0xe0 && version !== 1 && (layer === 1 || layer === 2);
  return isFrame && third < 0xf0 && (third & 0x0c) !== 0x0c ? (second << 8) | (third & 0x0c) : undefined;
}
