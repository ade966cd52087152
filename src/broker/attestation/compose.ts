// Which container images an enclave starts: read from the compose file inside `app_compose`, whose hash the quote binds.
import { FAILSAFE_SCHEMA, load } from "js-yaml";
import type { EnclaveImage } from "../../domain/attestation.js";
import { asArray, asObject, asText, parseJsonObject, type JsonObject } from "../wire/json.js";

export interface StartedImages {
  readonly images: readonly EnclaveImage[];
  /** Services whose image is built on the spot, named by a variable, or described in another file. */
  readonly unnamed: readonly string[];
  /** Members whose text the system runs by itself before any container, as the one who may do everything. */
  readonly scripts: readonly string[];
  /** Names that may be set from outside, unmeasured, and tell the starting programs to take something else. */
  readonly variables: readonly string[];
}

/** Why nobody can say which images are started. */
export interface UnknownImages {
  readonly why: "unreadableCompose" | "otherRunner";
  /** In a compose file that is there for another runner: compared with what was seen before, and proof of nothing. */
  readonly named?: readonly EnclaveImage[];
}

const unreadable: UnknownImages = { why: "unreadableCompose" };

const maxComposeSize = 256 * 1024;
const maxAppSize = 512 * 1024;
/** The system starts the compose file for this runner alone; for another the file is there and nobody reads it. */
const composeRunner = "docker-compose";
const steering = /^(?:COMPOSE_\w+|DOCKER_HOST|DOCKER_CONTEXT|PATH|BASH_ENV|LD_\w+)$/;
const scriptNames = ["init_script", "pre_launch_script"] as const;
const digested = /^(.+)@(sha256:[0-9a-f]{64})$/;

/** Without a compose file that can be read it starts whatever it likes. */
export function startedImages(appCompose: string | undefined): StartedImages | UnknownImages {
  if (appCompose === undefined || appCompose.length > maxAppSize) return unreadable;
  const app = parseJsonObject(appCompose);
  if (!app) return unreadable;
  const isStarted = app.runner === composeRunner;
  const text = asText(app.docker_compose_file);
  const composed = text === undefined || text.length > maxComposeSize ? undefined : imagesIn(text);
  if (!isStarted) return { why: "otherRunner", named: composed?.images };
  if (!composed) return unreadable;
  const scripts = scriptNames.filter((name) => (app[name] ?? "") !== "");
  const variables = asArray(app.allowed_envs).filter(isSteering);
  return { ...composed, scripts, variables };
}

/** Undefined: it cannot be read. */
function imagesIn(text: string): Pick<StartedImages, "images" | "unnamed"> | undefined {
  const file = readYaml(text);
  const services = asObject(file?.services);
  if (!file || !services) return undefined;
  const images = new Map<string, EnclaveImage>();
  const unnamed = file.include === undefined ? [] : ["include"];
  for (const [name, service] of Object.entries(services)) {
    const image = imageOf(service);
    if (image === undefined) unnamed.push(name);
    else images.set(image, readImage(image));
  }
  return { images: [...images.values()], unnamed };
}

function isSteering(name: unknown): name is string {
  return typeof name === "string" && steering.test(name);
}

/** Texts, lists and maps alone: nothing in the file makes more of itself than it is. */
function readYaml(text: string): JsonObject | undefined {
  try {
    return asObject(load(text, { schema: FAILSAFE_SCHEMA }));
  } catch {
    return undefined; // no YAML, or too deep
  }
}

/** In the service itself, else in what it takes over from an anchor. */
function imageOf(service: unknown): string | undefined {
  const own = asObject(service);
  if (!own || own.build !== undefined || own.extends !== undefined) return undefined;
  const merged = own["<<"];
  const inherited = [merged, ...asArray(merged)].map((one) => asObject(one));
  if (
    inherited.some(
      (one) => one?.build !== undefined || one?.extends !== undefined || one?.["<<"] !== undefined,
    )
  )
    return undefined;
  const image = [own, ...inherited].map((one) => asText(one?.image)).find((one) => one !== undefined);
  return image === undefined || image === "" || image.includes("$") ? undefined : image;
}

function readImage(image: string): EnclaveImage {
  const [, name, digest] = digested.exec(image) ?? [];
  return name !== undefined && digest !== undefined ? { name, digest } : { name: image };
}

/** As it is written: `name@sha256:…` or `name:tag`. */
export function imageText({ name, digest }: EnclaveImage): string {
  return digest === undefined ? name : `${name}@${digest}`;
}

/** Without the tag; the port of a registry stays. */
export function repositoryOf(name: string): string {
  return name.replace(/:[^:/]*$/, "");
}
