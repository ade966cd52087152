// Every misbehaviour a provider can be told to show (spec/sandbox.md section 3), seen from outside.
import assert from "node:assert/strict";
import { verifyMessage } from "ethers";
import { startSandboxInProcess, type TestSandbox } from "../../support/sandbox.js";
import { chatBody, type RawAnswer, readPieces, SandboxUser, sha256 } from "../../support/sandboxUser.js";

describe("faults of the sandbox's providers", function () {
  this.timeout(60_000);
  let sandbox: TestSandbox;
  let user: SandboxUser;
  let clock = Date.now();

  before(async () => {
    sandbox = await startSandboxInProcess({ now: () => clock });
    user = await SandboxUser.create(sandbox);
    for (const provider of sandbox.ready.providers) await user.pay(provider);
  });
  after(async () => {
    user.close();
    await sandbox.stop();
  });
  afterEach(() => sandbox.control.clear());

  const combined = () => sandbox.provider("combined");
  const fault = (name: string, value?: string | number | boolean, times?: number) =>
    sandbox.control.fault(combined().address, name, value, times);
  const chat = (isStreamed = false) => user.chat(combined(), "What is 0G Compute?", isStreamed);
  const registered = async (): Promise<string> =>
    (await user.contract("inference").getFunction("getService")(combined().address))
      .teeSignerAddress as string;
  /** Who signed, and whether the text is over these bytes. */
  const check = async (answer: RawAnswer) => {
    const { text, signature, signing_address } = await user.signature(combined(), answer);
    const [request, response] = text.split(":");
    return {
      signer: verifyMessage(text, signature),
      claimed: signing_address,
      isRequest: request === sha256(answer.sent),
      isResponse: response === sha256(answer.body),
    };
  };

  it("tamper-text changes the signed text afterwards, so that the signature is of nobody known", async () => {
    await fault("tamper-text");
    const found = await check(await chat());
    assert.notEqual(found.signer, await registered());
    assert.deepEqual([found.claimed, found.isRequest, found.isResponse], [await registered(), true, false]);
  });

  it("wrong-key signs with another key and claims the right one", async () => {
    await fault("wrong-key");
    const found = await check(await chat());
    assert.notEqual(found.signer, await registered());
    assert.deepEqual([found.claimed, found.isRequest, found.isResponse], [await registered(), true, true]);
  });

  it("other-bytes signs somebody else's conversation with the right key", async () => {
    await fault("other-bytes");
    const found = await check(await chat());
    assert.deepEqual([found.signer, found.isRequest, found.isResponse], [await registered(), false, false]);
  });

  it("rewrite-request signs a request that nobody sent, and the right answer", async () => {
    await fault("rewrite-request");
    const found = await check(await chat(true));
    assert.deepEqual([found.signer, found.isRequest, found.isResponse], [await registered(), false, true]);
  });

  it("no-signature keeps none", async () => {
    await fault("no-signature");
    const answer = await chat();
    await assert.rejects(user.signature(combined(), answer), /chat_id_not_found/);
  });

  it("late-signature has it only after its time, and forgets it after 20 minutes", async () => {
    await fault("late-signature", 1000);
    const answer = await chat();
    await assert.rejects(user.signature(combined(), answer), /chat_id_not_found/);
    clock += 1000;
    assert.equal((await check(answer)).isResponse, true);
    clock += 20 * 60_000;
    await assert.rejects(user.signature(combined(), answer), /chat_id_not_found/);
  });

  it("error-200 answers an error with status 200 in place of the signature", async () => {
    const answer = await chat();
    await fault("error-200", undefined, 1);
    const response = await fetch(`${combined().url}/v1/proxy/signature/${answer.chatId}`);
    assert.equal(response.status, 200);
    assert.match(JSON.stringify(await response.json()), /^\{"error":\{/);
    assert.equal((await check(answer)).isResponse, true);
  });

  it("rate-limit lets so many requests through, tells what is left, then answers 429 with the seconds to wait", async () => {
    await fault("rate-limit", 2);
    const [first, second, third] = [await chat(), await chat(), await chat()];
    assert.deepEqual([first.status, second.status, third.status], [200, 200, 429]);
    const left = [first, second].map(({ headers }) => headers.get("x-ratelimit-remaining-requests"));
    assert.deepEqual(left, ["2", "1"]);
    assert.equal(first.headers.get("x-ratelimit-limit-requests"), "2");
    assert.match(second.headers.get("x-ratelimit-reset-requests")!, /^\d+s$/);
    const { error } = JSON.parse(third.body.toString());
    assert.equal(error.type, "rate_limit_error");
    assert.equal(error.message, "Rate limit exceeded. Please wait 30 seconds (limit: 2 requests/min).");
    assert.equal(third.headers.get("retry-after"), null);
    clock += 30_000;
    assert.equal((await chat()).status, 200);
  });

  it("rate-limit also counts tokens, after they were used", async () => {
    await fault("rate-limit", "tokens=5");
    assert.equal((await chat()).status, 200);
    const second = await chat();
    assert.equal(second.status, 429);
    assert.match(second.body.toString(), /Token rate limit exceeded.*5 tokens\/min/);
  });

  it("rate-limit also counts requests at the same time, of one user and of all", async () => {
    await fault("rate-limit", "user=1");
    const status = (await Promise.all([chat(true), chat(true), chat(true)])).map((answer) => answer.status);
    assert.deepEqual(status.sort(), [200, 429, 429]);
    await fault("rate-limit", "all=1");
    const busy = await Promise.all([chat(true), chat(true)]);
    assert.deepEqual(busy.map((answer) => answer.status).sort(), [200, 503]);
  });

  it("rate-limit-body answers in the older style, alone one 429", async () => {
    await fault("rate-limit-body", undefined, 1);
    const answer = await chat();
    assert.equal(answer.status, 429);
    assert.match(
      JSON.parse(answer.body.toString()).error,
      /^Rate limit exceeded\. Please slow down .*\(limit: 30 requests\/min\)\.$/,
    );
    assert.equal((await chat()).status, 200);
  });

  it("cut-stream breaks the connection after so many bytes, while the provider finishes and bills", async () => {
    const before = (await sandbox.control.state()).unsettled[combined().address]![
      user.wallet.address.toLowerCase()
    ];
    await fault("cut-stream", 300, 1);
    const response = await fetch(`${combined().url}/v1/proxy/chat/completions`, {
      method: "POST",
      headers: { authorization: user.bearer(combined()) },
      body: chatBody("What is 0G Compute?", true),
    });
    let received = 0;
    await assert.rejects(readPieces(response, (piece) => (received += piece.length)));
    assert.equal(received, 300);
    const id = response.headers.get("zg-res-key")!;
    const found = await until(async () => {
      const signature = await fetch(`${combined().url}/v1/proxy/signature/${id}`);
      return signature.status === 200;
    });
    assert.ok(found);
    const after = (await sandbox.control.state()).unsettled[combined().address]![
      user.wallet.address.toLowerCase()
    ];
    assert.ok(BigInt(after!) > BigInt(before ?? "0"));
  });

  it("slow-stream waits before each event", async () => {
    await fault("slow-stream", 15);
    const started = performance.now();
    const { body } = await chat(true);
    const events = body.toString().split("\n").length - 1;
    // No bound on speed: pauses are never shorter than asked for, on no machine.
    assert.ok(performance.now() - started >= events * 14);
  });

  it("status answers with that code, on all paths or on those named", async () => {
    await fault("status", 503);
    assert.equal((await chat()).status, 503);
    assert.equal((await fetch(`${combined().url}/v1/models`)).status, 503);
    await fault("status", "500 /v1/models");
    assert.equal((await chat()).status, 200);
    const response = await fetch(`${combined().url}/v1/models`);
    assert.deepEqual([response.status, await response.json()], [500, { error: "Internal Server Error" }]);
  });

  it("html answers with a page", async () => {
    await fault("html");
    const answer = await chat();
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type")!, /^text\/html/);
    assert.match(answer.body.toString(), /^<!DOCTYPE html>/);
  });

  it("hang never answers", async () => {
    await fault("hang", undefined, 1);
    const signal = AbortSignal.timeout(150);
    await assert.rejects(user.post(combined(), chatBody("hello"), { signal }), { name: "TimeoutError" });
    assert.equal((await chat()).status, 200);
  });

  it("refuse breaks the connection without a word", async () => {
    await fault("refuse", undefined, 1);
    await assert.rejects(chat(), /fetch failed/);
    assert.equal((await chat()).status, 200);
  });

  it("rotate-signer registers another key, signs with it, and goes back when it is over", async () => {
    const own = await registered();
    await fault("rotate-signer");
    const rotated = await check(await chat());
    assert.equal(rotated.signer, await registered());
    assert.notEqual(rotated.signer, own);
    assert.equal(rotated.isResponse, true);
    await sandbox.control.clear();
    assert.equal((await check(await chat())).signer, own);
    assert.equal(await registered(), own);
  });

  it("rotate-signer without the owner's word serves nobody", async () => {
    await fault("rotate-signer", "unacknowledged");
    const answer = await chat();
    assert.equal(answer.status, 400);
    assert.match(answer.body.toString(), /service not acknowledge the tee signer/);
    await sandbox.control.clear();
    assert.equal((await chat()).status, 200);
  });

  it("switch-signer-mid-stream signs with a key that was not registered when the request came", async () => {
    const own = await registered();
    await fault("switch-signer-mid-stream", undefined, 1);
    const found = await check(await chat(true));
    assert.notEqual(found.signer, own);
    assert.equal(found.signer, await registered());
    assert.equal((await check(await chat(true))).signer, own);
  });

  it("changes the model's own key where the model signs", async () => {
    const provider = sandbox.provider("separated");
    const target = async () =>
      JSON.parse(
        (await user.contract("inference").getFunction("getService")(provider.address)).additionalInfo,
      ).TargetTeeAddress as string;
    const own = await target();
    await sandbox.control.fault(provider.address, "rotate-signer", undefined, 1);
    const answer = await user.chat(provider);
    const { text, signature } = await user.signature(provider, answer);
    assert.equal(verifyMessage(text, signature), await target());
    assert.notEqual(await target(), own);
  });

  it("strikes only whom it names", async () => {
    await sandbox.control.fault(sandbox.provider("separated").address, "status", 500);
    assert.equal((await chat()).status, 200);
    await sandbox.control.fault("*", "status", 500);
    assert.equal((await chat()).status, 500);
  });
});

/** Waits for a condition, for at most five seconds. */
async function until(condition: () => Promise<boolean>): Promise<boolean> {
  for (const end = performance.now() + 5000; performance.now() < end;) if (await condition()) return true;
  return false;
}
