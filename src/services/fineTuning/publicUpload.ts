// A training file into public storage by itself, without a tuning: asked for each time, and paid once however often it is begun.
import type { FileRoot, StoredFile } from "../../broker/storage/api.js";
import type { Clock } from "../../domain/clock.js";
import { cancelled, ComputeError } from "../../domain/error.js";
import type { TransactionHash } from "../../domain/ids.js";
import type { Dialogs, StateStore } from "../ports.js";
import { scopeKey } from "../scope.js";
import type { StepOptions } from "./face.js";
import { untilQuiet } from "./funding.js";
import { fileChanged } from "./preconditions.js";
import type { FineTuningTexts, TuningSession } from "./ports.js";

export interface PublicUploadTools {
  readonly session: TuningSession;
  readonly dialogs: Dialogs;
  readonly texts: FineTuningTexts;
  readonly state: StateStore;
  readonly clock: Clock;
}

/** A file as it was when it was checked and agreed to: another content is not sent. */
export interface CheckedFile extends Pick<FileRoot, "root"> {
  readonly path: string;
}

/** Throws `cancelled` when the user does not want it public, or not for that price. */
export async function uploadPublicly(
  { session, dialogs, texts, state, clock }: PublicUploadTools,
  { path, root }: CheckedFile,
  { signal, onProgress }: StepOptions = {},
): Promise<StoredFile> {
  const broker = await session.broker(signal);
  const [wallet, scope] = [session.wallet(), session.scope()];
  if (!wallet || !scope) throw new ComputeError("noWallet", {});
  const { storage, network } = broker;
  const options = { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
  let plan = await storage.planUpload(path, options);
  if (plan.fileRoot.root !== root) throw fileChanged(path);
  const { size } = plan.fileRoot;
  const key = `zgCompute.publicUpload.${scopeKey(scope)}.${root}`;
  const earlierHash = state.get<TransactionHash>(key);
  if (earlierHash !== undefined) {
    // This process, or one before it, has paid or is about to have paid.
    await untilQuiet(broker, wallet.address, clock, signal);
    plan = await storage.planUpload(path, options);
  }
  if (plan.state === "new") {
    const { fee, maxGasFee, walletBalance } = plan;
    const facts = { network, wallet, path, size, root, fee, maxGasFee, walletBalance };
    if (!(await dialogs.confirm(texts.publicUpload(facts)))) throw cancelled();
  }
  const stored = await broker.fineTuning.uploadDataset(plan, {
    ...options,
    maxFee: plan.maxGasFee,
    onSent: (hash) => state.update(key, hash),
    ...(earlierHash === undefined ? {} : { earlierHash }),
  });
  await state.update(key, undefined);
  return stored;
}
