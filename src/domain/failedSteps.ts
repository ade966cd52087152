// Steps that failed in a verification, until they are found in order: one that nobody looked at the next time has failed still.
import type { CustodyStep, CustodyStepId, ProviderVerification, ReportKind } from "./attestation.js";

/** A step of one report, or one without its report: of the service. What older versions wrote names none. */
export type FailedStep = CustodyStepId | `${ReportKind} ${CustodyStepId}`;

/** Those that fail now, and those of `before` that were not found in order since: silence takes nothing back. */
export function failedSteps(
  verification: ProviderVerification,
  before: readonly FailedStep[],
): readonly FailedStep[] {
  const { reports, steps } = verification;
  const ofReports = reports.flatMap(({ kind, steps: all }) =>
    failedIdsOf(all).map((id): FailedStep => `${kind} ${id}`),
  );
  const open = before.filter((step) => !isSettled(step, verification));
  return [...new Set([...ofReports, ...failedIdsOf(steps), ...open])];
}

function failedIdsOf(steps: readonly CustodyStep[]): readonly CustodyStepId[] {
  return steps.filter(({ status }) => status === "failed").map(({ id }) => id);
}

/** Looked at again where it had failed, and in order. */
function isSettled(step: FailedStep, { reports, steps }: ProviderVerification): boolean {
  const [id, kind] = [idOf(step), kindOf(step)];
  const asked = kind === undefined ? reports : reports.filter((report) => report.kind === kind);
  // One that could be read has no such step.
  if (id === "report") return asked.length > 0 && asked.every(({ quoteDigest }) => quoteDigest !== undefined);
  const ofReports = asked.flatMap((report) => report.steps);
  const found = [...ofReports, ...(kind === undefined ? steps : [])].filter((one) => one.id === id);
  return found.length > 0 && found.every(isInOrder);
}

/** Without a reason, observed is the best that such a step can be; so is the sandbox's root in the sandbox. */
function isInOrder({ status, why }: CustodyStep): boolean {
  return status === "proven" || (status === "observed" && why === undefined) || why === "sandbox";
}

export function idOf(step: FailedStep): CustodyStepId {
  return step.slice(step.indexOf(" ") + 1) as CustodyStepId;
}

function kindOf(step: FailedStep): ReportKind | undefined {
  const end = step.indexOf(" ");
  return end < 0 ? undefined : (step.slice(0, end) as ReportKind);
}

/** For reading: each step once, whichever report it is of. */
export function idsOf(steps: readonly FailedStep[] = []): string {
  return [...new Set(steps.map(idOf))].join(" ");
}
