// Lets the broker's own operations run over what a vector recorded: the service as the chain would give it, the answers as HTTP would.
import type { InferenceDeps } from "../../broker/context.js";
import { contractInterface } from "../../broker/contracts/interfaces.js";
import type { Signer } from "../../broker/wallet/api.js";
import type { SubAccount } from "../../domain/account.js";
import type { Address } from "../../domain/ids.js";
import { networks } from "../../domain/networks.js";

export interface RecordedService {
  readonly serviceType: string;
  readonly verifiability: string;
  readonly teeSignerAddress: string;
  readonly teeSignerAcknowledged: boolean;
  readonly additionalInfo: string;
  readonly url: string;
  readonly model: string;
  readonly inputPrice?: string;
  readonly outputPrice?: string;
}

export interface Recording {
  readonly service?: RecordedService;
  readonly account?: SubAccount;
  readonly signer?: Signer;
  /** Answers every request; without one, asking is an error. */
  readonly answer?: { readonly status: number; readonly body: string };
  /** Milliseconds since 1970. */
  readonly now?: number;
}

export const recordedProvider = "0x58eB48CdF69CEFE81DBB3De83880A8bB47422d04" as Address;

/** Between two tries: a signer that may have changed is looked at again after so long. */
const longestPauseMs = 3_000;

/** `urls` fills with what was asked of the provider. */
export function replay(recording: Recording): { deps: InferenceDeps; urls: string[] } {
  const urls: string[] = [];
  const quiet = () => undefined;
  let now = recording.now ?? 0;
  const unexpected = (what: string) => () => Promise.reject(new Error(`${what} was not recorded`));
  const ledger = new Proxy({} as InferenceDeps["ledger"], {
    get: (_, name) =>
      name === "getSubAccount" ? () => Promise.resolve(recording.account) : unexpected(String(name)),
  });
  const chain = new Proxy({} as InferenceDeps["chain"], {
    get: (_, name) =>
      name === "read" && recording.service
        ? () => Promise.resolve(serviceResult(recording.service as RecordedService))
        : unexpected(String(name)),
  });
  const deps: InferenceDeps = {
    network: networks.mainnet,
    chain,
    ledger,
    signer: recording.signer,
    clock: {
      now: () => now,
      // Time passes only for those who wait for nothing else: what is longer is a bound on something that has an answer here.
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          signal?.addEventListener("abort", () => reject(new Error("no longer waiting")));
          if (ms <= longestPauseMs) setImmediate(() => resolve(((now += ms), undefined)));
        }),
      after: () => () => undefined,
    },
    log: { error: quiet, warn: quiet, info: quiet, debug: quiet, trace: quiet },
    fetch: (input) => {
      urls.push(requestUrl(input));
      const { answer } = recording;
      if (!answer) return Promise.reject(new Error("an answer was not recorded"));
      return Promise.resolve(new Response(answer.body, { status: answer.status }));
    },
    random: (bytes) => new Uint8Array(bytes),
    closing: new AbortController().signal,
  };
  return { deps, urls };
}

function requestUrl(input: Parameters<typeof fetch>[0]): string {
  return typeof input === "string" ? input : input instanceof URL ? input.href : input.url;
}

/** As the contract would return it: encoded and decoded again. */
function serviceResult(service: RecordedService) {
  const contract = contractInterface("inference");
  const tuple = {
    provider: recordedProvider,
    inputPrice: 0n,
    outputPrice: 0n,
    updatedAt: 0n,
    ...service,
  };
  return contract.decodeFunctionResult("getService", contract.encodeFunctionResult("getService", [tuple]));
}
