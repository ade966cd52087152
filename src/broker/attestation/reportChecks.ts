// What an enclave says about itself, compared with what its quote binds (spec inference.md 10.5, 6 to 10).
import { createHash } from "node:crypto";
import type { CustodyStep, Measures } from "../../domain/attestation.js";
import type { AdditionalInfo } from "../../domain/provider.js";
import { asArray, asText } from "../wire/json.js";
import { imageSteps } from "./imageChecks.js";
import { startedImages } from "./compose.js";
import {
  isRuntime,
  readEvents,
  replay,
  runtimeDigest,
  runtimeRegister,
  startEvents,
  type LoggedEvent,
} from "./eventLog.js";
import { compared, failed } from "./quoteChecks.js";
import type { QuoteBody } from "./quote.js";
import type { Report } from "./report.js";

export interface ReportFindings {
  readonly steps: readonly CustodyStep[];
  readonly measures: Measures;
}

/** Without a readable quote nothing is proven; what the report says is compared all the same. */
export function checkContents(
  report: Report,
  body: QuoteBody | undefined,
  info: AdditionalInfo | undefined,
): ReportFindings {
  const events = readEvents(report.eventLog);
  const appCompose = asText(report.summary?.app_compose);
  const compose = startedImages(appCompose);
  const composeHash = appCompose === undefined ? undefined : sha256(appCompose);
  const osImageHash = singlePayload(events, "os-image-hash");
  return {
    steps: [
      replayStep(report, events, body),
      digestStep(report, events),
      composeStep(events, composeHash, body),
      summaryStep(report, body, composeHash, osImageHash),
      ...imageSteps(compose, report.kind === "llm" ? undefined : info),
      osImageStep(report, osImageHash),
      ...(report.hasGpu ? [{ id: "gpu", status: "not-checked", why: "noService" } as const] : []),
      ...unboundStep(report, events),
    ],
    measures: {
      mrTd: body?.mrTd,
      rtmrs: body?.rtmrs ?? [],
      composeHash,
      osImageHash,
      images: ("why" in compose ? compose.named : compose.images) ?? [],
    },
  };
}

function replayStep(
  { eventLog }: Report,
  events: readonly LoggedEvent[] | undefined,
  body: QuoteBody | undefined,
): CustodyStep {
  if (!events) return failed("rtmr-replay", eventLog === undefined ? "missing" : "malformed");
  const right = replay(events).join("\n");
  if (!body) return { id: "rtmr-replay", status: "not-checked", right, why: "quoteUnproven" };
  return compared("rtmr-replay", body.rtmrs.join("\n"), right);
}

/** The register that a system's own programs write must hold runtime events alone: others say nothing that could be compared. */
function digestStep({ eventLog }: Report, events: readonly LoggedEvent[] | undefined): CustodyStep {
  if (!events) return failed("event-digests", eventLog === undefined ? "missing" : "malformed");
  const runtime = events.filter(isRuntime);
  if (runtime.length === 0) return failed("event-digests", "missing");
  const wrong = runtime.find((event) => event.digest !== "" && event.digest !== runtimeDigest(event));
  if (wrong) return { ...compared("event-digests", runtimeDigest(wrong), wrong.digest) };
  return { id: "event-digests", status: "proven", right: `${runtime.length}` };
}

function composeStep(
  events: readonly LoggedEvent[] | undefined,
  left: string | undefined,
  body: QuoteBody | undefined,
): CustodyStep {
  const logged = namedEvents(events, "compose-hash");
  if (left === undefined || logged.length === 0)
    return { ...failed("compose-hash", "missing"), left, right: logged[0]?.payload };
  if (logged.length > 1) return { ...failed("compose-hash", "repeatedEvent"), left };
  const step = compared("compose-hash", left, logged[0]?.payload ?? "");
  // The machine's own configuration id says it once more, where it is of that kind.
  const configured = body?.mrConfigId.startsWith("01") ? body.mrConfigId.slice(2, 66) : left;
  return step.status === "proven" ? compared("compose-hash", left, configured) : step;
}

function namedEvents(events: readonly LoggedEvent[] | undefined, name: string): LoggedEvent[] {
  return startEvents(events ?? []).filter((event) => event.name === name);
}

function singlePayload(events: readonly LoggedEvent[] | undefined, name: string): string | undefined {
  const found = namedEvents(events, name);
  return found.length === 1 ? found[0]?.payload : undefined;
}

/** The summary beside the quote must say what the quote says. `left` and `right` are the lines that differ, or how many agree. */
function summaryStep(
  { summary, eventLog }: Report,
  body: QuoteBody | undefined,
  composeHash: string | undefined,
  osImageHash: string | undefined,
): CustodyStep {
  if (!summary) return failed("tcb-info", "missing");
  if (!body) return { id: "tcb-info", status: "not-checked", why: "quoteUnproven" };
  const required = {
    mrtd: body.mrTd,
    ...Object.fromEntries(body.rtmrs.map((one, index) => [`rtmr${index}`, one])),
  };
  const optional = {
    mr_aggregated: aggregated(body),
    compose_hash: composeHash,
    os_image_hash: osImageHash,
  };
  const said = Object.entries({ ...required, ...optional }).filter(
    ([name, value]) => name in required || (summary[name] !== undefined && value !== undefined),
  );
  const wrong = said.find(([name, value]) => summary[name] !== value);
  if (wrong) {
    const [name, value] = wrong;
    return compared("tcb-info", `${name} ${value ?? ""}`, `${name} ${asText(summary[name]) ?? ""}`);
  }
  if (asArray(summary.event_log).length > 0 && !isSameLog(summary.event_log, eventLog))
    return failed("tcb-info", "different");
  return { id: "tcb-info", status: "proven", right: said.map(([name]) => name).join(", ") };
}

/** One hash over all measures; the configuration ones count only where a machine has any. */
function aggregated({ mrTd, rtmrs, mrConfigId, mrOwner, mrOwnerConfig }: QuoteBody): string {
  const configuration = mrConfigId + mrOwner + mrOwnerConfig;
  const counted = /^0*$/.test(configuration) ? "" : configuration;
  return createHash("sha256")
    .update(Buffer.from(mrTd + rtmrs.join("") + counted, "hex"))
    .digest("hex");
}

/** As far as logs are bound: some enclaves leave out what the firmware said. */
function isSameLog(first: unknown, second: unknown): boolean {
  const bound = (log: unknown) =>
    readEvents(log)?.map((event) =>
      isRuntime(event)
        ? { ...event, digest: event.digest || runtimeDigest(event) }
        : [event.register, event.digest],
    );
  const events = bound(first);
  return events !== undefined && JSON.stringify(events) === JSON.stringify(bound(second));
}

/** That an image with this hash is a published one takes a service which builds it again. */
function osImageStep({ machine }: Report, right: string | undefined): CustodyStep {
  const left = asText(machine?.os_image_hash);
  if (left !== undefined && right !== undefined && left !== right) return compared("os-image", left, right);
  return { id: "os-image", status: "not-checked", right, why: right === undefined ? "missing" : "noService" };
}

/** Only the digests of what the firmware measured are bound; what it says about them is not looked at by anything here. */
function unboundStep({ unbound }: Report, events: readonly LoggedEvent[] | undefined): CustodyStep[] {
  const isBooted = events?.some((event) => event.register !== runtimeRegister);
  const names = [...unbound, ...(isBooted ? ["event_log: boot events' types, names and payloads"] : [])];
  return names.length === 0 ? [] : [{ id: "unbound", status: "observed", right: names.join(", ") }];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
