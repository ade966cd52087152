// Which addresses of nodes may be asked. They come from an indexer, that is from strangers: without this rule a list could make every
// client talk to servers of its own machine or office (spec storage.md 16.12).
import { BlockList, isIP } from "node:net";
import type { Network } from "../../domain/networks.js";
import { urlOf } from "../../domain/url.js";

const privateRanges: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
];
const privateRanges6: readonly (readonly [string, number])[] = [
  ["::", 127],
  ["64:ff9b::", 96],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
];

/** Nodes without https are common, and harmless: what they send is proved, what they get is public. */
export function isNodeUrlAllowed(text: string, network: Network): boolean {
  const url = urlOf(text);
  if (!url) return false;
  if (url.protocol !== "http:" && url.protocol !== "https:") return false;
  if (url.username || url.password || url.hash) return false;
  return network.isSandbox || network.id === "custom" || isPublicHost(url.hostname);
}

/** By the name alone: what a name stands for is not looked up. */
function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  if (family !== 0) return !privateAddresses().check(host, family === 6 ? "ipv6" : "ipv4");
  return host.includes(".") && !/(?:^|\.)(?:localhost|local|internal|lan|home\.arpa)\.?$/i.test(host);
}

function privateAddresses(): BlockList {
  const list = new BlockList();
  for (const [address, bits] of privateRanges) list.addSubnet(address, bits, "ipv4");
  for (const [address, bits] of privateRanges6) list.addSubnet(address, bits, "ipv6");
  return list;
}
