import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { ComputeError } from "../../../../src/domain/error.js";
import type { Hash } from "../../../../src/domain/ids.js";
import { DatasetService } from "../../../../src/services/datasets.js";
import { assertCanStart, planRun, type PlanningTools } from "../../../../src/services/fineTuning/planning.js";
import type { CheckName, RunPlan, RunRequest } from "../../../../src/services/fineTuning/types.js";
import { Journal } from "../../../../src/services/transactions/journal.js";
import { LimitsService } from "../../../../src/services/money/limits.js";
import { og } from "../../../support/builders.js";
import { openGate } from "../../../support/openGate.js";
import { MemoryFolder, random, TestClock, testSettings } from "../../../support/ports.js";
import { aRequest, isCode, scope, TuningDisk } from "../../../support/tuningWindow.js";

describe("a plan for fine-tuning", () => {
  let disk: TuningDisk;
  let tools: PlanningTools;
  beforeEach(async () => {
    disk = await TuningDisk.create(new TestClock());
    const tokens = { low: 900, likely: 1_000, high: 2_000 };
    tools = {
      dataset: {
        read: async (path, to) => ({ rows: (await new DatasetService().read(path, to)).rows, tokens }),
      },
      limits: { checkOperations: () => undefined },
      gate: openGate,
      now: () => disk.clock.now(),
    };
  });
  afterEach(() => disk.remove());

  const plan = (more: Partial<RunRequest> = {}): Promise<RunPlan> =>
    planRun(tools, disk.world.broker(), scope, aRequest(disk, more));
  const refusals = ({ checks }: RunPlan): [CheckName, string | undefined][] =>
    checks.filter(({ isFine }) => !isFine).map(({ name, error }) => [name, error?.code]);

  it("says what it costs, what it moves and until when an editor must be open", async () => {
    const made = await plan();
    assert.deepEqual(refusals(made), []);
    assert.equal(made.canStart, true);
    assert.equal(made.dataset?.rows, 12);
    // 2000 tokens x 500000000000 x 1 epoch + 0.01
    assert.equal(made.fee?.high, og("0.011"));
    assert.equal(made.wanted, og("0.011"));
    assert.equal(made.transfer, og("1")); // the first transfer's minimum
    assert.equal(made.deposit, og("3")); // a new ledger's minimum
    assert.equal(made.balanceAfter, og("0.989"));
    assert.equal(made.untilWhen.at, disk.world.time + 12 * 3_600);
    assert.deepEqual(disk.world.counts.deposits, 0);
  });

  it("refuses, before anything is paid, what would be refused or lost later", async () => {
    const cases: [string, () => void | Promise<void>, Partial<RunRequest>, [CheckName, string]][] = [
      ["no JSONL", () => writeFile(disk.dataset, "hello\n"), {}, ["dataset", "badDataset"]],
      ["parameters", () => undefined, { trainingParams: "{}" }, ["parameters", "badParameters"]],
      [
        "a signer nobody vouches for",
        () => void (disk.world.isOwnerAcknowledged = false),
        {},
        ["service", "notAcknowledged"],
      ],
      ["too little money", () => void (disk.world.wallet = og("2")), {}, ["funds", "insufficientFunds"]],
      [
        "a limit",
        () => {
          tools = {
            ...tools,
            limits: {
              checkOperations: () => {
                const max = og("1");
                throw new ComputeError("limitReached", { limit: "perDay", max, wanted: max, spent: max });
              },
            },
          };
        },
        {},
        ["limits", "limitReached"],
      ],
    ];
    for (const [name, spoil, more, refusal] of cases) {
      await disk.remove();
      disk = await TuningDisk.create(new TestClock());
      await spoil();
      const made = await plan(more);
      assert.equal(made.canStart, false, name);
      assert.deepEqual(refusals(made), [refusal], name);
    }
  });

  it("refuses to store rows where everybody can read them, where only private providers are allowed", async () => {
    const closed = () => Promise.reject(new ComputeError("publicStorage", {}));
    tools = { ...tools, gate: { ...openGate, allowPublic: closed } };
    const broker = disk.world.broker();
    const planUpload = async () => ({ fee: og("0.2"), maxGasFee: og("0.1") }) as never;
    const storage = { ...broker.storage, planUpload };
    const request = aRequest(disk, { destination: "0g-storage" });
    const made = await planRun(tools, { ...broker, storage }, scope, request);
    assert.deepEqual(refusals(made), [["destination", "publicStorage"]]);
    assert.deepEqual(refusals(await plan()), []);
  });

  it("adds up what deposit and public upload take of the day's limit", async () => {
    const settings = testSettings({ "limits.perDay": "3.2" });
    const journal = new Journal({
      ...{ folder: new MemoryFolder(), state: disk.state, random, clock: disk.clock },
    });
    tools = {
      ...tools,
      limits: new LimitsService({ journal, settings, state: disk.state, clock: disk.clock }),
    };
    const broker = disk.world.broker();
    const planUpload = async () => ({ fee: og("0.2"), maxGasFee: og("0.1") }) as never;
    const storage = { ...broker.storage, planUpload };
    const request = aRequest(disk, { destination: "0g-storage" });
    const made = await planRun(tools, { ...broker, storage }, scope, request);
    assert.deepEqual([made.deposit, made.storageFee], [og("3"), og("0.3")]);
    assert.deepEqual(refusals(made), [["limits", "limitReached"]]);
    assert.deepEqual(refusals(await plan()), []);
  });

  it("reckons the fee of a dataset that was uploaded before by the same file here, under either of its hashes", async () => {
    const { keccak, root } = await disk.world.broker().storage.rootOf(disk.dataset);
    for (const datasetHash of [keccak, root]) {
      const made = await plan({ datasetHash });
      assert.deepEqual([refusals(made), made.dataset?.rows, made.fee?.high], [[], 12, og("0.011")]);
    }
    const other = await plan({ datasetHash: `0x${"7".repeat(64)}` as Hash });
    assert.deepEqual(refusals(other), [["dataset", "badFile"]]);
  });

  it("knows no fee where nobody here has the file, and moves the least that can be moved", async () => {
    const datasetHash = `0x${"7".repeat(64)}` as Hash;
    const made = await plan({ datasetHash, datasetPath: undefined });
    assert.deepEqual([made.canStart, made.fee, made.dataset], [true, undefined, undefined]);
    assert.equal(made.transfer, og("1"));
    disk.world.ledger = og("3");
    disk.world.account = { balance: og("1.5"), nonce: 0n, isAcknowledged: true };
    const next = await plan({ datasetHash, datasetPath: undefined });
    assert.deepEqual([next.canStart, next.transfer, next.wanted], [true, 0n, og("1.5")]);
  });

  it("refuses a configuration in the words of its diagnostics", async () => {
    const trainingParams = '{"max_steps": 0, "learning_rate": 2e-4}';
    const made = await plan({ trainingParams });
    assert.equal(made.canStart, false);
    const detail = (await new DatasetService().lookAtConfiguration(trainingParams))?.refusal;
    assert.ok(detail);
    assert.deepEqual(made.checks.find(({ name }) => name === "parameters")?.error?.facts, { detail });
    assert.throws(() => assertCanStart(made), isCode("badParameters"));
  });

  it("sees the account's queue closed: by a dead deliverable, and by an unfinished task", async () => {
    const { world } = disk;
    world.ledger = og("3");
    world.account = { balance: og("1"), nonce: 0n, isAcknowledged: true };
    const one = { id: "x", modelRootHash: "0x", encryptedSecret: "0x", timestamp: 1 };
    world.deliverables = [{ ...one, isAcknowledged: false, isSettled: true }];
    assert.deepEqual(refusals(await plan()), [["deadQueue", "deadQueue"]]);
    world.deliverables = [{ ...one, isAcknowledged: false, isSettled: false }];
    assert.deepEqual(refusals(await plan()), [["deadQueue", "taskConflict"]]);
  });
});
