import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isComputeError } from "../../../src/domain/error.js";
import {
  createSandboxLauncher,
  type RunningSandbox,
  type StartOptions,
} from "../../../src/system/sandboxLauncher.js";
import { parseReadyLine, readyFile } from "../../../src/system/sandboxReady.js";
import { endHolder, stateHolder } from "../../../src/system/stateHolder.js";
import { memoryLog } from "../../support/ports.js";
import { startSandbox } from "../../support/sandbox.js";
import { until } from "../../until.js";

const root = join(import.meta.dirname, "../../..");

describe("The sandbox as a child", function () {
  this.timeout(60_000);
  let path: string;
  let running: RunningSandbox[] = [];
  before(async () => {
    // Makes dist/sandbox.js when it is missing or old.
    await (await startSandbox()).stop();
  });
  beforeEach(() => (path = mkdtempSync(join(tmpdir(), "zg-launcher-"))));
  afterEach(async () => {
    for (const child of running.splice(0)) await child.stop();
    rmSync(path, { recursive: true, force: true });
  });
  const log = memoryLog();
  const launcher = (script = join(root, "dist/sandbox.js")) =>
    createSandboxLauncher({ script, folder: path, log });
  const start = async (options: StartOptions = {}) => {
    const child = await launcher().start(options);
    running = [...running, child];
    return child;
  };
  const pid = async () => (await readyFile(path).read())?.pid ?? 0;

  it("is ready, answers, and is gone after it was told to stop", async () => {
    const child = await start();
    assert.ok(child.ready.providers.length >= 3);
    let exits = 0;
    child.onDidExit(() => exits++);
    const id = await pid();
    await child.stop();
    assert.throws(() => process.kill(id, 0));
    assert.equal(exits, 0, "it was told to");
    assert.equal(await pid(), 0);
  });

  it("is shared by a second window, which notices when the first one ends it", async () => {
    const first = await start();
    const second = await start();
    assert.deepEqual(second.ready, first.ready);
    const ended = new Promise<string>((resolve) => second.onDidExit(resolve));
    await first.stop();
    assert.equal(await ended, "");
    const third = await start();
    assert.notEqual(third.ready.control.token, first.ready.control.token);
  });

  it("starts once when two windows open at the same moment", async () => {
    const [a, b] = await Promise.all([start(), start()]);
    assert.deepEqual(a.ready, b.ready);
  });

  it("is not taken for running because of a file somebody's crash left behind", async () => {
    const first = await start();
    await first.stop();
    await readyFile(path).write({ pid: process.pid, ready: first.ready });
    const next = await start();
    assert.notEqual(next.ready.control.token, first.ready.control.token);
    writeFileSync(join(path, "running.json"), "{ torn");
    assert.equal(await readyFile(path).read(), undefined);
  });

  it("tells when it was killed", async () => {
    const child = await start();
    const ended = new Promise<string>((resolve) => child.onDidExit(resolve));
    process.kill(await pid(), "SIGKILL");
    assert.notEqual(await ended, "");
  });

  it("fails with its last words when it cannot start", async () => {
    const script = join(path, "bad.js");
    writeFileSync(script, 'console.error("first"); console.error("no port left"); process.exit(3);');
    await assert.rejects(
      launcher(script).start({}),
      (error) => isComputeError(error, "sandboxFailed") && error.facts.detail === "no port left",
    );
    writeFileSync(script, 'console.log("hello"); setInterval(() => {}, 1000);');
    await assert.rejects(launcher(script).start({}), (error) => isComputeError(error, "sandboxFailed"));
  });

  it("starts over when its state is damaged, and only then forgets it", async () => {
    await (await start()).stop();
    for (const name of ["log.jsonl", "snapshot.json"])
      if (existsSync(join(path, "state/chain", name)))
        writeFileSync(join(path, "state/chain", name), "\u0000damaged");
    const isStart = (error: unknown) => isComputeError(error, "sandboxFailed") && error.facts.why === "start";
    await assert.rejects(start(), isStart);
    await assert.rejects(start({ anew: "takeOver" }), isStart);
    const fresh = await start({ anew: "fresh" });
    assert.ok(fresh.ready.providers.length >= 3);
  });

  it("names a process that lives without its own file, and ends it when asked to", async () => {
    await start();
    const lost = await pid();
    rmSync(join(path, "running.json"));
    const minuteAgo = new Date(Date.now() - 60_000);
    utimesSync(join(path, "state/lock"), minuteAgo, minuteAgo);
    await assert.rejects(start(), (error) => {
      assert.ok(isComputeError(error, "sandboxFailed"));
      assert.deepEqual([error.facts.why, error.facts.pid], ["taken", lost]);
      return true;
    });
    assert.equal(process.kill(lost, 0), true, "nothing was ended that nobody asked to end");
    const next = await start({ anew: "takeOver" });
    assert.equal(next.isJoined, false);
    assert.throws(() => process.kill(lost, 0));
    assert.notEqual(await pid(), lost);
  });

  it("ends the process of another window for a fresh start", async () => {
    const first = await start();
    const ended = new Promise<string>((resolve) => first.onDidExit(resolve));
    assert.equal((await start()).isJoined, true);
    const fresh = await start({ anew: "fresh" });
    await ended;
    assert.notEqual(fresh.ready.control.token, first.ready.control.token);
    assert.deepEqual((await start()).ready, fresh.ready, "other windows join the new one");
  });

  it("ends no process that does not answer as a sandbox", async () => {
    const server = createServer((_, response) => response.end("control.token"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    try {
      writeFileSync(join(path, "lock"), JSON.stringify({ pid: other.pid, port }));
      const holder = await stateHolder(path);
      assert.equal(holder?.pid, other.pid);
      assert.equal(holder && (await endHolder(holder)), false);
      assert.equal(other.exitCode ?? other.signalCode, null);
    } finally {
      other.kill("SIGKILL");
      server.close();
    }
    writeFileSync(join(path, "lock"), "{ torn");
    assert.equal(await stateHolder(path), undefined);
  });

  it("ends a start that is no longer wanted, and leaves nothing running", async () => {
    const script = join(path, "slow.js");
    const marker = join(path, "pid");
    writeFileSync(
      script,
      `require("fs").writeFileSync(${JSON.stringify(marker)}, String(process.pid)); setInterval(() => {}, 1000);`,
    );
    const { readFileSync } = await import("node:fs");
    const abort = new AbortController();
    const starting = launcher(script).start({ signal: abort.signal });
    await until("the child", () => existsSync(marker) && readFileSync(marker, "utf8") !== "");
    abort.abort();
    await assert.rejects(starting, (error) => isComputeError(error, "cancelled"));
    assert.throws(() => process.kill(Number(readFileSync(marker, "utf8")), 0));
  });

  it("hands the upstream's key over without showing it to other processes", async () => {
    const script = join(path, "show.js");
    writeFileSync(
      script,
      `let text = ""; process.stdin.on("data", (part) => { text += part; if (text.includes("\\n")) {
        console.error(JSON.stringify([process.argv.slice(2), Object.values(process.env).join().includes("sk-upstream"), JSON.parse(text)])); process.exit(1); } });`,
    );
    const upstream = { baseUrl: "http://127.0.0.1:9/v1", model: "m", apiKey: "sk-upstream" };
    await assert.rejects(launcher(script).start({ upstream }), (error) => {
      assert.ok(isComputeError(error, "sandboxFailed"));
      const [args, isInEnvironment, line] = JSON.parse(error.facts.detail) as [string[], boolean, unknown];
      assert.deepEqual(args, ["--parent", "--state", join(path, "state")]);
      assert.equal(isInEnvironment, false);
      assert.deepEqual(line, { upstream });
      return true;
    });
  });
});

describe("The ready line", () => {
  it("is refused when it points anywhere but to this machine", () => {
    const ready = {
      rpcUrl: "http://127.0.0.1:1",
      chainId: 31337,
      contracts: {
        ledger: `0x${"1".repeat(40)}`,
        inference: `0x${"2".repeat(40)}`,
        fineTuning: `0x${"3".repeat(40)}`,
      },
      providers: [],
      accounts: [],
      storage: {
        indexer: "http://127.0.0.1:2",
        nodes: ["http://127.0.0.1:3"],
        flow: `0x${"4".repeat(40)}`,
      },
      control: { url: "http://127.0.0.1:1/control", token: "t" },
    };
    assert.deepEqual(parseReadyLine(JSON.stringify(ready)), ready);
    for (const bad of [
      { ...ready, rpcUrl: "http://evil.example" },
      { ...ready, chainId: 1 },
      { ...ready, control: { ...ready.control, url: "https://127.0.0.1.evil.example" } },
      { ...ready, storage: undefined },
      { ...ready, storage: { ...ready.storage, indexer: "http://storage.example" } },
      { ...ready, storage: { ...ready.storage, nodes: ["http://127.0.0.1:3", "http://storage.example"] } },
      { ...ready, storage: { ...ready.storage, nodes: [] } },
      { ...ready, storage: { ...ready.storage, flow: "0x" } },
      { ...ready, contracts: { ...ready.contracts, ledger: "0x" } },
      null,
      [],
    ])
      assert.equal(parseReadyLine(JSON.stringify(bad)), undefined);
    assert.equal(parseReadyLine("{"), undefined);
  });
});
