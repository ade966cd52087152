// A sandbox that is killed in the middle of a training, and started again on the same folder.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FineTuner, sampleRows } from "../../support/fineTuner.js";
import { startSandbox, type TestSandboxProcess } from "../../support/sandbox.js";
import { chatBody, SandboxUser, textOf } from "../../support/sandboxUser.js";
import { until } from "../../until.js";

describe("a fine-tuning task", function () {
  this.timeout(120_000);
  let folder: string;
  let running: TestSandboxProcess | undefined;

  before(() => (folder = mkdtempSync(join(tmpdir(), "fine-tuning-"))));
  after(async () => {
    await running?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async () => (running = await startSandbox({ args: ["--state", folder, "--settle", "0"] }));

  it("survives a kill -9 in every stage, is delivered and settled once, and its adapter answers after another", async () => {
    let sandbox = await start();
    let tuner = await FineTuner.create(sandbox);
    await tuner.user.pay(sandbox.trainerChat);
    const { privateKey } = tuner.user.wallet;
    const killAndRestart = async () => {
      tuner.close();
      sandbox.child.kill("SIGKILL");
      await once(sandbox.child, "exit");
      sandbox = await start();
      tuner = await FineTuner.of(sandbox, SandboxUser.connect(sandbox, privateKey));
    };
    const stopAt = (stage?: string) => sandbox.control.fineTuning("fast", stage ? { stopAt: stage } : {});

    await stopAt("Init");
    const id = await tuner.train();
    for (const stage of ["SettingUp", "SetUp", "Training", "Trained", "Delivering", "Delivered"]) {
      await killAndRestart();
      await stopAt(stage);
      await tuner.reach(id, stage);
    }
    await killAndRestart();
    const { bytes } = await tuner.download(id);
    await stopAt("UserAcknowledged");
    await tuner.acknowledge(id);
    await tuner.reach(id, "UserAcknowledged");
    await killAndRestart();
    await stopAt();
    const { fee } = await tuner.reach(id, "Finished");
    const { balance } = await tuner.account();
    assert.equal(balance, 2n * 10n ** 18n - BigInt(fee));
    assert.ok((await tuner.decrypt(id, bytes)).zip.length > 0);

    const session = () => ({ authorization: tuner.user.bearer(sandbox.trainerChat) });
    const inState = (state: string) =>
      until(
        `adapter ${state}`,
        async () => (await tuner.get(`/v1/lora/adapters/${id}`, session())).json.state === state,
      );
    await inState("ready");
    const deployed = await tuner.post(
      "/v1/lora/adapters/deploy",
      { taskId: id, baseModel: "sandbox-lm" },
      session(),
    );
    assert.equal(deployed.status, 200);
    await inState("active");
    await killAndRestart();
    const body = chatBody(sampleRows[1][0], false, `ft-sandbox-lm-${id.slice(0, 12)}`);
    const answer = await tuner.user.post(sandbox.trainerChat, body);
    assert.equal(answer.status, 200, answer.body.toString());
    assert.equal(textOf(answer.body), sampleRows[1][1]);
    tuner.close();
  });
});
