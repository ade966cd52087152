// A process with nothing but the chain, for the tests that kill it: node chainProcess.js GENESIS STATE_DIR
import { readFileSync } from "node:fs";
import { startChain } from "../../src/sandbox/chain/chain.js";
import { Faults } from "../../src/sandbox/faults.js";

const [genesis = "", stateDir] = process.argv.slice(2);

void startChain({
  genesis: readFileSync(genesis),
  stateDir: stateDir || undefined,
  faults: new Faults(),
}).then((chain) => {
  process.on("SIGTERM", () => void chain.close().then(() => process.exit(0)));
  process.stdout.write(`${JSON.stringify({ rpcUrl: chain.rpcUrl })}\n`);
});
