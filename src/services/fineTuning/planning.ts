// Everything that can be known before anything is paid: the file, the parameters, the provider, our account there, the money, the time.
// Nothing is signed, written or sent.
import type { CallOptions } from "../../broker/call.js";
import { cancelled, ComputeError, toComputeError } from "../../domain/error.js";
import { feeRange } from "../../domain/trainingFee.js";
import { maxNeuron, neuron, type Neuron, zeroNeuron } from "../../domain/money.js";
import type { LimitsService } from "../money/limits.js";
import { keptError } from "../loaded.js";
import type { EnclaveGate } from "../ports.js";
import type { Scope } from "../wallets/scope.js";
import type { TopUp } from "../money/topUp.js";
import { planFunding } from "./funding.js";
import type { DatasetReader, TuningBroker } from "./ports.js";
import { assertNoUnfinishedTask, assertQueueOpen, spendableAt, tuningEntry } from "./preconditions.js";
import { untilWhenUnderWay } from "./untilWhen.js";
import type { CheckName, DatasetFacts, PlanCheck, RunPlan, RunRequest, UntilWhen } from "./types.js";

/** The chain counts in whole ones; any amount that is missing brings the least transfer with it. */
const leastNeuron = neuron(1n);

export interface PlanningTools {
  readonly dataset: DatasetReader;
  readonly limits: Pick<LimitsService, "checkOperations">;
  readonly gate: EnclaveGate;
  readonly now: () => number;
}

/** Checks run on after one says no: the user sees all that is wrong at once. Throws `cancelled`, and what keeps the chain from being read. */
export async function planRun(
  tools: PlanningTools,
  broker: TuningBroker,
  scope: Scope,
  request: RunRequest,
  options: CallOptions = {},
): Promise<RunPlan> {
  const { provider } = request;
  const { signal } = options;
  const { fineTuning } = broker;
  const checks: PlanCheck[] = [];
  const check = async <T>(name: CheckName, look: () => T | Promise<T>): Promise<T | undefined> => {
    const found = await checked(name, look);
    checks.push(found.check);
    return found.value;
  };
  const dataset = await check("dataset", () => datasetFacts(tools, broker, request, signal));
  const epochs = await check("parameters", () => epochsOf(request));
  if (isPublic(request)) await check("destination", () => tools.gate.allowPublic());
  const entry = tuningEntry(broker, provider, signal);
  await check("service", async () => tools.gate.allow(entry.recipientOf(await entry.read(true))));
  await check("model", () => assertModelOffered(broker, request, signal));
  await check("unfinishedTask", () => assertNoUnfinishedTask(broker, provider, signal));
  const account = await fineTuning.getAccount(provider, options);
  await check("deadQueue", () => account && assertQueueOpen(provider, account));

  const service = await orNothing(fineTuning.getService(provider, options));
  const fee =
    service && dataset && epochs !== undefined
      ? feeRange(request.model, service, dataset, epochs)
      : undefined;
  const balance = spendableAt(account);
  // Without a fee to reckon with what is there is the limit, and in a new account the least that can be moved.
  const wanted = maxNeuron(fee?.high ?? maxNeuron(balance, leastNeuron), request.atLeast ?? zeroNeuron);
  const funding = await planFunding(broker, provider, wanted, signal);
  const status = await orNothing(fineTuning.checkProviderSignerStatus(provider, options));
  const walletBalance = await broker.chain.balance(scope.wallet, options);
  const storage = await publicUpload(broker, request, signal);
  const need = neuron(funding.deposit + (storage ?? zeroNeuron));
  await check("funds", () =>
    assertWallet(walletBalance, need, account !== undefined || funding.transfer > 0n),
  );
  await check("limits", () => assertLimits(tools, scope, request, { ...funding, storage }));
  return {
    ...{ request, scope, checks, wanted, walletBalance },
    ...{ deposit: funding.deposit, transfer: funding.transfer, hasLedger: funding.hasLedger },
    canStart: checks.every(({ isFine }) => isFine),
    ...(dataset ? { dataset } : {}),
    ...(service ? { service } : {}),
    ...(fee ? { fee } : {}),
    // A transfer acknowledges by the way (spec 4).
    acknowledgesSigner: funding.transfer === 0n && status?.isAcknowledgedByUser === false,
    balanceBefore: balance,
    ...(fee ? { balanceAfter: maxNeuron(neuron(balance + funding.transfer - fee.high), zeroNeuron) } : {}),
    ...(storage === undefined ? {} : { storageFee: storage }),
    ...optional("pending", await orNothing(fineTuning.countPending(provider, options))),
    untilWhen: await underWayUntil(tools, broker, request, options),
  };
}

/** The first check that says no, as an error. */
export function assertCanStart({ checks }: Pick<RunPlan, "checks">): void {
  const failed = checks.find(({ isFine }) => !isFine)?.error;
  if (failed) throw new ComputeError(failed.code, failed.facts);
}

async function checked<T>(
  name: CheckName,
  look: () => T | Promise<T>,
): Promise<{ check: PlanCheck; value?: T }> {
  try {
    return { check: { name, isFine: true }, value: await look() };
  } catch (error) {
    const known = toComputeError(error);
    if (known.code === "cancelled") throw cancelled();
    return { check: { name, isFine: false, error: keptError(known) } };
  }
}

/** Hashed first and then checked: what is uploaded later must have this hash. */
async function datasetFacts(
  { dataset }: PlanningTools,
  { storage }: TuningBroker,
  { datasetPath, destination, datasetHash }: RunRequest,
  signal?: AbortSignal,
): Promise<DatasetFacts | undefined> {
  // It was uploaded before, perhaps from another machine: there is nothing here to look at.
  if (datasetPath === undefined) return undefined;
  const { keccak, root, size } = await storage.rootOf(datasetPath, { signal });
  if (datasetHash !== undefined && datasetHash !== keccak && datasetHash !== root)
    throw new ComputeError("badFile", {
      path: datasetPath,
      detail: `it is another file than the one that was uploaded: its hash is ${keccak}, its root ${root}`,
    });
  const facts = await dataset.read(datasetPath, destination, signal);
  return { path: datasetPath, size, keccak, ...facts };
}

async function epochsOf({ trainingParams }: RunRequest): Promise<number> {
  const { checkTrainingParams } = await import("../../dataset/reading.js"); // the rules load here, on first use
  const verdict = checkTrainingParams(trainingParams);
  if (!verdict.isAccepted) throw new ComputeError("badParameters", { detail: verdict.error });
  return verdict.params.epochs;
}

async function assertModelOffered(
  { fineTuning }: TuningBroker,
  { provider, model }: RunRequest,
  signal?: AbortSignal,
): Promise<void> {
  const models = await fineTuning.listModelOf(provider, { signal });
  if (!models.some(({ hash }) => hash === model.hash))
    throw new ComputeError("refusedByProvider", { provider, status: 400, detail: "it has no such model" });
}

/** The data are yet to be stored where everybody can read them. */
function isPublic({ destination, datasetHash }: RunRequest): boolean {
  return destination === "0g-storage" && datasetHash === undefined;
}

/** Fee and gas of a public upload at most; undefined for the enclave, and while the file cannot be read. */
async function publicUpload(
  { storage }: TuningBroker,
  request: RunRequest,
  signal?: AbortSignal,
): Promise<Neuron | undefined> {
  const { datasetPath } = request;
  if (!isPublic(request) || datasetPath === undefined) return undefined;
  const plan = await orNothing(storage.planUpload(datasetPath, { signal }));
  return plan && neuron(plan.fee + plan.maxGasFee);
}

/** Without an account and without a fee to reckon with, nothing would ever be paid, and no task can be made. */
function assertWallet(have: Neuron, need: Neuron, hasAccount: boolean): void {
  if (have < need || !hasAccount)
    throw new ComputeError("insufficientFunds", { account: "wallet", have, need });
}

/** All that the run will send, added up: it must not stop half way at a limit that was known before. */
function assertLimits(
  { limits }: PlanningTools,
  scope: Scope,
  { provider }: RunRequest,
  { deposit, transfer, hasLedger, storage = zeroNeuron }: TopUp & { readonly storage: Neuron | undefined },
): void {
  limits.checkOperations(scope, [
    { kind: hasLedger ? "depositFund" : "addLedger", amount: deposit },
    { kind: "transferFund", provider, service: "fine-tuning", amount: transfer },
    { kind: "uploadToStorage", amount: storage },
  ]);
}

async function underWayUntil(
  { now }: PlanningTools,
  { fineTuning, chain }: TuningBroker,
  { provider }: RunRequest,
  options: CallOptions,
): Promise<UntilWhen> {
  const terms = await fineTuning.getLockedTime(options);
  const timestamp = await chain.blockTimestamp(options);
  const readAt = now();
  return untilWhenUnderWay(terms, { timestamp, readAt }, readAt, { provider });
}

/** For what is shown, not decided by. */
async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const known = toComputeError(error);
    if (known.code === "cancelled") throw known;
    return undefined;
  }
}

function optional<N extends string, T>(name: N, value: T | undefined): Partial<Record<N, T>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<N, T>>);
}
