// What an execution that failed looks like to a JSON-RPC client.
import { AbiCoder, dataSlice } from "ethers";
import type { Hex } from "./hex.js";
import { RpcError, errorCodes, refused } from "./rpcError.js";

const errorString = "0x08c379a0";

/** `data` carries the revert data; the text names the reason only when it is a string, as real nodes do. */
export function revertError(data: Hex): RpcError {
  const reason = revertReason(data);
  const message = reason === undefined ? "execution reverted" : `execution reverted: ${reason}`;
  return new RpcError(errorCodes.reverted, message, data);
}

/** Out of gas, invalid opcode and the like. */
export function vmError(error: string): RpcError {
  return refused(error);
}

function revertReason(data: Hex): string | undefined {
  if (!data.startsWith(errorString)) return undefined;
  try {
    return AbiCoder.defaultAbiCoder().decode(["string"], dataSlice(data, 4))[0] as string;
  } catch {
    return undefined; // the contract only pretends to give a text
  }
}
