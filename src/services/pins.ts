// What every provider's enclave was when it was first verified, in a folder that all windows share: one file for each network. A change
// waits there until the user accepts it.
import type { ProviderVerification } from "../domain/attestation.js";
import { addressKey, sameAddress, type Address, type ProviderId } from "../domain/ids.js";
import {
  boundSigner,
  pinDifferences,
  pinnedReports,
  withSigner,
  type Pin,
  type PinDifference,
  type PinnedReport,
} from "../domain/pin.js";
import type { ServiceName } from "../domain/provider.js";
import type { Folder } from "./ports.js";

export interface PinsOptions {
  readonly folder: Folder;
  /** By `networkKeyOf`. */
  readonly networkKey: () => string;
  readonly now: () => number;
}

type Book = Readonly<Record<string, Pin>>;

export class Pins {
  constructor(private readonly options: PinsOptions) {}

  async of(provider: ProviderId, service: ServiceName): Promise<Pin | undefined> {
    return (await this.read(this.fileName()))[keyOf(provider, service)];
  }

  /** Remembers what was seen first, and what differs from it later. A first look that failed is not remembered: there is nothing to trust. */
  async note(verification: ProviderVerification): Promise<Pin | undefined> {
    const { provider, service } = verification;
    return this.change(provider, service, (pin) => {
      const { word, privacy, providerClass, checkedAt } = verification;
      const last = { word, privacy, providerClass, checkedAt };
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
    return this.change(provider, service, (pin) => {
      if (!pin) return undefined;
      const made = {
        ...pin,
        ...{ reports: pin.changed ?? pin.reports, changed: undefined, acceptedSigner: undefined },
        since: this.options.now(),
      };
      if (signer === undefined || !isOther(made, signer)) return made;
      return { ...made, acceptedSigner: signer, last: { ...pin.last, word: "notProven" } };
    });
  }

  private async change(
    provider: ProviderId,
    service: ServiceName,
    make: (pin: Pin | undefined) => Pin | undefined,
  ): Promise<Pin | undefined> {
    const name = this.fileName();
    return this.options.folder.exclusively(async () => {
      const book = await this.read(name);
      const made = make(book[keyOf(provider, service)]);
      if (made) {
        const bytes = new TextEncoder().encode(JSON.stringify({ ...book, [keyOf(provider, service)]: made }));
        await this.options.folder.write(name, bytes);
      }
      return made;
    });
  }

  /** What cannot be read is as if nothing had been verified yet: it must not keep anybody from asking. */
  private async read(name: string): Promise<Book> {
    const bytes = await this.options.folder.read(name);
    if (!bytes) return {};
    try {
      const book: unknown = JSON.parse(new TextDecoder().decode(bytes));
      return typeof book === "object" && book !== null ? (book as Book) : {};
    } catch {
      return {};
    }
  }

  private fileName(): string {
    return `pins.${this.options.networkKey()}.json`;
  }
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

function keyOf(provider: ProviderId, service: ServiceName): string {
  return `${service} ${addressKey(provider)}`;
}
