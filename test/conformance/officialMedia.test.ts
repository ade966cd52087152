// The official SDK, as published, with the sandbox's providers of pictures and speech: what it accepts is what the network speaks.
import { createZGComputeNetworkBroker, type ZGComputeNetworkBroker } from "@0gfoundation/0g-compute-ts-sdk";
import assert from "node:assert/strict";
import { JsonRpcProvider, Wallet } from "ethers";
import { pngSize } from "../../src/sandbox/media/png.js";
import { letGoOfLongTimers } from "../support/longTimers.js";
import { aPicture, aSound, providerOf } from "../support/media.js";
import { startSandbox, type TestSandboxProcess } from "../support/sandbox.js";

describe("the official client 0.9.0 with pictures and speech", function () {
  this.timeout(180_000);
  let sandbox: TestSandboxProcess;
  let rpc: JsonRpcProvider;
  let broker: ZGComputeNetworkBroker;
  let takeTimersBack: () => void;

  before(async () => {
    sandbox = await startSandbox({ args: ["--settle", "0"] });
    takeTimersBack = letGoOfLongTimers();
    rpc = new JsonRpcProvider(sandbox.ready.rpcUrl, undefined, { cacheTimeout: -1, pollingInterval: 50 });
    const wallet = new Wallet(Wallet.createRandom().privateKey, rpc);
    await sandbox.control.fund(wallet.address, "100");
    broker = await createZGComputeNetworkBroker(wallet);
    await broker.ledger.addLedger(20);
  });
  after(async () => {
    rpc.destroy();
    takeTimersBack();
    await sandbox.stop();
  });
  afterEach(() => sandbox.control.clear());

  const post = async (serviceType: string, path: string, body: string | FormData) => {
    const { address } = providerOf(sandbox, serviceType);
    const { endpoint, model } = await broker.inference.getServiceMetadata(address);
    const headers: Record<string, string> = { ...(await broker.inference.getRequestHeaders(address)) };
    if (body instanceof FormData) body.set("model", model);
    else headers["content-type"] = "application/json";
    const response = await fetch(endpoint + path, { method: "POST", headers, body });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return { address, chatId: response.headers.get("ZG-Res-Key") ?? "", text };
  };
  const editForm = () => {
    const form = new FormData();
    form.set("image", new Blob([new Uint8Array(aPicture())], { type: "image/png" }), "grey.png");
    form.set("prompt", "make it red");
    form.set("response_format", "b64_json");
    return form;
  };
  const speechForm = (format: string) => {
    const form = new FormData();
    form.set("file", new Blob([new Uint8Array(aSound())], { type: "audio/wav" }), "silence.wav");
    form.set("response_format", format);
    return form;
  };
  const generate = (request: object) =>
    post("text-to-image", "/images/generations", JSON.stringify({ model: "sandbox-image", ...request }));

  it("lists them with the types it knows", async () => {
    const types = (await broker.inference.listService()).map(({ serviceType }) => serviceType);
    assert.deepEqual(types.slice(3, 6), ["text-to-image", "image-editing", "speech-to-text"]);
  });

  it("finds generated pictures valid, and a tampered signature not", async () => {
    const request = { prompt: "an otter", n: 2, size: "64x64" };
    const { address, chatId, text } = await generate(request);
    assert.equal(JSON.parse(text).data.length, 2);
    assert.equal(await broker.inference.processResponse(address, chatId, JSON.stringify(request)), true);
    await sandbox.control.fault(address, "tamper-text");
    const wrong = await generate(request);
    assert.equal(await broker.inference.processResponse(address, wrong.chatId), false);
  });

  it("finds an edited picture valid", async () => {
    const { address, chatId } = await post("image-editing", "/images/edits", editForm());
    assert.equal(await broker.inference.processResponse(address, chatId, '{"n":1}'), true);
  });

  for (const format of ["json", "text", "srt", "vtt", "verbose_json"])
    it(`finds a transcript as ${format} valid, and reads its usage`, async () => {
      const { address, chatId, text } = await post(
        "speech-to-text",
        "/audio/transcriptions",
        speechForm(format),
      );
      const usage = format === "json" ? JSON.stringify(JSON.parse(text).usage) : undefined;
      if (usage) assert.equal(usage, '{"type":"duration","seconds":12.5}');
      assert.equal(await broker.inference.processResponse(address, chatId, usage), true);
    });

  /** Ordered and asked after with its headers, until it is made. */
  const makeAsJob = async (serviceType: string, trade: string, body: string | FormData) => {
    const { address, url, model } = providerOf(sandbox, serviceType);
    const headers: Record<string, string> = { ...(await broker.inference.getRequestHeaders(address)) };
    if (body instanceof FormData) body.set("model", model);
    const type = typeof body === "string" ? { "content-type": "application/json" } : undefined;
    const created = await fetch(`${url}/v1/async/images/${trade}`, {
      method: "POST",
      headers: { ...headers, ...type },
      body,
    });
    assert.equal(created.status, 202, await created.clone().text());
    const { jobId } = (await created.json()) as { jobId: string };
    let job: Response;
    do job = await fetch(`${url}/v1/async/jobs/${jobId}`, { headers });
    while (job.headers.get("Retry-After") !== null);
    const { status, data } = await job.json();
    assert.equal(status, "completed");
    const pictures = (data.data as { b64_json: string }[]).map(({ b64_json }) =>
      Buffer.from(b64_json, "base64"),
    );
    return { address, chatId: job.headers.get("ZG-Res-Key") ?? "", pictures };
  };

  it("makes pictures as a job, which it finds valid", async () => {
    const asked = { model: "sandbox-image", prompt: "an otter", n: 1, size: "64x64" };
    const made = await makeAsJob("text-to-image", "generations", JSON.stringify(asked));
    assert.equal(await broker.inference.processResponse(made.address, made.chatId, '{"n":1}'), true);
  });

  it("edits a picture as a job, which it finds valid, and a tampered signature not", async () => {
    const made = await makeAsJob("image-editing", "edits", editForm());
    assert.deepEqual(pngSize(made.pictures[0]!), pngSize(aPicture()));
    assert.equal(await broker.inference.processResponse(made.address, made.chatId, '{"n":1}'), true);
    await sandbox.control.fault(made.address, "tamper-text");
    const wrong = await makeAsJob("image-editing", "edits", editForm());
    assert.equal(await broker.inference.processResponse(wrong.address, wrong.chatId), false);
  });
});
