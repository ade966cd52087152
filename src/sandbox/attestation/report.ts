// What a dstack enclave reports around its quote: event log, measures, the compose file (spec inference.md 10.1, 10.5).
import { createHash } from "node:crypto";

export interface LoggedEvent {
  readonly imr: number;
  readonly event_type: number;
  readonly digest: string;
  readonly event: string;
  readonly event_payload: string;
}

/** The measures that a quote must repeat. Hex. */
export interface Measures {
  readonly mrTd: string;
  readonly mrConfigId: string;
  readonly rtmrs: readonly string[];
  readonly events: readonly LoggedEvent[];
  readonly composeHash: string;
  readonly osImageHash: string;
}

const runtimeEvent = 134_217_729;
const bootEvent = 0x8000_0001;
/** The owner, and the owner's configuration: 48 bytes each. */
const noOwner = "00".repeat(96);
const osImage = "sandbox: no operating system image";

/** The files of which an enclave would consist, as JSON text: its sha256 is the compose hash. */
export function composeText(name: string, image: string): string {
  const file = `services:\n  ${name}:\n    image: ${image}\n    command: serve\n    restart: unless-stopped\n`;
  return JSON.stringify({
    manifest_version: 2,
    name: `sandbox-${name}`,
    runner: "docker-compose",
    docker_compose_file: file,
    kms_enabled: false,
    public_logs: false,
    public_sysinfo: false,
    allowed_envs: [],
  });
}

export function measure(compose: string): Measures {
  const composeHash = sha256(compose);
  const osImageHash = sha256(osImage);
  const events = [
    ...[0, 1, 2].map((imr) => bootStep(imr, `sandbox boot ${imr}`)),
    step("system-preparing", ""),
    step("app-id", composeHash.slice(0, 40)),
    step("compose-hash", composeHash),
    step("instance-id", sha256(`instance ${composeHash}`).slice(0, 40)),
    step("boot-mr-done", ""),
    step("os-image-hash", osImageHash),
    step("key-provider", Buffer.from('{"name":"none","id":"sandbox"}').toString("hex")),
    step("system-ready", ""),
  ];
  return {
    mrTd: sha384("0G Compute sandbox: not an enclave"),
    mrConfigId: `01${composeHash}${"00".repeat(15)}`,
    rtmrs: [0, 1, 2, 3].map((imr) => replay(events.filter((event) => event.imr === imr))),
    events,
    composeHash,
    osImageHash,
  };
}

/** The member `tcb_info`. */
export function tcbInfo(
  { mrTd, mrConfigId, rtmrs, events, composeHash, osImageHash }: Measures,
  compose: string,
): object {
  const [rtmr0, rtmr1, rtmr2, rtmr3] = rtmrs;
  return {
    mrtd: mrTd,
    rtmr0,
    rtmr1,
    rtmr2,
    rtmr3,
    mr_aggregated: createHash("sha256")
      .update(Buffer.from(mrTd + rtmrs.join("") + mrConfigId + noOwner, "hex"))
      .digest("hex"),
    os_image_hash: osImageHash,
    compose_hash: composeHash,
    device_id: sha256("sandbox device"),
    event_log: events,
    app_compose: compose,
  };
}

/** The member `vm_config`; the first key says what this is. */
export function vmConfig({ osImageHash }: Measures): string {
  return JSON.stringify({ sandbox: true, spec_version: 1, os_image_hash: osImageHash, cpu_count: 1 });
}

function step(event: string, payload: string): LoggedEvent {
  const type = Buffer.alloc(4);
  type.writeUInt32LE(runtimeEvent);
  const digest = createHash("sha384")
    .update(type)
    .update(`:${event}:`)
    .update(Buffer.from(payload, "hex"))
    .digest("hex");
  return { imr: 3, event_type: runtimeEvent, digest, event, event_payload: payload };
}

function bootStep(imr: number, text: string): LoggedEvent {
  const payload = Buffer.from(text).toString("hex");
  return { imr, event_type: bootEvent, digest: sha384(text), event: "", event_payload: payload };
}

function replay(events: readonly LoggedEvent[]): string {
  let value = Buffer.alloc(48);
  for (const { digest } of events)
    value = createHash("sha384").update(value).update(Buffer.from(digest, "hex")).digest();
  return value.toString("hex");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function sha384(text: string): string {
  return createHash("sha384").update(text).digest("hex");
}
