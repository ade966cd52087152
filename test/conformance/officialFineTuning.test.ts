// The official SDK and command line tool, as published, through the whole of fine-tuning in our sandbox.
import { createZGComputeNetworkBroker, type ZGComputeNetworkBroker } from "@0gfoundation/0g-compute-ts-sdk";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { JsonRpcProvider, Wallet } from "ethers";
import { decryptFileKey } from "../../src/broker/wire/fineTuning/ecies.js";
import { ModelFileDecryption } from "../../src/broker/wire/fineTuning/modelCipher.js";
import { sealSigner } from "../../src/broker/wire/fineTuning/modelFile.js";
import { logText } from "../../src/broker/wire/fineTuning/logFrames.js";
import { chatLines, keccakOf, sampleParameters, sampleRows } from "../support/fineTuner.js";
import { letGoOfLongTimers } from "../support/longTimers.js";
import { OfficialCli, officialVersion } from "../support/officialCli.js";
import { startSandbox, type TestSandboxProcess } from "../support/sandbox.js";
import { SandboxUser } from "../support/sandboxUser.js";
import { prepare } from "../unit/sandbox/storageSupport.js";
import { until } from "../until.js";

describe("the official client 0.9.0 tunes a model in the sandbox", function () {
  this.timeout(300_000);
  let sandbox: TestSandboxProcess;
  let tool: OfficialCli;
  let provider: string;

  before(async () => {
    assert.equal(officialVersion(), "0.9.0");
    sandbox = await startSandbox({ args: ["--settle", "0"] });
    provider = sandbox.trainer.address;
    tool = await OfficialCli.create(sandbox);
    writeFileSync(join(tool.home, "data.jsonl"), chatLines());
    writeFileSync(join(tool.home, "config.json"), JSON.stringify(sampleParameters));
  });
  after(async () => {
    tool?.remove();
    await sandbox.stop();
  });
  afterEach(() => sandbox.control.clear());

  const run = (command: string, ...args: string[]) =>
    tool.run("fine-tuning", command, "--provider", provider, ...args);
  const reach = (id: string, stage: string) =>
    until(
      `task in ${stage}`,
      async () =>
        (await sandbox.control.state()).tasks.some((task) => task.id === id && task.progress === stage),
      120_000,
    );
  const idIn = (text: string) => {
    const [, id] = /Created Task ID: ([0-9a-f-]{36})/.exec(text) ?? [];
    assert.ok(id, text);
    return id;
  };

  it("SDK: uploads a dataset to the enclave and orders a task, which the tool finds, logs and cancels", async () => {
    const takeTimersBack = letGoOfLongTimers();
    const rpc = new JsonRpcProvider(sandbox.ready.rpcUrl, undefined, {
      cacheTimeout: -1,
      pollingInterval: 50,
    });
    const broker: ZGComputeNetworkBroker = await createZGComputeNetworkBroker(
      new Wallet(tool.wallet.privateKey, rpc),
    );
    const { fineTuning } = broker;
    assert.ok(fineTuning);
    await broker.ledger.addLedger(20);
    await broker.ledger.transferFund(provider, "fine-tuning", 2n * 10n ** 18n);
    await fineTuning.acknowledgeProviderSigner(provider);
    const { datasetHash } = await fineTuning.uploadDatasetToTEE(provider, join(tool.home, "data.jsonl"));
    assert.equal(datasetHash, keccakOf(Buffer.from(chatLines())));
    await sandbox.control.fineTuning("fast", { stopAt: "SetUp" });
    const id = await fineTuning.createTask(
      provider,
      "sandbox-lm",
      datasetHash,
      join(tool.home, "config.json"),
    );
    await reach(id, "SetUp");
    assert.equal((await fineTuning.getTask(provider)).id, id);
    const again = await tool.attempt(
      ...["fine-tuning", "create-task", "--provider", provider, "--model", "sandbox-lm"],
      ...["--dataset", datasetHash, "--config-path", "config.json"],
    );
    // With something in the queue it asks a question, and nobody answers; the refusal itself is read by the SDK.
    assert.doesNotMatch(again.text, /Created Task ID/);
    const cancelled = await tool.run("fine-tuning", "cancel-task", "--provider", provider, "--task", id);
    assert.match(cancelled.text, /cancelled|Cancel/i);
    await reach(id, "Failed");
    await sandbox.control.fineTuning("fast");
    rpc.destroy();
    takeTimersBack();
  });

  it("lists providers and models, and downloads how to use one", async () => {
    const providers = await tool.run("fine-tuning", "list-providers");
    assert.ok(providers.flat.includes(provider), providers.text);
    assert.ok(providers.flat.includes("0.000000500000000000"), providers.text);
    const models = await tool.run("fine-tuning", "list-models");
    assert.ok(models.flat.includes("sandbox-lm"), models.text);
    // This command alone has the public network as its default.
    const here = ["--rpc", sandbox.ready.rpcUrl];
    await run("model-usage", "--model", "sandbox-lm", "--output", join(tool.home, "usage.zip"), ...here);
    const usage = unzipSync(readFileSync(join(tool.home, "usage.zip")));
    assert.match(strFromU8(usage["sandbox-lm/README.md"]!), /neuron/);
  });

  it("finds the report of the enclave consistent, and sees one that is not", async () => {
    const { text } = await run("verify", "--output-dir", tool.home);
    assert.match(text, /Docker Compose Verification: ✅ PASSED/);
    assert.match(text, /TEE Signer Address Verification: ✅ PASSED/);
  });

  it("orders, watches, acknowledges, decrypts to the very bytes, deploys and asks", async () => {
    const { datasetHash } = await upload();
    const created = await run(
      ...["create-task", "--model", "sandbox-lm", "--dataset", datasetHash, "--config-path", "config.json"],
    );
    const id = idIn(created.text);
    await reach(id, "Delivered");
    assert.ok((await run("list-tasks")).flat.includes(id));
    assert.match((await run("get-task", "--task", id)).flat, /Delivered/);
    const log = logText(Buffer.from((await run("get-log", "--task", id)).text));
    assert.match(log, /'train_loss': \d/);

    const encrypted = join(tool.home, "model.data");
    const acknowledged = await run(
      ...["acknowledge-model", "--task-id", id, "--data-path", encrypted, "--download-method", "tee"],
    );
    assert.match(acknowledged.text, /Acknowledged model/);
    await reach(id, "Finished");
    const output = join(tool.home, "model.zip");
    await run("decrypt-model", "--task-id", id, "--encrypted-model", encrypted, "--output", output);
    const ours = await decryptHere(id, readFileSync(encrypted));
    assert.deepEqual(readFileSync(output), ours);
    const files = unzipSync(readFileSync(output));
    assert.ok(files["output_model/adapter_model.0glm"]!.length > 1000);

    const { flat: name } = await tool.run(
      ...["fine-tuning", "get-adapter-name", "--model", "sandbox-lm", "--task-id", id],
    );
    await tool.run("transfer-fund", "--provider", provider, "--amount", "3", "--service", "inference");
    const deployed = await run("deploy-adapter", "--model", "sandbox-lm", "--task-id", id, "--wait");
    assert.match(deployed.text, /Adapter deployed successfully/);
    const asked = await run("chat", "--adapter-name", name, "--message", sampleRows[0][0]);
    assert.ok(asked.text.includes(sampleRows[0][1]), asked.text);
    assert.match(asked.text, /Tokens: \d+ prompt \+ \d+ completion/);
  });

  it("orders from a path: without storage the file goes to the enclave", async () => {
    const created = await orderFromPath();
    assert.match(created, /Dataset uploaded to TEE \(fallback\)/);
    const id = idIn(created);
    await reach(id, "Delivered");
    const acknowledged = await run("acknowledge-deliverable", "--task-id", id);
    assert.match(acknowledged.text, /acknowledged/i);
    await reach(id, "Finished");
  });

  it("orders from a path and fetches the model over storage, with the official storage client", async function () {
    // The package holds that client for one system.
    if (process.platform !== "linux" || process.arch !== "x64") {
      console.log("      skipped: the official storage client is a program for Linux on x64");
      this.skip();
    }
    tool.hasStorage = true;
    const created = await orderFromPath();
    const { root } = await prepare(Buffer.from(chatLines()));
    assert.ok(created.includes(`Dataset uploaded to 0G Storage, root hash: ${root}`), created);
    const id = idIn(created);
    await reach(id, "Delivered");
    const encrypted = join(tool.home, "stored.data");
    const method = ["--download-method", "0g-storage"];
    await run("acknowledge-model", "--task-id", id, "--data-path", encrypted, ...method);
    await reach(id, "Finished");
    const output = join(tool.home, "stored.zip");
    await run("decrypt-model", "--task-id", id, "--encrypted-model", encrypted, "--output", output);
    assert.deepEqual(readFileSync(output), await decryptHere(id, readFileSync(encrypted)));
    tool.hasStorage = false;
  });

  async function orderFromPath(): Promise<string> {
    const files = ["--dataset-path", "data.jsonl", "--config-path", "config.json"];
    return (await run("create-task", "--model", "sandbox-lm", ...files)).text;
  }

  /** By hand, as the tool has no command for it alone. */
  async function upload(): Promise<{ datasetHash: string }> {
    const takeTimersBack = letGoOfLongTimers();
    const rpc = new JsonRpcProvider(sandbox.ready.rpcUrl, undefined, {
      cacheTimeout: -1,
      pollingInterval: 50,
    });
    const broker = await createZGComputeNetworkBroker(new Wallet(tool.wallet.privateKey, rpc));
    assert.ok(broker.fineTuning);
    const uploaded = await broker.fineTuning.uploadDatasetToTEE(provider, join(tool.home, "data.jsonl"));
    rpc.destroy();
    takeTimersBack();
    return uploaded;
  }

  /** The same file opened by our own wire. */
  async function decryptHere(id: string, file: Buffer): Promise<Buffer> {
    const user = SandboxUser.connect(sandbox, tool.wallet.privateKey);
    const contract = user.contract("fineTuning");
    const { encryptedSecret } = await contract.getFunction("getDeliverable")(
      tool.wallet.address,
      provider,
      id,
    );
    const { teeSignerAddress } = await contract.getFunction("getService")(provider);
    user.close();
    const key = decryptFileKey(tool.wallet.privateKey, String(encryptedSecret));
    assert.ok(key);
    const decryption = new ModelFileDecryption(key);
    const parts = decryption.push(file);
    const end = decryption.end();
    assert.ok(end);
    assert.equal(sealSigner(end.seal), teeSignerAddress);
    return Buffer.concat([...parts, ...end.rest]);
  }
});
