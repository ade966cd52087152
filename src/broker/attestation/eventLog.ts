// The log of what an enclave measured while it started, and the replay that ties it to the quote (spec inference.md 10.5, 7 and 8).
import { createHash } from "node:crypto";
import { asArray, asObject, asText } from "../wire/json.js";

export interface LoggedEvent {
  readonly register: number;
  readonly type: number;
  /** Hex; empty: left out, and computed. */
  readonly digest: string;
  readonly name: string;
  /** Hex. */
  readonly payload: string;
}

/** What the enclave's own software measured: the digest is over the name and the payload. */
const runtimeEvent = 134_217_729;
export const runtimeRegister = 3;
const registers = [0, 1, 2, runtimeRegister];
/** Real ones have 30. */
const maxEvents = 10_000;
const hex = /^(?:[0-9a-f]{2})*$/;
const digestHex = /^(?:[0-9a-f]{2}){0,48}$/;

/** Undefined unless every entry is an event. */
export function readEvents(log: unknown): readonly LoggedEvent[] | undefined {
  const entries = asArray(log);
  if (entries.length === 0 || entries.length > maxEvents) return undefined;
  const events = entries.map(readEvent);
  return events.every((event) => event !== undefined) ? events : undefined;
}

function readEvent(entry: unknown): LoggedEvent | undefined {
  const event = asObject(entry);
  const [digest, name, payload] = [asText(event?.digest), asText(event?.event), asText(event?.event_payload)];
  const [register, type] = [event?.imr, event?.event_type];
  if (typeof register !== "number" || !registers.includes(register)) return undefined;
  if (typeof type !== "number" || !Number.isInteger(type) || type < 0 || type > 0xffff_ffff) return undefined;
  if (digest === undefined || name === undefined || payload === undefined) return undefined;
  // Digests are over name and payload with a colon between: a name with one could pass for another event.
  if (name.includes(":")) return undefined;
  return digestHex.test(digest) && hex.test(payload) ? { register, type, digest, name, payload } : undefined;
}

export function isRuntime({ type, register }: LoggedEvent): boolean {
  return type === runtimeEvent || register === runtimeRegister;
}

/** The digest that follows from what the event says. */
export function runtimeDigest({ type, name, payload }: LoggedEvent): string {
  const littleEndian = Buffer.alloc(4);
  littleEndian.writeUInt32LE(type);
  return createHash("sha384")
    .update(littleEndian)
    .update(`:${name}:`)
    .update(Buffer.from(payload, "hex"))
    .digest("hex");
}

/** The four registers that these events add up to. What runtime events say goes in, not what they claim as their digest. */
export function replay(events: readonly LoggedEvent[]): string[] {
  return registers.map((register) => {
    let value = Buffer.alloc(48);
    for (const event of events.filter((one) => one.register === register)) {
      const digest = Buffer.alloc(48);
      Buffer.from(isRuntime(event) ? runtimeDigest(event) : event.digest, "hex").copy(digest);
      value = createHash("sha384").update(value).update(digest).digest();
    }
    return value.toString("hex");
  });
}

/** Up to the event after which programs inside may write what they like. */
export function startEvents(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const runtime = events.filter(({ register }) => register === runtimeRegister);
  const ready = runtime.findIndex(({ name }) => name === "system-ready");
  return ready < 0 ? runtime : runtime.slice(0, ready);
}
