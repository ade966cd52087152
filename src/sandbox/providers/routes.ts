// Which request goes where: the paths of an official broker (spec inference.md 4).
import type { Call } from "../loopback.js";

export type Parameters = Readonly<Record<string, string>>;

export interface Route {
  readonly method: "GET" | "POST";
  /** With `{name}` for one path segment; also the name of the route's counter. */
  readonly path: string;
  readonly handle: (call: Call, parameters: Parameters) => Promise<void>;
}

/** `/v1/proxy/v1/...` is `/v1/proxy/...`, and slashes at the end do not count. */
export function normalPath(path: string): string {
  const trimmed = path.replace(/\/+$/, "") || "/";
  return trimmed.replace(/^\/v1\/proxy\/v1(?=\/|$)/, "/v1/proxy");
}

export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; parameters: Parameters } | undefined {
  const parts = path.split("/");
  for (const route of routes) {
    const parameters = route.method === method ? match(route.path.split("/"), parts) : undefined;
    if (parameters) return { route, parameters };
  }
  return undefined;
}

function match(pattern: readonly string[], parts: readonly string[]): Parameters | undefined {
  if (pattern.length !== parts.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const part = parts[index] ?? "";
    if (wanted.startsWith("{")) {
      if (part === "") return undefined;
      parameters[wanted.slice(1, -1)] = decode(part);
    } else if (wanted !== part) return undefined;
  }
  return parameters;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
