// How the sandbox's fine-tuning provider misbehaves when it is told to (spec sandbox.md 3, fine-tuning.md 12 and 15).
import assert from "node:assert/strict";
import { parseEther } from "ethers";
import { sealSigner, ModelFileWalk } from "../../../src/broker/wire/fineTuning/modelFile.js";
import { chatLines, FineTuner, keccakOf } from "../../support/fineTuner.js";
import { until } from "../../until.js";
import { prepare } from "./storageSupport.js";
import { startSandboxInProcess, type TestSandbox } from "../../support/sandbox.js";

describe("faults of the sandbox's fine-tuning provider", function () {
  this.timeout(60_000);
  let sandbox: TestSandbox;

  before(async () => (sandbox = await startSandboxInProcess()));
  after(() => sandbox.stop());
  afterEach(async () => {
    await sandbox.control.clear();
    await sandbox.control.fineTuning("fast");
  });

  const fault = (name: string, value?: string | number, times?: number) =>
    sandbox.control.fault(sandbox.trainer.address, name, value, times);
  const signerOf = (file: Uint8Array) => {
    const walk = new ModelFileWalk();
    walk.push(file);
    const seal = walk.end();
    return seal && sealSigner(seal);
  };

  it("a training fails twice and is given up, or succeeds when it is tried again", async () => {
    const tuner = await FineTuner.create(sandbox);
    await fault("fail-training");
    const lost = await tuner.train();
    await tuner.reach(lost, "Failed");
    const log = (await tuner.log(lost)).toString();
    assert.match(log, /=== Container Failed ===/);
    assert.match(log, new RegExp(`Error executing task ${lost}: .*\\n.*Retrying task ${lost}`));
    await fault("fail-training", undefined, 1);
    const saved = await tuner.train();
    await tuner.reach(saved, "Delivered");
    assert.match((await tuner.log(saved)).toString(), /Retrying task/);
    tuner.close();
  });

  it("files are corrupted on the way, gone, or cut off, and the chain still names the good one", async () => {
    const tuner = await FineTuner.create(sandbox);
    const id = await tuner.train();
    await tuner.reach(id, "Delivered");
    const good = await tuner.download(id);
    const root = String((await tuner.deliverable(id)).modelRootHash);
    assert.equal((await prepare(good.bytes)).root, root);
    assert.equal(signerOf(good.bytes), await tuner.signer());
    await fault("corrupt-file", undefined, 1);
    const bad = await tuner.download(id);
    assert.equal(bad.bytes.length, good.bytes.length);
    assert.notEqual((await prepare(bad.bytes)).root, root);
    await fault("file-gone", undefined, 1);
    const gone = await tuner.download(id);
    assert.deepEqual([gone.status, /retry shortly/.test(gone.json.error as string)], [503, true]);
    await fault("cut-stream", 500, 1);
    await assert.rejects(tuner.download(id));
    assert.deepEqual((await tuner.download(id)).bytes, good.bytes);
    tuner.close();
  });

  it("a file is signed by a key that nobody registered, under a root that is right", async () => {
    const tuner = await FineTuner.create(sandbox);
    await fault("bad-header-signature");
    const id = await tuner.train();
    await tuner.reach(id, "Delivered");
    const { bytes } = await tuner.download(id);
    assert.equal((await prepare(bytes)).root, (await tuner.deliverable(id)).modelRootHash);
    const signer = signerOf(bytes);
    assert.ok(signer);
    assert.notEqual(signer, await tuner.signer());
    tuner.close();
  });

  it("a root is of the other kind, or of neither", async () => {
    const tuner = await FineTuner.create(sandbox);
    await fault("root-kind", "wrong");
    const id = await tuner.train();
    await tuner.reach(id, "Delivered");
    const { bytes } = await tuner.download(id);
    const root = String((await tuner.deliverable(id)).modelRootHash);
    assert.match(root, /^0x[0-9a-f]{64}$/);
    for (const other of [keccakOf(bytes), (await prepare(bytes)).root]) assert.notEqual(root, other);
    await tuner.acknowledge(id);
    await tuner.reach(id, "Finished");
    await fault("root-kind", "keccak");
    const second = await tuner.train();
    await tuner.reach(second, "Delivered");
    const file = await tuner.download(second);
    assert.equal((await tuner.deliverable(second)).modelRootHash, keccakOf(file.bytes));
    // What is not in storage cannot be fetched for inference.
    await tuner.user.pay(sandbox.trainerChat);
    await tuner.acknowledge(second);
    const session = { authorization: tuner.user.bearer(sandbox.trainerChat) };
    await until("a failed adapter", async () => {
      const { json } = await tuner.get(`/v1/lora/adapters/${second}`, session);
      return json.state === "failed";
    });
    tuner.close();
  });

  it("nothing is settled until the fault is off, and no new task is taken meanwhile", async () => {
    const tuner = await FineTuner.create(sandbox);
    await fault("never-settle");
    const id = await tuner.train();
    await tuner.reach(id, "Delivered");
    await tuner.acknowledge(id);
    await tuner.reach(id, "UserAcknowledged");
    assert.equal((await tuner.createTask()).status, 400);
    const { acknowledged, settled, encryptedSecret } = await tuner.deliverable(id);
    assert.deepEqual([acknowledged, settled, encryptedSecret], [true, false, "0x"]);
    await sandbox.control.clear();
    await tuner.reach(id, "Finished");
    assert.equal((await tuner.deliverable(id)).settled, true);
    tuner.close();
  });

  it("what is published is no key, or the key for somebody else", async () => {
    const tuner = await FineTuner.create(sandbox);
    for (const [value, length] of [
      [undefined, 1],
      ["stranger", 129],
    ] as const) {
      await fault("settle-without-key", value);
      const id = await tuner.tuned();
      const { bytes } = await tuner.download(id);
      const { encryptedSecret, acknowledged, settled } = await tuner.deliverable(id);
      assert.deepEqual(
        [acknowledged, settled, (String(encryptedSecret).length - 2) / 2],
        [true, true, length],
      );
      await assert.rejects(tuner.decrypt(id, bytes), /not for this key/);
    }
    tuner.close();
  });

  it("the penalty is taken at once: 30 percent, no key, and a locked account whose next task fails with advice", async () => {
    const tuner = await FineTuner.create(sandbox);
    await fault("penalty-now");
    const id = await tuner.train();
    const { fee } = await tuner.reach(id, "Finished");
    const { acknowledged, settled, encryptedSecret } = await tuner.deliverable(id);
    assert.deepEqual([acknowledged, settled, encryptedSecret], [false, true, "0x"]);
    assert.equal((await tuner.account()).balance, parseEther("2") - (BigInt(fee) * 30n) / 100n);
    await assert.rejects(tuner.acknowledge(id));
    await sandbox.control.clear();
    const next = await tuner.train();
    await tuner.reach(next, "Failed");
    assert.match(
      (await tuner.log(next)).toString(),
      /PreviousDeliverableNotAcknowledged[^]*acknowledgeDeliverable/,
    );
    tuner.close();
  });

  it("the deadline goes by the chain's clock: half the lock time, or what the control API says", async () => {
    const tuner = await FineTuner.create(sandbox);
    const id = await tuner.train();
    const { deliverTime } = await tuner.reach(id, "Delivered");
    assert.ok(Math.abs(deliverTime - Number((await tuner.deliverable(id)).timestamp)) <= 2);
    await sandbox.control.time(43_200 - 60);
    assert.equal((await tuner.task(id)).progress, "Delivered");
    await tuner.acknowledge(id);
    await tuner.reach(id, "Finished");
    assert.equal((await tuner.deliverable(id)).acknowledged, true);
    await sandbox.control.fineTuning("fast", { deadlineSeconds: 100 });
    const late = await tuner.train();
    await tuner.reach(late, "Delivered");
    await sandbox.control.time(200);
    await tuner.reach(late, "Finished");
    assert.equal((await tuner.deliverable(late)).acknowledged, false);
    tuner.close();
  });

  it("the signer changes after the delivery: the file is by the former one, the settlement by the new one", async () => {
    const tuner = await FineTuner.create(sandbox);
    const id = await tuner.train();
    await tuner.reach(id, "Delivered");
    const { bytes } = await tuner.download(id);
    const former = await tuner.signer();
    await fault("rotate-signer");
    await tuner.acknowledge(id);
    await tuner.reach(id, "Finished");
    const { signer } = await tuner.decrypt(id, bytes);
    assert.equal(signer, former);
    assert.notEqual(await tuner.signer(), former);
    const service = await tuner.user.contract("fineTuning").getFunction("getService")(
      sandbox.trainer.address,
    );
    assert.equal(service.teeSignerAcknowledged, true);
    await sandbox.control.clear();
    const again = await tuner.tuned();
    assert.equal((await tuner.decrypt(again, (await tuner.download(again)).bytes)).signer, former);
    tuner.close();
  });

  it("uploads, downloads and quotes share two requests, then one in ten seconds, when the limit is on", async () => {
    const tuner = await FineTuner.create(sandbox, "0");
    for (let call = 0; call < 4; call++) assert.equal((await tuner.get("/v1/quote")).status, 200);
    await fault("rate-limit");
    assert.equal((await tuner.get("/v1/quote")).status, 200);
    assert.equal((await tuner.upload(chatLines())).status, 200);
    const third = await tuner.get("/v1/quote");
    assert.deepEqual(
      [third.status, third.json, third.headers.get("retry-after")],
      [429, { error: "Too many requests. Please try again later." }, null],
    );
    assert.equal((await tuner.get("/v1/task/pending")).status, 200);
    tuner.close();
  });

  it("a chain that does not mine delays the delivery and the settlement, and neither happens twice", async () => {
    const tuner = await FineTuner.create(sandbox);
    await sandbox.control.fineTuning("fast", { stopAt: "Delivering" });
    const id = await tuner.train();
    await tuner.reach(id, "Delivering");
    await sandbox.control.fault("chain", "no-mining");
    await sandbox.control.fineTuning("fast");
    const waiting = async () => {
      const { address } = sandbox.trainer;
      const count = (tag: string) => tuner.user.rpc.getTransactionCount(address, tag);
      return (await count("pending")) - (await count("latest"));
    };
    await until("a transaction that waits", async () => (await waiting()) === 1);
    assert.equal((await tuner.task(id)).progress, "Delivering");
    await sandbox.control.clear();
    await tuner.reach(id, "Delivered");
    await sandbox.control.fineTuning("fast", { stopAt: "UserAcknowledged" });
    await tuner.acknowledge(id);
    await tuner.reach(id, "UserAcknowledged");
    await sandbox.control.fault("chain", "no-mining");
    await sandbox.control.fineTuning("fast");
    await until("a transaction that waits", async () => (await waiting()) === 1);
    assert.equal((await tuner.task(id)).progress, "UserAcknowledged");
    await sandbox.control.clear();
    const { fee } = await tuner.reach(id, "Finished");
    assert.equal((await tuner.account()).balance, parseEther("2") - BigInt(fee));
    assert.doesNotMatch((await tuner.log(id)).toString(), /Error|failed/);
    tuner.close();
  });
});
