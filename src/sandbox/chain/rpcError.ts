// Failures as JSON-RPC clients expect them from a real node.

export const errorCodes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  server: -32000,
  limitExceeded: -32005,
  /** An execution that reverted; `data` holds the revert data as a hex string. */
  reverted: 3,
} as const;

export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: string,
  ) {
    super(message);
    this.name = "RpcError";
  }
}

export function invalidParams(message: string): RpcError {
  return new RpcError(errorCodes.invalidParams, message);
}

/** Anything else a node refuses, in the words of go-ethereum where clients look at them. */
export function refused(message: string): RpcError {
  return new RpcError(errorCodes.server, message);
}
