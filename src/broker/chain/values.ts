// Values of the JSON-RPC wire, checked. Each parser throws on anything else; the caller makes a sentence of it.

const maxQuantityLength = 2 + 64;

/** A hex quantity of at most 256 bits. */
export function quantity(value: unknown): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]+$/.test(value) || value.length > maxQuantityLength)
    throw new TypeError("not a quantity");
  return BigInt(value);
}

/** A quantity that fits a number. */
export function smallQuantity(value: unknown): number {
  const large = quantity(value);
  if (large > BigInt(Number.MAX_SAFE_INTEGER)) throw new TypeError("too large");
  return Number(large);
}

/** Bytes in hex, possibly none. */
export function hexData(value: unknown): string {
  if (typeof value !== "string" || !/^0x(?:[0-9a-fA-F]{2})*$/.test(value)) throw new TypeError("not data");
  return value;
}

export function hash32(value: unknown): string {
  const data = hexData(value);
  if (data.length !== 66) throw new TypeError("not a hash");
  return data.toLowerCase();
}

export function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError("not an object");
  return value as Record<string, unknown>;
}

export function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}

export function toQuantity(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}
