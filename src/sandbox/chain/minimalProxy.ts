// How the network's contracts stand on the chain (spec contracts.md 12): minimal proxies, EIP-1167.
import { concat } from "ethers";

/** Init code of a proxy: the implementations lock their own initialiser. */
export function cloneOf(implementation: string): string {
  return concat([
    "0x3d602d80600a3d3981f3363d3d373d3d3d363d73",
    implementation,
    "0x5af43d82803e903d91602b57fd5bf3",
  ]);
}
