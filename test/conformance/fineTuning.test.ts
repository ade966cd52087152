// Fine-tuning from a file to an answer of the tuned model, over the sandbox: the broker's whole way.
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { keccak256 } from "ethers";
import type { Progress } from "../../src/broker/storage/api.js";
import { acknowledgeDeadline } from "../../src/domain/fineTuning.js";
import type { Hash } from "../../src/domain/ids.js";
import { parseOg } from "../../src/domain/money.js";
import { extractModel } from "../../src/system/unzip.js";
import { chatLines, sampleRows } from "../support/fineTuner.js";
import { startSandboxInProcess, type TestSandbox } from "../support/sandbox.js";
import { until } from "../until.js";
import { Tuner } from "./fineTuningSupport.js";
import { failsWith } from "./inferenceSupport.js";

describe("fine-tuning over the sandbox", function () {
  this.timeout(120_000);
  let sandbox: TestSandbox;
  const opened: Tuner[] = [];

  before(async () => (sandbox = await startSandboxInProcess()));
  after(() => sandbox.stop());
  afterEach(async () => {
    for (const tuner of opened.splice(0)) tuner.close();
    await sandbox.control.clear();
    await sandbox.control.fineTuning("fast");
  });

  async function open(...options: Parameters<typeof Tuner.open> extends [unknown, ...infer R] ? R : never) {
    const tuner = await Tuner.open(sandbox, ...options);
    opened.push(tuner);
    return tuner;
  }

  it("shows services, terms and models as they are registered", async () => {
    const tuner = await open();
    const { fineTuning, provider } = tuner;
    const [service, ...others] = await fineTuning.listService();
    assert.deepEqual(others, []);
    assert.deepEqual(await fineTuning.getService(provider), service);
    assert.equal(service!.url, sandbox.trainer.url);
    assert.deepEqual(service!.models, ["sandbox-lm"]);
    assert.equal(service!.pricePerToken, 500_000_000_000n);
    assert.deepEqual(await fineTuning.getLockedTime(), { lockTime: 86_400, penaltyPercentage: 30 });
    const models = await fineTuning.listModel();
    assert.deepEqual(
      models.map(({ name, kind }) => [name, kind]),
      [["sandbox-lm", "customised"]],
    );
    await fineTuning.modelUsage(provider, "sandbox-lm", tuner.file("usage.zip"));
    const { files } = await extractModel(tuner.file("usage.zip"), tuner.file("usage"));
    assert.ok(files > 0);
    await assert.rejects(
      fineTuning.modelUsage(provider, "sandbox-lm", tuner.file("usage.zip")),
      failsWith("badFile", { path: tuner.file("usage.zip") }),
    );
    await assert.rejects(
      fineTuning.modelUsage(provider, "no-such-model", tuner.file("none.zip")),
      failsWith("refusedByProvider"),
    );
    assert.equal(existsSync(tuner.file("none.zip")), false);
  });

  it("has a signer acknowledged by the first transfer, and moves nothing for those without an account", async () => {
    const without = await open({ deposit: "0" });
    const { fineTuning, provider } = without;
    assert.equal(await fineTuning.getAccount(provider), undefined);
    assert.equal((await fineTuning.checkProviderSignerStatus(provider)).isAcknowledgedByUser, false);
    await assert.rejects(
      fineTuning.acknowledgeProviderSigner(provider),
      failsWith("insufficientFunds", { account: "sub-account", need: parseOg("1") }),
    );
    await assert.rejects(without.train(), failsWith("insufficientFunds", { account: "sub-account" }));
    const tuner = await open();
    const status = await tuner.fineTuning.checkProviderSignerStatus(provider);
    assert.deepEqual([status.isAcknowledgedByOwner, status.isAcknowledgedByUser], [true, true]);
    assert.equal(await tuner.fineTuning.acknowledgeProviderSigner(provider), undefined);
  });

  it("goes from a file to the answer of the tuned model", async () => {
    const tuner = await open();
    const { fineTuning, provider } = tuner;
    const file = tuner.dataset();
    const { datasetHash } = await tuner.upload(file);
    assert.equal(datasetHash, keccak256(readFileSync(file)));
    const request = await tuner.request(datasetHash);
    assert.equal(request.nonce % 10_000n, 40n);
    const id = await tuner.create(request);
    const first = await fineTuning.getTask(provider, id);
    assert.ok(first);
    assert.equal(first.user, tuner.wallet.address);
    for (const field of ["modelHash", "datasetHash", "trainingParams", "nonce"] as const)
      assert.equal(first[field], request[field], field);
    assert.deepEqual((await fineTuning.listTask(provider))[0]!.id, id);
    assert.deepEqual((await fineTuning.getTask(provider))!.id, id);
    const delivered = await tuner.reach(id, "Delivered");
    assert.ok(delivered.fee > 0n);
    await assert.rejects(
      fineTuning.decryptModel(provider, id, file, tuner.file("early.zip")),
      failsWith("keyMissing", { why: "notAcknowledged" }),
    );
    const deliverable = await fineTuning.getDeliverable(provider, id);
    const { lockTime } = await fineTuning.getLockedTime();
    assert.equal(acknowledgeDeadline(deliverable!, lockTime) - deliverable!.timestamp, 43_200);
    const steps = new Set<Progress["stage"]>();
    const model = await fineTuning.acknowledgeModel(provider, id, tuner.file("model.data"), {
      onProgress: ({ stage }) => steps.add(stage),
    });
    assert.deepEqual([model.method, model.check.rootKind], ["0g-storage", "merkle"]);
    assert.equal(model.check.isCurrentSigner, true);
    assert.ok(model.transaction);
    assert.ok(steps.has("download") && steps.has("hash"), [...steps].join());
    await tuner.reach(id, "Finished");
    const account = await fineTuning.getAccount(provider);
    assert.equal(account!.balance, parseOg("3") - delivered.fee);
    assert.equal(account!.nonce, request.nonce);
    await fineTuning.decryptModel(provider, id, tuner.file("model.data"), tuner.file("model.zip"));
    await extractModel(tuner.file("model.zip"), tuner.file("model"));
    assert.ok(statSync(tuner.file("model/output_model")).isDirectory());
    // and answers from the dataset
    const service = await tuner.broker.inference.getService(provider);
    const { lora } = fineTuning;
    const name = await until("the adapter is known", () => lora.resolveAdapterName(service, id));
    const ready = await until("the adapter is ready", async () => {
      const adapter = await lora.getAdapterStatus(service, name);
      return adapter?.state === "ready" ? adapter : undefined;
    });
    assert.deepEqual([ready.taskId, ready.user], [id, tuner.wallet.address]);
    await tuner.broker.ledger.transferFund(provider, "inference", parseOg("2"));
    assert.equal(await lora.deployAdapter(service, { taskId: id, baseModel: "sandbox-lm" }), name);
    await until("the adapter is active", async () => {
      return (await lora.getAdapterStatus(service, name))?.state === "active";
    });
    await assert.rejects(lora.deployAdapterByName(service, name), failsWith("taskConflict", { why: "busy" }));
    assert.deepEqual(
      (await lora.listAdapters(service)).map((adapter) => adapter.name),
      [name],
    );
    const [question, taught] = sampleRows[0];
    const { text } = await tuner.broker.inference.chat(
      service,
      { model: name, messages: [{ role: "user", content: question }], isStreamed: false },
      () => undefined,
    );
    assert.match(text, /violet/, taught);
    await sandbox.control.time(2 * 3_600);
    assert.equal((await lora.getAdapterStatus(service, name))?.state, "offloaded");
    const waits: number[] = [];
    const later = await tuner.broker.inference.chat(
      service,
      { model: name, messages: [{ role: "user", content: question }], isStreamed: false },
      (event) => event.kind === "waiting" && waits.push(event.seconds),
    );
    assert.match(later.text, /violet/, taught);
    assert.deepEqual(waits, [30], "the first question brings it back, and waits as it was told");
    assert.equal(await lora.getAdapterStatus(service, "ft-nobody-knows"), undefined);
    assert.ok(!tuner.log.lines.join("\n").includes(tuner.wallet.privateKey.slice(2)));
  });

  it("downloads the same model from the enclave, and takes the file that is there", async () => {
    const tuner = await open();
    const { fineTuning, provider } = tuner;
    const id = await tuner.delivered();
    const [stored, sent] = [tuner.file("stored.data"), tuner.file("sent.data")];
    const one = await fineTuning.downloadModel(provider, id, stored, { method: "0g-storage" });
    const other = await fineTuning.downloadModel(provider, id, sent, { method: "tee" });
    assert.deepEqual(one.check, other.check);
    assert.ok(readFileSync(stored).equals(readFileSync(sent)));
    assert.equal(await tuner.isAcknowledged(id), false);
    const before = tuner.requests.length;
    const again = await fineTuning.acknowledgeModel(provider, id, sent);
    assert.equal(again.method, undefined);
    assert.equal(
      tuner.requests.slice(before).some(({ url }) => url.endsWith("/lora")),
      false,
    );
    assert.equal((await fineTuning.acknowledgeModel(provider, id, sent)).transaction, undefined);
    await tuner.reach(id, "Finished");
  });

  it("reads the log from where it stopped, without docker's bytes", async () => {
    const tuner = await open();
    const { fineTuning, provider } = tuner;
    const id = await tuner.train();
    let [text, offset] = ["", 0];
    await until(
      "the task is delivered",
      async () => {
        const part = await fineTuning.getLog(provider, id, { offset });
        assert.ok(part.offset >= offset);
        text += part.text;
        offset = part.offset;
        return (await fineTuning.getTask(provider, id))?.stage === "Delivered";
      },
      60_000,
    );
    const whole = await fineTuning.getLog(provider, id);
    text += (await fineTuning.getLog(provider, id, { offset })).text;
    assert.equal(text, whole.text);
    assert.match(text, /creating task\.\.\.\./);
    assert.match(text, /'train_loss'/);
    assert.doesNotMatch(text, /[\x00-\x08]/);
  });

  it("keeps to one task at a time, cancels before training and not later", async () => {
    const tuner = await open();
    const { fineTuning, provider } = tuner;
    await sandbox.control.fineTuning("fast", { stopAt: "SetUp" });
    const id = await tuner.train();
    const { datasetHash } = (await fineTuning.getTask(provider, id))!;
    const request = await tuner.request(datasetHash as Hash);
    await assert.rejects(tuner.create(request), failsWith("taskConflict", { why: "unfinished" }));
    const other = await open();
    await assert.rejects(other.train({ isWaiting: false }), failsWith("taskConflict", { why: "busy" }));
    assert.equal(await fineTuning.countPending(provider), 1);
    await sandbox.control.fault(provider, "queue", 9);
    await assert.rejects(other.train(), failsWith("taskConflict", { why: "queueFull" }));
    await sandbox.control.clear();
    await fineTuning.cancelTask(provider, id);
    await tuner.reach(id, "Failed");
    await assert.rejects(fineTuning.cancelTask(provider, id), failsWith("taskConflict", { why: "tooLate" }));
    const [missing] = ["00000000-0000-4000-8000-000000000000"];
    assert.equal(await fineTuning.getTask(provider, missing as typeof id), undefined);
    assert.equal(await fineTuning.getDeliverable(provider, missing as typeof id), undefined);
  });

  it("tells what the provider refuses, in its words", async () => {
    const tuner = await open();
    const { fineTuning, provider } = tuner;
    const { datasetHash } = await tuner.upload();
    const refuses = async (more: object, words: RegExp) =>
      assert.rejects(tuner.create(await tuner.request(datasetHash, more)), (error) => {
        failsWith("refusedByProvider", { status: 400 })(error);
        assert.match((error as { facts: { detail: string } }).facts.detail, words);
        return true;
      });
    await refuses({ modelHash: `0x${"12".repeat(32)}` }, /unsupported model/);
    await refuses({ trainingParams: '{"num_train_epochs":1}' }, /parameter/);
    const broken = tuner.dataset(`${chatLines()}[1,2]\n`, "broken.jsonl");
    await assert.rejects(tuner.upload(broken), failsWith("refusedByProvider", { status: 400 }));
    assert.equal((await fineTuning.listTask(provider)).length, 0);
  });
});
