// A process that pays like a window does: `node --import tsx payer.ts RPC_URL LOCK_FOLDER COUNT`. Says "ready", waits for a line, deposits
// 1 0G so many times at once, and says what became of each. With LOCK_FOLDER "-" it asks no other process.
import { createInterface } from "node:readline";
import { createBroker } from "../../src/broker/broker.js";
import { developmentAccount } from "../../src/broker/wallet/developmentKeys.js";
import { ComputeError } from "../../src/domain/error.js";
import { parseOg } from "../../src/domain/money.js";
import { networks } from "../../src/domain/networks.js";
import { createLocks } from "../../src/system/lock.js";
import { realClock } from "../../src/system/realClock.js";
import { memoryLog } from "./ports.js";

export interface PayerWord {
  readonly kind: "ready" | "sent" | "mined" | "failed";
  readonly hash?: string;
  readonly detail?: string;
}

const say = (word: PayerWord) => process.stdout.write(`${JSON.stringify(word)}\n`);

async function main([rpcUrl = "", folder = "", count = ""]: string[]): Promise<void> {
  const user = developmentAccount(8);
  const broker = createBroker({
    network: { ...networks.sandbox, rpcUrls: [rpcUrl] },
    signer: { address: user.address, key: async () => user.privateKey },
    clock: realClock,
    log: memoryLog(),
    ...(folder === "-" ? {} : { locks: createLocks(folder) }),
  });
  await broker.chain.checkChainId();
  say({ kind: "ready" });
  for await (const line of createInterface({ input: process.stdin })) if (line === "go") break;
  const pay = async () => {
    try {
      const { hash } = await broker.ledger.depositFund(parseOg("1"), {
        onSent: (sent) => say({ kind: "sent", hash: sent }),
      });
      say({ kind: "mined", hash });
    } catch (error) {
      say({
        kind: "failed",
        detail:
          error instanceof ComputeError ? `${error.code} ${JSON.stringify(error.facts)}` : String(error),
      });
    }
  };
  await Promise.all(Array.from({ length: Number(count) }, pay));
  process.exit(0);
}

void main(process.argv.slice(2));
