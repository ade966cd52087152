// One look at every provider ever used: what the chain, the provider and our journals know of each task, joined.
import { chainNow, type ChainTime } from "../../domain/chainTime.js";
import type { KeptError } from "../../domain/chat.js";
import {
  acknowledgeDeadline,
  type Deliverable,
  type FineTuningAccount,
  type FineTuningService,
  type FineTuningTerms,
  type TrainingTask,
} from "../../domain/fineTuning.js";
import { addressKey, sameAddress, type ProviderId, type TaskId } from "../../domain/ids.js";
import { keptError } from "../loaded.js";
import type { Scope } from "../wallets/scope.js";
import type { TuningBroker } from "./ports.js";
import { stepOf } from "./runState.js";
import { signerChangeOf } from "./signerChange.js";
import { taskKey } from "./stageBook.js";
import { overchargeOf } from "./settledFee.js";
import { stuckAccount, stuckTask, type StuckFacts } from "./stuck.js";
import type { FineTuningRun, ProviderTasks, StageSeen, TaskItem, TasksState } from "./types.js";

/** What was read about one provider. */
export interface ProviderReading {
  readonly provider: ProviderId;
  readonly service?: FineTuningService;
  readonly account?: FineTuningAccount;
  readonly tasks: readonly TrainingTask[];
  readonly pending?: number;
  readonly error?: KeptError;
}

export interface TasksReading {
  readonly providers: readonly ProviderReading[];
  readonly terms: FineTuningTerms;
  readonly chainTime: ChainTime;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A provider that does not answer keeps what it told the last time. Throws when the chain does not answer. */
export async function readTasks(
  broker: TuningBroker,
  runs: readonly FineTuningRun[],
  before: TasksReading | undefined,
  now: () => number,
): Promise<TasksReading> {
  const { fineTuning, ledger, chain } = broker;
  const [overview, services, terms] = await Promise.all([
    ledger.overview(),
    fineTuning.listService({ includeUnacknowledged: true }),
    fineTuning.getLockedTime(),
  ]);
  const used = overview.subAccounts.filter(({ service }) => service === "fine-tuning");
  const all = [...used, ...runs].map(({ provider }) => provider);
  const ids = [...new Map(all.map((id) => [addressKey(id), id])).values()];
  const providers = await Promise.all(
    ids.map((id) => {
      const service = services.find(({ provider }) => sameAddress(provider, id));
      const last = before?.providers.find(({ provider }) => sameAddress(provider, id));
      return readProvider(broker, id, service, last);
    }),
  );
  const timestamp = await chain.blockTimestamp();
  return { providers, terms, chainTime: { timestamp, readAt: now() } };
}

async function readProvider(
  { fineTuning }: TuningBroker,
  provider: ProviderId,
  service: FineTuningService | undefined,
  last: ProviderReading | undefined,
): Promise<ProviderReading> {
  const account = await fineTuning.getAccount(provider);
  const facts = { provider, ...(service ? { service } : {}), ...(account ? { account } : {}) };
  try {
    const tasks = await fineTuning.listTask(provider);
    const isQueued = tasks.some(({ stage }) => stage === "Init" || stage === "SetUp");
    const pending = isQueued ? await fineTuning.countPending(provider) : undefined;
    return { ...facts, tasks, ...(pending === undefined ? {} : { pending }) };
  } catch (error) {
    return { ...facts, tasks: last?.tasks ?? [], error: keptError(error) };
  }
}

export interface Joining {
  readonly reading: TasksReading;
  readonly runs: readonly FineTuningRun[];
  readonly stages: Readonly<Record<string, readonly StageSeen[]>>;
  readonly scope: Scope;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Pure. */
export function joinTasks(joining: Joining): TasksState {
  const { terms, chainTime, providers } = joining.reading;
  const undecrypted = providers.flatMap(({ provider, account }) =>
    (account?.deliverables ?? [])
      .filter(({ isSettled, encryptedSecret }) => isSettled && encryptedSecret !== "0x")
      .filter(({ id }) => !isDecrypted(runOf(joining.runs, provider, id)))
      .map(({ id }) => id as TaskId),
  );
  const items = providers.map((reading) => joinProvider(joining, reading, undecrypted));
  const isBusy = (one: ProviderTasks) => one.tasks.some(isUnfinished) || one.runs.length > 0;
  return {
    providers: [...items.filter(isBusy), ...items.filter((one) => !isBusy(one))],
    ...{ terms, chainTime },
  };
}

function joinProvider(
  joining: Joining,
  reading: ProviderReading,
  undecrypted: readonly TaskId[],
): ProviderTasks {
  const { provider, service, account, tasks, error } = reading;
  const { terms, chainTime } = joining.reading;
  const facts: StuckFacts = { provider, terms, now: chainNow(chainTime, joining.now), undecrypted };
  const onChain = (account?.deliverables ?? []).filter(({ id }) => uuid.test(id));
  const own = joining.runs.filter((run) => sameAddress(run.provider, provider));
  const known = tasks.map(({ id }) => id);
  const onlyElsewhere = [
    ...onChain.map(({ id }) => id as TaskId).reverse(),
    ...own.flatMap((run) => run.taskId ?? []),
  ];
  const ids = [...new Set([...known, ...onlyElsewhere])];
  const taskById = byId(tasks, ({ id }) => id);
  const deliverableById = byId(onChain, ({ id }) => id);
  const runById = byId(own, ({ taskId }) => taskId);
  const stuck = stuckAccount(facts, account, tasks);
  return {
    provider,
    ...(service ? { service } : {}),
    ...(account ? { account } : {}),
    tasks: ids.map((id) =>
      joinTask(joining, reading, facts, {
        id,
        ...{ task: taskById.get(id), deliverable: deliverableById.get(id), run: runById.get(id) },
      }),
    ),
    runs: own.filter(({ taskId }) => taskId === undefined),
    ...(stuck ? { stuck } : {}),
    ...(error ? { error } : {}),
  };
}

/** The first of each. */
function byId<T>(all: readonly T[], idOf: (one: T) => string | undefined): ReadonlyMap<string, T> {
  return new Map([...all].reverse().map((one) => [idOf(one) ?? "", one]));
}

interface TaskParts extends Pick<TaskItem, "id"> {
  readonly task: TrainingTask | undefined;
  readonly deliverable: Deliverable | undefined;
  readonly run: FineTuningRun | undefined;
}

function joinTask(
  joining: Joining,
  reading: ProviderReading,
  facts: StuckFacts,
  { id, task, deliverable, run }: TaskParts,
): TaskItem {
  const { provider, service } = reading;
  const stuck = stuckTask(facts, { id, task, deliverable, run });
  const overcharge = overchargeOf(run, task, facts.terms);
  const deadline = deadlineOf(deliverable, facts.terms);
  const signerChange = deadline === undefined ? undefined : signerChangeOf(run?.check, service);
  const isQueued = task && (task.stage === "Init" || task.stage === "SetUp");
  return {
    ...{ provider, id },
    ...(task ? { task } : {}),
    ...(deliverable ? { deliverable } : {}),
    ...(deadline === undefined ? {} : { deadline }),
    stages: joining.stages[taskKey({ provider, id })] ?? [],
    // The count has ours in it (spec 7.3).
    ...(isQueued && reading.pending !== undefined ? { tasksBefore: Math.max(0, reading.pending - 1) } : {}),
    ...(run ? { run } : {}),
    ...(stuck ? { stuck } : {}),
    ...(overcharge ? { overcharge } : {}),
    ...(signerChange ? { signerChange } : {}),
    differences: task && run ? differencesOf(task, run, joining.scope) : [],
  };
}

function deadlineOf(deliverable: Deliverable | undefined, terms: FineTuningTerms): number | undefined {
  if (!deliverable || deliverable.isAcknowledged || deliverable.isSettled) return undefined;
  return acknowledgeDeadline(deliverable, terms.lockTime);
}

/** The signature of a task covers neither model nor parameters: what the provider says it does is compared with what was asked (spec 17.4). */
export function differencesOf(
  task: TrainingTask,
  run: FineTuningRun,
  { wallet }: Scope,
): TaskItem["differences"] {
  if (run.origin === "elsewhere") return [];
  return [
    ...(task.modelHash.toLowerCase() === run.model.hash ? [] : (["model"] as const)),
    ...(task.datasetHash.toLowerCase() === run.datasetHash ? [] : (["dataset"] as const)),
    ...(task.trainingParams === run.trainingParams ? [] : (["parameters"] as const)),
    ...(task.nonce === run.nonce ? [] : (["nonce"] as const)),
    ...(sameAddress(task.user, wallet) ? [] : (["user"] as const)),
  ];
}

function runOf(runs: readonly FineTuningRun[], provider: ProviderId, id: string): FineTuningRun | undefined {
  return runs.find((run) => run.taskId === id && sameAddress(run.provider, provider));
}

function isDecrypted(run: FineTuningRun | undefined): boolean {
  return run !== undefined && stepOf(run, "decrypt").state === "done";
}

/** Something will still happen to it, or has to be done about it. */
function isUnfinished({ task, deliverable, deadline }: TaskItem): boolean {
  if (deadline !== undefined) return true;
  if (deliverable) return !deliverable.isSettled;
  return task !== undefined && task.stage !== "Finished" && task.stage !== "Failed";
}
