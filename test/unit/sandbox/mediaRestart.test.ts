// Jobs of pictures over the sandbox's end, orderly or not: an editor that reloads its window ends the sandbox with it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aPicture, providerOf } from "../../support/media.js";
import {
  buildSandbox,
  startSandbox,
  startSandboxInProcess,
  type TestSandbox,
  type TestSandboxProcess,
} from "../../support/sandbox.js";
import { SandboxUser, sha256 } from "../../support/sandboxUser.js";

const price = 3_000_000_000_000_000n;

describe("jobs over the sandbox's end", function () {
  this.timeout(60_000);
  let folder: string;
  let running: TestSandbox[];
  let users: SandboxUser[];

  before(function () {
    this.timeout(5 * 60_000);
    buildSandbox();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sandbox-jobs-"));
    [running, users] = [[], []];
  });
  afterEach(async () => {
    for (const user of users) user.close();
    await Promise.all(running.map((sandbox) => sandbox.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  const state = () => join(folder, "state");
  const startProcess = async () => {
    const sandbox = await startSandbox({ args: ["--state", state(), "--settle", "0"] });
    running.push(sandbox);
    return sandbox;
  };
  const userOf = async (sandbox: TestSandbox, earlier?: SandboxUser) => {
    const user = earlier
      ? SandboxUser.connect(sandbox, earlier.wallet.privateKey)
      : await SandboxUser.create(sandbox);
    users.push(user);
    if (!earlier)
      for (const type of ["text-to-image", "image-editing"]) await user.pay(providerOf(sandbox, type));
    return user;
  };
  const order = async (user: SandboxUser, more: object = {}, type = "text-to-image") => {
    const trade = type === "image-editing" ? "edits" : "generations";
    const body = JSON.stringify({ prompt: "an otter", size: "64x64", ...more });
    const path = `/v1/async/images/${trade}`;
    const taken = await user.post(providerOf(user.sandbox, type), body, { path });
    assert.equal(taken.status, 202, taken.body.toString());
    return { jobId: JSON.parse(taken.body.toString()).jobId as string, sent: taken.sent, type };
  };
  const look = async (user: SandboxUser, { jobId, type }: { jobId: string; type: string }) => {
    const provider = providerOf(user.sandbox, type);
    const response = await get(`${provider.url}/v1/async/jobs/${jobId}`, user.bearer(provider));
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, job: JSON.parse(text) };
  };
  const ended = async (user: SandboxUser, job: { jobId: string; type: string }) => {
    let found = await look(user, job);
    while (found.headers.has("retry-after")) found = await look(user, job);
    return found;
  };
  const kill = async (sandbox: TestSandboxProcess, signal: NodeJS.Signals) => {
    const exit = once(sandbox.child, "exit");
    sandbox.child.kill(signal);
    await exit;
    running.splice(running.indexOf(sandbox), 1);
  };
  const owed = async (user: SandboxUser) =>
    BigInt(
      (await user.sandbox.control.state()).unsettled[providerOf(user.sandbox, "text-to-image").address]?.[
        user.wallet.address.toLowerCase()
      ] ?? "0",
    );
  const kept = (account = 5) => {
    const path = join(state(), `jobs-${account}`);
    return existsSync(path) ? readdirSync(path) : [];
  };

  for (const signal of ["SIGKILL", "SIGTERM"] as const)
    it(`go on when it ends by ${signal} while they are made, and are billed once`, async () => {
      const first = await startProcess();
      const user = await userOf(first);
      await first.control.fault("*", "slow-job", 3000, 1);
      const ordered = await order(user);
      await kill(first, signal);
      const [file = ""] = kept();
      assert.equal(JSON.parse(readFileSync(join(state(), "jobs-5", file), "utf8")).status, "pending");

      const second = await startProcess();
      const again = await userOf(second, user);
      const { job, headers, text } = await ended(again, ordered);
      assert.equal(job.status, "completed");
      const chatId = headers.get("zg-res-key") ?? "";
      const picture = Buffer.from(job.data.data[0].b64_json as string, "base64");
      const signed = async (by: SandboxUser) =>
        (await by.signature(providerOf(by.sandbox, ordered.type), { ...raw, chatId })).text;
      assert.equal(await signed(again), `${sha256(ordered.sent)}:${sha256(picture)}`);
      assert.equal(await owed(again), price);
      await kill(second, "SIGKILL");

      const third = await startProcess();
      const last = await userOf(third, user);
      assert.equal((await look(last, ordered)).text, text, "the result is the same, byte for byte");
      assert.equal(await signed(last), `${sha256(ordered.sent)}:${sha256(picture)}`);
      assert.equal(await owed(last), price);
    });

  it("keep the pictures that were asked for as links", async () => {
    const first = await startProcess();
    const user = await userOf(first);
    const ordered = await order(user, { response_format: "url", n: 2 });
    const { job } = await ended(user, ordered);
    const links = (job.data.data as { url: string }[]).map(({ url }) => url);
    const shown = async () =>
      Promise.all(links.map(async (url) => sha256(Buffer.from(await (await get(url)).arrayBuffer()))));
    const before = await shown();
    await kill(first, "SIGTERM");
    await startProcess();
    assert.deepEqual(await shown(), before);
    assert.notEqual(before[0], before[1]);
  });

  it("are bounded in number and in age", async () => {
    let now = Date.now();
    const sandbox = await startSandboxInProcess({ state: state(), now: () => now });
    running.push(sandbox);
    const user = await userOf(sandbox);
    const bearer = () => user.bearer(providerOf(sandbox, "text-to-image"), { now });
    const first = await order(user);
    await ended(user, first);
    for (let count = 0; count < 24; count++) await ended(user, await order(user));
    assert.equal(kept().length, 20);
    assert.equal((await look(user, first)).status, 404, "the oldest went first");
    const last = await order(user);
    assert.equal((await ended(user, last)).job.status, "completed");
    now += 3_600_000;
    const { url } = providerOf(sandbox, "text-to-image");
    const asked = await get(`${url}/v1/async/jobs/${last.jobId}`, bearer());
    assert.equal(asked.status, 404);
    assert.deepEqual(kept(), []);
  });

  it("fail in words when they were too large to be kept", async () => {
    const first = await startProcess();
    const user = await userOf(first);
    await first.control.fault("*", "slow-job", 600_000, 1);
    const image = Buffer.concat([aPicture(), Buffer.alloc(9 * 1024 * 1024)]);
    const source = `data:image/png;base64,${image.toString("base64")}`;
    const ordered = await order(user, { image: source }, "image-editing");
    assert.equal(kept(6).length, 1);
    await kill(first, "SIGTERM");
    const again = await userOf(await startProcess(), user);
    const { job } = await look(again, ordered);
    assert.deepEqual(
      [job.status, job.errorMessage],
      ["failed", "the provider was started over, and this was too large to be kept"],
    );
  });

  it("leave out what cannot be read, and what a killed process left half written", async () => {
    const first = await startProcess();
    const user = await userOf(first);
    const ordered = await order(user);
    await ended(user, ordered);
    await kill(first, "SIGTERM");
    for (const [name, text] of [
      ["torn.json", '{"id":"x"'],
      ["other.json", '{"id":"x","user":7}'],
      ["half.json.tmp", "{"],
    ] as const)
      writeFileSync(join(state(), "jobs-5", name), text);
    const again = await userOf(await startProcess(), user);
    assert.equal((await look(again, ordered)).job.status, "completed");
    assert.ok(!kept().includes("half.json.tmp"));
  });
});

/** What `signature` needs beside the id. */
const raw = { status: 200, headers: new Headers(), sent: Buffer.alloc(0), body: Buffer.alloc(0), pieces: [] };

function get(url: string, authorization = ""): Promise<Response> {
  return fetch(url, { headers: { authorization } });
}
