// The chain's faults of spec/sandbox.md section 3, put round single calls. `no-mining` is not here: it is the engine's.
//
// fault               strikes                        value
// rpc-timeout-before  eth_sendRawTransaction         another method's name, or "*" for all
// rpc-timeout-after   eth_sendRawTransaction         the same; the call was carried out
// rpc-drop            eth_sendRawTransaction         -       (answered with its hash, then forgotten)
// rpc-duplicate       eth_sendRawTransaction         -       (taken in, yet answered "already known")
// rpc-wrong-chain     eth_chainId, net_version       the chain id to claim; 1 if absent
// rpc-garbage         all methods                    one method's name
// rpc-rate-limit      every HTTP request             requests a minute that still pass; none if absent
import { Transaction } from "ethers";
import type { Faults, FaultValue } from "../faults.js";
import { quantity } from "./hex.js";
import { refused } from "./rpcError.js";

export type Outcome =
  { kind: "result"; result: unknown } | { kind: "text"; text: string } | { kind: "silence" };

const send = "eth_sendRawTransaction";
const garbage =
  "<html><head><title>502 Bad Gateway</title></head><body>upstream sent too big header</body></html>";
const minute = 60_000;

export class RpcFaults {
  private windowStart = 0;
  private inWindow = 0;

  constructor(
    private readonly faults: Faults,
    private readonly now: () => number,
  ) {}

  /** Seconds to wait when this HTTP request is one too many. */
  rateLimited(): number | undefined {
    const now = this.now();
    if (now - this.windowStart >= minute) {
      this.windowStart = now;
      this.inWindow = 0;
    }
    const hit = this.faults.take("chain", "rpc-rate-limit", (allowed) => {
      if (typeof allowed !== "number") return true;
      return ++this.inWindow > allowed;
    });
    return hit && Math.max(1, Math.ceil((this.windowStart + minute - now) / 1000));
  }

  /** Carries a call out, or what a fault makes of it. */
  async around(method: string, params: readonly unknown[], run: () => Promise<unknown>): Promise<Outcome> {
    const struckBySends = (value: FaultValue | undefined) => isMeant(value ?? send, method);
    if (this.faults.take("chain", "rpc-timeout-before", struckBySends)) return { kind: "silence" };
    if (this.faults.take("chain", "rpc-garbage", (value) => isMeant(value ?? "*", method)))
      return { kind: "text", text: garbage };
    const wrong = this.wrongChain(method);
    if (wrong !== undefined) return { kind: "result", result: wrong };
    if (method === send && this.faults.take("chain", "rpc-drop"))
      return { kind: "result", result: hashOf(params[0]) };
    const result = await run();
    if (this.faults.take("chain", "rpc-timeout-after", struckBySends)) return { kind: "silence" };
    if (method === send && this.faults.take("chain", "rpc-duplicate")) throw refused("already known");
    return { kind: "result", result };
  }

  private wrongChain(method: string): string | undefined {
    if (method !== "eth_chainId" && method !== "net_version") return undefined;
    const hit = this.faults.take("chain", "rpc-wrong-chain");
    if (!hit) return undefined;
    const id = typeof hit.value === "number" ? hit.value : 1;
    return method === "eth_chainId" ? quantity(id) : String(id);
  }
}

function isMeant(value: FaultValue, method: string): boolean {
  return value === "*" || value === method;
}

function hashOf(raw: unknown): string {
  try {
    return Transaction.from(String(raw)).hash ?? "0x";
  } catch (error) {
    throw refused(`transaction could not be decoded: ${error instanceof Error ? error.name : "unknown"}`);
  }
}
