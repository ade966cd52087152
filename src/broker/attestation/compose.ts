// Which container images an enclave starts: read from the compose file inside `app_compose`, whose hash the quote binds.
import { FAILSAFE_SCHEMA, load } from "js-yaml";
import type { EnclaveImage } from "../../domain/attestation.js";
import { asArray, asObject, asText, parseJsonObject, type JsonObject } from "../wire/json.js";

export interface StartedImages {
  readonly images: readonly EnclaveImage[];
  /** As they are written: those of services alone that a profile, or a number of none, may keep from being started. */
  readonly idle: readonly string[];
  /** Services whose image is built on the spot, named by a variable, or described in another file; and parts of the file that may be any. */
  readonly unnamed: readonly string[];
  /** Members whose text the system runs by itself before any container, as the one who may do everything. */
  readonly scripts: readonly string[];
  /** Names that may be set from outside, unmeasured. */
  readonly variables: readonly string[];
  /** Services, and volumes, that reach into the system which starts the others. */
  readonly masters: readonly string[];
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
/** Services, or what one of them takes up: an alias is short, and costs what it stands for each time. */
const mostParts = 200;
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

/** Where the file takes up a harmless name, it is harmless no more. */
function variablesIn(allowed: unknown, file: string): readonly string[] {
  const all: unknown = allowed ?? [];
  if (!Array.isArray(all)) return ["allowed_envs"];
  const names = all.map((name) => asText(name) ?? "allowed_envs");
  return names.filter((name) => !harmless.test(name) || file.includes(name));
}

/** What may stand beside the services without a say in what is started. */
const quietParts = /^(?:name|version|services|volumes|networks|configs|secrets|x-.*)$/;

/** Undefined: it cannot be read. */
function imagesIn(text: string): Pick<StartedImages, "images" | "idle" | "unnamed" | "masters"> | undefined {
  const file = readYaml(text);
  const services = asObject(file?.services);
  if (!file || !services || Object.keys(services).length > mostParts) return undefined;
  const images = new Map<string, EnclaveImage>();
  const started = new Set<string>();
  const unnamed = Object.keys(file).filter((part) => !quietParts.test(part));
  const masters = mastersAmong(file);
  for (const [name, own] of Object.entries(services)) {
    const service = readService(own);
    const image = service && imageOf(service);
    if (service && isMaster(service)) masters.push(name);
    if (image === undefined) unnamed.push(name);
    else images.set(image, readImage(image));
    if (image !== undefined && service && !isIdle(service)) started.add(image);
  }
  const idle = [...images.keys()].filter((image) => !started.has(image));
  return { images: [...images.values()], idle, unnamed, masters };
}

/** Texts, lists and maps alone: nothing in the file makes more of itself than it is. */
function readYaml(text: string): JsonObject | undefined {
  try {
    return asObject(load(text, { schema: FAILSAFE_SCHEMA }));
  } catch {
    return undefined; // no YAML, or too deep
  }
}

const serviceParts = [
  ...(["image", "build", "extends", "provider", "pull_policy", "profiles", "scale", "deploy"] as const),
  ...(["privileged", "use_api_socket", "pid", "cap_add", "volumes", "env_file"] as const),
];
type Service = Partial<Record<(typeof serviceParts)[number], unknown>>;

/** The service itself with what it takes over from anchors; undefined where those take over from others in turn. */
function readService(service: unknown): Service | undefined {
  const own = asObject(service);
  const merged = own?.["<<"];
  if (!own || asArray(merged).length > mostParts) return undefined;
  const inherited = [merged, ...asArray(merged)].map((one) => asObject(one) ?? {});
  if (inherited.some((one) => one["<<"] !== undefined)) return undefined;
  const of = (part: string) => [own, ...inherited].find((one) => Object.hasOwn(one, part))?.[part];
  return Object.fromEntries(serviceParts.map((part) => [part, of(part)]));
}

function imageOf({ image, build, extends: base, provider, pull_policy }: Service): string | undefined {
  if ([build, base, provider].some((part) => part !== undefined) || pull_policy === "build") return undefined;
  const text = asText(image);
  return text === undefined || text === "" || text.includes("$") ? undefined : text;
}

function isIdle({ profiles, scale, deploy }: Service): boolean {
  const isNone = (count: unknown) => count !== undefined && !/^[1-9]\d*$/.test(asText(count) ?? "");
  const isAlways = profiles === undefined || (Array.isArray(profiles) && profiles.length === 0);
  return !isAlways || isNone(scale) || isNone(asObject(deploy)?.replicas);
}

/** With all rights, or with files of the system: the socket of what starts containers is one of them. */
function isMaster(service: Service): boolean {
  const { privileged, use_api_socket, pid, cap_add, volumes = [], env_file = [] } = service;
  const isSet = (flag: unknown) => flag !== undefined && flag !== "false";
  if (isSet(privileged) || isSet(use_api_socket) || pid !== undefined || cap_add !== undefined) return true;
  const files: readonly unknown[] = Array.isArray(env_file) ? env_file : [env_file];
  if (!Array.isArray(volumes) || volumes.length + files.length > mostParts) return true;
  const paths = [...volumes.map(mountedFrom), ...files.map((file) => asObject(file)?.path ?? file)];
  return paths.some(isOfSystem);
}

/** Of volumes, configurations and secrets that services take by name. */
function mastersAmong({ volumes, configs, secrets }: JsonObject): string[] {
  const isElsewhere = (one: JsonObject) =>
    one.driver_opts !== undefined || (one.driver ?? "local") !== "local";
  return [volumes, configs, secrets].flatMap((named) =>
    Object.entries(asObject(named) ?? {}).flatMap(([name, value]) => {
      const one = asObject(value) ?? {};
      return isElsewhere(one) || isOfSystem(one.file) ? [name] : [];
    }),
  );
}

/** Undefined: from nowhere, or from a volume of its own that has no name. */
function mountedFrom(mount: unknown): unknown {
  const [source, target] = asText(mount)?.split(":") ?? [];
  return asObject(mount)?.source ?? (target === undefined ? undefined : source);
}

const enclaveSocket = /^(?:\/var)?\/run\/(?:dstack|tappd)\.sock$/;

/** A name is a volume's. Among what lies beside the file is what the host hands in, measured by nothing. */
function isOfSystem(path: unknown): boolean {
  if (path === undefined) return false;
  const text = asText(path) ?? "~";
  if (/^[/~$]/.test(text)) return !enclaveSocket.test(text);
  const parts = text.split("/").filter((part) => part !== "" && part !== ".");
  return parts.length === 0 || parts.some((part) => /^(?:\.|user_config)/.test(part));
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
