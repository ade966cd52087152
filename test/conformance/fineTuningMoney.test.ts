// What fine-tuning may not do with money, over the sandbox and as the extension composes it: go on after a no, pass the limits, pay twice.
import assert from "node:assert/strict";
import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatEther } from "ethers";
import { parseOg } from "../../src/domain/money.js";
import type { Confirmation } from "../../src/services/ports.js";
import type { FineTuningRun, RunStepName } from "../../src/services/fineTuning/types.js";
import { chatLines, sampleRows } from "../support/fineTuner.js";
import { until } from "../until.js";
import { failsWith } from "./inferenceSupport.js";
import { useTuningUsers } from "./tuningUsers.js";
import { fastClock } from "./ledgerSupport.js";

describe("the money of fine-tuning over the sandbox", function () {
  this.timeout(180_000);
  const users = useTuningUsers();

  const stateOf = (run: FineTuningRun | undefined, name: RunStepName) =>
    run?.steps.find((step) => step.name === name)?.state;

  it("is not committed by itself after its user pressed Cancel", async () => {
    const window = await users.open(await users.user("stopped"));
    const { fineTuning } = window;
    const plan = await fineTuning.prepare(await users.request(window));
    const abort = new AbortController();
    fineTuning.onDidChange(() => {
      if (stateOf(fineTuning.runs[0], "upload") === "running") abort.abort();
    });
    await assert.rejects(fineTuning.start(plan, { signal: abort.signal }), failsWith("cancelled"));
    const before = await users.sandbox.control.state();
    fineTuning.guard(); // as the extension does
    fineTuning.setActive(true);
    await until("the guardian has looked", () => fineTuning.guardian.chainTime);
    const [run] = fineTuning.runs;
    assert.ok(run);
    // Waits for whatever the guardian set going there, and goes no further itself.
    const afterwards = fineTuning.resume(run.id, { signal: AbortSignal.abort() });
    await assert.rejects(afterwards, failsWith("cancelled"));
    const left = fineTuning.runs[0];
    assert.deepEqual(
      [stateOf(left, "transfer"), stateOf(left, "upload"), left?.taskId],
      ["done", "waiting", undefined],
    );
    assert.deepEqual((await users.sandbox.control.state()).tasks, before.tasks);
  });

  it("puts nothing into public storage beyond the limits, and counts what it does", async () => {
    const settings: Record<string, string> = {};
    let isAgreed = false;
    const answer = ({ title }: Confirmation) => isAgreed || !/public/.test(title);
    const window = await users.open(await users.user("public", { settings, answer }));
    const { fineTuning, asked } = window;
    const { chain, ledger, storage } = await window.session.broker();
    await ledger.addLedger(parseOg("3"));
    await ledger.transferFund(users.provider, "fine-tuning", parseOg("2"));
    const publicly = async (name: string) => {
      writeFileSync(
        join(users.folder, name),
        chatLines([...sampleRows, [`What is in ${name}?`, "Nothing secret."]]),
      );
      return users.request(window, { datasetPath: join(users.folder, name), destination: "0g-storage" });
    };
    const path = join(users.folder, "one.jsonl");
    const plan = await fineTuning.prepare(await publicly("one.jsonl"));
    const { storageFee = 0n } = plan;
    assert.ok(plan.canStart && storageFee > 0n);
    await assert.rejects(fineTuning.start(plan), failsWith("cancelled"));
    const [begun] = fineTuning.runs;
    assert.ok(begun);

    settings["limits.perTransaction"] = formatEther(storageFee / 2n);
    const refused = (await fineTuning.prepare(plan.request)).checks.filter(({ isFine }) => !isFine);
    assert.deepEqual(
      refused.map(({ name, error }) => [name, error?.code]),
      [["limits", "limitReached"]],
    );
    // What was begun before it had that limit is held to it as well, and nobody is asked.
    await assert.rejects(fineTuning.resume(begun.id), failsWith("limitReached"));
    assert.equal(asked.length, 1);

    const alone = { path, root: (await storage.rootOf(path)).root };
    await assert.rejects(fineTuning.uploadPublicly(alone), failsWith("limitReached"));
    assert.equal(asked.length, 1);

    const before = await chain.balance(window.address);
    isAgreed = true;
    settings["limits.perTransaction"] = formatEther(storageFee);
    settings["limits.perDay"] = formatEther((storageFee * 3n) / 2n);
    await fineTuning.resume(begun.id);
    const spent = before - (await chain.balance(window.address));
    assert.ok(spent > 0n && spent <= storageFee, `${spent} of ${storageFee}`);
    const { checks } = await fineTuning.prepare(await publicly("two.jsonl"));
    const { error } = checks.find(({ name }) => name === "limits") ?? {};
    assert.equal((error?.facts as { spent?: bigint } | undefined)?.spent, storageFee, "the day has it");
  });

  it("waits for a transfer that is not mined yet instead of paying it twice", async () => {
    const options = await users.user("unmined");
    const clock = fastClock(1);
    const impatient = await users.open({ ...options, clock });
    const { ledger } = await impatient.session.broker();
    await ledger.addLedger(parseOg("6"));
    const plan = await impatient.fineTuning.prepare(await users.request(impatient));
    assert.deepEqual([plan.deposit, plan.transfer], [0n, parseOg("1")]);
    await users.sandbox.control.fault("chain", "no-mining");
    impatient.fineTuning.onDidChange(() => {
      const transfer = impatient.fineTuning.runs[0]?.steps.find(({ name }) => name === "transfer");
      if (transfer?.transaction) clock.speedUp(60); // it is out: the minutes it is waited for pass
    });
    await assert.rejects(impatient.fineTuning.start(plan), failsWith("network"));
    const [failed] = impatient.fineTuning.runs;
    assert.ok(failed);
    assert.ok(failed.steps.find(({ name }) => name === "transfer")?.transaction, "its hash was written down");
    await impatient.close();

    const window = await users.open(options);
    await window.fineTuning.refresh();
    const looks = async () =>
      (await users.sandbox.control.state()).counters.chain.eth_getTransactionCount ?? 0;
    const before = await looks();
    const resumed = window.fineTuning.resume(failed.id);
    await until("it looks what became of the first", async () => (await looks()) > before);
    await users.sandbox.control.clear();
    const run = await resumed;
    assert.ok(run.taskId);
    assert.deepEqual(window.asked, [], "it was agreed to already");
    const broker = await window.session.broker();
    assert.equal((await broker.fineTuning.getAccount(users.provider))?.balance, parseOg("1"));
    assert.equal((await broker.ledger.getLedger())?.available, parseOg("5"));
  });

  it("pays for a model whose file was damaged only once it is whole again, and opens it after more damage", async () => {
    let isAgreed = true;
    const window = await users.open(await users.user("damaged", { answer: () => isAgreed }));
    const { fineTuning } = window;
    const { id } = await fineTuning.start(await fineTuning.prepare(await users.request(window)));
    isAgreed = false; // it comes, and is not paid for yet
    const { encrypted } = await until(
      "the model is here",
      async () => {
        await fineTuning.resume(id).catch(() => undefined);
        const { encrypted } = fineTuning.runs[0]?.files ?? {};
        return encrypted === undefined ? undefined : { encrypted };
      },
      60_000,
    );
    isAgreed = true;
    const { size } = statSync(encrypted);
    truncateSync(encrypted, 10);
    await fineTuning.acknowledge(id);
    assert.equal(statSync(encrypted).size, size);
    const whole = readFileSync(encrypted);
    writeFileSync(encrypted, whole.with(whole.length - 1, (whole.at(-1) ?? 0) ^ 1));
    await until("it is settled", async () => (await fineTuning.resume(id)).state === "done", 60_000);
    assert.ok(readFileSync(encrypted).equals(whole));
  });
});
