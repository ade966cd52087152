// Secrets in the keychain as services hold them: whether one is really there, and an error that tells nothing of the keychain.
import { ComputeError } from "../../domain/error.js";
import type { SecretStore } from "../ports.js";

export class KeptSecrets {
  constructor(private readonly secrets: SecretStore) {}

  /** Whether the keychain has it now: stored, and read back. */
  async keep(name: string, text: string): Promise<boolean> {
    try {
      await this.secrets.store(name, text);
      return (await this.secrets.get(name)) === text;
    } catch {
      return false;
    }
  }

  /** Throws `walletLocked`. */
  get(name: string): Promise<string | undefined> {
    return orLocked(() => this.secrets.get(name));
  }

  /** Throws `walletLocked`. */
  delete(name: string): Promise<void> {
    return orLocked(() => this.secrets.delete(name));
  }
}

/** The keychain's own words may name the secret's place: they go to nobody. */
async function orLocked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch {
    throw new ComputeError("walletLocked", { why: "refused" });
  }
}
