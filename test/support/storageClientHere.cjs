// Loaded before the official command line tool. The storage client that it starts knows the public network only, wherever the wallet is: here
// it is led to the sandbox's storage instead, or, when there is none for it, it fails as it does without a network.
"use strict";
const childProcess = require("node:child_process");
const path = require("node:path");

const { spawn } = childProcess;
const { ZG_TEST_STORAGE_INDEXER: indexer, ZG_RPC_ENDPOINT: rpcUrl } = process.env;

/** @type {(...given: unknown[]) => unknown} */
const spawnHere = (command, args, ...rest) => {
  const call = /** @type {(...given: unknown[]) => unknown} */ (spawn);
  if (path.basename(String(command)).replace(/\.exe$/, "") !== "0g-storage-client")
    return call(command, args, ...rest);
  if (!indexer) return call(process.execPath, ["-e", "process.exit(1)"], ...rest);
  const changed = [.../** @type {string[]} */ (args)];
  const set = (/** @type {string} */ flag, /** @type {string | undefined} */ value) => {
    const at = changed.indexOf(flag);
    if (at >= 0 && value) changed[at + 1] = value;
  };
  set("--url", rpcUrl);
  set("--indexer", indexer);
  return call(command, changed, ...rest);
};
Object.assign(childProcess, { spawn: spawnHere });
