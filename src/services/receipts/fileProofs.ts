// Verifying a file that anybody may open, with what is known here of the models that were delivered, and with the chain when that is asked for.
import type { CheckFileOptions, FileSource, FileTools } from "../../broker/files/api.js";
import type { Clock } from "../../domain/clock.js";
import type { FileProof, KnownModel } from "../../domain/fileProof.js";
import type { Log } from "../../domain/log.js";
import type { ModelItem } from "../fineTuning/types.js";
import type { LoadBroker } from "../ports.js";
import type { Session } from "../wallets/session.js";

export type { FileSource } from "../../broker/files/api.js";

export interface FileProofsOptions {
  readonly session: Pick<Session, "broker">;
  readonly loadBroker: LoadBroker;
  /** Path of the script of hashing threads. */
  readonly hashWorker?: string;
  /** Of the chosen wallet and network. */
  readonly models: () => readonly ModelItem[];
  readonly clock: Clock;
  readonly log: Log;
}

export class FileProofs {
  private made: Promise<FileTools> | undefined;

  constructor(private readonly options: FileProofsOptions) {}

  /** Throws `cancelled` and nothing else. Asks nobody. */
  async check(source: FileSource, options: Omit<CheckFileOptions, "models"> = {}): Promise<FileProof> {
    const models = this.options.models().flatMap(knownModel);
    return (await this.tools()).check(source, { ...options, models });
  }

  /** The same proof, compared with the keys of the chosen network. Throws what keeps the chain from being read. */
  async askChain(proof: FileProof, signal?: AbortSignal): Promise<FileProof> {
    const broker = await this.options.session.broker(signal);
    const keys = await broker.attestation.keysOnChain({ signal });
    return (await this.tools()).withKeys(proof, keys);
  }

  private tools(): Promise<FileTools> {
    return (this.made ??= this.make());
  }

  private async make(): Promise<FileTools> {
    const { loadBroker, clock, log, hashWorker } = this.options;
    return (await loadBroker()).createFileTools({ clock, log, hashWorker });
  }
}

/** What the chain names of it, and who signed what was downloaded for it. */
function knownModel({ lineage, files }: ModelItem): KnownModel[] {
  const { taskId, modelRootHash, signer } = lineage;
  if (modelRootHash === undefined) return [];
  const path = files.encrypted;
  return [
    {
      ...{ task: taskId, rootHash: modelRootHash },
      ...(signer === undefined ? {} : { signer }),
      ...(path === undefined ? {} : { path }),
    },
  ];
}
