// A provider of the sandbox that takes so much from a user's account as it likes: signed by its enclave and settled by the real contract.
import { Accounts } from "../../src/sandbox/accounts.js";
import type { Chain } from "../../src/sandbox/chain/chain.js";
import { Marketplace } from "../../src/sandbox/marketplace.js";
import { sameAddress } from "../../src/domain/ids.js";
import type { SandboxReady } from "../../src/domain/sandboxReady.js";

export async function takeFees(
  { rpcUrl, chainId, contracts }: SandboxReady,
  provider: string,
  user: string,
  totalFee: bigint,
): Promise<void> {
  const request = async (method: string, params: readonly unknown[] = []) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const headers = { "content-type": "application/json" };
    const reply = await fetch(rpcUrl, { method: "POST", headers, body });
    return ((await reply.json()) as { result: unknown }).result;
  };
  const sendTransactions = async (raws: readonly string[]) => {
    const hashes: string[] = [];
    for (const raw of raws) hashes.push(String(await request("eth_sendRawTransaction", [raw])));
    return hashes;
  };
  const market = new Marketplace({ chainId, request, sendTransactions } as unknown as Chain, contracts);
  const accounts = new Accounts();
  const index = [1, 2, 3, 4, 5, 6, 7].find((one) => sameAddress(accounts.key(one).address, provider));
  const account = await market.getAccount(user, provider);
  if (index === undefined || !account) throw new Error("no such provider or account");
  const settlement = { user, totalFee, requestsHash: `0x${"11".repeat(32)}`, nonce: account.nonce + 1n };
  const [result] = await market.settle(accounts.key(index), accounts.teeSigner(index), [settlement]);
  if (result && result.status !== 0) throw new Error(`not settled: ${result.status}`);
}
