// How soon the sandbox is there, and how big what is shipped is, beside what the project allows itself.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { cost, inTurn, stats, type Cost } from "./measure.js";
import { startSandbox, type Product } from "./product.js";
import { spread, type Table, type Topic } from "./table.js";

const rounds = 7;
const readyBudgetMs = 1000;
const vsixBudget = 2 * 1024 * 1024;
const files = [
  "extension.js",
  "rows.js",
  "chat.js",
  "broker.js",
  "markdown.js",
  "sandbox.js",
  "webview-chat.js",
  "webview-chat.css",
];
const data = ["genesis.bin", "base-model.bin"];

export async function measureStart(product: Product): Promise<Topic> {
  const state = mkdtempSync(join(tmpdir(), "zg-bench-state-"));
  const start = async (args: readonly string[]) => {
    const sandbox = await startSandbox(product, args);
    await sandbox.stop();
    return { ms: sandbox.readyMs, cpuMs: sandbox.readyCpuMs };
  };
  try {
    await start(["--state", state]);
    const times = await inTurn(
      rounds,
      {
        memory: () => start([]),
        fresh: () => start(["--state", state, "--fresh"]),
        existing: () => start(["--state", state]),
        node: () => cost(startNode),
      },
      1,
    );
    const row = (what: string, costs: readonly Cost[], budget = "") => {
      const cpu = stats(costs.map(({ cpuMs }) => cpuMs)).median;
      return [what, spread(stats(msOf(costs))), Number.isNaN(cpu) ? "-" : `${cpu} ms`, budget];
    };
    const within = (costs: readonly Cost[]) => judged(stats(msOf(costs)).median < readyBudgetMs, "< 1 s");
    const table: Table = {
      title: "Sandbox, from spawn to its ready line",
      head: ["median (min..max)", "ours", "its CPU time", "budget"],
      rows: [
        row("in memory", times.memory, within(times.memory)),
        row("new state folder", times.fresh, within(times.fresh)),
        row("existing state folder", times.existing, within(times.existing)),
        ["Node alone, for comparison", spread(stats(msOf(times.node))), "", ""],
      ],
      notes: [`${rounds} starts each. The official SDK has no sandbox.`],
    };
    const figures = Object.entries(times).map(([what, costs]) => [what, stats(msOf(costs))]);
    return { name: "sandboxStart", tables: [table], data: Object.fromEntries(figures) as object };
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

export function measureSizes({ folder }: Product): Topic {
  const sizes = [...files, ...data].map((name) => {
    const bytes = readFileSync(join(folder, name));
    return { name, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
  });
  const vsix = statSync(join(folder, "zerog-compute.vsix")).size;
  const rows = sizes.map(({ name, raw, gzip }) => [name, kilobytes(raw), kilobytes(gzip), ""]);
  rows.push(["zerog-compute.vsix", kilobytes(vsix), "", judged(vsix <= vsixBudget, "<= 2 MB")]);
  const table: Table = { title: "Sizes", head: ["file", "raw", "gzip", "budget"], rows };
  return { name: "sizes", tables: [table], data: { files: sizes, vsix } };
}

function startNode(): Promise<void> {
  return new Promise((done) => spawn(process.execPath, ["-e", "0"]).once("exit", () => done()));
}

function msOf(costs: readonly Cost[]): number[] {
  return costs.map(({ ms }) => ms);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}

function judged(isWithin: boolean, budget: string): string {
  return `${budget}: ${isWithin ? "kept" : "EXCEEDED"}`;
}
