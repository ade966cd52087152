// The sections of contracts.json (its spec: section 13): our fragments, parsers and chain against recorded data.
import assert from "node:assert/strict";
import type { FunctionFragment } from "ethers";
import {
  computeAddress,
  dataSlice,
  Fragment,
  getAddress,
  recoverAddress,
  SigningKey,
  TypedDataEncoder,
  type TypedDataField,
} from "ethers";
import { contractInterface, type ContractName } from "../../broker/contracts/interfaces.js";
import { modelRoots } from "../../broker/contracts/modelRoots.js";
import { decodeRevert, type Revert } from "../../broker/contracts/reverts.js";
import { servingInterfaceFunctions, servingInterfaceId } from "../../broker/contracts/serving.js";
import {
  settlementDigest,
  settlementDomain,
  settlementFields,
  type SettlementType,
} from "../../broker/contracts/settlement.js";
import { refundRemaining } from "../../domain/account.js";
import type { Address } from "../../domain/ids.js";
import { exactOg, neuron, parseOg } from "../../domain/money.js";
import { ContractsRun, type ContractsFile, type DeploymentEntry, type FlowEntry } from "./contractsRun.js";
import { exact18 } from "./display.js";
import { jsonOf, positional } from "./json.js";
import type { Case, Section, Suite, VectorFile } from "./runner.js";

interface AbiEntry {
  readonly kind: "functions" | "errors" | "events" | "interfaceIds";
  readonly contract: ContractName;
  readonly signature: string;
  readonly selector: string;
  readonly topic0: string;
}

interface CallEntry {
  readonly contract: ContractName;
  readonly function: string;
  readonly args?: readonly unknown[];
  readonly value?: string;
}

export function contractsSuite(): Suite {
  // One chain per file, started by the first section that needs it.
  const runs = new Map<VectorFile, ContractsRun>();
  const runOf = (file: VectorFile): ContractsRun => {
    let run = runs.get(file);
    if (!run) runs.set(file, (run = new ContractsRun(file as unknown as ContractsFile)));
    return run;
  };
  return {
    sections: [
      section("contracts", (entry: { key: string; value: unknown }, file) =>
        runOf(file).checkContract(entry.key, entry.value),
      ),
      section("deployment", (entry: DeploymentEntry, file) => runOf(file).checkDeployment(entry)),
      { ...section("abi", abi), entries: abiCases },
      section("calldata", calldata),
      section("returns", returns),
      section("reverts", reverts),
      section("logs", logs),
      section("flow", (entry: FlowEntry, file) => runOf(file).checkStep(entry)),
      section("eip712", eip712),
      section("units", units),
      section("refundRemaining", remaining),
      section("modelRootHash", rootHash),
      section("display", (entry: { key: string; value: unknown }, file) =>
        runOf(file).checkDisplay(entry.key, entry.value),
      ),
    ],
    end: async (file) => {
      await runs.get(file)?.close();
      runs.delete(file);
    },
  };
}

function section<E>(name: string, run: (entry: E, file: VectorFile) => void | Promise<void>): Section {
  return { name, run: (entry, file) => run(entry as E, file) };
}

function abiCases(value: unknown): Case[] {
  const { interfaceIds, ...lists } = value as Record<AbiEntry["kind"], unknown>;
  const listed = Object.entries(lists).flatMap(([kind, entries]) =>
    (entries as AbiEntry[]).map((entry) => ({
      name: `${entry.contract} ${entry.signature}`,
      entry: { ...entry, kind },
    })),
  );
  const ids = Object.entries(interfaceIds as Record<string, string>).map(([name, selector]) => ({
    name,
    entry: { kind: "interfaceIds", signature: name, selector },
  }));
  return [...listed, ...ids];
}

function abi(entry: AbiEntry): void {
  if (entry.kind === "interfaceIds") return interfaceId(entry);
  const ours = contractInterface(entry.contract);
  if (entry.kind === "functions") assert.equal(ours.getFunction(entry.signature)?.selector, entry.selector);
  else if (entry.kind === "errors") assert.equal(ours.getError(entry.signature)?.selector, entry.selector);
  else assert.equal(ours.getEvent(entry.signature)?.topicHash, entry.topic0);
}

function interfaceId({ signature, selector }: AbiEntry): void {
  const names = signature === "IERC165" ? ["supportsInterface"] : servingInterfaceFunctions;
  const selectors = names.map((name) =>
    BigInt(contractInterface("inference").getFunction(name)?.selector ?? "0x0"),
  );
  const id = selectors.reduce((all, one) => all ^ one, 0n);
  assert.equal(`0x${id.toString(16).padStart(8, "0")}`, selector);
  if (signature !== "IERC165") assert.equal(servingInterfaceId, selector);
}

/** Our own fragment for what the vector spells out in full; fails when we have none, or one with another shape. */
function functionOf({ contract, function: text }: CallEntry): FunctionFragment {
  const theirs = Fragment.from(text.startsWith("function ") ? text : `function ${text}`) as FunctionFragment;
  const ours = contractInterface(contract).getFunction(theirs.format("sighash"));
  assert(ours, `no ${theirs.format("sighash")} in ${contract}`);
  if (text.startsWith("function ")) assert.equal(ours.format("minimal"), theirs.format("minimal"));
  return ours;
}

function calldata(entry: CallEntry & { readonly data: string }): void {
  const ours = functionOf(entry);
  const args = entry.args ?? [];
  const contract = contractInterface(entry.contract);
  assert.equal(contract.encodeFunctionData(ours, positional(args)), entry.data);
  const read = contract.decodeFunctionData(ours, entry.data);
  assert.deepEqual(
    ours.inputs.map((input, index) => jsonOf(input, read[index])),
    args,
  );
  assert(entry.value === undefined || ours.payable, "value sent to a function that is not payable");
}

function returns(
  entry: CallEntry & { readonly callData: string; readonly returnData: string; readonly decoded: unknown },
): void {
  const ours = functionOf(entry);
  const contract = contractInterface(entry.contract);
  if (entry.args) assert.equal(contract.encodeFunctionData(ours, positional(entry.args)), entry.callData);
  assert.equal(dataSlice(entry.callData, 0, 4), ours.selector);
  const read = contract.decodeFunctionResult(ours, entry.returnData);
  assert.deepEqual(
    ours.outputs.map((output, index) => jsonOf(output, read[index])),
    entry.decoded,
  );
}

function reverts(
  entry: CallEntry & {
    readonly revertData: string;
    readonly error: {
      readonly name: string;
      readonly signature: string;
      readonly selector: string;
      readonly args: readonly unknown[] | null;
    };
  },
): void {
  const { error, revertData } = entry;
  if (entry.function !== "receive()") functionOf(entry);
  const found = named(decodeRevert(revertData));
  assert.deepEqual(
    [found.name, found.signature, revertData.slice(0, 10)],
    [error.name, error.signature, error.selector],
  );
  if (error.args) assert.deepEqual(found.args, error.args.map(String));
}

function named(revert: Revert): { name: string; signature: string; args: readonly string[] } {
  if (revert.kind === "custom") return revert;
  if (revert.kind === "text") return { name: "Error", signature: "Error(string)", args: [revert.text] };
  if (revert.kind === "panic")
    return { name: "Panic", signature: "Panic(uint256)", args: [String(revert.code)] };
  throw new Error(`not decoded: ${revert.data}`);
}

function logs(entry: {
  readonly contract: ContractName;
  readonly event: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly args: unknown;
}): void {
  const log = contractInterface(entry.contract).parseLog({ topics: entry.topics, data: entry.data });
  assert(log, "unknown topic");
  assert.equal(log.signature, entry.event);
  const read = log.fragment.inputs.map((input, index) => [input.name, jsonOf(input, log.args[index])]);
  assert.deepEqual(Object.fromEntries(read), entry.args);
}

function eip712(
  entry: {
    readonly domain: { readonly chainId: number; readonly verifyingContract: Address };
    readonly types: Record<string, TypedDataField[]>;
    readonly primaryType: string;
    readonly message: Record<string, unknown>;
    readonly domainSeparator: string;
    readonly encodeType: string;
    readonly typeHash: string;
    readonly structHash: string;
    readonly digest: string;
    readonly signer: string;
    readonly signature: string;
  },
  file: VectorFile,
): void {
  const type = entry.primaryType as SettlementType;
  const { chainId, verifyingContract } = entry.domain;
  const types = { [type]: [...settlementFields[type]] };
  assert.deepEqual(types, entry.types);
  const domain = settlementDomain(type, chainId, verifyingContract);
  assert.deepEqual(domain, entry.domain);
  const encoder = TypedDataEncoder.from(types);
  assert.equal(TypedDataEncoder.hashDomain(domain), entry.domainSeparator);
  assert.equal(encoder.encodeType(type), entry.encodeType);
  assert.equal(dataSlice(encoder.encodeData(type, entry.message), 0, 32), entry.typeHash);
  assert.equal(encoder.hashStruct(type, entry.message), entry.structHash);
  assert.equal(settlementDigest(type, chainId, verifyingContract, entry.message), entry.digest);
  assert.equal(recoverAddress(entry.digest, entry.signature), getAddress(entry.signer));
  const key = keyOf(entry.signer, file);
  if (key) assert.equal(new SigningKey(key).sign(entry.digest).serialized, entry.signature);
}

function keyOf(address: string, file: VectorFile): string | undefined {
  const accounts = Object.values(
    (file.accounts ?? {}) as Record<string, { address: string; privateKey: string }>,
  );
  const found = accounts.find((account) => getAddress(account.address) === getAddress(address));
  if (found) assert.equal(computeAddress(found.privateKey), getAddress(address));
  return found?.privateKey;
}

function units(entry: {
  readonly text: string;
  readonly neuron: string;
  readonly exactDisplay18: string;
}): void {
  const amount = parseOg(entry.text);
  assert.equal(String(amount), entry.neuron);
  assert.equal(parseOg(exactOg(amount)), amount);
  assert.equal(exact18(amount), entry.exactDisplay18);
  assert.equal(parseOg(entry.exactDisplay18), neuron(BigInt(entry.neuron)));
}

function remaining(entry: Record<"createdAt" | "lockTime" | "now" | "remaining", number>): void {
  assert.equal(refundRemaining(entry.createdAt, entry.lockTime, entry.now), entry.remaining);
}

function rootHash(entry: { readonly bytes: string; readonly roots: readonly string[] }): void {
  assert.deepEqual(modelRoots(entry.bytes), entry.roots);
}
