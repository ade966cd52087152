// Of fine-tuning.json: the contract's calls, answers, errors and events, and what settles a task.
import assert from "node:assert/strict";
import { dataSlice, recoverAddress, SigningKey, TypedDataEncoder, type TypedDataField } from "ethers";
import { contractInterface } from "../../broker/contracts/interfaces.js";
import { decodeRevert } from "../../broker/contracts/reverts.js";
import { settlementDomain, settlementFields } from "../../broker/contracts/settlement.js";
import { verifierDigest, verifierInput } from "../../broker/contracts/verifierMessage.js";
import type { Address } from "../../domain/ids.js";
import { neuron } from "../../domain/money.js";
import { keysOf } from "./fineTuningVectors.js";
import { jsonOf, positional } from "./json.js";
import { casesOf, type Case, type Section, type VectorFile } from "./runner.js";

export function settlement(
  entry: {
    readonly domain: {
      readonly name: string;
      readonly version: string;
      readonly chainId: number;
      readonly verifyingContract: Address;
    };
    readonly primaryType: string;
    readonly types: Record<string, TypedDataField[]>;
    readonly message: Readonly<
      Record<"id" | "encryptedSecret" | "modelRootHash" | "nonce" | "taskFee" | "user", string>
    >;
    readonly domainSeparator: string;
    readonly structHash: string;
    readonly digest: string;
    readonly signature: string;
    readonly signer: string;
    readonly settleFeesCalldata: string;
  },
  file: VectorFile,
): void {
  const { chainId, verifyingContract } = entry.domain;
  assert.equal(entry.primaryType, "VerifierMessage");
  const types = { VerifierMessage: [...settlementFields.VerifierMessage] };
  assert.deepEqual(types, entry.types);
  const domain = settlementDomain("VerifierMessage", chainId, verifyingContract);
  assert.deepEqual(domain, entry.domain);
  const { id, encryptedSecret, modelRootHash, user } = entry.message;
  const message = {
    id,
    encryptedSecret,
    modelRootHash,
    nonce: BigInt(entry.message.nonce),
    taskFee: neuron(BigInt(entry.message.taskFee)),
    user: user as Address,
  };
  assert.equal(TypedDataEncoder.hashDomain(domain), entry.domainSeparator);
  assert.equal(TypedDataEncoder.from(types).hashStruct("VerifierMessage", message), entry.structHash);
  const digest = verifierDigest(chainId, verifyingContract, message);
  assert.equal(digest, entry.digest);
  const signature = new SigningKey(keysOf(file).teeSigner.privateKey).sign(digest).serialized;
  assert.equal(signature, entry.signature);
  assert.equal(recoverAddress(digest, signature), entry.signer);
  const call = contractInterface("fineTuning").encodeFunctionData("settleFees", [
    verifierInput(message, signature),
  ]);
  assert.equal(call, entry.settleFeesCalldata);
}

type Kind = "selectors" | "errors" | "errorsNotInTheNpmAbi" | "events" | "calls" | "reverts";

/** Every selector, call and revert is a case. */
export const contractSection: Section = {
  name: "contract",
  entries: (value) =>
    Object.entries(value as Record<string, unknown>).flatMap(([kind, part]) =>
      casesOf(part).map((one): Case => ({ name: `${kind} ${one.name}`, entry: { kind, one: one.entry } })),
    ),
  run: (entry) => {
    const { kind, one } = entry as { readonly kind: Kind; readonly one: unknown };
    if (kind === "calls") return call(one as CallEntry);
    if (kind === "reverts") return revert(one as RevertEntry);
    const { key, value } = one as { readonly key: string; readonly value: string };
    assert.equal(selectorOf(kind, key), value);
  },
};

function selectorOf(kind: Kind, signature: string): string | undefined {
  const contract = contractInterface("fineTuning");
  switch (kind) {
    case "selectors":
      return contract.getFunction(signature)?.selector;
    case "events":
      return contract.getEvent(signature)?.topicHash;
    case "errors":
    case "errorsNotInTheNpmAbi":
      return contract.getError(signature)?.selector;
    default:
      return undefined;
  }
}

interface CallEntry {
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly calldata: string;
  readonly returnData?: string;
  readonly decoded?: unknown;
}

function call({ fn, args, calldata, returnData, decoded }: CallEntry): void {
  const contract = contractInterface("fineTuning");
  const ours = contract.getFunction(fn);
  assert(ours, `no ${fn}`);
  assert.equal(contract.encodeFunctionData(ours, positional(args)), calldata);
  if (returnData === undefined) return;
  const [output] = ours.outputs;
  assert(output, `${fn} returns nothing`);
  assert.deepEqual(jsonOf(output, contract.decodeFunctionResult(ours, returnData)[0]), decoded);
}

interface RevertEntry {
  readonly error: string;
  readonly args: readonly unknown[];
  readonly data: string;
}

function revert({ error, args, data }: RevertEntry): void {
  const found = decodeRevert(data);
  assert(found.kind === "custom", `not decoded: ${dataSlice(data, 0, 4)}`);
  assert.deepEqual({ name: found.name, args: found.args }, { name: error, args: args.map(String) });
}
