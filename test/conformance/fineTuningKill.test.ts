// A process with the services and the broker of fine-tuning, without the editor, killed (kill -9) at every record of its journal, and started again.
// Afterwards the chain and the provider are asked: one task, one payment, one acknowledgement, whatever was lost.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { Wallet } from "ethers";
import { receiptTools } from "../../src/broker/receipts/receiptTools.js";
import { createBroker } from "../../src/broker/broker.js";
import type { Address, ProviderId } from "../../src/domain/ids.js";
import { realClock } from "../../src/system/realClock.js";
import { chatLines, sampleParameters } from "../support/fineTuner.js";
import { type ProgramOptions, recordsFile } from "../support/fineTuningProgram.js";
import { startSandbox, type TestSandbox } from "../support/sandbox.js";
import { networkOf } from "./inferenceSupport.js";
import { keepingLog } from "./ledgerSupport.js";

const repository = join(import.meta.dirname, "../..");
/** One after the other: a task that comes in between is a reason for the provider to refuse ours as busy, which is no matter of a kill. */
const atOnce = 1;

interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Case {
  readonly at: number;
  readonly when: "before" | "after";
  readonly record: string;
}

interface Found {
  readonly tasks: number;
  /** addLedger, transferFund, acknowledgeDeliverable. */
  readonly transactions: number;
  readonly acknowledged: number;
  readonly settled: number;
  /** Neuron that left the sub-account. */
  readonly paid: bigint;
  readonly fee: bigint;
}

describe("fine-tuning, killed at every record of its journal", function () {
  this.timeout(1_500_000);
  let sandbox: TestSandbox;
  let folder: string;
  let program: string;

  before(async () => {
    sandbox = await startSandbox();
    folder = mkdtempSync(join(tmpdir(), "tuning-kill-"));
    program = join(folder, "program.cjs");
    await build({
      entryPoints: [join(repository, "test/support/fineTuningProgram.ts")],
      outfile: program,
      ...{ bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "error" },
    });
    writeFileSync(join(folder, "rows.jsonl"), chatLines());
  });
  after(async () => {
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function user(name: string): Promise<{ wallet: string; options: ProgramOptions }> {
    const wallet = Wallet.createRandom();
    await sandbox.control.fund(wallet.address, "20");
    const own = join(folder, name);
    mkdirSync(own);
    const { rpcUrl, chainId, contracts, storage } = sandbox.ready;
    return {
      wallet: wallet.privateKey,
      options: {
        ...{ folder: own, provider: sandbox.trainer.address, privateKey: wallet.privateKey },
        network: { chainId, rpcUrls: [rpcUrl], contracts, storageIndexer: storage.indexer },
        ...{ dataset: join(folder, "rows.jsonl"), trainingParams: JSON.stringify(sampleParameters) },
      },
    };
  }

  async function run(options: ProgramOptions): Promise<Outcome> {
    const child = spawn(process.execPath, [program], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_OPTIONS: "", FINE_TUNING_PROGRAM: JSON.stringify(options) },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    return { code, signal, stdout, stderr };
  }

  /** Asked of chain and provider by a broker of the test's own. */
  async function look(privateKey: string): Promise<Found> {
    const { address } = new Wallet(privateKey);
    const broker = createBroker({
      network: networkOf(sandbox),
      signer: { address: address as Address, key: async () => privateKey },
      ...{ clock: realClock, log: keepingLog() },
    });
    const provider = sandbox.trainer.address as ProviderId;
    try {
      const tasks = await broker.fineTuning.listTask(provider);
      const account = await broker.fineTuning.getAccount(provider);
      const deliverables = account?.deliverables ?? [];
      return {
        tasks: tasks.length,
        transactions: await transactionsOf(address),
        acknowledged: deliverables.filter((one) => one.isAcknowledged).length,
        settled: deliverables.filter((one) => one.isSettled).length,
        paid: 10n ** 18n - (account?.balance ?? 0n),
        fee: tasks[0]?.fee ?? 0n,
      };
    } finally {
      broker.close();
    }
  }

  async function transactionsOf(address: string): Promise<number> {
    const body = { jsonrpc: "2.0", id: 1, method: "eth_getTransactionCount", params: [address, "latest"] };
    const response = await fetch(sandbox.ready.rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return Number(((await response.json()) as { result: string }).result);
  }

  function records(options: ProgramOptions): string[] {
    const file = join(options.folder, recordsFile);
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  }

  async function killed({ at, when, record }: Case): Promise<string> {
    const { wallet, options } = await user(`${when}-${at}`);
    const first = await run({ ...options, killAt: at, killWhen: when });
    assert.equal(first.signal, "SIGKILL", `${when} ${at}: ${first.code} ${first.stderr}`);
    const second = await run(options);
    assert.equal(second.code, 0, `${when} ${at} ${record}: ${second.stderr}`);
    const { files, state } = JSON.parse(second.stdout) as { files: { folder: string }; state: string };
    assert.equal(state, "done");
    assert.ok(existsSync(join(files.folder, "output_model")), "the model's files");
    const found = await look(wallet);
    const { tasks, transactions, acknowledged, settled, paid, fee } = found;
    const isOnce = tasks === 1 && transactions === 3 && acknowledged === 1 && settled === 1 && paid === fee;
    const cells = [when.padEnd(6), String(at).padStart(2), record.padEnd(26)];
    const counts = [tasks, transactions, acknowledged, settled].map((count) => String(count).padStart(3));
    const line = `${cells.join(" ")} | ${counts.join(" ")} | ${paid} of ${fee}`;
    assert.ok(isOnce, line);
    assert.deepEqual(receiptsOf(options), ["settled proven"], line);
    return line;
  }

  /** State and word of each receipt on disk. */
  function receiptsOf({ folder: own }: ProgramOptions): string[] {
    const receipts = join(own, "receipts");
    return readdirSync(receipts).map((name) => {
      const { word, receipt } = receiptTools.recheck(readFileSync(join(receipts, name)));
      return `${receipt?.kind === "model" ? receipt.state : name} ${word}`;
    });
  }

  it("has one task, one payment, one acknowledgement and one receipt in the end", async () => {
    const { wallet, options } = await user("whole");
    const whole = await run(options);
    assert.equal(whole.code, 0, whole.stderr);
    const all = records(options);
    assert.ok(all.length > 15, all.join(", "));
    const { transactions, fee, paid } = await look(wallet);
    assert.equal(transactions, 3);
    assert.ok(fee > 0n);
    assert.equal(paid, fee);
    assert.deepEqual(receiptsOf(options), ["settled proven"]);
    // Before an intent is after the record in front of it: a death there is counted once.
    const cases = all.flatMap((record, index): Case[] => {
      const at = index + 1;
      const isAct = record.startsWith("result");
      return [...(isAct ? [{ at, when: "before" as const, record }] : []), { at, when: "after", record }];
    });
    // After its last record there is nothing to go on with, and a process that is not killed shows as much.
    const lines: string[] = [];
    const waiting = [...cases];
    const worker = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) lines.push(await killed(next));
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    console.log(
      "      killed    record                    | tasks, transactions, acknowledged, settled | paid",
    );
    for (const line of lines.sort((a, b) => Number(a.slice(7, 9)) - Number(b.slice(7, 9))))
      console.log(`      ${line}`);
    console.log(
      `      ${lines.length} kills, each with exactly one task, payment, acknowledgement and receipt`,
    );
    assert.equal(lines.length, cases.length);
  });
});
