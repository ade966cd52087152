// The fine-tuning provider as an official broker's clients see it (spec fine-tuning.md).
import assert from "node:assert/strict";
import { id as keccakOfText, parseEther, verifyMessage, Wallet } from "ethers";
import { strFromU8, unzipSync } from "fflate";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { taskStages } from "../../../src/domain/fineTuning.js";
import type { TaskId } from "../../../src/domain/ids.js";
import { chatLines, FineTuner, keccakOf, sampleParameters, sampleRows } from "../../support/fineTuner.js";
import { startSandboxInProcess, type TestSandbox } from "../../support/sandbox.js";
import { chatBody, type Json, SandboxUser, textOf } from "../../support/sandboxUser.js";
import { until } from "../../until.js";
import { prepare } from "./storageSupport.js";

const support = join(import.meta.dirname, "../../fixtures/workspace/data/support.jsonl");

describe("the sandbox's fine-tuning provider", function () {
  this.timeout(60_000);
  let sandbox: TestSandbox;

  before(async () => (sandbox = await startSandboxInProcess()));
  after(() => sandbox.stop());
  afterEach(async () => {
    await sandbox.control.clear();
    await sandbox.control.fineTuning("fast");
  });

  it("is registered with both contracts under one address, acknowledged by the owner", async () => {
    const user = await SandboxUser.create(sandbox, "10", "0");
    const { address, url } = sandbox.trainer;
    const service = await user.contract("fineTuning").getFunction("getService")(address);
    assert.deepEqual(
      [service.url, [...service.models], service.occupied, service.teeSignerAcknowledged],
      [url, ["sandbox-lm"], false, true],
    );
    const chat = await user.contract("inference").getFunction("getService")(address);
    assert.deepEqual(
      [chat.url, chat.model, chat.teeSignerAddress, chat.teeSignerAcknowledged],
      [url, "sandbox-lm", service.teeSignerAddress, true],
    );
    assert.equal(sandbox.trainerChat.address, address);
    user.close();
  });

  it("trains, delivers, settles and serves what it trained, from order to answer", async () => {
    const tuner = await FineTuner.create(sandbox);
    const rows = readFileSync(support, "utf8");
    const uploaded = await tuner.upload(rows);
    assert.deepEqual([uploaded.status, uploaded.json.datasetHash], [200, keccakOf(Buffer.from(rows))]);
    const parameters = JSON.stringify({ ...sampleParameters, num_train_epochs: 2, max_steps: -1 });
    const started = performance.now();
    const created = await tuner.createTask({ datasetHash: uploaded.json.datasetHash, parameters });
    assert.equal(created.status, 201, created.text);
    const id = created.json.id as TaskId;
    const task = await tuner.reach(id, "Delivered");
    console.log(
      `      40 rows, 2 epochs: delivered after ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );

    const answers = rows
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).messages.at(-1).content as string);
    const words = answers.join(" ").split(/\s+/).length;
    const fee = BigInt(words) * 500_000_000_000n * 2n + 10n ** 16n;
    assert.equal(task.fee, fee.toString());
    assert.ok(fee < parseEther("0.05"));

    const { status, bytes: file, headers } = await tuner.download(id);
    assert.equal(status, 200);
    assert.equal(headers.get("content-disposition"), `attachment; filename=lora_encrypted_${id}.data`);
    const before = await tuner.deliverable(id);
    assert.equal(before.modelRootHash, (await prepare(file)).root);
    assert.deepEqual([before.acknowledged, before.settled, before.encryptedSecret], [false, false, "0x"]);
    await tuner.acknowledge(id);
    await tuner.reach(id, "Finished");
    const after = await tuner.deliverable(id);
    assert.deepEqual([after.acknowledged, after.settled], [true, true]);
    assert.equal((await tuner.account()).balance, parseEther("2") - fee);

    const { zip, signer } = await tuner.decrypt(id, file);
    assert.equal(signer, await tuner.signer());
    const files = unzipSync(zip);
    assert.deepEqual(Object.keys(files).sort(), [
      "output_model/README.md",
      "output_model/adapter_config.json",
      "output_model/adapter_model.0glm",
    ]);
    const config = JSON.parse(strFromU8(files["output_model/adapter_config.json"]!));
    assert.deepEqual([config.base_model_name_or_path, config.task_id], ["sandbox-lm", id]);
    tuner.close();
  });

  describe("models", () => {
    it("are one, found by name and by hash, with a description in a zip", async () => {
      const tuner = await FineTuner.create(sandbox, "0");
      const hash = keccakOfText("sandbox-lm");
      const [model] = (await tuner.get("/v1/model")).json as Json[];
      assert.deepEqual(
        [model.name, model.hash, model.tokenizer, model.dataType],
        ["sandbox-lm", hash, "words", "text"],
      );
      for (const key of ["image", "trainingScript", "description"]) assert.equal(typeof model[key], "string");
      assert.deepEqual((await tuner.get("/v1/model/sandbox-lm")).json, model);
      assert.deepEqual((await tuner.get(`/v1/model/${hash}`)).json, model);
      const description = await tuner.get(`/v1/model/desc/${hash}`);
      assert.equal(description.headers.get("content-disposition"), "attachment; filename=sandbox-lm.zip");
      assert.match(
        strFromU8(unzipSync(description.bytes)["sandbox-lm/README.md"]!),
        /neuron x epochs \+ 0\.01 0G/,
      );
      tuner.close();
    });

    it("that are unknown are 400, and a path with a slash leads nowhere, in plain text", async () => {
      const tuner = await FineTuner.create(sandbox, "0");
      const unknown = await tuner.get("/v1/model/other");
      assert.deepEqual(
        [unknown.status, unknown.json],
        [400, { error: "Provider: get customized model: Model other not found" }],
      );
      const nowhere = await tuner.get("/v1/model/Qwen/Qwen3-32B");
      assert.deepEqual([nowhere.status, nowhere.text], [404, "404 page not found"]);
      tuner.close();
    });
  });

  describe("datasets", () => {
    let tuner: FineTuner;
    before(async () => (tuner = await FineTuner.create(sandbox, "0")));
    after(() => tuner.close());

    it("are known by their keccak-256, the same for the same bytes", async () => {
      const lines = chatLines();
      for (const fileName of ["a.jsonl", "B.JSON"]) {
        const { status, json } = await tuner.upload(lines, { fileName });
        assert.deepEqual([status, json.datasetHash], [200, keccakOf(Buffer.from(lines))]);
      }
    });

    it("are refused with the broker's status and a reason", async () => {
      const now = tuner.seconds();
      const refused: [string, number, RegExp, Parameters<FineTuner["upload"]>][] = [
        ["a wrong ending", 400, /\.jsonl/, [chatLines(), { fileName: "data.csv" }]],
        ["no JSON", 400, /line 2 is not valid JSON: invalid character '\}'/, ['{"a":1}\n{"b":}\n']],
        ["an array", 400, /line 1 is not valid JSON: json: cannot unmarshal array/, ["[1]\n"]],
        ["an old time", 401, /timestamp/, [chatLines(), { timestamp: now - 400 }]],
        ["a time to come", 401, /timestamp/, [chatLines(), { timestamp: now + 120 }]],
        [
          "another's signature",
          401,
          /signature/,
          [chatLines(), { signature: Wallet.createRandom().signMessageSync("x") }],
        ],
        ["no signature at all", 401, /signature/, [chatLines(), { signature: "0x12" }]],
      ];
      for (const [what, status, reason, args] of refused) {
        const answer = await tuner.upload(...args);
        assert.equal(answer.status, status, what);
        assert.match(answer.json.error, reason, what);
      }
      const noForm = await tuner.post(`${tuner.path}/dataset`, "{}");
      assert.equal(noForm.status, 400);
    });

    it("pass when they are empty: nobody looks at rows here", async () => {
      assert.equal((await tuner.upload("")).status, 200);
    });
  });

  describe("orders", () => {
    it("are refused in the broker's order and words", async () => {
      const tuner = await FineTuner.create(sandbox, "0");
      const bad = JSON.stringify({ ...sampleParameters, lora_r: 8 });
      const qwen = "0xb4f76a886b8655c92bb021922d60b5e4d9271a5c9da98b6cb10937a06c2c75a7";
      const error = async (options: Parameters<FineTuner["createTask"]>[0]) => {
        const { status, json } = await tuner.createTask(options);
        assert.equal(status, 400);
        return json.error as string;
      };
      const step = "Provider: register service: ";
      assert.equal(
        await error({ modelHash: qwen, parameters: bad }),
        `${step}unsupported model: not in provider's supported model list`,
      );
      assert.equal(
        await error({ modelHash: keccakOfText("x"), parameters: bad }),
        `${step}unsupported model: not found in predefined models`,
      );
      assert.equal(
        await error({ parameters: bad }),
        `${step}training config contains forbidden parameter 'lora_r'`,
      );
      assert.match(await error({}), /^Provider: register service: .*AccountNotExists/);
      const incomplete = await tuner.post(`${tuner.path}/task`, { ...tuner.order(), nonce: "" });
      assert.equal(incomplete.status, 400);
      assert.match(incomplete.json.error, /^Provider: register service: bind service/);
      const other = await tuner.post(`/v1/user/${Wallet.createRandom().address}/task`, tuner.order());
      assert.equal(other.status, 400);
      tuner.close();
    });

    it("wait for the unfinished one of the same user, and queue behind those of others only when asked to", async () => {
      await sandbox.control.fineTuning("fast", { stopAt: "SetUp" });
      const first = await FineTuner.create(sandbox);
      const second = await FineTuner.create(sandbox);
      const id = await first.train();
      const again = await first.createTask();
      assert.deepEqual(
        [again.status, again.json.error],
        [400, "Provider: register service: cannot create a new task while there is an unfinished task"],
      );
      assert.equal((await second.get("/v1/task/pending")).text, "1");
      const impatient = await second.createTask();
      assert.deepEqual(
        [impatient.status, impatient.json.error],
        [409, "Provider: register service: cannot create a new task while there are in-progress tasks"],
      );
      const waiting = await second.train({ wait: true });
      assert.match((await second.log(waiting)).toString(), /\] There are 1 tasks in the queue ahead\.\n/);
      await sandbox.control.fault(sandbox.trainer.address, "queue", 6);
      const third = await FineTuner.create(sandbox);
      assert.equal((await third.get("/v1/task/pending")).text, "8");
      const full = await third.createTask({ wait: true });
      assert.deepEqual(
        [full.status, full.json.error],
        [409, "Provider: register service: task queue is full"],
      );
      await first.reach(id, "SetUp");
      for (const [tuner, task] of [
        [first, id],
        [second, waiting],
      ] as const) {
        assert.equal((await tuner.cancel(task)).status, 200);
        tuner.close();
      }
      third.close();
    });

    it("fail while they are set up for a bad signature at once, for a low nonce or no money after ten tries", async () => {
      const tuner = await FineTuner.create(sandbox);
      const forged = Wallet.createRandom().signMessageSync("something else");
      const fails = async (options: Parameters<FineTuner["createTask"]>[0]) => {
        const id = await tuner.train(options);
        await tuner.reach(id, "Failed");
        return (await tuner.log(id)).toString();
      };
      const atOnce = await fails({ signature: forged });
      assert.match(atOnce, /signature/);
      assert.doesNotMatch(atOnce, /Retrying/);
      const inVain = await fails({ nonce: 0n });
      assert.match(inVain, /nonce/);
      assert.equal(inVain.match(/Retrying task/g)?.length, 9);
      assert.match(await fails({ datasetHash: keccakOfText("nowhere") }), /not found/);
      const [newest, ...older] = (await tuner.get(`${tuner.path}/task`)).json as Json[];
      assert.deepEqual([newest.progress, newest.fee, older.length], ["Failed", "0", 2]);
      tuner.close();
    });
  });

  describe("tasks", () => {
    it("are listed newest first, read by their id, and known to anybody who asks", async () => {
      await sandbox.control.fineTuning("fast", { stopAt: "Init" });
      const tuner = await FineTuner.create(sandbox);
      const first = await tuner.train();
      await tuner.cancel(first);
      const second = await tuner.train();
      const ids = async (query: string) =>
        ((await tuner.get(`${tuner.path}/task${query}`)).json as Json[]).map(({ id }) => id);
      assert.deepEqual(await ids(""), [second, first]);
      assert.deepEqual(await ids("?order=asc"), [first, second]);
      assert.deepEqual(await ids("?latest=true"), [second]);
      const task = await tuner.task(second);
      assert.deepEqual(Object.keys(task).sort(), [
        ...["createdAt", "datasetHash", "deliverIndex", "deliverTime", "fee", "id", "modelType", "nonce"],
        ...[
          "preTrainedModelHash",
          "progress",
          "signature",
          "trainingParams",
          "updatedAt",
          "userAddress",
          "wait",
        ],
      ]);
      assert.deepEqual([task.progress, task.modelType, task.deliverTime, task.wait], ["Init", 1, 0, false]);
      assert.equal((await tuner.get(`${tuner.path}/task/not-a-uuid`)).status, 400);
      const nobody = "00000000-0000-4000-8000-000000000000";
      assert.equal((await tuner.get(`${tuner.path}/task/${nobody}`)).status, 404);
      const { tasks } = await sandbox.control.state();
      assert.ok(tasks.some(({ id, progress }) => id === second && progress === "Init"));
      await tuner.cancel(second);
      tuner.close();
    });

    it("can be cancelled by their owner before training, and not after", async () => {
      const owner = await FineTuner.create(sandbox);
      const stranger = await FineTuner.create(sandbox, "0");
      await sandbox.control.fineTuning("fast", { stopAt: "SetUp" });
      const id = await owner.train();
      await owner.reach(id, "SetUp");
      assert.equal((await owner.cancel(id, stranger.sign(Buffer.alloc(32)))).status, 401);
      assert.equal((await stranger.cancel(id)).status, 403);
      assert.equal((await owner.cancel("00000000-0000-4000-8000-000000000000" as TaskId)).status, 404);
      const done = await owner.cancel(id);
      assert.deepEqual([done.status, done.text], [200, `task ${id} cancelled`]);
      assert.equal((await owner.task(id)).progress, "Failed");
      assert.equal((await owner.cancel(id)).status, 409);
      await sandbox.control.fineTuning("fast", { stopAt: "Training" });
      const late = await owner.train();
      await owner.reach(late, "Training");
      assert.equal((await owner.cancel(late)).status, 409);
      await sandbox.control.fineTuning("fast");
      await owner.reach(late, "Delivered");
      owner.close();
      stranger.close();
    });

    it("stop at whatever stage they are told to, and go on", async () => {
      const tuner = await FineTuner.create(sandbox);
      let id: TaskId | undefined;
      for (const stage of taskStages.filter(
        (name) => !["UserAcknowledged", "Finished", "Failed"].includes(name),
      )) {
        await sandbox.control.fault(sandbox.trainer.address, "stuck", stage);
        id ??= await tuner.train();
        await tuner.reach(id, stage);
      }
      await sandbox.control.fault(sandbox.trainer.address, "stuck", "UserAcknowledged");
      await tuner.acknowledge(id!);
      await tuner.reach(id!, "UserAcknowledged");
      await sandbox.control.clear();
      await tuner.reach(id!, "Finished");
      tuner.close();
    });

    it("wait to be taken while the calls that order them are held", async () => {
      const tuner = await FineTuner.create(sandbox);
      const { json } = await tuner.upload(chatLines());
      const route = "POST /v1/user/{user}/task";
      const came = async () =>
        (await sandbox.control.state()).counters.providers[sandbox.trainer.address]?.[route] ?? 0;
      const before = await came();
      await sandbox.control.fineTuning("fast", { holdCalls: "POST /task", stopAt: "Init" });
      const created = tuner.createTask({ datasetHash: json.datasetHash as string });
      await until("the order arrives", async () => (await came()) > before);
      assert.deepEqual((await tuner.get(`${tuner.path}/task`)).json, [], "others are answered");
      await sandbox.control.fineTuning("fast", { stopAt: "Init" });
      const { status, json: task } = await created;
      assert.equal(status, 201);
      await tuner.cancel(task.id as TaskId);
      tuner.close();
    });

    it("write a log with times, the container's output in one framed block, and losses every ten steps", async () => {
      const tuner = await FineTuner.create(sandbox);
      const parameters = JSON.stringify({ ...sampleParameters, max_steps: 25 });
      const id = await tuner.train({ parameters });
      await tuner.reach(id, "Delivered");
      const log = await tuner.log(id);
      const text = log.toString("latin1");
      assert.match(text, /^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\] creating task\.\.\.\.\n/);
      for (const part of ["setup", "executor", "finalizer"])
        assert.ok(text.includes(`Training model for ${part} task ${id} successfully\n`), part);
      const at = log.indexOf("Container logs:\n") + "Container logs:\n".length;
      assert.deepEqual([...log.subarray(at, at + 4)], [1, 0, 0, 0]);
      const length = log.readUInt32BE(at + 4);
      assert.equal(log.subarray(at + 8 + length - 1, at + 8 + length).toString(), "\n");
      const losses = text.match(
        /\{'loss': [\d.]+, 'grad_norm': [\d.]+, 'learning_rate': [\d.e-]+, 'epoch': [\d.]+\}/g,
      );
      assert.equal(losses?.length, 2, text);
      assert.match(text, /\{'train_runtime': [\d.]+, .*'train_loss': [\d.]+, 'epoch': [\d.]+\}/);
      const stranger = await FineTuner.create(sandbox, "0");
      assert.equal((await stranger.get(`${stranger.path}/task/${id}/log`)).status, 403);
      stranger.close();
      tuner.close();
    });
  });

  describe("downloads", () => {
    it("need the owner's fresh signature and a delivery, and serve ranges", async () => {
      const owner = await FineTuner.create(sandbox);
      const stranger = await FineTuner.create(sandbox, "0");
      await sandbox.control.fineTuning("fast", { stopAt: "SetUp" });
      const id = await owner.train();
      assert.equal((await owner.download(id)).status, 409);
      await sandbox.control.fineTuning("fast");
      await owner.reach(id, "Delivered");
      assert.equal((await owner.download(id, { timestamp: owner.seconds() - 400 })).status, 401);
      assert.equal((await stranger.download(id)).status, 403);
      assert.equal((await owner.download("00000000-0000-4000-8000-000000000000" as TaskId)).status, 404);
      const unsigned = await owner.post(`${owner.path}/task/${id}/lora`, { timestamp: owner.seconds() });
      assert.equal(unsigned.status, 401);
      const { bytes } = await owner.download(id);
      const part = await owner.download(id, { headers: { range: "bytes=100-299" } });
      assert.deepEqual(
        [part.status, part.headers.get("content-range"), part.bytes],
        [206, `bytes 100-299/${bytes.length}`, bytes.subarray(100, 300)],
      );
      const rest = await owner.download(id, { headers: { range: "bytes=500-" } });
      assert.deepEqual(rest.bytes, bytes.subarray(500));
      const beyond = await owner.download(id, { headers: { range: `bytes=${bytes.length}-` } });
      assert.deepEqual(
        [beyond.status, beyond.headers.get("content-range")],
        [416, `bytes */${bytes.length}`],
      );
      owner.close();
      stranger.close();
    });
  });

  describe("adapters", () => {
    it("get ready after the acknowledgement, are deployed by their owner, and answer him alone, signed and billed", async () => {
      const owner = await FineTuner.create(sandbox);
      const stranger = await FineTuner.create(sandbox, "0");
      const { trainerChat } = sandbox;
      for (const { user } of [owner, stranger]) await user.pay(trainerChat);
      const id = await owner.tuned();
      const name = `ft-sandbox-lm-${id.slice(0, 12)}`;
      const session = { authorization: owner.user.bearer(trainerChat) };
      assert.equal((await owner.get("/v1/lora/adapters")).status, 401);
      const adapter = await until("a ready adapter", async () => {
        const { json } = await owner.get(`/v1/lora/adapters/${name}`, session);
        return json.state === "ready" && json;
      });
      assert.deepEqual(Object.keys(adapter).sort(), [
        ...["adapterName", "baseModel", "state", "storageRootHash", "taskId", "userAddress"],
      ]);
      const ask = (user: SandboxUser, model: string) =>
        user.post(trainerChat, chatBody(sampleRows[0][0], false, model));
      const early = await ask(owner.user, name);
      assert.equal(early.status, 400);
      assert.match(early.body.toString(), /is not deployed/);

      const deploy = (body: object, headers: Record<string, string> = session) =>
        owner.post("/v1/lora/adapters/deploy", body, headers);
      assert.equal((await deploy({ adapterName: name }, {})).status, 401);
      assert.equal((await deploy({})).status, 400);
      assert.equal((await deploy({ adapterName: "ft-nobody" })).status, 404);
      const foreign = { authorization: stranger.user.bearer(trainerChat) };
      assert.equal((await deploy({ adapterName: name }, foreign)).status, 403);
      const deploying = await deploy({ taskId: id, baseModel: "sandbox-lm" });
      assert.deepEqual(
        [deploying.status, deploying.json.status, deploying.json.adapterName],
        [200, "deploying", name],
      );
      assert.equal((await deploy({ adapterName: name })).status, 409);
      await until("an active adapter", async () => {
        const { json } = await owner.get(`/v1/lora/adapters/${id}`, session);
        return json.state === "active";
      });

      const tuned = await ask(owner.user, name);
      assert.equal(tuned.status, 200, tuned.body.toString());
      assert.equal(textOf(tuned.body), sampleRows[0][1]);
      assert.equal(JSON.parse(tuned.body.toString()).model, name);
      const untuned = await ask(owner.user, "sandbox-lm");
      assert.notEqual(textOf(untuned.body), sampleRows[0][1]);
      const { text, signature } = await owner.user.signature(trainerChat, tuned);
      assert.equal(verifyMessage(text, signature), await owner.signer());
      const { unsettled } = await sandbox.control.state();
      assert.ok(BigInt(unsettled[trainerChat.address]![owner.address.toLowerCase()]!) > 0n);
      const refused = await ask(stranger.user, name);
      assert.equal(refused.status, 400);
      assert.match(refused.body.toString(), /does not belong/);

      const names = async (headers: Record<string, string>) =>
        ((await owner.get("/v1/models", headers)).json.data as Json[]).map((one) => one.id as string);
      assert.deepEqual(await names(session), ["sandbox-lm", name]);
      assert.deepEqual(await names(foreign), ["sandbox-lm"]);
      owner.close();
      stranger.close();
    });
  });
});
