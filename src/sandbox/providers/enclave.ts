// The keys a provider signs with, and changing over to another one on chain when a fault asks for it.
import type { Accounts, Key } from "../accounts.js";
import type { Marketplace, Outgoing } from "../marketplace.js";
import type { ProviderDefinition } from "./definition.js";

export interface EnclaveOptions {
  readonly definition: ProviderDefinition;
  readonly accounts: Accounts;
  readonly market: Marketplace;
  /** The transactions that tell the chain the keys of that moment. */
  readonly registration: () => Promise<readonly Outgoing[]>;
  /** Later, unless the sandbox ends before. */
  readonly later: (ms: number, work: () => Promise<unknown>) => void;
  /** Those that take back the owner's word for them. */
  readonly revocation: () => readonly Outgoing[];
}

export class Enclave {
  private isRotated = false;
  private isAcknowledged = true;

  constructor(private readonly options: EnclaveOptions) {}

  /** Registered as teeSignerAddress: signs settlements, and answers unless the model has an enclave of its own. */
  teeSigner(): Key {
    const { accounts, definition } = this.options;
    return this.isRotated && definition.class !== "separated"
      ? accounts.rotatedSigner(definition.account)
      : accounts.teeSigner(definition.account);
  }

  /** Signs answers. */
  answerSigner(): Key {
    const { accounts, definition } = this.options;
    if (definition.class !== "separated") return this.teeSigner();
    return this.isRotated
      ? accounts.rotatedSigner(definition.account)
      : accounts.modelEnclave(definition.account);
  }

  /** A key that nobody registered. */
  stranger(): Key {
    return this.options.accounts.stranger(this.options.definition.account);
  }

  /**
   * Changes the answering key to the other one or back, on chain and here. Without the owner's acknowledgement the provider may
   * serve nobody until it has it again. `lateMs`: signs with it so long before the chain names it.
   */
  async use(isRotated: boolean, isAcknowledged = true, lateMs = 0): Promise<void> {
    if (isRotated === this.isRotated && isAcknowledged === this.isAcknowledged) return;
    const { market, registration, revocation, later } = this.options;
    this.isRotated = isRotated;
    this.isAcknowledged = isAcknowledged;
    if (lateMs > 0) return later(lateMs, async () => market.send(await registration()));
    await market.send(await registration());
    if (!isAcknowledged) await market.send(revocation());
  }

  isUsingRotated(): boolean {
    return this.isRotated;
  }
}
