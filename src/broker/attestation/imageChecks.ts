// The images that an enclave starts: named by digests, and the one that the service announces among them (spec inference.md 12.9).
import type { CustodyReason, CustodyStep } from "../../domain/attestation.js";
import type { AdditionalInfo } from "../../domain/provider.js";
import { imageText, repositoryOf, type StartedImages, type UnknownImages } from "./compose.js";

/** `info` only for the report of the gateway, which is what a service announces. */
export function imageSteps(
  started: StartedImages | UnknownImages,
  info: AdditionalInfo | undefined,
): CustodyStep[] {
  const announced = info ? [announcedStep(started, info)] : [];
  return [digestsStep(started), ...announced];
}

function digestsStep(started: StartedImages | UnknownImages): CustodyStep {
  const id = "image-digests";
  if ("why" in started) return { id, status: "not-checked", why: started.why };
  const { images, unnamed, scripts, variables, furtherParts } = started;
  const why = besides(started);
  if (why) {
    const right = [...scripts, ...variables, ...unnamed, ...furtherParts, ...images.map(imageText)];
    return { id, status: "observed", right: right.join("\n"), why };
  }
  const tagged = images.filter(({ digest }) => digest === undefined);
  const right = (tagged.length > 0 ? tagged : images).map(imageText).join("\n");
  return tagged.length > 0
    ? { id, status: "observed", right, why: "tagOnly" }
    : { id, status: "proven", right };
}

/** The digest is what counts; the name says only which of several images is meant. */
function announcedStep(started: StartedImages | UnknownImages, info: AdditionalInfo): CustodyStep {
  const { imageName, imageDigest } = info;
  if (imageDigest === undefined) return { id: "images", status: "not-checked", why: "notAnnounced" };
  const digest = imageDigest.startsWith("sha256:") ? imageDigest : `sha256:${imageDigest}`;
  const left = imageText({ name: imageName ?? "", digest });
  if ("why" in started) return { id: "images", status: "not-checked", left, why: started.why };
  const ofThatName = started.images.filter(
    ({ name }) => imageName === undefined || repositoryOf(name) === repositoryOf(imageName),
  );
  const right = ofThatName.map(imageText).join("\n");
  if (ofThatName.some((image) => image.digest === digest)) {
    const why = besides(started);
    return { id: "images", left, right, ...(why ? { status: "observed", why } : { status: "proven" }) };
  }
  if (ofThatName.length === 0) return { id: "images", status: "failed", left, why: "notStarted" };
  const isTagged = ofThatName.every((image) => image.digest === undefined);
  return isTagged
    ? { id: "images", status: "observed", left, right, why: "tagOnly" }
    : { id: "images", status: "failed", left, right, why: "different" };
}

/** What else than the images of the compose file has a say in what runs. */
function besides({ scripts, variables, unnamed, furtherParts }: StartedImages): CustodyReason | undefined {
  if (scripts.length > 0) return "scripts";
  if (variables.length > 0) return "variables";
  if (unnamed.length > 0) return "built";
  return furtherParts.length > 0 ? "furtherParts" : undefined;
}
