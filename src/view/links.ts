// Which addresses an answer may offer to open: https only, and always with the host that will really be asked.
import { urlOf } from "../domain/url.js";

export interface SafeLink {
  /** The address as the browser would ask for it. */
  readonly url: string;
  /** In ASCII: a host that only looks like another one shows its punycode. */
  readonly host: string;
}

/** Undefined for everything but absolute https addresses without user name or password. */
export function safeLink(address: string): SafeLink | undefined {
  const url = address.length > 4096 ? undefined : urlOf(address);
  if (url?.protocol !== "https:" || url.username !== "" || url.password !== "" || url.host === "")
    return undefined;
  return { url: url.href, host: url.host };
}
