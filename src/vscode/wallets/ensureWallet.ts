// What needs a wallet goes on with one: the sandbox makes its own, elsewhere one is created or imported.
import type { App } from "../app.js";
import { startSandboxFor } from "../commands/chat.js";

/** False: the user wants none now. */
export async function ensureWallet(app: App): Promise<boolean> {
  if (app.session.wallet()) return true;
  return app.session.network().isSandbox
    ? (await startSandboxFor(app)) !== undefined
    : (await import("./steps.js")).setUpWallet(app);
}
