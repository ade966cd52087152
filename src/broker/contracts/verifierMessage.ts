// What settles a task of fine-tuning (spec fine-tuning.md 11.4), in the domain's types.
import type { Address } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import { settlementDigest } from "./settlement.js";

export interface VerifierMessage {
  /** The task's id as text. */
  readonly id: string;
  /** 0x hex; "0x" when the user did not acknowledge. */
  readonly encryptedSecret: string;
  /** 0x hex, as it was announced. */
  readonly modelRootHash: string;
  readonly nonce: bigint;
  readonly taskFee: Neuron;
  readonly user: Address;
}

/** The 32 bytes the enclave signs as they are, in 0x hex. */
export function verifierDigest(
  chainId: number,
  verifyingContract: Address,
  message: VerifierMessage,
): string {
  return settlementDigest("VerifierMessage", chainId, verifyingContract, { ...message });
}

/** The argument of `settleFees`. */
export function verifierInput(message: VerifierMessage, signature: string): Record<string, unknown> {
  return { ...message, signature };
}
