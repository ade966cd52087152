// The control API (spec/sandbox.md section 3).
import assert from "node:assert/strict";
import { formatEther, Wallet } from "ethers";
import { request } from "node:http";
import { startSandboxInProcess, type TestSandbox } from "../../support/sandbox.js";
import { SandboxUser } from "../../support/sandboxUser.js";

describe("control of the sandbox", function () {
  this.timeout(60_000);
  let sandbox: TestSandbox;

  before(async () => (sandbox = await startSandboxInProcess()));
  after(() => sandbox.stop());
  afterEach(() => sandbox.control.clear());

  const status = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    (await sandbox.control.call(method, path, body, headers)).status;

  it("wants its token, from tools on this machine only", async () => {
    assert.equal(await status("GET", "/state"), 200);
    assert.equal(await status("GET", "/state", undefined, { authorization: "" }), 401);
    assert.equal(await status("GET", "/state", undefined, { authorization: "Bearer wrong" }), 401);
    assert.equal(await status("GET", "/state", undefined, { origin: "https://evil.example" }), 403);
    const { url, token } = sandbox.ready.control;
    const rebound = await new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, host: "evil.example" };
      request(`${url}/state`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    assert.equal(rebound, 403);
  });

  it("refuses unknown faults, targets, counts, calls and bodies that are no object", async () => {
    const target = sandbox.provider("combined").address;
    const bad: unknown[] = [
      { target, fault: "no-such-fault" },
      { target: "somebody", fault: "html" },
      { target },
      { target, fault: "html", times: 0 },
      { target, fault: "html", times: "2" },
      { target, fault: "html", value: {} },
      [],
      "text",
    ];
    for (const body of bad) assert.equal(await status("POST", "/faults", body), 400, JSON.stringify(body));
    assert.equal(await status("GET", "/faults"), 404);
    assert.equal(await status("POST", "/nothing"), 404);
    assert.deepEqual((await sandbox.control.state()).faults, []);
  });

  it("sets faults for a number of calls, lists them and clears them", async () => {
    const target = sandbox.provider("combined").address.toLowerCase();
    await sandbox.control.fault(target, "status", 503, 2);
    await sandbox.control.fault("chain", "rpc-rate-limit");
    assert.deepEqual((await sandbox.control.state()).faults, [
      { target, fault: "status", value: 503, times: 2 },
      { target: "chain", fault: "rpc-rate-limit" },
    ]);
    await sandbox.control.clear();
    assert.deepEqual((await sandbox.control.state()).faults, []);
  });

  it("moves the chain's clock and mines", async () => {
    const before = (await sandbox.control.state()).head;
    await sandbox.control.time(86_400);
    const after = (await sandbox.control.state()).head;
    assert.ok(after.timestamp - before.timestamp >= 86_400);
    assert.ok(after.number > before.number);
    for (const seconds of [0, -1, 1.5, "60", undefined])
      assert.equal(await status("POST", "/time", { seconds }), 400);
  });

  it("gives test money to the neuron, more than the owner has if need be", async () => {
    const user = await SandboxUser.create(sandbox, "0.000000000000000001", "0");
    assert.equal(await user.rpc.getBalance(user.wallet.address), 1n);
    await sandbox.control.fund(user.wallet.address, "12.5");
    assert.equal(formatEther(await user.rpc.getBalance(user.wallet.address)), "12.500000000000000001");
    const rich = Wallet.createRandom().address;
    await sandbox.control.fund(rich, "5000000");
    assert.equal(formatEther(await user.rpc.getBalance(rich)), "5000000.0");
    const bad: unknown[] = [
      { address: rich },
      { address: "0x1", amount: "1" },
      { address: rich, amount: "-1" },
    ];
    for (const body of bad) assert.equal(await status("POST", "/fund", body), 400);
    user.close();
  });

  it("remembers how fine-tuning shall go", async () => {
    assert.equal(
      await status("POST", "/fine-tuning", {
        ...{ pace: "real", deadlineSeconds: 60, stopAt: "Training", holdCalls: "POST /dataset" },
      }),
      200,
    );
    assert.deepEqual((await sandbox.control.state()).fineTuning, {
      pace: "real",
      deadlineSeconds: 60,
      stopAt: "Training",
      holdCalls: "POST /dataset",
    });
    for (const body of [
      {},
      { pace: "slow" },
      { pace: "fast", deadlineSeconds: 0 },
      { pace: "fast", stopAt: 1 },
      { pace: "fast", holdCalls: "dataset" },
    ])
      assert.equal(await status("POST", "/fine-tuning", body), 400);
  });

  it("counts the calls of each route", async () => {
    const provider = sandbox.provider("separated");
    await fetch(`${provider.url}/v1/models`);
    await fetch(`${provider.url}/v1/models/`);
    await fetch(`${provider.url}/v1/proxy/signature/x`);
    await fetch(`${provider.url}/nothing`);
    const { counters } = await sandbox.control.state();
    assert.deepEqual(counters.providers[provider.address], {
      "GET /v1/models": 2,
      "GET /v1/proxy/signature/{id}": 1,
      "GET other": 1,
    });
    assert.equal(typeof counters.chain, "object");
  });
});
