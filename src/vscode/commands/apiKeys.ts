// API keys: made, copied, revoked, and how to use them.
import type { App } from "../app.js";
import type * as steps from "../apiKeys/steps.js";
import type { CommandTable } from "./command.js";

/** A chunk of its own, loaded with the first step. */
const later = (step: keyof typeof steps) => async (app: App, row?: unknown) =>
  (await import("../apiKeys/steps.js"))[step](app, row);

export const apiKeyCommands = {
  "zgCompute.createApiKey": { needs: "wallet", run: later("createApiKey") },
  "zgCompute.addApiKey": { needs: "wallet", run: later("addApiKey") },
  "zgCompute.copyApiKey": { needs: "wallet", run: later("copyApiKey") },
  "zgCompute.showApiKeyUse": { needs: "wallet", run: later("showApiKeyUse") },
  "zgCompute.renameApiKey": { needs: "wallet", run: later("renameApiKey") },
  "zgCompute.revokeApiKey": { needs: "wallet", run: later("revokeApiKey") },
  "zgCompute.revokeAllApiKeys": { needs: "wallet", run: later("revokeAllApiKeys") },
  "zgCompute.removeApiKey": { needs: "wallet", run: later("removeApiKey") },
  "zgCompute.setApiKeysAside": { needs: "wallet", run: later("setApiKeysAside") },
} satisfies CommandTable;
