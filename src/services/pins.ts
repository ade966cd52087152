// What every provider's enclave was when it was first verified, in a folder that all windows share: one file for each network. A change
// waits there until the user accepts it.
import type { ProviderVerification } from "../domain/attestation.js";
import { Emitter, type Disposable, type Event } from "../domain/event.js";
import { addressKey, sameAddress, type Address, type ProviderId } from "../domain/ids.js";
import {
  boundSigner,
  pinDifferences,
  pinnedReports,
  verifiedOf,
  withSigner,
  type Pin,
  type PinDifference,
  type PinnedReport,
} from "../domain/pin.js";
import type { ServiceName } from "../domain/provider.js";
import { bookFromBytes, bookToBytes, type PinBook } from "./pinFile.js";
import type { Folder } from "./ports.js";

export interface PinsOptions {
  readonly folder: Folder;
  /** By `networkKeyOf`. */
  readonly networkKey: () => string;
  readonly now: () => number;
}

/** What is remembered of one provider. */
export interface Remembered {
  readonly pin?: Pin;
  /** Since when nobody can say what it was before, and nobody has accepted that; milliseconds since 1970. */
  readonly lostAt?: number;
}

export class Pins implements Disposable {
  private readonly lost = new Emitter<{ readonly kept: string }>();
  /** A damaged file was set aside under that path. */
  readonly onDidLose: Event<{ readonly kept: string }> = this.lost.event;

  constructor(private readonly options: PinsOptions) {}

  async of(
    provider: ProviderId,
    service: ServiceName,
    networkKey = this.options.networkKey(),
  ): Promise<Remembered> {
    const { folder } = this.options;
    const name = fileName(networkKey);
    const read = await this.read(name);
    const book = read ?? (await folder.exclusively(() => this.readOrSetAside(name)));
    return remembered(book, keyOf(provider, service));
  }

  /** For whoever only looks: a damaged file stays where it is. */
  async look(provider: ProviderId, service: ServiceName): Promise<Remembered | "damaged"> {
    const read = await this.read(fileName(this.options.networkKey()));
    return read ? remembered(read, keyOf(provider, service)) : "damaged";
  }

  /** Remembers what was seen first, and what differs from it later. A first look that failed is not remembered: there is nothing to trust. */
  async note(verification: ProviderVerification): Promise<Pin | undefined> {
    const { provider, service } = verification;
    return this.change(provider, service, (pin) => {
      const { word, checkedAt } = verification;
      const last = verifiedOf(verification, pin?.last);
      const now = pinnedReports(verification, pin?.reports);
      if (!pin) {
        const isWorthIt = word !== "failed" && now.length > 0;
        return isWorthIt ? { provider, service, since: checkedAt, reports: now, last } : undefined;
      }
      const known = agreed(pin, now);
      const isChanged = pinDifferences(known.reports, now).length > 0;
      return { ...known, last, changed: isChanged ? now : undefined };
    });
  }

  /** What is there now is to be expected from here on. A key that no report binds is not called proven for it. */
  async accept(provider: ProviderId, service: ServiceName, signer?: Address): Promise<Pin | undefined> {
    const accept = (pin: Pin | undefined) => {
      if (!pin) return undefined;
      const made = {
        ...pin,
        ...{ reports: pin.changed ?? pin.reports, changed: undefined, acceptedSigner: undefined },
        since: this.options.now(),
      };
      if (signer === undefined || !isOther(made, signer)) return made;
      return { ...made, acceptedSigner: signer, last: { ...pin.last, word: "notProven" as const } };
    };
    return this.change(provider, service, accept, true);
  }

  dispose(): void {
    this.lost.dispose();
  }

  /** `isAccepted`: by the user, who knows that what was there before is lost, if it is. */
  private async change(
    provider: ProviderId,
    service: ServiceName,
    make: (pin: Pin | undefined) => Pin | undefined,
    isAccepted = false,
  ): Promise<Pin | undefined> {
    const name = fileName(this.options.networkKey());
    const key = keyOf(provider, service);
    return this.options.folder.exclusively(async () => {
      const { pins, lost } = await this.readOrSetAside(name);
      const made = make(pins[key]);
      const accepted = lost && isAccepted ? { ...lost, accepted: [...lost.accepted, key] } : lost;
      if (made || accepted !== lost) {
        const now = { pins: made ? { ...pins, [key]: made } : pins, ...(accepted ? { lost: accepted } : {}) };
        await this.options.folder.write(name, bookToBytes(now));
      }
      return made;
    });
  }

  /** Undefined when it is damaged. */
  private async read(name: string): Promise<PinBook | undefined> {
    const bytes = await this.options.folder.read(name);
    return bytes ? bookFromBytes(bytes) : { pins: {} };
  }

  /** Within `exclusively`. First the copy: killed in between, the damaged file is still there to be noticed. */
  private async readOrSetAside(name: string): Promise<PinBook> {
    const read = await this.read(name);
    if (read) return read;
    const { folder, now } = this.options;
    const kept = name.replace(/\.json$/, `.damaged-${now()}`);
    const bytes = await folder.read(name);
    if (bytes) await folder.write(kept, bytes);
    const book: PinBook = { pins: {}, lost: { at: now(), accepted: [] } };
    await folder.write(name, bookToBytes(book));
    this.lost.fire({ kept: folder.pathOf(kept) });
    return book;
  }
}

function remembered({ pins, lost }: PinBook, key: string): Remembered {
  return { pin: pins[key], ...(lost && !lost.accepted.includes(key) ? { lostAt: lost.at } : {}) };
}

/** What the newest verification found in another way than the pin, and the key on the chain where that is another. */
export function differencesOf(pin: Pin, signer?: Address): readonly PinDifference[] {
  const measured = pinDifferences(pin.reports, pin.changed ?? pin.reports);
  const isKnown = signer === undefined || !isOther(pin, signer);
  if (isKnown || measured.some(({ what, report }) => what === "signer" && report !== "llm")) return measured;
  const { kind: report = "combined" } = pin.reports.find(({ kind }) => kind !== "llm") ?? {};
  return [{ report, what: "signer", before: boundSigner(pin.reports), now: signer }, ...measured];
}

function isOther({ reports, acceptedSigner }: Pin, signer: Address): boolean {
  const known = [boundSigner(reports), acceptedSigner].filter((one) => one !== undefined);
  return known.length > 0 && !known.some((one) => sameAddress(one, signer));
}

/** A key that was accepted on the chain, and is bound by a report now, is the pinned one. */
function agreed(pin: Pin, now: readonly PinnedReport[]): Pin {
  const { acceptedSigner, ...rest } = pin;
  const bound = boundSigner(now);
  if (acceptedSigner === undefined || bound === undefined || !sameAddress(acceptedSigner, bound)) return pin;
  return { ...rest, reports: withSigner(pin.reports, acceptedSigner) };
}

function fileName(networkKey: string): string {
  return `pins.${networkKey}.json`;
}

function keyOf(provider: ProviderId, service: ServiceName): string {
  return `${service} ${addressKey(provider)}`;
}
