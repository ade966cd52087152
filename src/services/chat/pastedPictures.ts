// Pictures that came as bytes, and wait in files of our own until the question they go along with is sent: so the draft outlives its window.
import type { Clock } from "../../domain/clock.js";
import { mostPictureBytes } from "../../domain/picture.js";
import { fromBase64 } from "../base64.js";
import type { AttachmentProblem } from "./draftAttachments.js";
import { readPicture } from "./pictures.js";
import type { Folder, Random } from "../ports.js";
import { randomId } from "../randomId.js";

export interface PastedPicture {
  /** All of it, in bytes. */
  readonly size: number;
  /** Hostile: whatever was pasted or dropped. */
  readonly base64: string;
}

export interface PastedPicturesOptions {
  readonly folder: Pick<Folder, "pathOf" | "write" | "list" | "remove">;
  readonly random: Random;
  readonly clock: Clock;
}

/** More do not wait at once in all drafts of all windows: the oldest are of drafts that nobody goes on with. */
const mostWaiting = 100;

export class PastedPictures {
  constructor(private readonly options: PastedPicturesOptions) {}

  /** Throws `diskFull` and `badFile`. */
  async keep({
    size,
    base64,
  }: PastedPicture): Promise<{ readonly file: string } | { readonly problem: AttachmentProblem }> {
    const isTooLarge = size > mostPictureBytes || base64.length > 2 * mostPictureBytes;
    const read = isTooLarge
      ? ({ problem: "pictureTooLarge" } as const)
      : readPicture(fromBase64(base64) ?? new Uint8Array());
    if ("problem" in read) return read;
    const { folder, random, clock } = this.options;
    // The time first: names in their order are the oldest first.
    const name = `${clock.now().toString(36).padStart(9, "0")}-${randomId(random)}.${read.picture.type}`;
    await folder.write(name, read.bytes);
    for (const old of (await folder.list()).slice(0, -mostWaiting)) await folder.remove(old);
    return { file: folder.pathOf(name) };
  }

  /** Of those files that are ours: they went along, or were taken away. */
  async forget(files: readonly string[]): Promise<void> {
    const { folder } = this.options;
    for (const name of await folder.list())
      if (files.includes(folder.pathOf(name))) await folder.remove(name);
  }
}
