// The certificate that a domain shows to us: what a routing proof of a centralized provider is held against (spec inference.md 12.6).
import { createHash } from "node:crypto";
import { lookup, type LookupAddress } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { connect } from "node:tls";

export interface SeenCertificate {
  /** sha256 of its DER, 64 hex characters. */
  readonly fingerprint: string;
  /** The web trusts it for that domain. */
  readonly isTrusted: boolean;
}

export interface Domain {
  readonly host: string;
  readonly port: number;
}

/** Undefined when there is no connection or no certificate. Never throws but for the signal. */
export type CertificateReader = (
  domain: Domain,
  signal?: AbortSignal,
) => Promise<SeenCertificate | undefined>;

/**
 * The domain a provider names, when it is one that may be asked: names of the public web at the usual port. A hostile provider could
 * otherwise make every client knock at machines of its own network.
 */
export function publicDomain(name: string, isLocal: boolean): Domain | undefined {
  const [, host = "", port] = /^([A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?$/.exec(name) ?? [];
  if (isLocal)
    return host === "localhost" || host === "127.0.0.1" ? { host, port: Number(port ?? 443) } : undefined;
  const isName = /^(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]*$/i.test(host) && isIP(host) === 0;
  return isName && (port === undefined || port === "443") ? { host, port: 443 } : undefined;
}

const timeoutMs = 10_000;

/** Over the system's own TLS. `isLocal`: addresses of this machine may be asked too. */
export function systemCertificates(isLocal: boolean): CertificateReader {
  return ({ host, port }, signal) =>
    new Promise((resolve) => {
      const socket = connect({
        ...{ host, port, timeout: timeoutMs },
        servername: isIP(host) ? "" : host,
        // Its word is not taken for anything: whether it is trusted is told beside it.
        rejectUnauthorized: false,
        ...(isLocal ? {} : { lookup: publicLookup }),
      });
      const end = (seen?: SeenCertificate) => {
        signal?.removeEventListener("abort", stop);
        socket.destroy();
        resolve(seen);
      };
      const stop = () => end();
      signal?.addEventListener("abort", stop);
      if (signal?.aborted) stop();
      socket.once("error", stop);
      socket.once("timeout", stop);
      socket.once("close", stop);
      socket.once("secureConnect", () => {
        const { raw } = socket.getPeerCertificate() as { raw?: Buffer };
        end(raw && { fingerprint: sha256(raw), isTrusted: socket.authorized });
      });
    });
}

/** A public name may still point into somebody's network. */
const publicLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const open = error ? [] : addresses.filter(({ address, family }) => !isInside(address, family));
    const [first] = open;
    if (!first) done(error ?? new Error("no public address"), "", 0);
    else if (options.all) done(null, open);
    else done(null, first.address, first.family);
  });
};

/** Ranges that no public server answers from (RFC 6890). */
const inside: readonly (readonly [network: string, prefix: number])[] = [
  ...([
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
  ] as const),
  ...([
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["224.0.0.0", 3],
  ] as const),
  ...([
    ["::", 96],
    ["64:ff9b::", 96],
    ["fc00::", 7],
    ["fe80::", 10],
    ["ff00::", 8],
  ] as const),
];

export function isInside(address: string, family: number): boolean {
  const list = new BlockList();
  for (const [network, prefix] of inside)
    list.addSubnet(network, prefix, isIP(network) === 6 ? "ipv6" : "ipv4");
  return list.check(address, family === 6 ? "ipv6" : "ipv4");
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
