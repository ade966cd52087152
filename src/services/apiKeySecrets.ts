// The keys themselves: each a secret of its own in the keychain, and nowhere else.
import type { ApiKeyId } from "../domain/apiKey.js";
import { ComputeError } from "../domain/error.js";
import type { SecretStore } from "./ports.js";

/** `scope`: the key of the scope that the book of keys is of. */
const nameOf = (scope: string, id: ApiKeyId) => `zgCompute.apiKey.${scope}.${id}`;

export class ApiKeySecrets {
  constructor(private readonly secrets: SecretStore) {}

  /** Whether the keychain has it now: stored, and read back. */
  async keep(scope: string, id: ApiKeyId, text: string): Promise<boolean> {
    try {
      await this.secrets.store(nameOf(scope, id), text);
      return (await this.secrets.get(nameOf(scope, id))) === text;
    } catch {
      return false;
    }
  }

  /** Throws `walletLocked`. */
  get(scope: string, id: ApiKeyId): Promise<string | undefined> {
    return orLocked(() => this.secrets.get(nameOf(scope, id)));
  }

  /** Throws `walletLocked`. */
  delete(scope: string, id: ApiKeyId): Promise<void> {
    return orLocked(() => this.secrets.delete(nameOf(scope, id)));
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
