// What works and what does not, for the network and the wallet in use. All checks run side by side, each for a bounded time; one that
// throws is told like any other. It reads only: starts nothing, signs nothing, sends nothing.
import { orLate } from "../../domain/clock.js";
import { toComputeError } from "../../domain/error.js";
import { checks } from "./doctorChecks.js";
import type { Finding } from "./doctorFinding.js";
import { type DoctorOptions, limitMs, Visit } from "./doctorVisit.js";
import { keptError } from "../loaded.js";

export class Doctor {
  constructor(private readonly options: DoctorOptions) {}

  /** `on` hears what each check found as soon as it did. Never rejects. */
  async check(
    on: (findings: readonly Finding[]) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<readonly Finding[]> {
    const visit = new Visit(this.options, signal);
    const one = async (check: (typeof checks)[number]) => {
      const findings = await this.bounded(check, visit);
      on(findings);
      return findings;
    };
    try {
      return (await Promise.all(checks.map(one))).flat();
    } finally {
      visit.close();
    }
  }

  private async bounded(
    { id: check, run, ifLate }: (typeof checks)[number],
    visit: Visit,
  ): Promise<readonly Finding[]> {
    const late: Finding = { check, word: ifLate, fact: { kind: "late", seconds: limitMs / 1000 } };
    try {
      return await orLate(run(visit), limitMs, [late], this.options.clock);
    } catch (error) {
      const { code } = toComputeError(error);
      if (code === "internal")
        this.options.log.error(`The doctor's check of ${check} ended by a defect`, error);
      return [{ check, word: "notChecked", fact: { kind: "error", error: keptError(error) } }];
    }
  }
}
