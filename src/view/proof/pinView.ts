// What changed at a provider since it was first verified, in words.
import type { CustodyStepId, ReportKind } from "../../domain/attestation.js";
import type { PinDifference } from "../../domain/pin.js";
import type { ProviderClass, ServiceName } from "../../domain/provider.js";
import type { ProofChangeView } from "../../protocol/proof.js";
import type { Confirmation, EnclaveTexts } from "../../services/ports.js";
import { stepLabel } from "./proofText.js";
import { shortValue } from "../shortValue.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

/** More than a dialog has room for are counted. */
const mostRows = 12;

/** Asked before the next message to a provider that is not as it was accepted. */
export function createEnclaveTexts(t: Translate, moment: (at: number) => string): EnclaveTexts {
  const changed: EnclaveTexts["changed"] = ({ provider, service }, { since }, differences, isSandbox) => ({
    title: t("This provider is not as you verified it. Go on?"),
    detail: [
      t("{0}, first verified {1}.", provider, moment(since)),
      ...changeRows(differences.slice(0, mostRows), t).map(({ label, before, now }) =>
        t("{0}: {1} then, {2} now.", label, shortValue(before), shortValue(now)),
      ),
      ...(differences.length > mostRows ? [t("And {0} more.", differences.length - mostRows)] : []),
      isSandbox
        ? t(
            "In the sandbox this happens when its providers are made anew. It says nothing about any hardware.",
          )
        : t(
            "An update looks like this, and so does a stranger in its place. Going on accepts what is there now; “Verify provider” checks it first.",
          ),
    ].join("\n\n"),
    confirmLabel: confirmLabel(service, t),
  });
  const failed = (
    { provider, service }: Parameters<EnclaveTexts["changed"]>[0],
    checkedAt: number,
    { now = "" }: PinDifference,
  ): Confirmation => ({
    title: t("The verification of this provider failed. Go on?"),
    detail: [
      t("{0}, verified {1}.", provider, moment(checkedAt)),
      ...(now ? [t("Checks that failed: {0}.", stepLabels(now, t))] : []),
      t("Going on accepts that; “Verify provider” checks it again and shows each step."),
    ].join("\n\n"),
    confirmLabel: confirmLabel(service, t),
  });
  return {
    changed: (recipient, pin, differences, isSandbox) => {
      const failure = failureAlone(differences);
      return failure
        ? failed(recipient, pin.last.checkedAt, failure)
        : changed(recipient, pin, differences, isSandbox);
    },
    lost: ({ provider, service }, at) => ({
      title: t("Nobody can say whether this provider changed. Go on?"),
      detail: [
        t("{0}: what was remembered of verifications before {1} was damaged.", provider, moment(at)),
        t(
          "If you verified this provider then, a stranger may stand in its place now. “Verify provider” checks and remembers it anew; going on accepts what is there now.",
        ),
      ].join("\n\n"),
      confirmLabel: confirmLabel(service, t),
    }),
  };
}

/** Where it is as it was but for a verification that failed. */
function failureAlone([first, ...others]: readonly PinDifference[]): PinDifference | undefined {
  return first?.what === "verification" && others.length === 0 ? first : undefined;
}

/** The same on the page of a verification, which shows each step that failed. */
export function changeNotice(
  differences: readonly PinDifference[],
  since: string,
  t: Translate,
): ProofChangeView {
  if (failureAlone(differences))
    return {
      text: t("This verification failed. You are asked before your next message to this provider."),
      rows: [],
      accept: t("Accept all the same"),
    };
  return {
    text: t(
      "This provider is not the one you verified on {0}. An update looks like this, and so does a stranger in its place. You are asked again before your next message to it.",
      since,
    ),
    rows: changeRows(differences, t).map(({ label, before, now }) => ({
      label,
      before: shortValue(before),
      now: shortValue(now),
    })),
    accept: t("Accept the change"),
  };
}

function confirmLabel(service: ServiceName, t: Translate): string {
  return service === "inference" ? t("Accept and send") : t("Accept and go on");
}

export interface ChangeRow {
  readonly label: string;
  readonly before: string;
  readonly now: string;
}

/** With whole values; what is not there is said. */
export function changeRows(differences: readonly PinDifference[], t: Translate): readonly ChangeRow[] {
  return differences.map((difference) => ({
    label: changeLabel(difference, t),
    before: valueText(difference, "before", t),
    now: valueText(difference, "now", t),
  }));
}

function valueText(difference: PinDifference, side: "before" | "now", t: Translate): string {
  const { what, [side]: value } = difference;
  if (what === "verification") {
    if (value === undefined) return t("nothing failed");
    return value === "" ? t("failed") : t("failed: {0}", stepLabels(value, t));
  }
  if (value === undefined) return t("none");
  if (what === "providerClass") return classText(value as ProviderClass, t);
  return value === "" ? t("by a tag alone") : value;
}

/** What older versions remembered names none. */
function stepLabels(ids: string, t: Translate): string {
  const labels = ids.split(" ").map((id) => stepLabel({ id: id as CustodyStepId }, t));
  return labels.join(", ");
}

function classText(kind: ProviderClass, t: Translate): string {
  switch (kind) {
    case "combined":
      return t("gateway and model in one enclave");
    case "separated":
      return t("gateway and model in an enclave each");
    case "centralized":
      return t("relays to a company");
    case "standard":
      return t("signs no answers");
  }
}

function changeLabel({ what, report = "combined", name = "" }: PinDifference, t: Translate): string {
  const where = (label: string) =>
    report === "combined" ? label : t("{0}, of {1}", label, reportName(report, t));
  switch (what) {
    case "verification":
      return t("Verification");
    case "teeSigner":
      return t("Key that the chain names");
    case "answerSigner":
      return t("Key that signs answers");
    case "providerClass":
      return t("Kind of provider");
    case "host":
      return t("Server");
    case "report":
      return t("Report of {0}", reportName(report, t));
    case "signer":
      return where(t("Key bound by the report"));
    case "composeHash":
      return where(t("Hash of what is started"));
    case "osImageHash":
      return where(t("Hash of the operating system"));
    case "mrTd":
      return where(t("Measure of the enclave"));
    case "rtmr":
      return where(t("Run-time measure {0}", name));
    case "image":
      return where(t("Image {0}", cleanText(name, 80)));
  }
}

function reportName(kind: ReportKind, t: Translate): string {
  switch (kind) {
    case "broker":
      return t("the gateway");
    case "llm":
      return t("the model");
    case "combined":
      return t("gateway and model");
  }
}
