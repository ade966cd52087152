// Values of the vectors: integers as decimal text, structs as objects in field order.
import type { ParamType } from "ethers";

/** What ethers decoded, in the spelling of the vectors. */
export function jsonOf(type: ParamType, value: unknown): unknown {
  if (type.isArray()) return [...(value as unknown[])].map((one) => jsonOf(type.arrayChildren, one));
  if (type.isTuple())
    return Object.fromEntries(
      type.components.map((part, index) => [part.name, jsonOf(part, (value as unknown[])[index])]),
    );
  return typeof value === "bigint" ? String(value) : value;
}

/** Arguments as ethers takes them: structs by position. */
export function positional(args: readonly unknown[]): unknown[] {
  return args.map(plain);
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "object" && value !== null ? Object.values(value).map(plain) : value;
}
