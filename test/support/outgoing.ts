// What this process asks for by Node's own http, as it begins.
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";

/** Until what it returns is called. */
export function onOutgoing(hear: (url: URL) => void): () => void {
  const undo = [http, https].map((module) => {
    const { request } = module;
    module.request = ((url: string, options: http.RequestOptions) => {
      hear(new URL(url));
      return request(url, options);
    }) as typeof request;
    return () => void (module.request = request);
  });
  syncBuiltinESMExports();
  return () => {
    for (const each of undo) each();
    syncBuiltinESMExports();
  };
}
