// A value of a stranger's JSON with its place in it, so that what is wrong can be named: "turns[3].answer.text is no text".
import { isAddressText, type ProviderId } from "../domain/ids.js";

export class Field {
  constructor(
    readonly value: unknown,
    readonly place: string,
  ) {}

  member(name: string): Field {
    const { value, place } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.no("an object");
    const own = Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
    return new Field(own, place === "" ? name : `${place}.${name}`);
  }

  /** Undefined where there is none. */
  optional<T>(name: string, read: (field: Field) => T): T | undefined {
    const field = this.member(name);
    return field.value === undefined || field.value === null ? undefined : read(field);
  }

  /** The same as a part of an object. */
  maybe<N extends string, T>(name: N, read: (field: Field) => T): { readonly [K in N]?: T } {
    const value = this.optional(name, read);
    return (value === undefined ? {} : { [name]: value }) as { readonly [K in N]?: T };
  }

  list(most: number): readonly Field[] {
    const { value, place } = this;
    if (!Array.isArray(value)) throw this.no("a list");
    if (value.length > most) throw new Error(`${place} has more than ${most} entries`);
    return value.map((one: unknown, index) => new Field(one, `${place}[${index}]`));
  }

  text(most = Infinity): string {
    const { value } = this;
    if (typeof value !== "string") throw this.no("a text");
    if (value.length > most) throw new Error(`${this.place} is longer than allowed`);
    return value;
  }

  matching(pattern: RegExp): string {
    const text = this.text(200);
    if (!pattern.test(text)) throw this.no("of the right form");
    return text;
  }

  oneOf<T extends string>(known: readonly T[]): T {
    const found = known.find((one) => one === this.value);
    if (found === undefined) throw this.no("a known word");
    return found;
  }

  address(): ProviderId {
    const text = this.text(42);
    if (!isAddressText(text)) throw this.no("an address");
    return text as ProviderId;
  }

  count(): number {
    const { value } = this;
    if (!Number.isSafeInteger(value) || (value as number) < 0) throw this.no("a whole number");
    return value as number;
  }

  /** Both included. */
  number(least: number, most: number): number {
    const { value } = this;
    if (typeof value !== "number" || !(value >= least && value <= most))
      throw new Error(`${this.place} is no number from ${least} to ${most}`);
    return value;
  }

  /** Milliseconds since 1970, of a text as `Date.prototype.toISOString` writes it. */
  time(): number {
    const at = Date.parse(this.text(40));
    if (Number.isNaN(at)) throw this.no("a time");
    return at;
  }

  private no(what: string): Error {
    return new Error(`${this.place || "the file"} is not ${what}`);
  }
}
