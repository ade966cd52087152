// What the local endpoint costs a program beside asking the provider itself: time to the first token and to the last, in one run.
import { build } from "esbuild";
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Served, Way } from "./endpointHost.js";
import { inTurn, medianShift, stats } from "./measure.js";
import { firstLine, startSandbox, type Product, type RunningSandbox } from "./product.js";
import { figure, type Topic } from "./table.js";

const rounds = 400;
/** At that pace an answer takes nearly a second, and as long every time. */
const pacedRounds = 80;
/** Nearly 100 tokens a second: more than most large models do. */
const paceMs = 10;
/** In these code is compiled and connections are opened. */
const warmUps = 30;
const question = "What is 0G Compute?";

interface Times {
  readonly firstMs: number;
  readonly lastMs: number;
  /** Between these two. */
  readonly tokensPerSecond: number;
}

type Side = "direct" | "bare" | "through";
type Measured = Readonly<Record<Side, readonly Times[]>>;

export async function measureEndpoint(product: Product, sandbox: RunningSandbox): Promise<Topic> {
  const unpaced = await measureOn(sandbox, rounds);
  const paced = await startSandbox(product, ["--pace", String(paceMs)]);
  try {
    return topicOf(unpaced, await measureOn(paced, pacedRounds));
  } finally {
    await paced.stop();
  }
}

async function measureOn(sandbox: RunningSandbox, count: number): Promise<Measured> {
  const disk = mkdtempSync(join(tmpdir(), "zg-endpoint-"));
  const host = await beside("endpointHost", disk);
  const children = [host];
  try {
    host.stdin.write(`${JSON.stringify(sandbox.ready)}\n`);
    const { provider, endpoint } = JSON.parse(await firstLine(host)) as Served;
    const relay = await beside("bareRelay", provider.url);
    children.push(relay);
    const relayUrl = await firstLine(relay);
    const direct = () => ask(provider);
    const bare = () => ask({ ...provider, url: relayUrl });
    const through = async () => {
      const asked = await ask(endpoint);
      // The check of the answer goes on after its end: it must not be measured with the next one.
      const headers = { authorization: endpoint.authorization };
      await fetch(`${endpoint.url}/verify/${asked.id}`, { headers });
      return asked;
    };
    return await inTurn(count, { direct, bare, through }, warmUps);
  } finally {
    await Promise.all(children.map(ended));
    rmSync(disk, { recursive: true, force: true });
  }
}

/** A process of its own, bundled and minified as what users get. */
async function beside(name: string, argument: string): Promise<ChildProcessWithoutNullStreams> {
  const outfile = join(import.meta.dirname, `../out/${name}.mjs`);
  const entryPoints = [join(import.meta.dirname, `${name}.ts`)];
  const shape = { bundle: true, minify: true, platform: "node", format: "esm", target: "node20" } as const;
  await build({ ...shape, entryPoints, outfile, packages: "external", logLevel: "error" });
  return spawn(process.execPath, [outfile, argument], { stdio: "pipe" });
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  if (child.exitCode !== null) return;
  child.stdin.end();
  await exited;
}

async function ask({ url, authorization }: Way): Promise<Times & { readonly id: string }> {
  const messages = [{ content: question, role: "user" }];
  const options = { include_usage: true };
  const body = JSON.stringify({ messages, model: "sandbox-chat", stream: true, stream_options: options });
  const started = performance.now();
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json", "accept-encoding": "identity" },
    body,
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  let firstMs: number | undefined;
  const pieces: Uint8Array[] = [];
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
    firstMs ??= performance.now() - started;
    pieces.push(next.value);
  }
  const lastMs = performance.now() - started;
  const [, tokens] = /"completion_tokens":(\d+)/.exec(Buffer.concat(pieces).toString()) ?? [];
  if (firstMs === undefined || tokens === undefined) throw new Error("no whole answer came");
  const id = response.headers.get("zg-res-key") ?? "";
  return { firstMs, lastMs, tokensPerSecond: Number(tokens) / ((lastMs - firstMs) / 1000), id };
}

function topicOf(unpaced: Measured, paced: Measured): Topic {
  const line = (what: string, unit: "ms" | "tokens/s", measured: Measured, which: keyof Times) => {
    const of = (side: Side) => measured[side].map((one) => one[which]);
    const [theirs, relayed, ours] = [of("direct"), of("bare"), of("through")];
    const [told, digits] = unit === "ms" ? [figure, 2] : [rate, 1];
    const [byRelay, added] = [medianShift(theirs, relayed), medianShift(theirs, ours)];
    const shifts = [byRelay, added].map(({ shift, low, high }) => {
      const [middle, from, to] = [shift, low, high].map((value) => value.toFixed(digits));
      return `${middle} ${unit} (${from}..${to})`;
    });
    const cells = [what, told(theirs), told(relayed), told(ours), ...shifts];
    const [provider, relay, endpoint] = [stats(theirs), stats(relayed), stats(ours)];
    return { cells, data: { what, unit, provider, relay, endpoint, byRelay, added } };
  };
  const lines = [
    line("first byte of a streamed answer", "ms", unpaced, "firstMs"),
    line("last byte", "ms", unpaced, "lastMs"),
    line("from the first to the last", "tokens/s", unpaced, "tokensPerSecond"),
    line(`the same, ${paceMs} ms between tokens`, "tokens/s", paced, "tokensPerSecond"),
  ];
  return {
    name: "endpoint",
    tables: [
      {
        title: "The local endpoint beside the provider itself",
        head: ["median (min..max)", "provider", "bare relay", "endpoint", "relay adds", "endpoint adds"],
        rows: lines.map(({ cells }) => cells),
        notes: [
          `${rounds} rounds in turn without pauses between the tokens, ${pacedRounds} with them, one request at a time. "Adds" is between`,
          "the medians, with the interval that holds it in 95 of 100 runs. Client, relay, endpoint and provider are a process each; the provider is the sandbox.",
          "Every answer through the endpoint is reserved, settled and verified; the relay passes bytes on by Node's fetch and does nothing else.",
        ],
      },
    ],
    data: lines.map(({ data }) => data),
  };
}

function rate(values: readonly number[]): string {
  const { median, min, max } = stats(values);
  return `${median.toFixed(0)} (${min.toFixed(0)}..${max.toFixed(0)})`;
}
