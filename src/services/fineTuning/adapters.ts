// Adapters of the models that are here, as their providers tell of them: read when somebody asks, and by itself where one was deployed.
import type { Adapter } from "../../domain/fineTuning.js";
import { DisposableList, Emitter, type Disposable, type Event } from "../../domain/event.js";
import { inferenceEntry } from "../providers/entries.js";
import type { EnclaveGate } from "../ports.js";
import { modelItems } from "./models.js";
import type { TuningSession } from "./ports.js";
import type { TasksService } from "./tasks.js";
import type { FineTuningRun } from "./types.js";

export interface AdaptersOptions {
  readonly session: TuningSession;
  readonly gate: Pick<EnclaveGate, "beforeSendingUnasked">;
  readonly tasks: Pick<TasksService, "state" | "onDidChange">;
  readonly runs: () => readonly FineTuningRun[];
}

export class Adapters implements Disposable {
  private readonly changed = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changed.event;
  private readonly owned = new DisposableList();
  private known: readonly Adapter[] = [];
  /** Names in the runs that were asked for. */
  private named = "";

  constructor(private readonly options: AdaptersOptions) {
    this.owned.add(options.session.onDidChange(() => this.forget()));
    this.owned.add(options.tasks.onDidChange(() => this.follow()));
    this.owned.add(this.changed);
  }

  get list(): readonly Adapter[] {
    return this.known;
  }

  /** Providers without an inference side have none, and those that are not as they were accepted are not asked; what is not read is not shown. */
  async read(): Promise<void> {
    const { session, gate, tasks, runs } = this.options;
    const served = modelItems(tasks.state.value, runs()).filter(({ isAcknowledged }) => isAcknowledged);
    const providers = [...new Set(served.map(({ lineage }) => lineage.provider))];
    if (providers.length === 0) return;
    const lists = await Promise.allSettled(
      providers.map(async (provider) => {
        const broker = await session.broker();
        const service = await gate.beforeSendingUnasked(inferenceEntry(broker, provider, undefined));
        return broker.fineTuning.lora.listAdapters(service);
      }),
    );
    this.known = lists.flatMap((list) => (list.status === "fulfilled" ? list.value : []));
    this.changed.fire();
  }

  dispose(): void {
    this.owned.dispose();
  }

  /** A run that deployed one may have done so before this session, or without anybody looking. */
  private follow(): void {
    const { tasks, runs } = this.options;
    if (!tasks.state.value) return;
    const named = runs()
      .flatMap(({ adapter }) => adapter ?? [])
      .join();
    if (named === this.named) return;
    this.named = named;
    void this.read();
  }

  private forget(): void {
    this.known = [];
    this.named = "";
  }
}
