// The sandbox as a program of its own: prints one line of JSON when it is ready, everything else goes to stderr, runs until told to stop.
//   node dist/sandbox.js [--port 0] [--state DIR] [--fresh] [--parent] [--pace MS] [--settle SECONDS] [--storage-shards N]
// --parent: ends when the parent does (its IPC channel or our standard input closes).
// The upstream comes as a line of JSON on standard input, {"upstream":{"baseUrl","model","apiKey"?}} (null: none), or from the
// environment: ZG_SANDBOX_UPSTREAM_URL, ZG_SANDBOX_UPSTREAM_MODEL, ZG_SANDBOX_UPSTREAM_KEY.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { loadModel } from "../sandbox/model/serialize.js";
import { BadUpstream, readUpstream, type Upstream } from "../sandbox/providers/upstream.js";
import { startSandbox, type Sandbox } from "../sandbox/sandbox.js";

const usage =
  "Usage: sandbox [--port N] [--state DIR] [--fresh] [--parent] [--pace MS] [--settle SECONDS] [--storage-shards N]";

class BadArguments extends Error {}

const say = (message: string) => process.stderr.write(`${message}\n`);

/** A line for people: one sentence, without a stack. */
function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string" },
        state: { type: "string" },
        fresh: { type: "boolean" },
        parent: { type: "boolean" },
        pace: { type: "string" },
        settle: { type: "string" },
        "storage-shards": { type: "string" },
      },
    });
    return {
      port: readNumber("port", values.port, 65_535),
      paceMs: readNumber("pace", values.pace, 60_000),
      settleSeconds: readNumber("settle", values.settle, 86_400),
      storageShards: readShards(values["storage-shards"]),
      state: values.state,
      isFresh: values.fresh,
      hasParent: values.parent ?? false,
    };
  } catch (error) {
    throw new BadArguments(`${sentence(error)}\n${usage}`);
  }
}

function readNumber(name: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text) || Number(text) > max) throw new Error(`--${name} is a number from 0 to ${max}.`);
  return Number(text);
}

/** Nodes share the segments evenly, by powers of two (spec storage.md 9). */
function readShards(text: string | undefined): number | undefined {
  const shards = readNumber("storage-shards", text, 8);
  if (shards !== undefined && ![1, 2, 4, 8].includes(shards))
    throw new Error("--storage-shards is 1, 2, 4 or 8.");
  return shards;
}

function environmentUpstream(): Upstream | undefined {
  const { ZG_SANDBOX_UPSTREAM_URL: baseUrl, ZG_SANDBOX_UPSTREAM_MODEL: model } = process.env;
  if (!baseUrl) return undefined;
  return readUpstream({ baseUrl, model, apiKey: process.env.ZG_SANDBOX_UPSTREAM_KEY });
}

/** Takes settings from standard input for as long as it is open. */
function listenToInput(sandbox: () => Sandbox | undefined, keep: (upstream: Upstream | undefined) => void) {
  createInterface({ input: process.stdin, terminal: false }).on("line", (line) => {
    if (line.trim() === "") return;
    try {
      const { upstream } = JSON.parse(line) as { upstream?: unknown };
      if (upstream === undefined) return;
      const read = readUpstream(upstream);
      keep(read);
      sandbox()?.setUpstream(read);
    } catch (error) {
      // Never the line itself: it may hold a key.
      say(error instanceof BadUpstream ? error.message : "A line on standard input was not JSON.");
    }
  });
}

async function main(): Promise<void> {
  const { hasParent, ...options } = readArguments();
  let upstream = environmentUpstream();
  const running: { sandbox?: Sandbox } = {};
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    // Before it is ready there is nothing to lose: everything durable is written as it happens.
    const closed = running.sandbox?.close() ?? Promise.resolve();
    closed.then(
      () => process.exit(0),
      (error: unknown) => {
        say(`The sandbox did not end cleanly: ${sentence(error)}`);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("SIGHUP", stop);
  if (hasParent && process.connected) process.on("disconnect", stop);
  else if (hasParent) process.stdin.on("end", stop).on("error", stop);
  process.stdout.on("error", stop);
  if (!process.stdin.isTTY)
    listenToInput(
      () => running.sandbox,
      (read) => (upstream = read),
    );

  const file = (name: string) => readFileSync(join(__dirname, name));
  const sandbox = await startSandbox({
    ...options,
    upstream,
    genesis: file("genesis.bin"),
    model: () => loadModel(file("base-model.bin")),
    log: say,
  });
  running.sandbox = sandbox;
  sandbox.setUpstream(upstream); // it may have changed meanwhile
  if (isStopping) return void sandbox.close().finally(() => process.exit(0));
  process.stdout.write(`${JSON.stringify(sandbox.ready)}\n`);
  const { user, system } = process.cpuUsage();
  const times = `${Math.round(performance.now())} ms (${Math.round((user + system) / 1000)} ms of processor time)`;
  say(`Ready after ${times}. Sandbox: test money, a toy model, no enclave.`);
  setImmediate(() => sandbox.warmUp());
}

main().catch((error: unknown) => {
  say(sentence(error));
  process.exit(error instanceof BadArguments ? 2 : 1);
});
