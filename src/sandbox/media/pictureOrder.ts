// What a request for pictures asks for, as JSON or as a form (spec inference.md 8).
import { createHash } from "node:crypto";
import { asCount, asText, parseJsonObject } from "../../broker/wire/json.js";
import { HttpError } from "../loopback.js";
import { parseMultipart } from "../multipart.js";
import { drawPicture, pngSize, type PictureSize } from "./png.js";

export interface PictureOrder {
  readonly model?: string;
  readonly prompt: string;
  readonly count: number;
  readonly size: PictureSize;
  readonly isByUrl: boolean;
  /** The picture to be edited. */
  readonly source?: Buffer;
}

const usualSize = "512x512";
const mostPictures = 10;
const [smallest, largest] = [64, 2048];

export function readGeneration(body: Buffer): PictureOrder {
  return orderOf(jsonFields(body));
}

export function readEdit(body: Buffer, contentType: string | undefined): PictureOrder {
  if (!/^multipart\/form-data/i.test(contentType ?? "")) {
    const fields = jsonFields(body);
    const [, base64 = ""] = /^data:image\/[a-z]+;base64,(.*)$/s.exec(fields("image") ?? "") ?? [];
    return editOf(fields, Buffer.from(base64, "base64"));
  }
  const parts = parseMultipart(contentType, body);
  if (!parts) throw bad("invalid request body: not a form");
  const part = (name: string) => parts.find((one) => one.name === name)?.content;
  return editOf((name) => part(name)?.toString("utf8"), part("image") ?? Buffer.alloc(0));
}

/** The same order gives the same pictures. */
export function makePictures({ prompt, count, size, source }: PictureOrder): Buffer[] {
  return Array.from({ length: count }, (_, index) => {
    const seed = createHash("sha256")
      .update(`${prompt}\n${index}\n`)
      .update(source ?? "")
      .digest();
    return drawPicture(seed, size);
  });
}

type Fields = (name: string) => string | undefined;

function jsonFields(body: Buffer): Fields {
  const value = parseJsonObject(body.toString("utf8"));
  if (!value) throw bad("invalid request body: not a JSON object");
  return (name) => asText(value[name]) ?? asCount(value[name])?.toString();
}

function editOf(fields: Fields, source: Buffer): PictureOrder {
  if (!isPicture(source)) throw bad("invalid image: only PNG, JPEG and WebP are supported");
  const order = orderOf(fields);
  const own = fields("size") === undefined ? pngSize(source) : undefined;
  return { ...order, ...(own && isSize(own) ? { size: own } : {}), source };
}

function orderOf(fields: Fields): PictureOrder {
  const prompt = fields("prompt");
  if (!prompt) throw bad("Missing prompt in request body");
  const count = Number(fields("n") ?? 1);
  if (!Number.isInteger(count) || count < 1 || count > mostPictures)
    throw bad(`n must be from 1 to ${mostPictures}`);
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(fields("size") ?? usualSize) ?? [];
  const size = { width: Number(width), height: Number(height) };
  if (!isSize(size)) throw bad(`size must be WIDTHxHEIGHT, each from ${smallest} to ${largest}`);
  return { model: fields("model"), prompt, count, size, isByUrl: fields("response_format") === "url" };
}

function isSize({ width, height }: PictureSize): boolean {
  return [width, height].every((side) => side >= smallest && side <= largest);
}

function isPicture(bytes: Buffer): boolean {
  const start = bytes.toString("latin1", 0, 12);
  return start.startsWith("\x89PNG") || start.startsWith("\xff\xd8\xff") || /^RIFF....WEBP/s.test(start);
}

function bad(error: string): HttpError {
  return new HttpError(400, { error });
}
