// The local endpoint for other programs: started, stopped, its keys, and how programs are told of it.
import type { App } from "../app.js";
import type * as steps from "../endpoint/steps.js";
import type { CommandTable } from "./command.js";

/** A chunk of its own, loaded with the first step. */
const later = (step: Exclude<keyof typeof steps, "LocalEndpoint">) => async (app: App) => {
  const endpoint = await app.endpoint.load();
  return (await import("../endpoint/steps.js"))[step](app, endpoint);
};

export const endpointCommands = {
  "zgCompute.startEndpoint": { needs: "wallet", run: later("startEndpoint") },
  "zgCompute.stopEndpoint": { run: later("stopEndpoint") },
  "zgCompute.showEndpoint": { run: later("showEndpoint") },
  "zgCompute.createEndpointKey": { needs: "wallet", run: later("createEndpointKey") },
  "zgCompute.copyEndpointConfiguration": { needs: "wallet", run: later("copyConfiguration") },
} satisfies CommandTable;
