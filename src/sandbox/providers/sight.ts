// What the sandbox's model says of pictures: how many came and how large they are. It sees nothing in them.
import { mostPictureTokens, pictureSize, type PictureSize } from "../../domain/picture.js";
import type { Generation } from "../model/model.js";

/** Of one message, in their order; undefined where one is no picture in the request itself. */
export function picturesIn(content: unknown): readonly PictureSize[] | undefined {
  if (!Array.isArray(content)) return [];
  const parts = (content as { type?: unknown; image_url?: { url?: unknown } }[]).filter(
    (part) => part?.type === "image_url",
  );
  const sizes = parts.flatMap((part) => sizeIn(part.image_url?.url) ?? []);
  return sizes.length === parts.length ? sizes : undefined;
}

function sizeIn(url: unknown): PictureSize | undefined {
  const base64 =
    typeof url === "string" ? /^data:image\/[a-z]+;base64,([A-Za-z0-9+/]+={0,2})$/.exec(url)?.[1] : "";
  return base64 ? pictureSize(Buffer.from(base64, "base64")) : undefined;
}

/** `earlier`: of those, how many came with earlier questions. */
export function sightOf(pictures: readonly PictureSize[], earlier: number): string {
  const sizes = pictures.map(({ width, height }) => `${width}×${height}`).join(", ");
  const seen =
    pictures.length === 1 ? `1 picture of ${sizes} px` : `${pictures.length} pictures of ${sizes} px`;
  const before = earlier === 0 ? "" : ` With earlier questions came ${earlier}.`;
  return `I see ${seen}.${before} A toy sees no more than that.`;
}

/** As models with patches of 28 pixels count. */
export function pictureTokens({ width, height }: PictureSize): number {
  return Math.min(mostPictureTokens, Math.ceil(width / 28) * Math.ceil(height / 28));
}

/** What is known beforehand, as if it were generated. */
export function spoken(text: string, prompt: number, completion: number): Generation {
  return {
    usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
    finishReason: "stop",
    isKnown: true,
    async *[Symbol.asyncIterator]() {
      for (const [word] of text.matchAll(/\S+\s*/g)) yield word;
    },
  };
}
