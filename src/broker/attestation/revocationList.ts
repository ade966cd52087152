// A certificate revocation list (RFC 5280, 5): that its issuer signed it and it is of this time. The library that reads lists takes them unsigned.
import { verify, type X509Certificate } from "node:crypto";

/** The one algorithm that Intel's lists are signed with. */
const ecdsaWithSha256 = Buffer.from("300a06082a8648ce3d040302", "hex");

/** True when `issuer` signed the list, and `now` lies between its two dates. Hostile bytes are welcome. */
export function isCurrentList(der: Buffer, issuer: X509Certificate, now: number): boolean {
  try {
    const list = element(der, 0, 0x30);
    if (list.end !== der.length) return false;
    const signed = element(der, list.start, 0x30);
    const algorithm = element(der, signed.end, 0x30);
    const signature = element(der, algorithm.end, 0x03);
    if (signature.end !== list.end || der[signature.start] !== 0) return false;
    if (!der.subarray(signed.end, algorithm.end).equals(ecdsaWithSha256)) return false;
    const bytes = der.subarray(list.start, signed.end);
    if (!verify("sha256", bytes, issuer.publicKey, der.subarray(signature.start + 1, signature.end)))
      return false;
    const [thisUpdate, nextUpdate] = dates(der, signed.start, signed.end);
    return thisUpdate <= now && now <= nextUpdate;
  } catch {
    return false;
  }
}

/** Until when a list holds by its own word, milliseconds since 1970. Throws for what is no list. */
export function nextUpdateOf(der: Buffer): number {
  const list = element(der, 0, 0x30);
  const signed = element(der, list.start, 0x30);
  return dates(der, signed.start, signed.end)[1];
}

interface Element {
  readonly tag: number;
  /** Of its content. */
  readonly start: number;
  readonly end: number;
}

/** Version, algorithm and issuer come first, in that order; the version may be left out. */
function dates(der: Buffer, start: number, end: number): [number, number] {
  const version = element(der, start);
  const algorithm = version.tag === 0x02 ? element(der, version.end, 0x30) : version;
  const issuer = element(der, algorithm.end, 0x30);
  const first = element(der, issuer.end);
  const next = element(der, first.end);
  if (next.end > end) throw new RangeError("ends early");
  return [time(der, first), time(der, next)];
}

function element(der: Buffer, at: number, expected?: number): Element {
  const tag = der.readUInt8(at);
  if (expected !== undefined && tag !== expected) throw new RangeError("another element");
  const first = der.readUInt8(at + 1);
  const count = first < 0x80 ? 0 : first - 0x80;
  const size = count === 0 ? first : der.readUIntBE(at + 2, count);
  const start = at + 2 + count;
  if (start + size > der.length) throw new RangeError("ends early");
  return { tag, start, end: start + size };
}

/** UTCTime (two digits of the year) or GeneralizedTime. */
function time(der: Buffer, { tag, start, end }: Element): number {
  const text = der.toString("latin1", start, end);
  const full = tag === 0x17 ? `20${text}` : tag === 0x18 ? text : "";
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full) ?? [];
  if (year === undefined) throw new RangeError("no time");
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
