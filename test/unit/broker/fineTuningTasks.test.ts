// Tasks, logs and adapters from providers that answer with what no provider should.
import assert from "node:assert/strict";
import type { Adapter, TrainingTask } from "../../../src/domain/fineTuning.js";
import { fastClock } from "../../conformance/ledgerSupport.js";
import { failsWith } from "../../conformance/inferenceSupport.js";
import { address, aService } from "../../support/builders.js";
import {
  Desk,
  provider,
  sayJson,
  sayText,
  taskId,
  userAddress,
  type Answer,
} from "../../support/fineTuningDesk.js";

let desk: Desk;
beforeEach(() => void (desk = new Desk()));
afterEach(() => desk.close());

const frame = (text: string, stream = 1): Buffer => {
  const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
};

describe("a training log", function () {
  this.timeout(20_000);

  const ranged =
    (log: () => Buffer): Answer =>
    (response, { headers }) => {
      const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? "0");
      const bytes = log();
      if (from === 0) return void response.writeHead(200).end(bytes);
      if (from >= bytes.length) return void response.writeHead(416).end();
      const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
      response.writeHead(206, { "content-range": range }).end(bytes.subarray(from));
    };
  const whole =
    (log: () => Buffer): Answer =>
    (response) =>
      response.writeHead(200).end(log());

  for (const [what, serve] of [
    ["starts in the middle", ranged],
    ["always sends all of it", whole],
  ] as const)
    it(`is the same read at once or byte by byte, where the provider ${what}`, async () => {
      const bytes = Buffer.concat([
        Buffer.from("[2026-01-02T03:04:05Z] creating task....\n"),
        frame("{'loss': 2.31, 'epoch': 0.5}\n"),
        frame("größe 👋\n", 2),
        Buffer.from("end"),
      ]);
      let length = 0;
      const broker = await desk.open(serve(() => bytes.subarray(0, length)));
      let [text, offset] = ["", 0];
      while (length < bytes.length) {
        length++;
        const part = await broker.getLog(provider, taskId, { offset });
        text += part.text;
        offset = part.offset;
      }
      const expected =
        "[2026-01-02T03:04:05Z] creating task....\n{'loss': 2.31, 'epoch': 0.5}\ngröße 👋\nend";
      assert.equal(text, expected);
      assert.equal(offset, bytes.length);
      assert.equal((await broker.getLog(provider, taskId)).text, expected);
      assert.deepEqual(await broker.getLog(provider, taskId, { offset }), { text: "", offset });
    });

  it("comes in bounded parts, whatever its length", async () => {
    const bytes = Buffer.alloc(9 * 2 ** 20, "0123456789abcde\n");
    const broker = await desk.open(ranged(() => bytes));
    let [length, offset, calls] = [0, 0, 0];
    for (; offset < bytes.length; calls++) {
      const part = await broker.getLog(provider, taskId, { offset });
      assert.ok(part.text.length <= 4 * 2 ** 20);
      length += part.text.length;
      offset = part.offset;
    }
    assert.deepEqual([length, calls], [bytes.length, 3]);
  });

  it("is not taken from somewhere else than was asked for", async () => {
    const broker = await desk.open((response) =>
      response.writeHead(206, { "content-range": "bytes 9-11/12" }).end("xyz"),
    );
    await assert.rejects(broker.getLog(provider, taskId, { offset: 5 }), failsWith("providerUnavailable"));
  });

  it("that stops in the middle is given up", async () => {
    desk = new Desk(fastClock(200));
    const broker = await desk.open((response) => void response.writeHead(200).write("begin"));
    await assert.rejects(
      broker.getLog(provider, taskId),
      failsWith("providerUnavailable", { detail: "nothing moved for 20 s" }),
    );
  });
});

describe("tasks over HTTP", function () {
  this.timeout(20_000);

  const task = (more: object = {}) => ({
    id: taskId,
    createdAt: "2026-01-02T03:04:05.123456789Z",
    userAddress,
    preTrainedModelHash: `0x${"1".repeat(64)}`,
    datasetHash: `0x${"2".repeat(64)}`,
    trainingParams: "{}",
    fee: "10",
    nonce: "17989284469620040",
    signature: "0x",
    progress: "Training",
    ...more,
  });

  it("takes the router's plain 404 for a wrong address, and the broker's for an unknown task", async () => {
    let answer = sayText(404, "404 page not found");
    const broker = await desk.open((...all) => answer(...all));
    for (const asking of [
      () => broker.getTask(provider, taskId),
      () => broker.getLog(provider, taskId),
      () => broker.cancelTask(provider, taskId),
      () => broker.countPending(provider),
    ])
      await assert.rejects(
        asking(),
        failsWith("providerUnavailable", { status: 404, detail: "404 page not found" }),
      );
    answer = sayJson(404, { error: "Provider: get task: record not found" });
    assert.equal(await broker.getTask(provider, taskId), undefined);
  });

  it("keeps the exact nonce, skips what is no task, and shows a stage it does not know", async () => {
    const broker = await desk.open(
      sayJson(200, [task({ progress: "Dreaming" }), null, task({ id: "x" }), task({ nonce: -1 }), task()]),
    );
    const tasks: TrainingTask[] = await broker.listTask(provider);
    assert.deepEqual(
      tasks.map(({ stage, stageText, nonce }) => [stage, stageText, nonce]),
      [
        ["unknown", "Dreaming", 17989284469620040n],
        ["Training", "Training", 17989284469620040n],
      ],
    );
    assert.equal(desk.seen[0]!.url, `/v1/user/${userAddress}/task`);
  });

  it("does not take another task for the one it asked for", async () => {
    const broker = await desk.open(sayJson(200, task({ id: "019f7ff5-c2a6-4c77-b3ee-0512ec4e5fff" })));
    await assert.rejects(broker.getTask(provider, taskId), failsWith("providerUnavailable"));
  });

  it("takes only a count for a count", async () => {
    let text = " 3\n";
    const broker = await desk.open((...all) => sayText(200, text)(...all));
    assert.equal(await broker.countPending(provider), 3);
    for (text of ["", "-1", "1e3", "99999999999", "<html>"])
      await assert.rejects(broker.countPending(provider), failsWith("providerUnavailable"));
  });

  it("creates nothing with a nonce that the contract would refuse", async () => {
    desk.says.nonce = 50n;
    const broker = await desk.open(sayJson(201, { id: taskId }));
    const hash = `0x${"1".repeat(64)}` as never;
    const request = { modelHash: hash, datasetHash: hash, trainingParams: "{}", isWaiting: false };
    await assert.rejects(
      broker.createTask(await broker.getService(provider), { ...request, nonce: 50n }),
      failsWith("internal"),
    );
    assert.equal(desk.seen.length, 0);
    assert.equal(
      await broker.createTask(await broker.getService(provider), { ...request, nonce: 51n }),
      taskId,
    );
    const body = JSON.parse(desk.seen[0]!.body.toString()) as Record<string, unknown>;
    assert.deepEqual([body.nonce, body.fee, body.wait, body.userAddress], ["51", "0", false, userAddress]);
  });

  it("does not take an answer without an id for a task", async () => {
    const broker = await desk.open(sayJson(201, { id: "../../etc" }));
    const hash = `0x${"1".repeat(64)}` as never;
    const request = { modelHash: hash, datasetHash: hash, trainingParams: "{}", isWaiting: false };
    await assert.rejects(
      broker.createTask(await broker.getService(provider), { ...request, nonce: 1n }),
      failsWith("providerUnavailable"),
    );
    assert.equal(desk.seen.length, 1);
  });

  it("never asks an address that is not the provider's to give", async () => {
    const broker = await desk.open(sayJson(200, []));
    for (const url of ["http://example.org", "file:///etc/passwd", "https://user:secret@example.org", ""]) {
      desk.says.url = url;
      await assert.rejects(broker.listTask(provider), failsWith("providerUnavailable"));
    }
    assert.equal(desk.seen.length, 0);
  });
});

describe("adapters over HTTP", function () {
  this.timeout(20_000);

  const adapter = (more: object = {}) => ({
    adapterName: "ft-mine",
    taskId,
    baseModel: "m",
    state: "ready",
    userAddress,
    storageRootHash: "0x",
    ...more,
  });

  const service = () => aService({ provider, url: desk.says.url });

  it("finds one's own by the task, though a stranger claims it too", async () => {
    const stranger = adapter({ adapterName: "ft-theirs", userAddress: address("b") });
    const broker = await desk.open(sayJson(200, { adapters: [stranger, { adapterName: 3 }, adapter()] }));
    assert.equal(await broker.lora.resolveAdapterName(service(), taskId), "ft-mine");
    const everybody: Adapter[] = await broker.lora.listAdapters(service(), { isEverybody: true });
    assert.deepEqual(
      everybody.map(({ name }) => name),
      ["ft-theirs", "ft-mine"],
    );
    assert.match(desk.seen[0]!.headers.authorization ?? "", /^Bearer app-sk-/);
  });

  it("takes a new bearer once when the old one is refused", async () => {
    const broker = await desk.open((response, seen, count) =>
      count === 1
        ? sayJson(401, { error: "validate session: revoked" })(response, seen, 1)
        : sayJson(200, { adapters: null })(response, seen, 1),
    );
    assert.deepEqual(await broker.lora.listAdapters(service()), []);
    assert.equal(desk.seen.length, 2);
  });

  it("asks for a name with a slash as one segment, and believes no other adapter", async () => {
    const broker = await desk.open(sayJson(200, adapter()));
    await assert.rejects(broker.lora.getAdapterStatus(service(), "../a/b"), failsWith("providerUnavailable"));
    assert.equal(desk.seen[0]!.url, "/v1/lora/adapters/..%2Fa%2Fb");
  });
});
