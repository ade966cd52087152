// A task's log as the network's brokers write it (spec 8.3): a time before each of their own entries, and what the training container
// printed in one block after it stopped, with the framing bytes of Docker's stream left in.
import type { Files } from "./files.js";

export class TaskLogs {
  constructor(
    private readonly files: Files,
    /** Milliseconds since 1970. */
    private readonly now: () => number,
  ) {}

  read(id: string): Promise<Buffer | undefined> {
    return this.files.read(nameOf(id));
  }

  write(id: string, text: string): void {
    this.files.append(nameOf(id), Buffer.from(`${this.prefix()}${text}\n`));
  }

  /** What the container printed, a chunk for each line. */
  writeContainer(id: string, lines: readonly string[]): void {
    const head = Buffer.from(`${this.prefix()}Container logs:\n`);
    this.files.append(nameOf(id), Buffer.concat([head, ...lines.map(frame), Buffer.from("\n")]));
  }

  private prefix(): string {
    return `[${new Date(this.now()).toISOString().replace(/\.\d+Z$/, "Z")}] `;
  }
}

function nameOf(id: string): string {
  return `logs/${id}.log`;
}

const standardOutput = 1;

/** Eight bytes before each chunk of a container's stream: which stream, and how long. */
function frame(line: string): Buffer {
  const payload = Buffer.from(`${line}\n`);
  const header = Buffer.alloc(8);
  header.writeUInt8(standardOutput, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** A dictionary of numbers as Python prints it. */
export function pythonDict(entries: Readonly<Record<string, number>>): string {
  const parts = Object.entries(entries).map(([key, value]) => `'${key}': ${pythonNumber(value)}`);
  return `{${parts.join(", ")}}`;
}

function pythonNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const [digits = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (value === 0 || (exponent >= -4 && exponent < 16)) {
    const plain = String(value);
    return plain.includes(".") ? plain : `${plain}.0`;
  }
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
