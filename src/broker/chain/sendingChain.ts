// ChainAccess over JSON-RPC, whole.
import type { TransactionResult } from "../../domain/account.js";
import type { ChainAccess, ContractCall, SendOptions } from "./access.js";
import { RpcChain } from "./rpcChain.js";
import { sendTransaction } from "./transactions.js";

export class SendingChain extends RpcChain implements ChainAccess {
  send(call: ContractCall, options: SendOptions = {}): Promise<TransactionResult> {
    return sendTransaction(this, call, options);
  }
}
