// Training files and configurations, looked at with the rules of dataset/: for the task that is to be started, and for whoever shows problems.
import type { ConfigurationReport, DatasetReport, Destination, PreviewRow } from "../domain/dataset.js";
import { ComputeError } from "../domain/error.js";
import { Emitter, type Disposable, type Event } from "../domain/event.js";
import type { BilledCounts } from "../domain/trainingFee.js";
import type { DatasetReader } from "./fineTuning/ports.js";

const loadReading = () => import("../dataset/reading.js"); // the rules load here, on first use

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
  ): Promise<{ readonly rows: number } & Required<BilledCounts>> {
    const { analyseDataset, fileSource } = await loadReading();
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
    return { rows: report.rows, tokens: report.billedTokens, words: report.billedWords };
  }

  /** The first rows beside what training sees of them. `text`: of an open document, which counts instead of the file. */
  async preview(
    path: string,
    text: string | undefined,
    { destination, count }: { readonly destination: Destination; readonly count: number },
    signal?: AbortSignal,
  ): Promise<readonly PreviewRow[]> {
    const { fileSource, previewRows, textSource } = await loadReading();
    const source = text === undefined ? await fileSource(path) : textSource(path, text);
    return previewRows(source, destination, { count, ...(signal ? { signal } : {}) });
  }

  /** Of an open document, saved or not. */
  async lookAtText(name: string, text: string, signal?: AbortSignal): Promise<DatasetReport> {
    const { analyseDataset, textSource } = await loadReading();
    return analyseDataset(textSource(name, text), signal ? { signal } : {});
  }

  /** Undefined for a text that is about something else. `rows`: of the dataset it is for, as far as that is known. */
  async lookAtConfiguration(text: string, rows?: number): Promise<ConfigurationReport | undefined> {
    const { analyseConfiguration, isConfiguration } = await loadReading();
    return isConfiguration(text) ? analyseConfiguration(text, rows === undefined ? {} : { rows }) : undefined;
  }

  dispose(): void {
    this.looked.dispose();
  }
}
