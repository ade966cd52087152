// Whether the local endpoint runs, and in which window: in the status bar, above its list, and when it was started.
import type { Standing } from "../../services/endpoint/sharedEndpoint.js";
import { errorView } from "../errors/errors.js";
import type { Translate } from "../translate.js";
import { failedCount } from "./endpointTexts.js";

export interface EndpointStatus {
  readonly text: string;
  readonly tooltip: string;
  /** For who hears it. */
  readonly label: string;
  readonly mood?: "error" | "warning";
}

/** `failed`: answers to programs that nobody has looked at yet. Undefined: there is nothing to show. */
export function endpointStatus(standing: Standing, failed: number, t: Translate): EndpointStatus | undefined {
  if (standing.kind === "off") return undefined;
  if (standing.kind === "blocked") {
    const why = blockedText(standing, t);
    return {
      text: `$(warning) ${t("0G endpoint off")}`,
      tooltip: [
        why,
        t("It starts as soon as it can; select this to start it on another port, or to stop it."),
      ].join(" "),
      label: `${t("0G local endpoint, not running")}. ${why}`,
      mood: "warning",
    };
  }
  const { kind, port } = standing;
  const url = endpointUrl(port);
  const runs =
    kind === "here"
      ? t("The local endpoint runs: programs on this machine ask {0} with a key of yours.", url)
      : t(
          "The local endpoint runs in another window: programs on this machine ask {0} with a key of yours.",
          url,
        );
  const name =
    kind === "here"
      ? t("0G local endpoint, port {0}", String(port))
      : t("0G local endpoint in another window, port {0}", String(port));
  const alarm = failed > 0 ? [failedCount(failed, t)] : [];
  return {
    text: `$(${failed > 0 ? "error" : "broadcast"}) 0G :${port}`,
    tooltip: [...alarm, runs].join(" "),
    label: [name, ...alarm].join(". "),
    ...(failed > 0 ? { mood: "error" } : {}),
  };
}

/** Above the list of its keys. */
export function endpointTitle(standing: Standing, t: Translate): string {
  switch (standing.kind) {
    case "off":
      return t("Local endpoint (not running)");
    case "here":
      return t("Local endpoint at {0}", endpointUrl(standing.port));
    case "elsewhere":
      return t("Local endpoint at {0}, in another window", endpointUrl(standing.port));
    case "blocked":
      return standing.port === undefined
        ? t("Local endpoint (not running)")
        : t("Local endpoint (not running: port {0} is taken)", String(standing.port));
  }
}

/** `usual`: the port it has when it can. */
export function startedText(standing: Standing, usual: number | undefined, t: Translate): string {
  switch (standing.kind) {
    case "here":
      return usual === undefined || usual === standing.port
        ? t("The local endpoint runs at {0}.", endpointUrl(standing.port))
        : t(
            "The local endpoint runs at {0} this time: another program has port {1}. Programs need the new address.",
            endpointUrl(standing.port),
            String(usual),
          );
    case "elsewhere":
      return t(
        "The local endpoint runs already, in another window, at {0}. This window takes over when that one closes.",
        endpointUrl(standing.port),
      );
    case "blocked":
      return blockedText(standing, t);
    case "off":
      return t("The local endpoint was stopped.");
  }
}

function blockedText({ port, error }: Extract<Standing, { kind: "blocked" }>, t: Translate): string {
  return port === undefined
    ? t("The local endpoint does not run. {0}", errorView(error, t).text)
    : t(
        "The local endpoint does not run: another program has port {0}, where programs look for it.",
        String(port),
      );
}

/** What a program is given as its base URL. */
export function endpointUrl(port: number): string {
  return `http://127.0.0.1:${port}/v1`;
}
