// The pictures of conversations, beside them on disk: a file for each, called by the hash of its bytes. What is read is what was kept, or nothing.
import {
  mostPictureBytes,
  mostPixels,
  pictureSize,
  pictureType,
  type Picture,
} from "../../domain/picture.js";
import type { Folder } from "../ports.js";
import { sha256Hex } from "../../system/sha256.js";

/** Of bytes that call themselves a picture. */
export type ReadPicture =
  | { readonly picture: Picture; readonly bytes: Uint8Array }
  | { readonly problem: "notPicture" | "pictureTooLarge" };

export function readPicture(bytes: Uint8Array): ReadPicture {
  const [type, pixels] = [pictureType(bytes), pictureSize(bytes)];
  if (!type || !pixels) return { problem: "notPicture" };
  const { width, height } = pixels;
  if (bytes.length > mostPictureBytes || width * height > mostPixels) return { problem: "pictureTooLarge" };
  const picture = { type, sha256: sha256Hex(bytes), size: bytes.length, width, height };
  return { picture, bytes };
}

const namePattern = /^([0-9a-f]{64})\.(?:png|jpeg|webp)$/;

export class PictureStore {
  constructor(private readonly folder: Folder) {}

  /** Throws `diskFull` and `badFile`. */
  async keep(bytes: Uint8Array): Promise<void> {
    const read = readPicture(bytes);
    if ("problem" in read) return; // nobody hands in others
    const name = nameOf(read.picture);
    if ((await this.read(read.picture)) === undefined) await this.folder.write(name, bytes);
  }

  /** Undefined: it is gone, or is not what was kept. */
  async read(picture: Picture): Promise<Uint8Array | undefined> {
    const bytes = await this.folder.read(nameOf(picture));
    return bytes && isOf(bytes, picture) ? bytes : undefined;
  }

  /** Deletes all but those, which nobody has to look for where there are none. */
  async sweep(named: () => Promise<ReadonlySet<string>>): Promise<void> {
    const names = await this.folder.list();
    const kept = names.length > 0 ? await named() : new Set<string>();
    for (const name of names)
      if (!kept.has(namePattern.exec(name)?.[1] ?? "")) await this.folder.remove(name);
  }
}

function isOf(bytes: Uint8Array, { size, sha256 }: Picture): boolean {
  return bytes.length === size && sha256Hex(bytes) === sha256;
}

function nameOf({ sha256, type }: Picture): string {
  return `${sha256}.${type}`;
}
