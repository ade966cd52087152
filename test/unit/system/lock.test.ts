import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createLocks } from "../../../src/system/lock.js";

describe("a lock between windows", function () {
  this.timeout(20_000);
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "lock-"));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  async function holder(): Promise<{ child: ChildProcess; word: string }> {
    const program = join(import.meta.dirname, "../../support/lockHolder.ts");
    const child = spawn(process.execPath, ["--import", "tsx", program, folder, "run"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const [word] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    return { child, word };
  }

  it("is held by one until that one lets go", async () => {
    const locks = createLocks(folder);
    const first = await locks.lock("run");
    assert.ok(first);
    assert.equal(await locks.lock("run"), undefined);
    assert.equal(await createLocks(folder).lock("run"), undefined);
    assert.equal(await first.isHeld(), true);
    await first.release();
    const second = await locks.lock("run");
    assert.ok(second);
    assert.equal(await second.isHeld(), true);
    assert.equal(await first.isHeld(), false);
    await second.release();
  });

  it("knows each name by itself", async () => {
    const locks = createLocks(folder);
    const one = await locks.lock("run");
    const other = await locks.lock("run2");
    assert.ok(one && other);
    await Promise.all([one.release(), other.release()]);
  });

  it("is free again when its process was killed, and only then", async () => {
    const { child, word } = await holder();
    assert.equal(word, "held");
    const locks = createLocks(folder);
    assert.equal(await locks.lock("run"), undefined);
    child.kill("SIGKILL");
    await once(child, "exit");
    const lock = await locks.lock("run");
    assert.ok(lock);
    await lock.release();
  });

  it("goes to one of many who find the same dead holder", async () => {
    const { child } = await holder();
    child.kill("SIGKILL");
    await once(child, "exit");
    const tries = await Promise.all(Array.from({ length: 40 }, () => createLocks(folder).lock("run")));
    const taken = tries.filter((lock) => lock !== undefined);
    const held = await Promise.all(taken.map((lock) => lock.isHeld()));
    assert.equal(held.filter(Boolean).length, 1);
    await Promise.all(taken.map((lock) => lock.release()));
  });

  it("never has two holders while many take and release it", async () => {
    let inside = 0;
    let most = 0;
    let turns = 0;
    const take = async (): Promise<void> => {
      const locks = createLocks(folder);
      for (let tries = 0; tries < 30; tries++) {
        const lock = await locks.lock("run");
        if (!lock) continue;
        most = Math.max(most, ++inside);
        turns++;
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
        await lock.release();
      }
    };
    await Promise.all(Array.from({ length: 8 }, take));
    assert.equal(most, 1);
    assert.ok(turns > 8, `only ${turns} turns`);
  });

  it("is taken from a process that beats no more, although its number is in use", async () => {
    const silentMs = 40;
    // Left by a process before the machine was started again; the number is that of another program now.
    await writeFile(join(folder, "run.lock.7"), `${process.ppid} ${hostname()}\n`);
    const locks = createLocks(folder, { beatMs: 5, silentMs });
    assert.equal(await locks.lock("run"), undefined);
    assert.equal(await locks.lock("run"), undefined);
    const since = performance.now();
    while (performance.now() - since <= silentMs) await new Promise((resolve) => setImmediate(resolve));
    const lock = await locks.lock("run");
    assert.ok(lock);
    await lock.release();
  });

  it("is not taken from one that beats", async () => {
    const times = { beatMs: 5, silentMs: 100 };
    const held = await createLocks(folder, times).lock("run");
    const locks = createLocks(folder, times);
    const since = performance.now();
    while (performance.now() - since <= 300) {
      assert.equal(await locks.lock("run"), undefined);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(await held?.isHeld(), true);
    await held?.release();
  });

  it("of another machine counts until it is silent", async () => {
    await writeFile(join(folder, "run.lock.1"), "999999999 elsewhere\n");
    assert.equal(await createLocks(folder).lock("run"), undefined);
  });

  it("leaves one small file behind", async () => {
    const locks = createLocks(folder);
    for (let turn = 0; turn < 3; turn++) await (await locks.lock("run"))?.release();
    assert.deepEqual(await readdir(folder), ["run.lock.3"]);
  });
});
