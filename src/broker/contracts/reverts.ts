// Why a contract said no: the one place that reads revert data.
import { AbiCoder, dataSlice, isHexString, type Interface } from "ethers";
import { contractInterface, contractNames } from "./interfaces.js";

/** A decoded refusal. `args` as text: integers decimal, addresses EIP-55, in the order of the contract. */
export type Revert =
  | {
      readonly kind: "custom";
      readonly name: string;
      readonly signature: string;
      readonly args: readonly string[];
    }
  | { readonly kind: "text"; readonly text: string } // require(…, "text")
  | { readonly kind: "panic"; readonly code: number } // arithmetic overflow and the like
  | { readonly kind: "unknown"; readonly data: string }; // no or foreign data

const errorSelector = "0x08c379a0";
const panicSelector = "0x4e487b71";

/**
 * Decodes revert data (0x hex). Errors of a service surface through the ledger, so all three contracts are asked, always.
 * Another contract that was called is asked first. Never throws: what nobody knows is `unknown` (at most its first 68 bytes are kept).
 */
export function decodeRevert(data: string, other?: Interface): Revert {
  if (!isHexString(data) || data.length < 10) return { kind: "unknown", data: "0x" };
  try {
    return decodeStandard(data) ?? decodeCustom(data, other) ?? unknown(data);
  } catch {
    return unknown(data); // the selector is known, its arguments are malformed
  }
}

function unknown(data: string): Revert {
  return { kind: "unknown", data: data.slice(0, 2 + 68 * 2) };
}

function decodeStandard(data: string): Revert | undefined {
  const selector = data.slice(0, 10).toLowerCase();
  if (selector !== errorSelector && selector !== panicSelector) return undefined;
  const body = dataSlice(data, 4);
  const coder = AbiCoder.defaultAbiCoder();
  if (selector === errorSelector) return { kind: "text", text: String(coder.decode(["string"], body)[0]) };
  return { kind: "panic", code: Number(coder.decode(["uint256"], body)[0]) };
}

function decodeCustom(data: string, other: Interface | undefined): Revert | undefined {
  for (const one of [...(other ? [other] : []), ...contractNames.map(contractInterface)]) {
    const found = one.parseError(data);
    if (found)
      return {
        kind: "custom",
        name: found.name,
        signature: found.signature,
        args: [...found.args].map((value) => String(value)),
      };
  }
  return undefined;
}
