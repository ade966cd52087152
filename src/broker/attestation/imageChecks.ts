// The images that an enclave starts: named by digests, and the one that the service announces among them (spec inference.md 12.9).
import type { CustodyReason, CustodyStep, EnclaveImage } from "../../domain/attestation.js";
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
  if ("why" in started) return { id: "image-digests", status: "not-checked", why: started.why };
  const { images, unnamed, scripts, variables, masters } = started;
  const why = besides(started);
  if (why) {
    const others = [...scripts, ...variables, ...masters, ...unnamed];
    const right = [...others, ...images.map(imageText)].join("\n");
    return { id: "image-digests", status: "observed", right, why };
  }
  const tagged = images.filter(({ digest }) => digest === undefined);
  if (unnamed.length > 0)
    return { id: "image-digests", status: "observed", right: unnamed.join("\n"), why: "built" };
  const right = (tagged.length > 0 ? tagged : images).map(imageText).join("\n");
  return tagged.length > 0
    ? { id: "image-digests", status: "observed", right, why: "tagOnly" }
    : { id: "image-digests", status: "proven", right };
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
  const announced = ofThatName.find((image) => image.digest === digest);
  if (announced) return { id: "images", left, right, ...howSure(started, announced) };
  if (ofThatName.length === 0) return { id: "images", status: "failed", left, why: "notStarted" };
  const isTagged = ofThatName.every((image) => image.digest === undefined);
  return isTagged
    ? { id: "images", status: "observed", left, right, why: "tagOnly" }
    : { id: "images", status: "failed", left, right, why: "different" };
}

function howSure(started: StartedImages, image: EnclaveImage): Pick<CustodyStep, "status" | "why"> {
  const why = besides(started) ?? (started.idle.includes(imageText(image)) ? "idle" : undefined);
  return why ? { status: "observed", why } : { status: "proven" };
}

/** What else than the images of the compose file has a say in what runs. */
function besides({ scripts, variables, masters }: StartedImages): CustodyReason | undefined {
  if (scripts.length > 0) return "scripts";
  if (variables.length > 0) return "variables";
  return masters.length > 0 ? "masters" : undefined;
}
