// FineTuningServing as the sandbox's trainer and the owner use it: register, read accounts, deliver, settle (spec contracts.md 7).
import { type Result, SigningKey } from "ethers";
import { contractInterface } from "../../broker/contracts/interfaces.js";
import { settlementDigest } from "../../broker/contracts/settlement.js";
import { type Address, sameAddress } from "../../domain/ids.js";
import type { Key } from "../accounts.js";
import { type Marketplace, type Outgoing, stake } from "../marketplace.js";

/** A trainer's service as the contract takes it. */
export interface TrainingService {
  readonly url: string;
  /** Neuron. */
  readonly pricePerToken: bigint;
  readonly isOccupied: boolean;
  /** Names of the customised models. */
  readonly models: readonly string[];
  readonly teeSignerAddress: string;
}

/** What a trainer looks at before it takes a task. Amounts in neuron. */
export interface TrainingAccount {
  readonly balance: bigint;
  readonly pendingRefund: bigint;
  /** Of the last settled task. */
  readonly nonce: bigint;
  readonly isAcknowledged: boolean;
}

export interface AnnouncedModel {
  readonly isAcknowledged: boolean;
  readonly isSettled: boolean;
}

/** What is signed to be paid for a task. `secret` and `root` in 0x hex. */
export interface TaskSettlement {
  readonly id: string;
  readonly user: string;
  readonly root: string;
  /** The file's key, encrypted to the user; "0x" when the model was not acknowledged. */
  readonly secret: string;
  readonly nonce: bigint;
  /** The whole fee; of a model that was not acknowledged the contract takes a part. */
  readonly fee: bigint;
}

/** What the machine claims to have: this one, so hardly anything. */
const quota = { cpuCount: 1, nodeMemory: 1, gpuCount: 0, nodeStorage: 1, gpuType: "none" };

export class FineTuningMarket {
  private readonly methods = contractInterface("fineTuning");

  constructor(
    private readonly market: Marketplace,
    private readonly provider: Key,
  ) {}

  async getService(): Promise<(TrainingService & { teeSignerAcknowledged: boolean }) | undefined> {
    const result = await this.view("getService", [this.provider.address], ["ServiceNotExist"]);
    if (!result) return undefined;
    const service = result[0] as Result;
    const field = (name: string): unknown => service.getValue(name);
    return {
      url: String(field("url")),
      pricePerToken: field("pricePerToken") as bigint,
      isOccupied: field("occupied") === true,
      models: (field("models") as Result).toArray().map(String),
      teeSignerAddress: String(field("teeSignerAddress")),
      teeSignerAcknowledged: field("teeSignerAcknowledged") === true,
    };
  }

  /** Rejects with Reverted when the user has no sub-account here. */
  async getAccount(user: string): Promise<TrainingAccount> {
    const result = await this.view("getAccount", [user, this.provider.address]);
    const account = result?.[0] as Result;
    const field = (name: string): unknown => account.getValue(name);
    return {
      balance: field("balance") as bigint,
      pendingRefund: field("pendingRefund") as bigint,
      nonce: field("nonce") as bigint,
      isAcknowledged: field("acknowledged") === true,
    };
  }

  /** Undefined when the model was not announced, or its account is gone. */
  async getDeliverable(user: string, id: string): Promise<AnnouncedModel | undefined> {
    const absent = ["DeliverableNotExists", "AccountNotExists"];
    const result = await this.view("getDeliverable", [user, this.provider.address, id], absent);
    if (!result) return undefined;
    const deliverable = result[0] as Result;
    return {
      isAcknowledged: deliverable.getValue("acknowledged") === true,
      isSettled: deliverable.getValue("settled") === true,
    };
  }

  /** Seconds that a refund is locked. */
  async lockTime(): Promise<number> {
    return Number((await this.view("lockTime", []))?.[0]);
  }

  /** Neuron in the trainer's own wallet. */
  ownBalance(): Promise<bigint> {
    return this.market.getBalance(this.provider.address);
  }

  /** The transactions that bring the chain to what the trainer is now; none when it stands already. */
  async registration(owner: Key, service: TrainingService): Promise<Outgoing[]> {
    const current = await this.getService();
    const steps: Outgoing[] = [];
    if (!current || !sameService(current, service)) {
      const { url, pricePerToken, isOccupied, models, teeSignerAddress } = service;
      const args = [url, quota, pricePerToken, isOccupied, models, teeSignerAddress];
      steps.push(this.outgoing(this.provider, "addOrUpdateService", args, current ? 0n : stake));
    }
    const isKnown =
      current?.teeSignerAcknowledged && sameAddress(current.teeSignerAddress, service.teeSignerAddress);
    if (!isKnown) steps.push(this.outgoing(owner, "acknowledgeTEESignerByOwner", [this.provider.address]));
    return steps;
  }

  /** Takes back the owner's word for the signer. */
  revokeAcknowledgement(owner: Key): Outgoing {
    return this.outgoing(owner, "revokeTEESignerAcknowledgement", [this.provider.address]);
  }

  send(transactions: readonly Outgoing[]): Promise<unknown> {
    return this.market.send(transactions);
  }

  /** True while one of the trainer's transactions waits to be mined. */
  hasPending(): Promise<boolean> {
    return this.market.hasPending(this.provider.address);
  }

  /** Announces a trained model. Rejects with Reverted and NotMined. */
  addDeliverable(user: string, id: string, root: string): Promise<void> {
    return this.market.act(this.outgoing(this.provider, "addDeliverable", [user, id, root]));
  }

  /** Takes the fee and, of an acknowledged model, publishes the key. Rejects with Reverted and NotMined. */
  settle(settlement: TaskSettlement, teeSigner: Key): Promise<void> {
    const { id, user, root: modelRootHash, secret: encryptedSecret, nonce, fee: taskFee } = settlement;
    const message = { id, encryptedSecret, modelRootHash, nonce, taskFee, user };
    const contract = this.market.contracts.fineTuning as Address;
    const digest = settlementDigest("VerifierMessage", this.market.chainId, contract, message);
    const signature = new SigningKey(teeSigner.privateKey).sign(digest).serialized;
    return this.market.act(this.outgoing(this.provider, "settleFees", [{ ...message, signature }]));
  }

  private outgoing(from: Key, name: string, args: readonly unknown[], value = 0n): Outgoing {
    const data = this.methods.encodeFunctionData(name, args);
    return { from, to: this.market.contracts.fineTuning, data, value };
  }

  private view(name: string, args: readonly unknown[], absent: readonly string[] = []) {
    return this.market.view("fineTuning", name, args, absent);
  }
}

function sameService(a: TrainingService, b: TrainingService): boolean {
  return (
    a.url === b.url &&
    a.pricePerToken === b.pricePerToken &&
    a.isOccupied === b.isOccupied &&
    a.models.join() === b.models.join() &&
    sameAddress(a.teeSignerAddress, b.teeSignerAddress)
  );
}
