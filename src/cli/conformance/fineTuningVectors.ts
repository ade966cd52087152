// What the sections of fine-tuning.json share: their keys, how bytes are written, how an object is one case.
import assert from "node:assert/strict";
import type { Case, Section, VectorFile } from "./runner.js";

export interface TestKey {
  readonly privateKey: string;
  readonly publicKeyUncompressed: string;
  readonly address: string;
}

export function keysOf(file: VectorFile): Readonly<Record<"user" | "teeSigner", TestKey>> {
  return file.keys as Readonly<Record<"user" | "teeSigner", TestKey>>;
}

export function section<E>(name: string, run: (entry: E, file: VectorFile) => void | Promise<void>): Section {
  return { name, run: (entry, file) => run(entry as E, file) };
}

/** The section as a single case. */
export function whole(value: unknown): Case[] {
  return [{ name: "whole", entry: value }];
}

export function bytesOf(entry: {
  readonly contentBase64?: string;
  readonly recipe?: { readonly length: number; readonly byteAt: string };
}): Uint8Array {
  return entry.recipe ? madeBytes(entry.recipe) : base64(entry.contentBase64 ?? "");
}

/** Bytes that the vectors describe instead of holding them. */
export function madeBytes({
  length,
  byteAt,
}: {
  readonly length: number;
  readonly byteAt: string;
}): Uint8Array {
  assert.equal(byteAt, "(i*31+7) & 255");
  // the formula repeats after 256 bytes
  return Buffer.alloc(length, Buffer.from(Array.from({ length: 256 }, (_, index) => (index * 31 + 7) & 255)));
}

export function base64(text: string): Buffer {
  return Buffer.from(text, "base64");
}
