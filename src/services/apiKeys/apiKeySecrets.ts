// The keys themselves: each a secret of its own in the keychain, and nowhere else.
import type { ApiKeyId } from "../../domain/apiKey.js";
import { KeptSecrets } from "../wallets/keptSecrets.js";
import type { SecretStore } from "../ports.js";

/** `scope`: the key of the scope that the book of keys is of. */
const nameOf = (scope: string, id: ApiKeyId) => `zgCompute.apiKey.${scope}.${id}`;

export class ApiKeySecrets {
  private readonly kept: KeptSecrets;

  constructor(secrets: SecretStore) {
    this.kept = new KeptSecrets(secrets);
  }

  /** Whether the keychain has it now. */
  keep(scope: string, id: ApiKeyId, text: string): Promise<boolean> {
    return this.kept.keep(nameOf(scope, id), text);
  }

  /** Throws `walletLocked`. */
  get(scope: string, id: ApiKeyId): Promise<string | undefined> {
    return this.kept.get(nameOf(scope, id));
  }

  /** Throws `walletLocked`. */
  delete(scope: string, id: ApiKeyId): Promise<void> {
    return this.kept.delete(nameOf(scope, id));
  }
}
