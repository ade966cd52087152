// Training files and configurations, looked at with the rules of dataset/: for the task that is to be started, and for whoever shows problems.
import { analyseConfiguration, looksLikeConfiguration } from "../dataset/configuration.js";
import { analyseDataset } from "../dataset/analysis.js";
import { fileSource, textSource } from "../dataset/source.js";
import type { ConfigurationReport, DatasetReport, Destination } from "../domain/dataset.js";
import { ComputeError } from "../domain/error.js";
import { Emitter, type Disposable, type Event } from "../domain/event.js";
import type { DatasetReader } from "./fineTuning/ports.js";

/** What was found in a file on disk. */
export interface LookedAt {
  readonly path: string;
  readonly report: DatasetReport;
}

export class DatasetService implements DatasetReader, Disposable {
  private readonly looked = new Emitter<LookedAt>();
  /** A file was looked at, with whatever result. */
  readonly onDidLook: Event<LookedAt> = this.looked.event;

  /** Throws `badDataset` for what keeps a task from being started, `badFile` for what cannot be read. */
  async read(
    path: string,
    destination: Destination,
    signal?: AbortSignal,
  ): Promise<{ readonly rows: number; readonly tokens: DatasetReport["billedTokens"] }> {
    const report = await analyseDataset(await fileSource(path), {
      destination,
      ...(signal ? { signal } : {}),
    });
    this.looked.fire({ path, report });
    const errors = report.problems.filter(({ severity }) => severity === "error");
    const [first] = errors;
    if (first) {
      const problems = errors.reduce((sum, { total }) => sum + total, 0);
      const lines = errors.flatMap(({ scope, places }) =>
        scope === "row" ? places.map(({ line }) => line) : [],
      );
      const facts = { path, problems, detail: first.rule };
      throw new ComputeError(
        "badDataset",
        lines.length === 0 ? facts : { ...facts, line: Math.min(...lines) },
      );
    }
    return { rows: report.rows, tokens: report.billedTokens };
  }

  /** Of an open document, saved or not. */
  lookAtText(name: string, text: string, signal?: AbortSignal): Promise<DatasetReport> {
    return analyseDataset(textSource(name, text), signal ? { signal } : {});
  }

  /** Undefined for JSON that is no training configuration. */
  lookAtConfiguration(text: string): ConfigurationReport | undefined {
    return looksLikeConfiguration(text) ? analyseConfiguration(text) : undefined;
  }

  dispose(): void {
    this.looked.dispose();
  }
}
