// What is signed of an answer of pictures (spec inference.md 6.3): each picture's bytes, or the bytes of the answer as a whole. Neither says
// anything of what is behind a link.
import type { Sha256Hex } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import { receiptKindOf } from "../../domain/receipt.js";
import { sha256Hex } from "../wire/hash.js";
import { hasPicturesOnly, picturesOf } from "../wire/pictures.js";
import type { Witnessed } from "./exchange.js";

export function isImageService({ serviceType }: Pick<InferenceService, "serviceType">): boolean {
  return receiptKindOf(serviceType) === "image";
}

type Answer = Pick<Witnessed, "service" | "responseBody" | "arePicturesInBytes">;

/** Whether somebody may have seen other pictures than those in its bytes. Who showed them knows; a hash alone tells nobody. */
export function hasPicturesElsewhere({ service, responseBody, arePicturesInBytes }: Answer): boolean {
  if (!isImageService(service) || arePicturesInBytes) return false;
  return typeof responseBody === "string" || !hasPicturesOnly(responseBody);
}

/** What a receipt says of that. A stranger may have written it: bytes that are there must bear it out. */
export function arePicturesInBytes({ service, responseBody, ...told }: Answer): boolean {
  if (!isImageService(service) || !told.arePicturesInBytes) return false;
  return typeof responseBody === "string" || picturesOf(responseBody) !== undefined;
}

/** Of each picture in the answer, decoded; undefined where it is no answer with pictures in it. */
export function pictureHashes({ service, responseBody }: Answer): readonly Sha256Hex[] | undefined {
  if (!isImageService(service) || typeof responseBody === "string") return undefined;
  return picturesOf(responseBody)?.map((picture) => sha256Hex(picture));
}
