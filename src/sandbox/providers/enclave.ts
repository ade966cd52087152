// The keys a provider signs with, and changing over to another one on chain when a fault asks for it.
import type { Accounts, Key } from "../accounts.js";
import type { Marketplace, ServiceParams } from "../marketplace.js";
import type { ProviderDefinition } from "./definition.js";

/** `service` gives what is to be registered for the keys of that moment. */
export interface EnclaveOptions {
  readonly definition: ProviderDefinition;
  readonly accounts: Accounts;
  readonly market: Marketplace;
  readonly service: () => ServiceParams;
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
   * serve nobody until it has it again.
   */
  async use(isRotated: boolean, isAcknowledged = true): Promise<void> {
    if (isRotated === this.isRotated && isAcknowledged === this.isAcknowledged) return;
    const { accounts, definition, market } = this.options;
    this.isRotated = isRotated;
    this.isAcknowledged = isAcknowledged;
    const provider = accounts.key(definition.account);
    const steps = await market.registration(provider, accounts.owner(), this.options.service());
    await market.send(steps);
    if (!isAcknowledged)
      await market.send([market.revokeAcknowledgement(provider.address, accounts.owner())]);
  }

  isUsingRotated(): boolean {
    return this.isRotated;
  }
}
