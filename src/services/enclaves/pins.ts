// What every provider's enclave was when it was first verified, in a folder that all windows share: one file for each network. A change
// waits there until the user accepts it.
import type { ChainEntry, ProviderVerification } from "../../domain/attestation.js";
import { Emitter, type Disposable, type Event } from "../../domain/event.js";
import { addressKey, sameAddress, type Address, type ProviderId } from "../../domain/ids.js";
import {
  boundSigner,
  differencesOf,
  entryDifferences,
  namedSigner,
  pinDifferences,
  pinnedReports,
  verifiedOf,
  withSigner,
  type Pin,
  type PinDifference,
  type PinnedReport,
} from "../../domain/pin.js";
import type { ServiceName } from "../../domain/provider.js";
import { bookFromBytes, bookToBytes, type LostPins, type PinBook } from "./pinFile.js";
import type { Folder } from "../ports.js";

export interface PinsOptions {
  readonly folder: Folder;
  readonly now: () => number;
}

/** One provider's service. */
export interface PinRef {
  /** Of the network it is on, by `networkKeyOf`. */
  readonly networkKey: string;
  readonly provider: ProviderId;
  readonly service: ServiceName;
}

/** What somebody was shown of a provider: that is accepted, and nothing that was found since. */
export interface ShownChange extends PinRef {
  /** As the chain had it. */
  readonly entry: ChainEntry;
  readonly differences: readonly PinDifference[];
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

  /** The files as they were read last, and which version of them that was. */
  private readonly known = new Map<string, { readonly version?: string; readonly book: PinBook }>();

  constructor(private readonly options: PinsOptions) {}

  async of({ networkKey, ...ref }: PinRef): Promise<Remembered> {
    const { folder } = this.options;
    const name = fileName(networkKey);
    const read = await this.read(name);
    const book = read ?? (await folder.exclusively(() => this.readOrSetAside(name)));
    return remembered(book, keyOf(ref));
  }

  /** For whoever only looks: a damaged file stays where it is. */
  async look({ networkKey, ...ref }: PinRef): Promise<Remembered | "damaged"> {
    const read = await this.read(fileName(networkKey));
    return read ? remembered(read, keyOf(ref)) : "damaged";
  }

  /** Remembers what was seen first, and what differs from it later. A first look that failed is remembered as that, and trusted for nothing. */
  async note(networkKey: string, verification: ProviderVerification): Promise<Pin | undefined> {
    const { provider, service } = verification;
    return this.change({ networkKey, provider, service }, (pin, lost) => ({
      pin: pin && !pin.isUntrusted ? seenAgain(pin, verification) : seenFirst(verification, pin),
      lost,
    }));
  }

  /** What was shown is to be expected from here on. False, and nothing done, where there is something else by now. */
  async accept({ entry, differences, ...ref }: ShownChange): Promise<boolean> {
    let isAccepted = false;
    await this.change(ref, (pin, lost) => {
      const found = pin ? differencesOf(pin, entry) : [];
      isAccepted = JSON.stringify(found) === JSON.stringify(differences);
      if (!isAccepted) return { pin, lost };
      return {
        pin: pin && acceptedPin(pin, entry, this.options.now()),
        lost: lost && { ...lost, accepted: [...new Set([...lost.accepted, keyOf(ref)])] },
      };
    });
    return isAccepted;
  }

  dispose(): void {
    this.lost.dispose();
  }

  private async change(
    { networkKey, ...ref }: PinRef,
    make: (pin: Pin | undefined, lost: LostPins | undefined) => { pin?: Pin; lost?: LostPins },
  ): Promise<Pin | undefined> {
    const name = fileName(networkKey);
    const key = keyOf(ref);
    return this.options.folder.exclusively(async () => {
      const before = await this.readOrSetAside(name);
      const { pin, lost } = make(before.pins[key], before.lost);
      if (pin !== before.pins[key] || lost !== before.lost) {
        const now = { pins: pin ? { ...before.pins, [key]: pin } : before.pins, ...(lost ? { lost } : {}) };
        await this.options.folder.write(name, bookToBytes(now));
      }
      return pin;
    });
  }

  /** Undefined when it is damaged. */
  private async read(name: string): Promise<PinBook | undefined> {
    const { folder } = this.options;
    const version = await folder.version(name);
    const known = this.known.get(name);
    if (known && known.version === version) return known.book;
    const bytes = await folder.read(name);
    const book = bytes ? bookFromBytes(bytes) : { pins: {} };
    if (book) this.known.set(name, { version, book });
    return book;
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

/** Undefined where there is nothing to remember. `untrusted`: earlier looks that failed, and are the first as long as what failed is open. */
function seenFirst(verification: ProviderVerification, untrusted?: Pin): Pin | undefined {
  const { provider, service, checkedAt: since, entry } = verification;
  const reports = pinnedReports(verification, untrusted?.reports);
  const last = verifiedOf(verification, untrusted?.last);
  const pin = { provider, service, since, reports, entry, last };
  if (last.word === "failed") return { ...pin, isUntrusted: true };
  return reports.length > 0 ? pin : undefined;
}

/** What is open stays open until it is found in order, or the user accepts it: silence is no proof. */
function seenAgain(before: Pin, verification: ProviderVerification): Pin {
  const now = pinnedReports(verification, before.changed ?? before.reports);
  const { acceptedFailure, ...pin } = agreed(before, now);
  const isChanged = pinDifferences(pin.reports, now).length > 0;
  const last = verifiedOf(verification, before.last);
  return {
    ...pin,
    entry: pin.entry ? withPath(pin.entry, verification.entry) : takenOver(before, verification.entry),
    acceptedSigner: undefined,
    last,
    changed: isChanged ? now : undefined,
    ...(acceptedFailure && last.word === "failed" ? { acceptedFailure } : {}),
  };
}

/** What the verification did not see is not called proven by it. */
function acceptedPin(pin: Pin, entry: ChainEntry, since: number): Pin {
  const { changed, last, provider, service } = pin;
  const reports = changed ?? pin.reports;
  const seen = last.entry ?? { teeSigner: boundSigner(reports) };
  const isSeen = last.word !== "proven" || entryDifferences(seen, entry).length === 0;
  return {
    ...{ provider, service, since, reports, entry },
    last: isSeen ? last : { ...last, word: "notProven" },
    ...(last.word === "failed" ? { acceptedFailure: last.failed ?? [] } : {}),
  };
}

/** A key that was accepted on the chain, and is bound by a report now, is the pinned one. */
function agreed(pin: Pin, now: readonly PinnedReport[]): Pin {
  const [named, bound] = [namedSigner(pin), boundSigner(now)];
  if (named === undefined || bound === undefined || !sameAddress(named, bound)) return pin;
  return { ...pin, reports: withSigner(pin.reports, bound) };
}

/** Of a pin that knows only the host of its server. */
function withPath(known: ChainEntry, { host, path }: ChainEntry): ChainEntry {
  return known.path === undefined && known.host === host ? { ...known, path } : known;
}

/** Of a pin that knows no entry: all but its key, which it may know otherwise. */
function takenOver(pin: Pin, entry: ChainEntry): ChainEntry {
  const teeSigner = namedSigner(pin);
  return teeSigner === undefined || sameAddress(teeSigner, entry.teeSigner)
    ? entry
    : { ...entry, teeSigner: teeSigner as Address };
}

function fileName(networkKey: string): string {
  return `pins.${networkKey}.json`;
}

function keyOf({ provider, service }: Omit<PinRef, "networkKey">): string {
  return `${service} ${addressKey(provider)}`;
}
