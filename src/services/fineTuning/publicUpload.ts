// A training file into public storage, with a tuning or by itself: within the limits, asked for each time, and paid once however often it is begun.
import type {
  FileRoot,
  StorageUploadOptions,
  StorageUploadPlan,
  StoredFile,
} from "../../broker/storage/api.js";
import type { Clock } from "../../domain/clock.js";
import { cancelled, ComputeError } from "../../domain/error.js";
import type { TransactionHash } from "../../domain/ids.js";
import { neuron } from "../../domain/money.js";
import type { Wallet } from "../../domain/wallet.js";
import type { LimitsService } from "../money/limits.js";
import type { Dialogs, EnclaveGate, StateStore } from "../ports.js";
import { sendReserved } from "../money/reservation.js";
import { type Scope, scopeKey } from "../wallets/scope.js";
import { untilQuiet } from "./funding.js";
import { fileChanged } from "./preconditions.js";
import type { FineTuningTexts, StepOptions, TuningBroker, TuningSession } from "./ports.js";

type Limits = Pick<LimitsService, "checkOperation" | "reserveOperation">;

export interface PublicUploadTools {
  readonly session: TuningSession;
  readonly limits: Limits;
  readonly dialogs: Dialogs;
  readonly texts: FineTuningTexts;
  readonly gate: Pick<EnclaveGate, "allowPublic">;
  readonly state: StateStore;
  readonly clock: Clock;
}

/** A file as it was when it was checked and agreed to: another content is not sent. */
export interface CheckedFile extends Pick<FileRoot, "root"> {
  readonly path: string;
}

/** Throws `cancelled` when the user does not want it public, or not for that price. */
export async function uploadPublicly(
  tools: PublicUploadTools,
  { path, root }: CheckedFile,
  { signal, onProgress }: StepOptions = {},
): Promise<StoredFile> {
  const { session, state, clock } = tools;
  const broker = await session.broker(signal);
  const [wallet, scope] = [session.wallet(), session.scope()];
  if (!wallet || !scope) throw new ComputeError("noWallet", {});
  const { storage } = broker;
  const options = { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
  let plan = await storage.planUpload(path, options);
  if (plan.fileRoot.root !== root) throw fileChanged(path);
  const key = `zgCompute.publicUpload.${scopeKey(scope)}.${root}`;
  const earlierHash = state.get<TransactionHash>(key);
  if (earlierHash !== undefined) {
    // This process, or one before it, has paid or is about to have paid.
    await untilQuiet(broker, wallet.address, clock, signal);
    plan = await storage.planUpload(path, options);
  }
  const stored = await storePublicly({ ...tools, broker, wallet, scope }, plan, {
    ...options,
    onSent: (hash) => state.update(key, hash),
    ...(earlierHash === undefined ? {} : { earlierHash }),
  });
  await state.update(key, undefined);
  return stored;
}

export interface StoringTools extends Pick<PublicUploadTools, "limits" | "dialogs" | "texts" | "gate"> {
  readonly broker: TuningBroker;
  readonly wallet: Wallet;
  readonly scope: Scope;
}

export interface StoringOptions extends Omit<StorageUploadOptions, "maxFee"> {
  /** After the user's yes, before anything happens. */
  readonly begin?: () => Promise<void>;
}

/** What has to be paid for is held to the limits and asked about first. Throws `publicStorage`, `limitReached`, and `cancelled` after a no. */
export async function storePublicly(
  { broker, wallet, scope, limits, dialogs, texts, gate }: StoringTools,
  plan: StorageUploadPlan,
  { begin, onSent, ...options }: StoringOptions,
): Promise<StoredFile> {
  await gate.allowPublic();
  const { file: path, fileRoot, fee, maxGasFee, walletBalance, state } = plan;
  const { root, size } = fileRoot;
  const spending = { kind: "uploadToStorage", amount: neuron(fee + maxGasFee) } as const;
  if (state === "new") {
    limits.checkOperation(scope, spending);
    const facts = { network: broker.network, wallet, path, size, root, fee, maxGasFee, walletBalance };
    if (!(await dialogs.confirm(texts.publicUpload(facts)))) throw cancelled();
  }
  await begin?.();
  const reservation = state === "new" ? await limits.reserveOperation(scope, spending) : undefined;
  return sendReserved(
    reservation,
    (sending, signal) =>
      broker.fineTuning.uploadDataset(plan, { ...options, signal, maxFee: maxGasFee, onSent: sending }),
    { ...(onSent ? { onSent } : {}), signal: options.signal },
  );
}
