// What a key signs for a chain are lists of fields, in the form RLP: as long as somebody likes, since a transaction carries any data.
import { decodeRlp } from "ethers";

interface Layout {
  readonly fields: number;
  /** Which field is an address, or empty where a contract is made. */
  readonly address: number;
}

/** By the first byte: the transactions of EIP-2930, 1559, 4844 and 7702, and the permission of 7702. */
const typed: Readonly<Record<number, Layout>> = {
  1: { fields: 8, address: 4 },
  2: { fields: 9, address: 5 },
  3: { fields: 11, address: 5 },
  4: { fields: 10, address: 5 },
  5: { fields: 3, address: 1 },
};

/** Without a type: as at first, and with the chain's number (EIP-155). */
const untyped: readonly Layout[] = [
  { fields: 6, address: 3 },
  { fields: 9, address: 3 },
];

/** Bytes that are so by chance are one in some ten millions: number of fields, address and length must all fit. */
export function isSignedForChain(bytes: Uint8Array): boolean {
  const [first = 0] = bytes;
  const layout = typed[first];
  if (layout) return isList(bytes.subarray(1), layout);
  return first >= shortestList && untyped.some((one) => isList(bytes, one));
}

const shortestList = 0xc0;

function isList(bytes: Uint8Array, { fields, address }: Layout): boolean {
  try {
    const list = decodeRlp(bytes);
    if (!Array.isArray(list) || list.length !== fields) return false;
    const to: unknown = list[address];
    return to === "0x" || (typeof to === "string" && to.length === addressText);
  } catch {
    return false; // no list, or one that ends before or behind the last byte
  }
}

const addressText = 42;
