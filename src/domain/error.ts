// One error class with a closed list of codes and facts as data. Sentences and buttons are made in view/errors/errors.ts.
import type { SettingFacts } from "./settingFault.js";

/** What went wrong, with the facts its sentence needs. Amounts are bigint neuron; addresses are text. */
export interface ErrorFacts {
  /** The user stopped it: shown to nobody. */
  cancelled: Record<string, never>;
  noWallet: Record<string, never>;
  /** The keychain refused, or gave back something else than was stored. */
  walletLocked: { why: string };
  badWallet: { why: "key" | "mnemonic" | "keystore" | "password" | "cliConfig" | "devKey" };
  /** form: none at all. pass: one of the short ones. signature: not by the wallet it names. wallet: of another wallet. missing: not in the keychain. */
  badApiKey: { why: "form" | "pass" | "signature" | "wallet" | "missing" };
  /** All ids of this provider's keys were used since all were last revoked. */
  noApiKeyLeft: { provider: string };
  badAmount: {
    text: string;
    why: "notANumber" | "tooFine" | "tooLarge" | "tooSmall" | "zero";
    min?: bigint;
    max?: bigint;
  };
  insufficientFunds: {
    account: "wallet" | "ledger" | "sub-account";
    provider?: string;
    have: bigint;
    need: bigint;
  };
  /** Our own spending limit stopped it. */
  limitReached: {
    limit: "perTransaction" | "perDay" | "perProvider" | "keepFunded" | "unaskedFee" | "perKey";
    max: bigint;
    wanted: bigint;
    spent: bigint;
    provider?: string;
    /** Of a day's limit, which counts what leaves the wallet and what goes on to providers apart. */
    way?: "wallet" | "provider";
  };
  notAcknowledged: { provider: string; by: "user" | "owner" };
  /** The user wants private providers only. relays: an outside company reads along. noEnclave: nobody vouches for anything. passedOn: the sandbox's own server is elsewhere. */
  privateOnly: {
    provider: string;
    service: "inference" | "fine-tuning";
    why:
      | "relays"
      | "noEnclave"
      | "passedOn"
      | "notVerified"
      | "notProven"
      | "unknownPrograms"
      | "failed"
      | "changed";
  };
  /** The user wants private providers only, and everybody can read what is stored in public. */
  publicStorage: Record<string, never>;
  /** Its enclave is another than the user verified or accepted, and nobody could be asked. */
  enclaveChanged: { provider: string; service: "inference" | "fine-tuning" };
  noLedger: Record<string, never>;
  /** development: an address whose key is public, on a network with money. */
  unknownProvider: { provider: string; why?: "development" | "noTuning" };
  unknownServiceType: { provider: string; serviceType: string };
  /** The model cannot do what is asked for. */
  unsupported: { model: string; what: "pictures" | "tools" };
  /** An answer that asks for tools ended before all of it was said. */
  toolsCut: { model: string; by: "limit" | "filter" };
  /** What cannot be left out of a question is more than its provider says that the model reads; `tokens`: no fewer, by any count. */
  tooLong: { model: string; tokens: number; context: number };
  /** Of a question: its bytes are not here any more, or are not what was attached. */
  pictureGone: { path: string };
  /** One of several models of a provider, of which its list has no price. */
  unpriced: { model: string };
  providerUnavailable: { provider: string; status?: number; detail: string };
  rateLimited: { provider: string; retryAfterSeconds?: number };
  /** The provider refused the request for a reason of its own (its text is hostile input). */
  refusedByProvider: { provider: string; status: number; detail: string };
  /** `reason` is the decoded custom error name, `args` its arguments as text. */
  rejectedByChain: { reason: string; args: readonly string[]; hash?: string };
  /** Bytes are not what chain or signature say. Nothing was kept under its final name, nothing was acknowledged. */
  verificationFailed: {
    what: "answer" | "image" | "dataset" | "model" | "storage";
    why: "hash" | "signature" | "structure" | "proof";
    provider?: string;
    detail?: string;
  };
  /** The training configuration breaks one of the provider's rules (spec fine-tuning.md 6). */
  badParameters: { detail: string };
  /** The dataset breaks rules that would make the provider refuse it, or train on nothing. */
  badDataset: { path: string; problems: number; line?: number; detail: string };
  /** The task's state, or another task, does not allow it (spec fine-tuning.md 7.3, 8.2). */
  taskConflict: { provider: string; why: "unfinished" | "queueFull" | "busy" | "tooLate" | "notDelivered" };
  /** No key on chain: not settled yet, or never to come (spec fine-tuning.md 12). */
  /** useless: the key on the chain does not open the file. */
  keyMissing: {
    provider: string;
    why: "notAcknowledged" | "notSettled" | "penalty" | "abandoned" | "useless";
  };
  /** Settled without acknowledgement: no later model can be delivered to this account (spec fine-tuning.md 12). */
  deadQueue: { provider: string; deliverable: string };
  /** RPC or HTTP did not answer, or answered nonsense. `hash`: a transaction was sent, and its outcome is not known yet. */
  network: { what: "rpc" | "provider" | "storage" | "status"; url: string; detail: string; hash?: string };
  wrongChain: { url: string; expected: number; actual: number };
  /** start: its program ended before it was ready. taken: a process that tells nothing of itself, `pid`, holds the state. */
  sandboxFailed: { detail: string; why?: "start" | "taken"; pid?: number };
  badSetting: SettingFacts;
  /** The record of what was spent cannot be read: nothing is spent before it is set aside. `name`: its file. */
  journalDamaged: { name: string };
  /** The list of API keys cannot be read: none is made before it is set aside, or an id could be used twice. */
  apiKeysDamaged: { path: string };
  badFile: { path: string; detail: string; line?: number };
  diskFull: { path: string };
  untrustedWorkspace: Record<string, never>;
  /** A defect of ours: never expected. */
  internal: { detail: string };
}

export type ErrorCode = keyof ErrorFacts;

/** The bundles of the extension and the broker each carry this class; the mark makes `instanceof` true across them. */
const mark = Symbol.for("zgCompute.error");

export class ComputeError<C extends ErrorCode = ErrorCode> extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && mark in value;
  }

  readonly [mark] = true;
  readonly code: C;
  readonly facts: ErrorFacts[C];

  constructor(code: C, facts: ErrorFacts[C], options?: { cause?: unknown }) {
    super(code, options);
    this.name = "ComputeError";
    this.code = code;
    this.facts = facts;
  }
}

/** True for a ComputeError of that code; narrows its facts. */
export function isComputeError<C extends ErrorCode>(error: unknown, code: C): error is ComputeError<C> {
  return error instanceof ComputeError && error.code === code;
}

export function cancelled(): ComputeError<"cancelled"> {
  return new ComputeError("cancelled", {});
}

/** Anything thrown, as a ComputeError: ours as it is, aborts as `cancelled`, the rest as `internal` with the cause kept. */
export function toComputeError(error: unknown): ComputeError {
  if (error instanceof ComputeError) return error as ComputeError;
  if (error instanceof Error && error.name === "AbortError") return cancelled();
  return new ComputeError(
    "internal",
    { detail: error instanceof Error ? error.message : String(error) },
    { cause: error },
  );
}
