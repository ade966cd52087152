// dist/sandbox.js as a program: its one line, its state, its end (spec/sandbox.md; the ready line of domain/sandboxReady.ts).
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { createServer } from "node:net";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { formatEther } from "ethers";
import type { SandboxReady } from "../../../src/domain/sandboxReady.js";
import {
  buildSandbox,
  startSandbox,
  type TestSandboxProcess,
  withoutNodeOptions,
} from "../../support/sandbox.js";
import { SandboxUser, textOf } from "../../support/sandboxUser.js";

const program = join(import.meta.dirname, "../../../dist/sandbox.js");

describe("the sandbox as a program", function () {
  this.timeout(60_000);
  let folder: string;
  const running = new Set<TestSandboxProcess>();

  before(() => buildSandbox());
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "sandbox-process-"))));
  afterEach(async () => {
    await Promise.all([...running].map((sandbox) => sandbox.stop()));
    running.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  const state = () => join(folder, "state");
  const start = async (...args: string[]) => {
    const sandbox = await startSandbox({ args: ["--state", state(), "--settle", "0", ...args] });
    running.add(sandbox);
    return sandbox;
  };
  const ended = async (child: ChildProcess) =>
    child.exitCode ?? child.signalCode ?? ((await once(child, "exit")) as [number | null, string | null])[0];
  /** Runs it to its end. */
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: withoutNodeOptions(),
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (text: Buffer) => (out += text.toString()));
    child.stderr.on("data", (text: Buffer) => (err += text.toString()));
    const [code] = (await once(child, "close")) as [number];
    return { code, out, err };
  };

  it("prints one line that says everything, and nothing else on stdout", async () => {
    const sandbox = await start();
    const ready: SandboxReady = sandbox.ready;
    assert.equal(ready.chainId, 31337);
    assert.deepEqual(ready.contracts, {
      ledger: "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0",
      inference: "0x0165878A594ca255338adfa4d48449f69242Eb8F",
      fineTuning: "0xA51c1fc2f0D1a1b8494Ed1FE312d7C3a78Ed91C0",
    });
    assert.deepEqual(
      ready.providers.map(({ serviceType, model, class: of }) => [serviceType, model, of]),
      [
        ...["combined", "separated", "centralized"].map((of) => ["chatbot", "sandbox-chat", of]),
        ["text-to-image", "sandbox-image", "combined"],
        ["image-editing", "sandbox-image-edit", "combined"],
        ["speech-to-text", "sandbox-speech", "combined"],
        // One provider with two trades.
        ["chatbot", "sandbox-lm", "combined"],
        ["fine-tuning", "sandbox-lm", "combined"],
      ],
    );
    assert.deepEqual(
      ready.accounts.map(({ role }) => role),
      ["owner", ...Array<string>(7).fill("provider"), "user", "user"],
    );
    assert.equal(ready.storage.nodes.length, 2);
    assert.equal(ready.storage.flow, "0x9A9f2CCfdE556A7E9Ff0848998Aa4a0CFD8863AE");
    const [owner] = ready.accounts;
    assert.equal(owner!.address, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    let more = "";
    sandbox.child.stdout!.on("data", (text: Buffer) => (more += text.toString()));
    await sandbox.stop();
    assert.equal(more, "");
  });

  it("says on stderr how long it took to get ready", async () => {
    const sandbox = await start("--fresh");
    const closed = once(sandbox.child, "close");
    await Promise.all([sandbox.stop(), closed]);
    running.delete(sandbox);
    const said = /Ready after \d+ ms \(\d+ ms of processor time\)/.exec(sandbox.stderr());
    assert.ok(said, sandbox.stderr());
    console.log(`      ${said[0]}`);
  });

  it("keeps chain, addresses and debts over a kill -9, and registers nobody again", async () => {
    const first = await start();
    const user = await SandboxUser.create(first);
    const provider = first.provider("combined");
    await user.pay(provider);
    assert.equal((await user.chat(provider)).status, 200);
    // Owed from the moment the answer is whole, so the kill may come at once.
    const { head, unsettled } = await first.control.state();
    assert.ok(BigInt(unsettled[provider.address]![user.wallet.address.toLowerCase()]!) > 0n);
    user.close();
    first.child.kill("SIGKILL");
    await ended(first.child);
    running.delete(first);

    const second = await start();
    assert.deepEqual(second.ready.providers, first.ready.providers);
    assert.equal(second.ready.rpcUrl, first.ready.rpcUrl);
    const now = await second.control.state();
    assert.deepEqual(now.head, head);
    assert.deepEqual(now.unsettled, unsettled);
    const again = SandboxUser.connect(second, user.wallet.privateKey);
    assert.equal((await again.chat(provider)).status, 200);
    again.close();
  });

  it("moves on when its old ports are taken, and tells the chain the new address", async () => {
    const first = await start();
    const { address, url } = first.provider("separated");
    await first.stop();
    running.delete(first);
    const squatter = createServer().listen(Number(new URL(url).port), "127.0.0.1");
    await once(squatter, "listening");
    const second = await start();
    const provider = second.provider("separated");
    const user = await SandboxUser.create(second, "10", "0");
    const service = await user.contract("inference").getFunction("getService")(address);
    assert.notEqual(provider.url, url);
    assert.deepEqual([service.url, service.teeSignerAcknowledged], [provider.url, true]);
    user.close();
    squatter.close();
  });

  it("forgets everything with --fresh, and nothing that is not its own", async () => {
    const first = await start();
    await first.control.time(1000);
    const { head } = await first.control.state();
    await first.stop();
    running.delete(first);
    writeFileSync(join(state(), "note.txt"), "mine");
    const second = await start("--fresh");
    assert.ok((await second.control.state()).head.timestamp < head.timestamp);
    assert.equal(readFileSync(join(state(), "note.txt"), "utf8"), "mine");
  });

  it("does not take a folder that belongs to somebody else", async () => {
    writeFileSync(join(folder, "thesis.txt"), "three years of work");
    const { code, out, err } = await run("--state", folder, "--fresh");
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /is not empty and was not made by the sandbox/);
    assert.deepEqual(readdirSync(folder), ["thesis.txt"]);
  });

  it("refuses a folder in use with one sentence, and takes over after a crash", async () => {
    const first = await start();
    const { code, out, err } = await run("--state", state());
    assert.deepEqual([code, out], [1, ""]);
    assert.equal(
      err,
      `Another sandbox is using the state folder ${state()}; stop it or name another folder.\n`,
    );
    assert.equal((await first.control.call("GET", "/state")).status, 200);
    first.child.kill("SIGKILL");
    await ended(first.child);
    running.delete(first);
    assert.ok(existsSync(join(state(), "lock")));
    await start();
  });

  it("answers wrong arguments with one sentence and its usage", async () => {
    for (const args of [
      ["--prot", "1"],
      ["--port", "eighty"],
      ["--port", "70000"],
      ["--storage-shards", "3"],
      ["extra"],
    ]) {
      const { code, out, err } = await run(...args);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, /\nUsage: sandbox \[--port N\]/);
      assert.ok(!err.includes("    at "));
    }
  });

  it("listens where it is told, and says so when that port is taken", async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    await once(squatter, "listening");
    const { port } = squatter.address() as AddressInfo;
    const { code, err } = await run("--port", String(port));
    assert.equal(code, 1);
    assert.equal(err, `Port ${port} is taken; name another one.\n`);
    squatter.close();
    await once(squatter, "close");
    const sandbox = await start("--port", String(port));
    assert.equal(sandbox.ready.rpcUrl, `http://127.0.0.1:${port}`);
  });

  it("settles what is owed and lets go of its folder on SIGTERM and on SIGINT", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const sandbox = await start();
      const user = await SandboxUser.create(sandbox);
      const provider = sandbox.provider("combined");
      await user.pay(provider);
      assert.equal((await user.chat(provider)).status, 200);
      user.close();
      sandbox.child.kill(signal);
      assert.equal(await ended(sandbox.child), 0, sandbox.stderr());
      running.delete(sandbox);
      assert.ok(!existsSync(join(state(), "lock")));
      const kept = JSON.parse(readFileSync(join(state(), "fees-1.json"), "utf8"));
      assert.deepEqual(kept, { owed: {}, underway: [] });
    }
  });

  it("settles by itself every so many seconds", async () => {
    const sandbox = await startSandbox({ args: ["--settle", "1"] });
    running.add(sandbox);
    const user = await SandboxUser.create(sandbox);
    const provider = sandbox.provider("combined");
    await user.pay(provider);
    const account = () =>
      user.contract("inference").getFunction("getAccount")(user.wallet.address, provider.address);
    const { balance } = await account();
    assert.equal((await user.chat(provider)).status, 200);
    for (const end = Date.now() + 20_000; (await account()).balance === balance;)
      assert.ok(Date.now() < end, "nothing was settled");
    user.close();
  });

  it("ends while somebody still waits for an answer", async () => {
    const sandbox = await start();
    await sandbox.control.fault("*", "hang");
    const waiting = fetch(`${sandbox.provider("combined").url}/v1/models`);
    await Promise.all([assert.rejects(waiting), sandbox.control.state().then(() => sandbox.stop())]);
    assert.equal(sandbox.child.exitCode, 0);
    running.delete(sandbox);
  });

  it("ends with its parent: when standard input closes, and when the parent is killed", async () => {
    const sandbox = await start();
    sandbox.child.stdin!.end();
    assert.equal(await ended(sandbox.child), 0);
    running.delete(sandbox);

    // A parent of its own that starts the sandbox the way the editor does, says its pid, and is then killed.
    const code =
      `const child = require("node:child_process").spawn(process.execPath, [${JSON.stringify(program)}, "--parent"], { stdio: ["pipe", "pipe", "inherit"] });` +
      `child.stdout.once("data", () => console.log(child.pid));`;
    const parent = spawn(process.execPath, ["-e", code], {
      stdio: ["ignore", "pipe", "ignore"],
      env: withoutNodeOptions(),
    });
    const [text] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(text.toString());
    parent.kill("SIGKILL");
    for (const end = Date.now() + 10_000; isRunning(pid);) {
      assert.ok(Date.now() < end, "the sandbox outlived its parent");
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it("takes the user's own model server from a line on standard input, or from the environment", async () => {
    const server = createHttpServer((request, response) => {
      request.resume();
      const content = `seen by ${request.headers.authorization}`;
      const choices = [{ index: 0, message: { role: "assistant", content } }];
      response.end(JSON.stringify({ id: "x", model: "m", choices }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const env = {
      ZG_SANDBOX_UPSTREAM_URL: baseUrl,
      ZG_SANDBOX_UPSTREAM_MODEL: "m",
      ZG_SANDBOX_UPSTREAM_KEY: "one",
    };
    const sandbox = await startSandbox({ env, args: ["--settle", "0"] });
    running.add(sandbox);
    const user = await SandboxUser.create(sandbox);
    const provider = sandbox.provider("combined");
    await user.pay(provider);
    const ask = async () => textOf((await user.chat(provider)).body);
    const settled = async (wanted: string | undefined) => {
      for (const end = Date.now() + 5000; Date.now() < end;)
        if ((await sandbox.control.state()).upstream?.model === wanted) return;
      assert.fail(`the upstream did not become ${wanted}`);
    };
    assert.equal(await ask(), "seen by Bearer one");
    sandbox.send({ upstream: { baseUrl, model: "n", apiKey: "two" } });
    await settled("n");
    assert.equal(await ask(), "seen by Bearer two");
    sandbox.send({ upstream: { baseUrl: "ftp://x", model: "n", apiKey: "three" } });
    sandbox.send({ upstream: null });
    await settled(undefined);
    assert.notEqual(await ask(), "");
    assert.match(sandbox.stderr(), /baseUrl that starts with http/);
    for (const key of ["one", "two", "three"]) assert.ok(!sandbox.stderr().includes(`"${key}"`));
    user.close();
    server.closeAllConnections();
    server.close();
  });

  it("streams at a pace a person can see when nobody asks for speed", async () => {
    const sandbox = await startSandbox({ args: ["--pace", "20"] });
    running.add(sandbox);
    const user = await SandboxUser.create(sandbox);
    const provider = sandbox.provider("combined");
    await user.pay(provider);
    const started = performance.now();
    const answer = await user.chat(provider, "What is 0G Compute?", true);
    const milliseconds = performance.now() - started;
    console.log(`      ${answer.pieces.length} pieces in ${(milliseconds / 1000).toFixed(1)} s`);
    // A pause cannot be shorter than asked for, however fast the machine: a pause of 20 ms for each piece of the model's text.
    assert.ok(milliseconds > 200);
    assert.equal(formatEther(await user.rpc.getBalance(sandbox.ready.accounts[9]!.address)), "100000.0");
    user.close();
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
