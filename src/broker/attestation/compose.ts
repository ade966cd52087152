// Which container images an enclave starts: read from the compose file inside `app_compose`, whose hash the quote binds.
import { FAILSAFE_SCHEMA, load } from "js-yaml";
import type { EnclaveImage } from "../../domain/attestation.js";
import { asArray, asObject, asText, parseJsonObject, type JsonObject } from "../wire/json.js";

export interface StartedImages {
  readonly images: readonly EnclaveImage[];
  /** Services whose image is named by a variable, or described elsewhere. */
  readonly unnamed: readonly string[];
  /** `service.member`, or a part of the file: what is not known to leave those images to themselves. */
  readonly furtherParts: readonly string[];
  /** Members whose text the system runs by itself before any container, as the one who may do everything. */
  readonly scripts: readonly string[];
  /** Names that may be set from outside, unmeasured. */
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
const mostServices = 200;
/** The system starts the compose file for this runner alone; for another the file is there and nobody reads it. */
const composeRunner = "docker-compose";
/**
 * For fetching images, whose content is named. Any other name may decide what is started, or what that does; it takes the programs to say
 * which does not.
 */
const harmless = /^(?:APP_LAUNCH_TOKEN|(?:DSTACK_)?DOCKER_(?:USERNAME|PASSWORD|REGISTRY))$/;
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
  return { ...composed, scripts, variables: variablesIn(app.allowed_envs, text ?? "") };
}

/** Where the file takes up a harmless name, maybe behind escapes, it is harmless no more. */
function variablesIn(allowed: unknown, file: string): readonly string[] {
  const all: unknown = allowed ?? [];
  if (!Array.isArray(all)) return ["allowed_envs"];
  const names = [...new Set(all.map((name) => asText(name) ?? "allowed_envs"))];
  return names.filter((name) => !harmless.test(name) || file.includes("\\") || file.includes(name));
}

/** Undefined: it cannot be read, or starts nothing. */
function imagesIn(text: string): Pick<StartedImages, "images" | "unnamed" | "furtherParts"> | undefined {
  const file = readYaml(text);
  const services = Object.entries(asObject(file?.services) ?? {});
  if (!file || services.length === 0 || services.length > mostServices) return undefined;
  const images = new Map<string, EnclaveImage>();
  const unnamed: string[] = [];
  for (const [name, service] of services) {
    const image = imageOf(service);
    if (image === undefined) unnamed.push(name);
    else images.set(image, readImage(image));
  }
  return { images: [...images.values()], unnamed, furtherParts: furtherPartsOf(file, services) };
}

/** Where these are the only characters, every reader of YAML ends its lines, and with them its comments, at the same places. */
const readAlike = /^[\t\n\r\p{Zs}\p{L}\p{M}\p{N}\p{P}\p{S}]*$/u;

/** Texts, lists and maps alone: nothing in the file makes more of itself than it is. */
function readYaml(text: string): JsonObject | undefined {
  if (!readAlike.test(text)) return undefined;
  let aliased = 0;
  const count = (event: string, { kind, result }: { readonly kind: string; readonly result: unknown }) => {
    if (event === "close" && !kind) aliased += sizeOf(result, maxComposeSize - aliased);
    if (aliased > maxComposeSize) throw new RangeError("aliases that stand for too much");
  };
  try {
    return asObject(load(text, { schema: FAILSAFE_SCHEMA, listener: count }));
  } catch {
    return undefined; // no YAML, too deep, or too large
  }
}

/** In characters. An alias is short, and costs what it stands for each time: counted no further than just above `most`. */
function sizeOf(value: unknown, most: number): number {
  const open = [value];
  let size = 0;
  while (open.length > 0 && size <= most) {
    const one = open.pop();
    size += asText(one)?.length ?? 1;
    if (typeof one !== "object" || one === null) continue;
    for (const [key, member] of Object.entries(one)) {
      size += key.length;
      open.push(member);
    }
  }
  return size;
}

/** Its own, or else the first that it takes over from an anchor. */
function imageOf(service: unknown): string | undefined {
  const merged = asObject(service)?.["<<"];
  const all = [service, merged, ...asArray(merged)];
  const text = asText(all.map((one) => asObject(one)?.image).find((image) => image !== undefined));
  return text === undefined || text === "" || text.includes("$") ? undefined : text;
}

/**
 * What is known to start nothing else than the images, to keep none of them from being started, and to hand them nothing of the system
 * around them. Whatever is not in these lists may: rights, hooks, devices, conditions, other files, what is merged from elsewhere.
 */
const harmlessParts = /^(?:name|version|services|volumes|networks|x-.*)$/;
const harmlessMembers = new Set([
  ...["image", "command", "environment", "volumes", "networks", "ports", "expose"],
  ...["restart", "healthcheck", "container_name"],
]);
/** A volume of its own, with a name or without, or the socket of the enclave. What else there is to mount is measured by nothing. */
const harmlessMount =
  /^(?:\/[\w./-]*|(?:[a-zA-Z0-9][\w.-]+|(?:\/var)?\/run\/(?:dstack|tappd)\.sock):\/[\w./-]*(?::r[ow])?)$/;

function furtherPartsOf(file: JsonObject, services: readonly (readonly [string, unknown])[]): string[] {
  const named = (["volumes", "networks"] as const).flatMap((part) =>
    Object.entries(asObject(file[part]) ?? {})
      .filter(([, one]) => one !== null && Object.keys(asObject(one) ?? { one }).length > 0)
      .map(([name]) => `${part}.${name}`),
  );
  const members = services.flatMap(([name, service]) =>
    Object.entries(asObject(service) ?? {})
      .filter(
        ([member, value]) => !harmlessMembers.has(member) || (member === "volumes" && !areHarmless(value)),
      )
      .map(([member]) => `${name}.${member}`),
  );
  return [...Object.keys(file).filter((part) => !harmlessParts.test(part)), ...named, ...members];
}

function areHarmless(mounts: unknown): boolean {
  return Array.isArray(mounts) && mounts.every((mount) => harmlessMount.test(asText(mount) ?? ""));
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
