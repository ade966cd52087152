// Which pictures go along with a question: its own, and those of earlier ones as long as there is room. Newest first: what is left out is the
// oldest, so that their number tells which.
import { isPicture, picturesOf, type Attachment } from "../../domain/attachment.js";
import type { Turn } from "../../domain/chat.js";
import type { ContentPart } from "../../domain/chatMessage.js";
import { ComputeError } from "../../domain/error.js";
import type { Sha256Hex } from "../../domain/ids.js";
import { mediaTypeOf, mostPicturesBytes, type Picture } from "../../domain/picture.js";
import { toBase64 } from "../base64.js";
import type { PictureStore } from "./pictures.js";

export interface ChatPictures {
  /** Of the question: they go in any case. */
  readonly asked: readonly Picture[];
  /** Undefined: it is not there any more. */
  readonly base64Of: (picture: Picture) => string | undefined;
}

/** Of a question whose price is looked at: nothing is read. */
export function unreadPictures(attachments: readonly Attachment[] | undefined): ChatPictures {
  return { asked: picturesOf(attachments), base64Of: () => "" };
}

export const noPictures: ChatPictures = { asked: [], base64Of: () => undefined };

/** In bytes, as they are kept. */
export function sizeOf(pictures: readonly Picture[]): number {
  return pictures.reduce((sum, { size }) => sum + size, 0);
}

/** Undefined: one of them is not there any more. */
export function partsOf(
  pictures: readonly Picture[],
  base64Of: ChatPictures["base64Of"],
): readonly ContentPart[] | undefined {
  const parts = pictures.flatMap((picture): ContentPart[] => {
    const base64 = base64Of(picture);
    return base64 === undefined ? [] : [{ kind: "picture", mimeType: mediaTypeOf(picture), base64 }];
  });
  return parts.length === pictures.length ? parts : undefined;
}

/** Those of each question that went along again; undefined where so many cannot have been left out. The oldest questions go without first. */
export function picturesAlong(
  turns: readonly Turn[],
  leftOut: number,
): readonly (readonly Picture[])[] | undefined {
  let left = leftOut;
  const along = turns.map(({ attachments }) => {
    const own = picturesOf(attachments);
    const isLeftOut = left > 0;
    if (isLeftOut) left -= own.length;
    return isLeftOut ? [] : own;
  });
  return left === 0 ? along : undefined;
}

/** Reads what may go along. Throws `pictureGone` for one of the question's. */
export async function loadPictures(
  store: Pick<PictureStore, "read">,
  turns: readonly Turn[],
  attachments: readonly Attachment[] = [],
): Promise<ChatPictures> {
  const loaded = new Map<Sha256Hex, string>();
  const load = async (picture: Picture) => {
    const bytes = loaded.has(picture.sha256) ? undefined : await store.read(picture);
    if (bytes) loaded.set(picture.sha256, toBase64(bytes));
    return loaded.has(picture.sha256);
  };
  const asked = picturesOf(attachments);
  for (const { path, picture } of attachments.filter(isPicture))
    if (!(await load(picture))) throw new ComputeError("pictureGone", { path });
  let room = mostPicturesBytes - sizeOf(asked);
  for (const picture of turns.toReversed().flatMap((turn) => picturesOf(turn.attachments))) {
    room -= picture.size;
    if (room < 0 || !(await load(picture))) break;
  }
  return { asked, base64Of: ({ sha256 }) => loaded.get(sha256) };
}
