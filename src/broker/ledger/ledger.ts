// The ledger's public face: binds the operations to a network and a signer.
import type { ContractLimits } from "../../domain/account.js";
import type { ServiceName } from "../../domain/provider.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import { requireSigner } from "../wallet/signer.js";
import type { LedgerBroker } from "./api.js";
import { type Known, planOperation, runOperation } from "./plan.js";
import { readLedger, readLimits, readOverview, readServiceName, readSubAccount } from "./reads.js";

export function createLedger(context: BrokerContext): LedgerBroker {
  const known = createKnown(context);
  const user = () => requireSigner(context).address;
  const run: LedgerBroker["run"] = (operation, options) => runOperation(context, known, operation, options);
  return {
    getLedger: async (options) => readLedger(context, user(), options),
    limits: (options) => known.limits(options),
    overview: async (options) => readOverview(context, user(), known.limits(options), options),
    getSubAccount: async (service, provider, options) =>
      readSubAccount(context, user(), service, provider, options),
    plan: (operation, options) => planOperation(context, known, operation, options),
    run,
    addLedger: (amount, options) => run({ kind: "addLedger", amount }, options),
    depositFund: (amount, options) => run({ kind: "depositFund", amount }, options),
    transferFund: (provider, service, amount, options) =>
      run({ kind: "transferFund", provider, service, amount }, options),
    retrieveFund: (service, providers, options) => run({ kind: "retrieveFund", service, providers }, options),
    refund: (amount, options) => run({ kind: "refund", amount }, options),
    deleteLedger: (options) => run({ kind: "deleteLedger" }, options),
  };
}

/** Minimums and names hardly ever change: asked once, forgotten only when the asking failed. */
function createKnown(context: BrokerContext): Known {
  let limits: ContractLimits | undefined;
  const names = new Map<ServiceName, string>();
  return {
    limits: async (options?: CallOptions) => (limits ??= await readLimits(context, options)),
    serviceName: async (service, options) => {
      const name = names.get(service) ?? (await readServiceName(context, service, options));
      names.set(service, name);
      return name;
    },
  };
}
