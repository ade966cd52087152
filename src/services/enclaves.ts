// Verifying providers, what is remembered of it, and what it means for the next message.
import type { VerifyOptions } from "../broker/attestation/verifyProvider.js";
import { custodyWord, type CustodyStep, type ProviderVerification } from "../domain/attestation.js";
import { cancelled, ComputeError, type ErrorFacts } from "../domain/error.js";
import { Emitter, type Disposable, type Event } from "../domain/event.js";
import type { Address, ProviderId } from "../domain/ids.js";
import type { Pin, PinDifference } from "../domain/pin.js";
import type { ServiceName } from "../domain/provider.js";
import { differencesOf, Pins, type Remembered } from "./pins.js";
import type {
  Dialogs,
  EnclaveGate,
  EnclaveTexts,
  EntryReader,
  Folder,
  Recipient,
  Settings,
} from "./ports.js";
import { orAborted } from "./sandbox.js";
import { networkKeyOf } from "./scope.js";
import type { Session } from "./session.js";

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

export interface Verification {
  readonly verification: ProviderVerification;
  /** Absent while there is nothing to trust. */
  readonly pin?: Pin;
  readonly differences: readonly PinDifference[];
}

export class Enclaves implements EnclaveGate, Disposable {
  private readonly accepted = new Emitter<Pin>();
  /** A change was accepted, on the page or before a message. */
  readonly onDidAccept: Event<Pin> = this.accepted.event;
  /** What was remembered could not be read, and is kept under that path. */
  readonly onDidLose: Event<{ readonly kept: string }>;
  private readonly pins: Pins;

  constructor(private readonly options: EnclavesOptions) {
    const { session, folder, now } = options;
    this.pins = new Pins({ folder, now, networkKey: () => networkKeyOf(session.network()) });
    this.onDidLose = this.pins.onDidLose;
  }

  /** Downloads, checks, and remembers. Throws what keeps the chain from being read, and `badSetting`. */
  async verify(
    provider: ProviderId,
    service: ServiceName,
    options: VerifyOptions = {},
  ): Promise<Verification> {
    const before = await this.pins.of(provider, service);
    const { settings, collateral: folder } = this.options;
    const url = settings.pccsUrl();
    const asked = url === undefined ? options : { ...options, collateral: { url, folder } };
    const verification = await this.options.verify(provider, service, asked);
    const pin = await this.pins.note(verification);
    const differences = pin ? differencesOf(pin) : [];
    return {
      ...(pin ? { pin } : {}),
      differences,
      verification: withPinned(verification, before, pin, differences),
    };
  }

  async accept(provider: ProviderId, service: ServiceName, signer?: Address): Promise<void> {
    const pin = await this.pins.accept(provider, service, signer);
    if (pin) this.accepted.fire(pin);
  }

  async allow(recipient: Recipient): Promise<void> {
    if (!this.options.settings.privateOnly()) return;
    const { provider, service } = recipient;
    const remembered = await this.pins.of(provider, service);
    const why = refusal(recipient, remembered, this.options.session.network().isSandbox);
    if (why) throw new ComputeError("privateOnly", { provider, service, why });
  }

  async allowPublic(): Promise<void> {
    if (this.options.settings.privateOnly()) throw new ComputeError("publicStorage", {});
  }

  async beforeSending<E>(reader: EntryReader<E>, signal?: AbortSignal): Promise<E> {
    for (;;) {
      const entry = await this.read(reader);
      const recipient = reader.recipientOf(entry);
      // By the end of a question the chain may name something else.
      if (await this.askAbout(recipient, signal)) continue;
      await this.allow(recipient);
      return entry;
    }
  }

  async beforeSendingUnasked<E>(reader: EntryReader<E>): Promise<E> {
    const entry = await this.read(reader);
    const recipient = reader.recipientOf(entry);
    const { provider, service, teeSigner } = recipient;
    const { pin, lostAt } = await this.pins.of(provider, service);
    if (lostAt !== undefined || (pin && differencesOf(pin, teeSigner).length > 0))
      throw new ComputeError("enclaveChanged", { provider, service });
    await this.allow(recipient);
    return entry;
  }

  async verified(networkKey: string, provider: ProviderId, service: ServiceName): Promise<Pin | undefined> {
    return (await this.pins.of(provider, service, networkKey)).pin;
  }

  dispose(): void {
    this.accepted.dispose();
    this.pins.dispose();
  }

  /** A minute's age is good enough only for whom nobody has looked at. */
  private async read<E>(reader: EntryReader<E>): Promise<E> {
    const { pin, lostAt } = await this.pins.of(reader.provider, reader.service);
    return reader.read(pin !== undefined || lostAt !== undefined || this.options.settings.privateOnly());
  }

  /** True after a yes; false when there was nothing to ask. */
  private async askAbout(recipient: Recipient, signal: AbortSignal | undefined): Promise<boolean> {
    const { dialogs, texts, session } = this.options;
    const { provider, service, teeSigner } = recipient;
    const { pin, lostAt } = await this.pins.of(provider, service);
    const differences = pin ? differencesOf(pin, teeSigner) : [];
    if (lostAt === undefined && differences.length === 0) return false;
    const question =
      pin && differences.length > 0
        ? texts.changed(recipient, pin, differences, session.network().isSandbox)
        : texts.lost(recipient, lostAt ?? 0);
    if (!(await orAborted(dialogs.confirm(question), signal))) throw cancelled();
    await this.accept(provider, service, teeSigner);
    return true;
  }
}

/** In the sandbox nothing is proven and nothing leaves this machine: there it is enough that nothing failed. */
function refusal(
  { privacy, teeSigner }: Recipient,
  { pin, lostAt }: Remembered,
  isSandbox: boolean,
): ErrorFacts["privateOnly"]["why"] | undefined {
  if (privacy === "authentic") return "relays";
  if (privacy === "none") return "noEnclave";
  if (privacy === "passedOn") return "passedOn";
  if (!pin) return "notVerified";
  if (pin.last.word === "failed") return "failed";
  if (lostAt !== undefined || differencesOf(pin, teeSigner).length > 0) return "changed";
  return pin.last.word === "proven" || isSandbox ? undefined : "notProven";
}

/** One step more: whether it is the enclave of the first time. What was never seen before has nothing to be compared with. */
function withPinned(
  verification: ProviderVerification,
  before: Remembered,
  pin: Pin | undefined,
  differences: readonly PinDifference[],
): ProviderVerification {
  if (!pin) return verification;
  const steps = [...verification.steps, pinnedStep(before, differences)];
  const all = [...verification.reports.flatMap((report) => report.steps), ...steps];
  return { ...verification, steps, word: custodyWord(all) };
}

function pinnedStep({ pin, lostAt }: Remembered, differences: readonly PinDifference[]): CustodyStep {
  if (lostAt !== undefined && differences.length === 0)
    return { id: "pinned", status: "observed", why: "recordLost" };
  if (!pin) return { id: "pinned", status: "observed", why: "firstLook" };
  if (differences.length === 0) return { id: "pinned", status: "proven" };
  const side = (which: "before" | "now") =>
    differences.map(({ what, name, [which]: value = "" }) => [what, name, value].filter(Boolean).join(" "));
  return {
    ...{ id: "pinned", status: "failed", why: "different" },
    left: side("before").join("\n"),
    right: side("now").join("\n"),
  };
}
