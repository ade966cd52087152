// Fine-tuning with a trainer that misbehaves: nothing is paid for what is not right, and each stuck state has its name.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Hash, TaskId } from "../../src/domain/ids.js";
import { startSandboxInProcess, type TestSandbox } from "../support/sandbox.js";
import { Tuner } from "./fineTuningSupport.js";
import { failsWith } from "./inferenceSupport.js";

describe("fine-tuning with a trainer that misbehaves", function () {
  this.timeout(120_000);
  let sandbox: TestSandbox;
  let tuner: Tuner;

  before(async () => (sandbox = await startSandboxInProcess()));
  after(() => sandbox.stop());
  beforeEach(async () => void (tuner = await Tuner.open(sandbox)));
  afterEach(async () => {
    tuner.close();
    await sandbox.control.clear();
    await sandbox.control.fineTuning("fast");
  });

  const fault = (name: string, value?: string | number, times?: number) =>
    sandbox.control.fault(sandbox.trainer.address, name, value, times);
  const acknowledge = (id: TaskId, method: "tee" | "0g-storage" | "auto" = "tee") =>
    tuner.fineTuning.acknowledgeModel(tuner.provider, id, tuner.file("model.data"), { method });
  const decrypt = (id: TaskId) =>
    tuner.fineTuning.decryptModel(tuner.provider, id, tuner.file("model.data"), tuner.file("model.zip"));
  const files = () => readdirSync(dirname(tuner.file("x"))).sort();

  async function refused(id: TaskId, why: string): Promise<void> {
    await assert.rejects(acknowledge(id), failsWith("verificationFailed", { what: "model", why }));
    assert.equal(await tuner.isAcknowledged(id), false, "it was paid for");
    assert.deepEqual(files(), ["rows.jsonl"]);
  }

  it("does not pay for a corrupted file, and takes the good one from storage", async () => {
    const id = await tuner.delivered();
    await fault("corrupt-file");
    await refused(id, "hash");
    const { method } = await acknowledge(id, "auto");
    assert.equal(method, "0g-storage");
    assert.equal(await tuner.isAcknowledged(id), true);
  });

  it("does not pay for a file that no known signer sealed", async () => {
    await fault("bad-header-signature");
    const id = await tuner.delivered();
    await refused(id, "signature");
    await assert.rejects(
      acknowledge(id, "0g-storage"),
      failsWith("verificationFailed", { what: "model", why: "signature" }),
    );
    assert.equal(await tuner.isAcknowledged(id), false);
  });

  for (const kind of ["merkle", "keccak"] as const)
    it(`accepts a root that is the ${kind} hash`, async () => {
      await fault("root-kind", kind);
      const id = await tuner.delivered();
      const { check, method } = await acknowledge(id, "auto");
      assert.equal(check.rootKind, kind);
      assert.equal(method, kind === "merkle" ? "0g-storage" : "tee");
      await tuner.reach(id, "Finished");
      await decrypt(id);
      assert.equal(readFileSync(tuner.file("model.zip")).subarray(0, 2).toString(), "PK");
    });

  it("accepts no third kind of root", async () => {
    await fault("root-kind", "wrong");
    await refused(await tuner.delivered(), "hash");
  });

  it("says that there is no key until the settlement", async () => {
    const id = await tuner.delivered();
    await fault("never-settle");
    await acknowledge(id);
    await assert.rejects(decrypt(id), failsWith("keyMissing", { why: "notSettled" }));
    await sandbox.control.clear();
    await tuner.reach(id, "Finished");
    await decrypt(id);
    assert.ok(existsSync(tuner.file("model.zip")));
  });

  for (const value of [undefined, "stranger"])
    it(`finds no key in what was settled with ${value ?? "nothing"} in its place`, async () => {
      await fault("settle-without-key", value);
      const id = await tuner.delivered();
      await acknowledge(id);
      await tuner.reach(id, "Finished");
      await assert.rejects(decrypt(id), failsWith("keyMissing", { why: "useless" }));
      assert.deepEqual(files(), ["model.data", "rows.jsonl"]);
    });

  it("names the dead queue after a penalty, before anything else is tried", async () => {
    await fault("penalty-now");
    const id = await tuner.train();
    await tuner.reach(id, "Finished");
    const { fineTuning, provider } = tuner;
    const dead = failsWith("deadQueue", { provider, deliverable: id });
    await assert.rejects(acknowledge(id), dead);
    assert.equal(tuner.asked("/lora").length, 0);
    await assert.rejects(fineTuning.acknowledgeDeliverable(provider, id), dead);
    await assert.rejects(fineTuning.planAcknowledgeDeliverable(provider, id), dead);
    await assert.rejects(decrypt(id), failsWith("keyMissing", { why: "penalty" }));
    const request = await tuner.request(`0x${"1".repeat(64)}` as Hash);
    await assert.rejects(tuner.create(request), dead);
    assert.equal((await fineTuning.listTask(provider)).length, 1);
  });

  it("says that a file is gone, and still finds it in storage", async () => {
    const id = await tuner.delivered();
    await fault("file-gone");
    await assert.rejects(acknowledge(id), failsWith("providerUnavailable", { status: 503 }));
    assert.equal(await tuner.isAcknowledged(id), false);
    const { method } = await acknowledge(id, "auto");
    assert.equal(method, "0g-storage");
  });

  it("asks the enclave when storage gives something else", async () => {
    const id = await tuner.delivered();
    await sandbox.control.fault("storage", "bad-proof");
    await assert.rejects(acknowledge(id, "0g-storage"), failsWith("verificationFailed", { what: "storage" }));
    assert.equal(await tuner.isAcknowledged(id), false);
    const { method, check } = await acknowledge(id, "auto");
    assert.deepEqual([method, check.rootKind], ["tee", "merkle"]);
    assert.deepEqual(files(), ["model.data", "rows.jsonl"]);
  });

  it("knows the signer of the delivery after the service changed it", async () => {
    const id = await tuner.delivered();
    await acknowledge(id);
    const before = await tuner.fineTuning.getService(tuner.provider);
    await tuner.reach(id, "Finished");
    await fault("rotate-signer");
    const other = await Tuner.open(sandbox);
    await other.delivered(); // what is signed next is signed by another
    other.close();
    const now = await tuner.fineTuning.getService(tuner.provider);
    assert.notEqual(now.teeSigner, before.teeSigner);
    const check = await decrypt(id);
    assert.deepEqual([check.signer, check.isCurrentSigner], [before.teeSigner, false]);
  });

  it("goes on where a cut download ended", async () => {
    const id = await tuner.delivered();
    await fault("cut-stream", 3_000, 2);
    const { check } = await acknowledge(id);
    const file = readFileSync(tuner.file("model.data"));
    assert.equal(check.size, file.length);
    // How much arrives before a connection breaks is the system's to say; none of it is asked for twice.
    const starts = tuner.asked("/lora").map(({ range }) => Number(/\d+/.exec(range ?? "0")?.[0]));
    assert.equal(starts.length, 3);
    assert.ok(starts[0] === 0 && starts[1]! <= 3_000 && starts[2]! <= starts[1]! + 3_000, starts.join());
    assert.ok(starts[2]! >= starts[1]!, starts.join());
  });

  it("goes on from the part that an earlier run left", async () => {
    const id = await tuner.delivered();
    await tuner.fineTuning.downloadModel(tuner.provider, id, tuner.file("good.data"), {
      method: "0g-storage",
    });
    const good = readFileSync(tuner.file("good.data"));
    writeFileSync(tuner.file("model.data.part"), good.subarray(0, 3_000));
    await acknowledge(id);
    assert.deepEqual(
      tuner.asked("/lora").map(({ range }) => range),
      ["bytes=3000-"],
    );
    assert.ok(readFileSync(tuner.file("model.data")).equals(good));
  });

  for (const status of [429, 503])
    it(`tries again after ${status}, up and down`, async () => {
      await fault("status", status, 1);
      const { datasetHash } = await tuner.upload();
      assert.equal(tuner.asked("/dataset").length, 2);
      const id = await tuner.create(await tuner.request(datasetHash));
      await tuner.reach(id, "Delivered");
      await fault("status", status, 1);
      await acknowledge(id);
      assert.equal(tuner.asked("/lora").length, 2);
    });

  it("posts a task once, whatever happens to the answer", async () => {
    const { datasetHash } = await tuner.upload();
    const request = await tuner.request(datasetHash);
    await fault("status", 503, 1);
    await assert.rejects(tuner.create(request), failsWith("providerUnavailable", { status: 503 }));
    assert.equal(
      tuner.requests.filter(({ method, url }) => method === "POST" && url.endsWith("/task")).length,
      1,
    );
    assert.equal((await tuner.fineTuning.listTask(tuner.provider)).length, 0);
  });

  it("takes a page of HTML for no task, log or list", async () => {
    const id = await tuner.train();
    const { fineTuning, provider } = tuner;
    await fault("html");
    for (const asking of [
      () => fineTuning.getTask(provider, id),
      () => fineTuning.listTask(provider),
      () => fineTuning.countPending(provider),
      () => fineTuning.listModelOf(provider),
    ])
      await assert.rejects(asking(), failsWith("providerUnavailable"));
    assert.deepEqual(await fineTuning.listModel(), []);
  });
});
