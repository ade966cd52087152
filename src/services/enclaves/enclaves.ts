// Verifying providers, what is remembered of it, and what it means for the next message.
import type { VerifyOptions } from "../../broker/attestation/verifyProvider.js";
import { custodyWord, type CustodyStep, type ProviderVerification } from "../../domain/attestation.js";
import { cancelled, ComputeError, type ErrorFacts } from "../../domain/error.js";
import { Emitter, type Disposable, type Event } from "../../domain/event.js";
import { addressKey, type ProviderId } from "../../domain/ids.js";
import { idsOf } from "../../domain/failedSteps.js";
import type { Network } from "../../domain/networks.js";
import { differencesOf, entryOf, type Pin, type PinDifference } from "../../domain/pin.js";
import type { ServiceName } from "../../domain/provider.js";
import { Pins, type PinRef, type Remembered, type ShownChange } from "./pins.js";
import type {
  Confirmation,
  Dialogs,
  EnclaveGate,
  EnclaveTexts,
  EntryReader,
  Folder,
  Recipient,
  Settings,
} from "../ports.js";
import { orAborted } from "../sandbox.js";
import { networkKeyOf } from "../wallets/scope.js";
import type { Session } from "../wallets/session.js";

export interface EnclavesOptions {
  readonly session: Pick<Session, "network">;
  readonly settings: Pick<Settings, "privateOnly" | "pccsUrl">;
  readonly dialogs: Dialogs;
  readonly texts: EnclaveTexts;
  readonly folder: Folder;
  /** Where collateral is kept. */
  readonly collateral: Folder;
  readonly now: () => number;
  /** Of the network of the moment. */
  readonly verify: (
    provider: ProviderId,
    service: ServiceName,
    options: VerifyOptions,
  ) => Promise<ProviderVerification>;
}

/** With what is not as it was accepted, which can be. */
export interface Verification extends ShownChange {
  readonly verification: ProviderVerification;
  /** Absent while there is nothing to remember. */
  readonly pin?: Pin;
}

/** lost: nobody can say what it was before. damaged: nor can it be read any more, until it is set aside. */
export type PinLook = "same" | "changed" | "unknown" | "lost" | "damaged";

export class Enclaves implements EnclaveGate, Disposable {
  private readonly accepted = new Emitter<PinRef>();
  /** A change was accepted, on the page or before a message. */
  readonly onDidAccept: Event<PinRef> = this.accepted.event;
  /** What was remembered could not be read, and is kept under that path. */
  readonly onDidLose: Event<{ readonly kept: string }>;
  private readonly pins: Pins;
  /** Questions that are open. */
  private readonly asked = new Map<string, Promise<boolean>>();

  constructor(private readonly options: EnclavesOptions) {
    const { folder, now } = options;
    this.pins = new Pins({ folder, now });
    this.onDidLose = this.pins.onDidLose;
  }

  /** Downloads, checks, and remembers, all of the network of now. Throws what keeps the chain from being read, and `badSetting`. */
  async verify(
    provider: ProviderId,
    service: ServiceName,
    options: VerifyOptions = {},
  ): Promise<Verification> {
    const { session, settings, collateral: folder } = this.options;
    const ref = { networkKey: networkKeyOf(session.network()), provider, service };
    const url = settings.pccsUrl();
    const asked = url === undefined ? options : { ...options, collateral: { url, folder } };
    const verification = await this.options.verify(provider, service, asked);
    const before = await this.pins.of(ref);
    const pin = await this.pins.note(ref.networkKey, verification);
    const { entry } = verification;
    const differences = pin ? differencesOf(pin, entry) : [];
    return {
      ...{ ...ref, entry, differences, ...(pin ? { pin } : {}) },
      verification: withPinned(verification, before, pin, differences),
    };
  }

  /** False where there is something else by now than was shown: nothing is accepted then. */
  async accept(shown: ShownChange): Promise<boolean> {
    const isAccepted = await this.pins.accept(shown);
    if (isAccepted) this.accepted.fire(shown);
    return isAccepted;
  }

  async allow(recipient: Recipient, network = this.options.session.network()): Promise<void> {
    if (!this.options.settings.privateOnly()) return;
    const { provider, service } = recipient;
    const remembered = await this.pins.of({ networkKey: networkKeyOf(network), provider, service });
    const why = refusal(recipient, remembered, network.isSandbox);
    if (why) throw new ComputeError("privateOnly", { provider, service, why });
  }

  async allowPublic(): Promise<void> {
    if (this.options.settings.privateOnly()) throw new ComputeError("publicStorage", {});
  }

  async beforeSending<E>(reader: EntryReader<E>, signal?: AbortSignal): Promise<E> {
    const { texts, session } = this.options;
    const network = session.network();
    for (;;) {
      const entry = await this.read(reader, network);
      const recipient = reader.recipientOf(entry);
      const change = await this.openChange(recipient, network);
      if (!change) {
        await this.allow(recipient, network);
        return entry;
      }
      const { pin, lostAt, differences } = change;
      const question =
        pin && differences.length > 0
          ? texts.changed(recipient, pin, differences, network.isSandbox)
          : texts.lost(recipient, lostAt ?? 0);
      if (!(await orAborted(this.askOnce(change, question), signal))) throw cancelled();
      // What was found meanwhile, and what the chain names by then, is asked about, too.
      await this.accept(change);
    }
  }

  async beforeSendingUnasked<E>(reader: EntryReader<E>): Promise<E> {
    const network = this.options.session.network();
    const entry = await this.read(reader, network);
    const recipient = reader.recipientOf(entry);
    const { provider, service } = recipient;
    if (await this.openChange(recipient, network))
      throw new ComputeError("enclaveChanged", { provider, service });
    await this.allow(recipient, network);
    return entry;
  }

  /** What is remembered of a provider beside what the chain says of it now. Asks nobody and changes nothing. */
  async look(recipient: Recipient): Promise<PinLook> {
    const { provider, service } = recipient;
    const networkKey = networkKeyOf(this.options.session.network());
    const known = await this.pins.look({ networkKey, provider, service });
    if (known === "damaged") return "damaged";
    if (known.lostAt !== undefined) return "lost";
    if (!known.pin) return "unknown";
    return differencesOf(known.pin, entryOf(recipient)).length > 0 ? "changed" : "same";
  }

  async verified(networkKey: string, provider: ProviderId, service: ServiceName): Promise<Pin | undefined> {
    return (await this.pins.of({ networkKey, provider, service })).pin;
  }

  dispose(): void {
    this.accepted.dispose();
    this.pins.dispose();
  }

  /** One question for all who wait for the answer to the same one: chats, other extensions, pictures. */
  private askOnce(
    { networkKey, ...change }: ShownChange & Remembered,
    question: Confirmation,
  ): Promise<boolean> {
    const { provider, service, entry, differences, lostAt } = change;
    const key = JSON.stringify([networkKey, addressKey(provider), service, entry, differences, lostAt]);
    const open = this.asked.get(key);
    if (open) return open;
    const answer = this.options.dialogs.confirm(question).finally(() => this.asked.delete(key));
    this.asked.set(key, answer);
    return answer;
  }

  /** A minute's age is good enough only for whom nobody has looked at. */
  private async read<E>(reader: EntryReader<E>, network: Network): Promise<E> {
    const { provider, service } = reader;
    const { pin, lostAt } = await this.pins.of({ networkKey: networkKeyOf(network), provider, service });
    return reader.read(pin !== undefined || lostAt !== undefined || this.options.settings.privateOnly());
  }

  /** What nobody has accepted yet; undefined: nothing. */
  private async openChange(
    recipient: Recipient,
    network: Network,
  ): Promise<(ShownChange & Remembered) | undefined> {
    const { provider, service } = recipient;
    const ref = { networkKey: networkKeyOf(network), provider, service };
    const { pin, lostAt } = await this.pins.of(ref);
    const entry = entryOf(recipient);
    const differences = pin ? differencesOf(pin, entry) : [];
    if (lostAt === undefined && differences.length === 0) return undefined;
    return { ...ref, entry, differences, pin, lostAt };
  }
}

/** In the sandbox nothing is proven and nothing leaves this machine: there it is enough that nothing failed. */
function refusal(
  recipient: Recipient,
  { pin, lostAt }: Remembered,
  isSandbox: boolean,
): ErrorFacts["privateOnly"]["why"] | undefined {
  if (recipient.privacy === "authentic") return "relays";
  if (recipient.privacy === "none") return "noEnclave";
  if (recipient.privacy === "passedOn") return "passedOn";
  // A pin of an older version does not say what its proven word was about.
  if (pin?.last.entry?.path === undefined) return "notVerified";
  if (pin.last.word === "failed") return "failed";
  if (lostAt !== undefined || differencesOf(pin, entryOf(recipient)).length > 0) return "changed";
  if (isSandbox) return undefined;
  if (pin.last.word !== "proven") return "notProven";
  // Which images a compose file names is shown and remembered; of any other program nobody here can say a thing.
  return pin.last.isUnread ? "unknownPrograms" : undefined;
}

/** One step more: whether it is the enclave of the first time. What was never seen before has nothing to be compared with. */
function withPinned(
  verification: ProviderVerification,
  before: Remembered,
  pin: Pin | undefined,
  differences: readonly PinDifference[],
): ProviderVerification {
  const hasFailed = verification.word === "failed";
  if (!pin || (pin.isUntrusted && hasFailed)) return verification;
  // What fails now is a step of its own.
  const open = hasFailed ? "" : idsOf(pin.last.failed);
  const other = differences.filter(({ what }) => what !== "verification");
  const all = open === "" ? other : [{ what: "verification", now: open } as const, ...other];
  const steps = [...verification.steps, pinnedStep(before, all, hasCome(verification))];
  const word = custodyWord([...verification.reports.flatMap((report) => report.steps), ...steps]);
  return { ...verification, steps, word };
}

function hasCome({ reports }: ProviderVerification): boolean {
  return reports.some(({ bytes }) => bytes !== undefined);
}

/** `isCompared`: there was a report to compare. */
function pinnedStep(
  { pin, lostAt }: Remembered,
  differences: readonly PinDifference[],
  isCompared: boolean,
): CustodyStep {
  if (lostAt !== undefined && differences.length === 0)
    return { id: "pinned", status: "observed", why: "recordLost" };
  const isFirst = !pin || pin.isUntrusted;
  if (isFirst && differences.length === 0) return { id: "pinned", status: "observed", why: "firstLook" };
  const isSilent = !isFirst && pin.reports.length > 0 && !isCompared;
  if (differences.length === 0)
    return isSilent
      ? { id: "pinned", status: "not-checked", why: "unreachable" }
      : { id: "pinned", status: "proven" };
  const side = (which: "before" | "now") =>
    differences.map(({ what, name, [which]: value = "" }) => [what, name, value].filter(Boolean).join(" "));
  return {
    ...{ id: "pinned", status: "failed", why: "different" },
    left: side("before").join("\n"),
    right: side("now").join("\n"),
  };
}
