// The deployment as it was recorded (spec contracts.md 12): which transaction each step is, made from the official packages' bytecode.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { contractInterface, type ContractName } from "../../broker/contracts/interfaces.js";
import { cloneOf } from "../../sandbox/chain/minimalProxy.js";

export interface DeploymentParameters {
  readonly owner: string;
  readonly lockTime: number;
  readonly penaltyPercentage: number;
  /** Full names, such as "inference-v1.0". */
  readonly serviceNames: Readonly<Record<"inference" | "fineTuning", string>>;
}

export interface StepTransaction {
  /** Absent: creates a contract. */
  readonly to?: string;
  readonly data: string;
}

const titles: Readonly<Record<string, ContractName>> = {
  LedgerManager: "ledger",
  InferenceServing: "inference",
  FineTuningServing: "fineTuning",
};
const serviceTypes: Readonly<Record<string, "inference" | "fineTuning">> = {
  inference: "inference",
  "fine-tuning": "fineTuning",
};

/** All steps in the order of their nonces. */
export const stepNames: readonly string[] = [
  ...deploymentOf("LedgerManager"),
  ...deploymentOf("InferenceServing"),
  ...registrationOf("inference"),
  ...deploymentOf("FineTuningServing"),
  ...registrationOf("fine-tuning"),
];

function deploymentOf(title: string): string[] {
  return [
    `${title} implementation`,
    `${title} filler self-transfer`,
    `${title} EIP-1167 clone`,
    `${title}.initialize`,
  ];
}

function registrationOf(type: string): string[] {
  return [`LedgerManager.registerService(${type})`, `LedgerManager.setRecommendedService(${type})`];
}

/** `created` has the address each earlier step created, by its name. Throws for steps nobody knows. */
export function stepTransaction(
  step: string,
  { owner, lockTime, penaltyPercentage, serviceNames }: DeploymentParameters,
  created: ReadonlyMap<string, string>,
): StepTransaction {
  const at = (name: string): string => {
    const address = created.get(name);
    if (address === undefined) throw new Error(`"${step}" needs "${name}" before it`);
    return address;
  };
  const clone = (title: string) => at(`${title} EIP-1167 clone`);
  const call = (title: string, method: string, args: unknown[]): StepTransaction => ({
    to: clone(title),
    data: contractInterface(titles[title] ?? "ledger").encodeFunctionData(method, args),
  });
  const [, title = "", what = ""] = /^(\w+)[ .](.*)$/.exec(step) ?? [];
  if (what === "implementation") return { data: bytecode(title) };
  if (what === "filler self-transfer") return { to: owner, data: "0x" };
  if (what === "EIP-1167 clone") return { data: cloneOf(at(`${title} implementation`)) };
  if (what === "initialize") {
    if (title === "LedgerManager") return call(title, "initialize", [owner]);
    const common = [lockTime, clone("LedgerManager"), owner];
    return call(title, "initialize", title === "InferenceServing" ? common : [...common, penaltyPercentage]);
  }
  const [, method = "", type = ""] = /^(\w+)\((.+)\)$/.exec(what) ?? [];
  const service = serviceTypes[type];
  if (!service) throw new Error(`unknown step "${step}"`);
  const version = serviceNames[service].slice(type.length + 1);
  const address = clone(service === "inference" ? "InferenceServing" : "FineTuningServing");
  const args = method === "registerService" ? [type, version, address, `${type} serving`] : [type, version];
  return call("LedgerManager", method, args);
}

function bytecode(title: string): string {
  const folder = { LedgerManager: "ledger", InferenceServing: "inference", FineTuningServing: "fine-tuning" }[
    title
  ];
  if (folder === undefined) throw new Error(`no bytecode of ${title}`);
  const require = createRequire(join(import.meta.dirname, "package.json"));
  const main = require.resolve("@0gfoundation/0g-compute-ts-sdk");
  const file = join(dirname(main), folder, "contract/typechain/factories", `${title}__factory.js`);
  const factory = (require(file) as Record<string, { bytecode?: unknown }>)[`${title}__factory`];
  if (typeof factory?.bytecode !== "string") throw new Error(`no bytecode of ${title}`);
  return factory.bytecode;
}
