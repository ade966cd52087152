// The broker's public face, as types: what services may ask of the network. `services/` imports this file with
// `import type` only; the instance is handed in and loads late. Names are those of the network's documents.
import type { Clock } from "../domain/clock.js";
import type { Log } from "../domain/log.js";
import type { Network } from "../domain/networks.js";
import type { ActivityBroker } from "./activity/api.js";
import type { AttestationBroker } from "./attestation/api.js";
import type { CertificateReader } from "./attestation/certificate.js";
import type { ChainReader, TransactionBook, TransactionsBroker, WalletLocks } from "./chain/api.js";
import type { FileTools, FileToolsOptions } from "./files/api.js";
import type { FineTuningBroker } from "./fineTuning/api.js";
import type { InferenceBroker } from "./inference/api.js";
import type { LedgerBroker } from "./ledger/api.js";
import type { ReceiptTools } from "./receipts/api.js";
import type { StorageBroker } from "./storage/api.js";
import type { Signer, WalletTools } from "./wallet/api.js";

export interface BrokerOptions {
  readonly network: Network;
  /** Absent: reading works, whatever signs throws `noWallet`. */
  readonly signer?: Signer;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: the global ones. */
  readonly fetch?: typeof fetch;
  readonly random?: (bytes: number) => Uint8Array;
  /** Path of `hash-worker.js`, which hashes files beside this thread; absent: this thread does it, in slices. */
  readonly hashWorker?: string;
  /** One transaction of a wallet at a time over all windows; absent: over this process. */
  readonly locks?: WalletLocks;
  /** What is signed is written down here before it goes out; absent: remembered as long as the broker. */
  readonly book?: TransactionBook;
  /** How a domain's certificate is seen; default: over the system's TLS. */
  readonly certificates?: CertificateReader;
  /** Blocks from a transaction's own on, that one included, until its result counts; absent: 1. May throw `badSetting`. */
  readonly confirmations?: () => number;
}

export interface Broker {
  readonly network: Network;
  readonly chain: ChainReader;
  readonly transactions: TransactionsBroker;
  readonly ledger: LedgerBroker;
  readonly inference: InferenceBroker;
  readonly fineTuning: FineTuningBroker;
  readonly storage: StorageBroker;
  readonly activity: ActivityBroker;
  readonly attestation: AttestationBroker;
  /** Ends pollers and connections; running calls end with `cancelled`. */
  close(): void;
}

/** What the lazily loaded chunk `broker/broker.ts` exports. */
export interface BrokerModule {
  createBroker(options: BrokerOptions): Broker;
  readonly walletTools: WalletTools;
  readonly receiptTools: ReceiptTools;
  createFileTools(options: FileToolsOptions): FileTools;
}
