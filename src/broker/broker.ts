// The broker's entry: binds its parts to a network, a signer, and what time and chance are. A chunk of its own, loaded on first use.
import { randomBytes } from "node:crypto";
import type { Broker, BrokerOptions } from "./api.js";
import { createActivity } from "./activity/activity.js";
import { intelRoot, sandboxRoot } from "./attestation/chain.js";
import { systemCertificates } from "./attestation/certificate.js";
import { checkReport } from "./attestation/checkReport.js";
import { verifyProvider } from "./attestation/verifyProvider.js";
import { SendingChain } from "./chain/sendingChain.js";
import { createTransactions } from "./chain/sent.js";
import type { BrokerContext } from "./context.js";
import { keysOnChain } from "./files/keysOnChain.js";
import { createFineTuning } from "./fineTuning/fineTuning.js";
import { createInference } from "./inference/inference.js";
import { createLedger } from "./ledger/ledger.js";
import { createStorage } from "./storage/storage.js";

export { createFileTools } from "./files/checkFile.js";
export { receiptTools } from "./receipts/receiptTools.js";
export { walletTools } from "./wallet/walletTools.js";

/** Nothing is asked of the network until a method is called. */
export function createBroker(options: BrokerOptions): Broker {
  const ended = new AbortController();
  const context = createContext(options, ended.signal);
  const { chain, network } = context;
  const ledger = createLedger(context);
  const inference = createInference({ ...context, ledger });
  const storage = createStorage(context);
  const fineTuning = createFineTuning({ ...context, ledger, storage });
  const certificates =
    options.certificates ?? systemCertificates(network.isSandbox || network.id === "custom");
  const root = network.isSandbox ? sandboxRoot : intelRoot;
  const attestation = { context, inference, fineTuning, certificates, root };
  return {
    network,
    chain: {
      checkChainId: (call) => chain.checkChainId(call),
      nodes: (call) => chain.nodes(call),
      balance: (address, call) => chain.balance(address, call),
      blockTimestamp: async (call) => (await chain.latestBlock(call)).timestamp,
      pendingTransactions: (address, call) => chain.pendingTransactions(address, call),
    },
    transactions: createTransactions(chain),
    ledger,
    inference,
    fineTuning,
    storage,
    activity: createActivity(context),
    attestation: {
      verifyProvider: (provider, service, call) => verifyProvider(attestation, provider, service, call),
      checkReport,
      keysOnChain: (call) => keysOnChain(attestation, call),
    },
    close: () => ended.abort(),
  };
}

/** The context every part works with; on its own for those that need only a part of the broker. */
export function createContext(
  options: BrokerOptions,
  closing: AbortSignal,
): BrokerContext & { readonly chain: SendingChain } {
  const { network, signer, clock, log, locks, book, confirmations } = options;
  const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const random = options.random ?? ((bytes) => randomBytes(bytes));
  const chain = new SendingChain({
    ...{ network, signer, clock, log, fetch, closing, locks, book, confirmations },
  });
  return { network, chain, signer, clock, log, fetch, random, hashWorker: options.hashWorker, closing };
}
