// Who may ask at all, before anything is read: this machine under its own name, no page in a browser unless it is listed, and a key.
import type { HttpCall } from "../../system/loopbackHttp.js";
import { RefusalError } from "./refusal.js";

type Headers = Pick<HttpCall, "header">;

const ownNames = ["127.0.0.1", "localhost"];

/** A page can make a browser ask here under a name of the page's own, which then resolves to this machine. */
export function checkHost({ header }: Headers, port: number): void {
  const host = header("host")?.toLowerCase();
  if (!ownNames.some((name) => host === `${name}:${port}` || (port === 80 && host === name)))
    throw new RefusalError({ kind: "foreignHost" });
}

/** Programs name no origin, browsers do. The one to name back, when it is listed. */
export function checkOrigin({ header }: Headers, allowed: readonly string[]): string | undefined {
  const origin = header("origin");
  // A page of another site, or of none, need not name itself when it only fetches.
  const site = header("sec-fetch-site");
  const isByPage = origin !== undefined || (site !== undefined && site !== "none" && site !== "same-origin");
  if (!isByPage) return undefined;
  if (origin === undefined || !allowed.includes(origin.toLowerCase()))
    throw new RefusalError({ kind: "foreignOrigin" });
  return origin;
}

/** What follows "Bearer". Anthropic's and other clients' headers are not looked at. */
export function bearerOf({ header }: Headers): string {
  const [, key] = /^Bearer +(\S+)$/i.exec(header("authorization")?.trim() ?? "") ?? [];
  if (key === undefined) throw new RefusalError({ kind: "noKey" });
  return key;
}

/** In the same time, wherever they differ. */
export function isSameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at % (b.length || 1));
  return difference === 0;
}
