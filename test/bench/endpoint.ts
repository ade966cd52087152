// What the local endpoint costs a program beside asking the provider itself: time to the first token and to the last, in one run.
import { build } from "esbuild";
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Served, Way } from "./endpointHost.js";
import { inTurn, stats } from "./measure.js";
import { firstLine, type RunningSandbox } from "./product.js";
import { figure, type Topic } from "./table.js";

const rounds = 400;
/** In these code is compiled and connections are opened. */
const warmUps = 30;
const question = "What is 0G Compute?";

interface Times {
  readonly firstMs: number;
  readonly lastMs: number;
  /** Between these two. */
  readonly tokensPerSecond: number;
}

export async function measureEndpoint(sandbox: RunningSandbox): Promise<Topic> {
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
    return topicOf(await inTurn(rounds, { direct, bare, through }, warmUps));
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

type Side = "direct" | "bare" | "through";

function topicOf(measured: Readonly<Record<Side, readonly Times[]>>): Topic {
  const line = (what: string, unit: "ms" | "tokens/s", which: keyof Times) => {
    const of = (side: Side) => measured[side].map((one) => one[which]);
    const [theirs, relayed, ours] = [of("direct"), of("bare"), of("through")];
    const over = (values: readonly number[]) => stats(values).median - stats(theirs).median;
    const [told, digits] = unit === "ms" ? [figure, 2] : [pace, 0];
    const added = [over(relayed), over(ours)].map((value) => `${value.toFixed(digits)} ${unit}`);
    const cells = [what, told(theirs), told(relayed), told(ours), ...added];
    const [provider, relay, endpoint] = [stats(theirs), stats(relayed), stats(ours)];
    return { cells, data: { what, unit, provider, relay, endpoint, added: over(ours) } };
  };
  const lines = [
    line("first byte of a streamed answer", "ms", "firstMs"),
    line("last byte", "ms", "lastMs"),
    line("from the first to the last", "tokens/s", "tokensPerSecond"),
  ];
  return {
    name: "endpoint",
    tables: [
      {
        title: "The local endpoint beside the provider itself",
        head: [
          "median (min..max)",
          "provider",
          "bare relay",
          "endpoint",
          "relay adds at p50",
          "endpoint adds at p50",
        ],
        rows: lines.map(({ cells }) => cells),
        notes: [
          `${rounds} rounds in turn, one request at a time. Client, relay, endpoint and provider are a process each; the provider is the sandbox,`,
          "without pauses between its tokens. Every answer through the endpoint is reserved, settled and verified; the relay passes bytes on by",
          "Node's fetch and does nothing else.",
        ],
      },
    ],
    data: lines.map(({ data }) => data),
  };
}

function pace(values: readonly number[]): string {
  const { median, min, max } = stats(values);
  return `${median.toFixed(0)} (${min.toFixed(0)}..${max.toFixed(0)})`;
}
