// What one RPC URL of a network says of itself. It is named by host and port: paths and queries hold API keys.
import type { ComputeError } from "./error.js";

export type NodeLook =
  | {
      readonly host: string;
      readonly block: number;
      /** Unix seconds of that block. */
      readonly timestamp: number;
    }
  /** `wrongChain`, or `network`. */
  | { readonly host: string; readonly error: ComputeError };
