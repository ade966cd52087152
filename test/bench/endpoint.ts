// What the local endpoint costs a program beside asking the provider itself: time to the first token and to the last, in one run.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Served, Way } from "./endpointHost.js";
import { inTurn, stats } from "./measure.js";
import { firstLine, type RunningSandbox } from "./product.js";
import { figure, type Topic } from "./table.js";

const rounds = 100;
const question = "What is 0G Compute?";

interface Times {
  readonly firstMs: number;
  readonly lastMs: number;
  /** Between these two. */
  readonly tokensPerSecond: number;
}

export async function measureEndpoint(sandbox: RunningSandbox): Promise<Topic> {
  const disk = mkdtempSync(join(tmpdir(), "zg-endpoint-"));
  const host = join(import.meta.dirname, "endpointHost.ts");
  const child = spawn(process.execPath, ["--import", "tsx", host, disk], { stdio: "pipe" });
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  try {
    child.stdin.write(`${JSON.stringify(sandbox.ready)}\n`);
    const { provider, endpoint } = JSON.parse(await firstLine(child)) as Served;
    const direct = () => ask(provider);
    const through = async () => {
      const asked = await ask(endpoint);
      // The check of the answer goes on after its end: it must not be measured with the next one.
      const headers = { authorization: endpoint.authorization };
      await fetch(`${endpoint.url}/verify/${asked.id}`, { headers });
      return asked;
    };
    const measured = await inTurn(rounds, { direct, through }, 8);
    return topicOf(measured.direct, measured.through);
  } finally {
    child.stdin.end();
    await exited;
    rmSync(disk, { recursive: true, force: true });
  }
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

function topicOf(direct: readonly Times[], through: readonly Times[]): Topic {
  const line = (what: string, unit: "ms" | "tokens/s", which: keyof Times) => {
    const [theirs, ours] = [direct.map((one) => one[which]), through.map((one) => one[which])];
    const added = stats(ours).median - stats(theirs).median;
    const [told, digits] = unit === "ms" ? [figure, 2] : [pace, 0];
    const cells = [what, told(theirs), told(ours), `${added.toFixed(digits)} ${unit}`];
    return { cells, data: { what, unit, provider: stats(theirs), endpoint: stats(ours), added } };
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
        head: ["median (min..max)", "provider", "endpoint", "added at p50"],
        rows: lines.map(({ cells }) => cells),
        notes: [
          `${rounds} rounds in turn, one request at a time. Client, endpoint and provider are a process each; the provider is the sandbox, without`,
          "pauses between its tokens. Every answer through the endpoint is reserved, settled and verified.",
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
