// What providers' enclaves sign to be paid, as EIP-712 (spec contracts.md 6.5, 7.4). `verifyingContract` is the address clients use.
import { TypedDataEncoder, type TypedDataDomain, type TypedDataField } from "ethers";
import type { Address } from "../../domain/ids.js";

export type SettlementType = "TEESettlement" | "VerifierMessage";

export const settlementFields: Readonly<Record<SettlementType, readonly TypedDataField[]>> = {
  TEESettlement: [
    { name: "requestsHash", type: "bytes32" },
    { name: "nonce", type: "uint256" },
    { name: "provider", type: "address" },
    { name: "user", type: "address" },
    { name: "totalFee", type: "uint256" },
  ],
  VerifierMessage: [
    { name: "id", type: "string" },
    { name: "encryptedSecret", type: "bytes" },
    { name: "modelRootHash", type: "bytes" },
    { name: "nonce", type: "uint256" },
    { name: "taskFee", type: "uint256" },
    { name: "user", type: "address" },
  ],
};

const contractTitle: Readonly<Record<SettlementType, string>> = {
  TEESettlement: "0G Inference Serving",
  VerifierMessage: "0G Fine-Tuning Serving",
};

export function settlementDomain(
  type: SettlementType,
  chainId: number,
  verifyingContract: Address,
): TypedDataDomain {
  return { name: contractTitle[type], version: "1", chainId, verifyingContract };
}

/** The 32 bytes an enclave signs, in 0x hex. */
export function settlementDigest(
  type: SettlementType,
  chainId: number,
  verifyingContract: Address,
  message: Readonly<Record<string, unknown>>,
): string {
  const domain = settlementDomain(type, chainId, verifyingContract);
  return TypedDataEncoder.hash(domain, { [type]: [...settlementFields[type]] }, message);
}
