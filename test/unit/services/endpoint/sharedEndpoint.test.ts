// Windows of one user, with real files, locks and ports: one of them serves.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runFile, SharedEndpoint, type Standing } from "../../../../src/services/endpoint/sharedEndpoint.js";
import { createLocks } from "../../../../src/system/lock.js";
import { realClock } from "../../../../src/system/realClock.js";
import { createSharedFolder } from "../../../../src/system/sharedFolder.js";
import { endpointStatus } from "../../../../src/view/endpoint/endpointStatus.js";
import { english as t } from "../../../../src/view/translate.js";
import { TestEndpoint } from "../../../support/endpoint.js";
import { House, World } from "../../../support/house.js";
import { until } from "../../../until.js";
import { sleepingClock } from "../../../support/sleepingClock.js";

/** Two seconds are ten milliseconds. */
const clock = sleepingClock({
  now: () => Date.now(),
  sleep: (ms, signal) => realClock.sleep(ms / 200, signal),
});

describe("The local endpoint of several windows", () => {
  let disk: string;
  const ends: (() => Promise<void>)[] = [];

  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), "zg-endpoint-"));
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
    rmSync(disk, { recursive: true, force: true });
  });

  /** What it remembers beside the files is its own: editors hand that on late, or not at all. */
  const window = (values: Record<string, unknown> = {}) => {
    const world = new World();
    world.settings.set(values);
    const house = new House(world);
    const folder = createSharedFolder(join(disk, "endpoint"));
    const { service } = new TestEndpoint(house, folder);
    const locks = createLocks(join(disk, "locks"));
    const lock = () => locks.lock("serving");
    const shared = new SharedEndpoint({ service, folder, lock, clock, log: world.log });
    ends.push(async () => {
      await shared.close();
      shared.dispose();
      house.abandon();
    });
    return { shared, service };
  };
  const become = (one: { readonly shared: SharedEndpoint }, kind: Standing["kind"]) =>
    until(kind, async () => one.shared.standing.kind === kind);
  const answers = (port: number) =>
    fetch(`http://127.0.0.1:${port}/v1/models`).then(
      ({ status }) => status === 401,
      () => false,
    );
  const taken = async (port = 0): Promise<{ readonly port: number; readonly server: Server }> => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
    ends.push(async () => void server.close());
    return { port: (server.address() as { port: number }).port, server };
  };

  it("runs again on its port after a reload, and not after it was stopped", async () => {
    const first = window();
    await first.shared.start();
    const port = first.shared.port!;
    assert.ok(await answers(port));
    await first.shared.close();
    assert.ok(!(await answers(port)));
    const next = window();
    await next.shared.resume();
    assert.deepEqual(next.shared.standing, { kind: "here", port });
    assert.ok(await answers(port));
    await next.shared.stop();
    assert.ok(!(await answers(port)));
    const last = window();
    await last.shared.resume();
    assert.deepEqual(last.shared.standing, { kind: "off" });
  });

  it("is found by a second window, which takes it over when the first one closes", async () => {
    const [first, second] = [window(), window()];
    const [one, other] = await Promise.all([first.shared.start(), second.shared.start()]);
    assert.deepEqual([one.kind, other.kind].sort(), ["elsewhere", "here"]);
    const [server, guest] = one.kind === "here" ? [first, second] : [second, first];
    const port = server.shared.port!;
    assert.equal(guest.shared.port, port);
    assert.equal(guest.service.port, undefined, "it takes no port of its own");
    await server.shared.close();
    await become(guest, "here");
    assert.equal(guest.shared.port, port);
    assert.ok(await answers(port));
  });

  it("is stopped by any window, for all of them, and can be started again at once", async () => {
    const [first, second] = [window(), window()];
    await first.shared.start();
    await second.shared.resume();
    const port = first.shared.port!;
    assert.deepEqual(second.shared.standing, { kind: "elsewhere", port });
    await second.shared.stop();
    await become(first, "off");
    assert.ok(!(await answers(port)));
    await first.shared.start();
    await become(second, "elsewhere");
    await second.shared.stop();
    assert.equal((await second.shared.start()).kind, "here");
    await become(first, "elsewhere");
    assert.ok(await answers(second.shared.port!));
  });

  it("waits for its port where another program has it, says so, and takes another only when it is told to", async () => {
    const first = window();
    await first.shared.start();
    const port = first.shared.port!;
    await first.shared.close();
    const { server } = await taken(port);
    const next = window();
    await next.shared.resume();
    const { standing } = next.shared;
    assert.deepEqual([standing.kind, "port" in standing && standing.port], ["blocked", port]);
    const status = endpointStatus(standing, 0, t)!;
    assert.match(status.tooltip, new RegExp(`another program has port ${port}`));
    await new Promise((closed) => server.close(closed));
    await become(next, "here");
    assert.equal(next.shared.port, port);

    await next.shared.close();
    await taken(port);
    const last = window();
    await last.shared.resume();
    assert.equal(last.shared.standing.kind, "blocked");
    const started = await last.shared.start();
    assert.equal(started.kind, "here");
    assert.notEqual(last.shared.port, port);
    assert.ok(await answers(last.shared.port!));
  });

  it("says which setting keeps it from running, and remembers no start that failed", async () => {
    const { port } = await taken();
    const first = window({ "endpoint.port": port });
    await assert.rejects(first.shared.start(), { code: "badSetting" });
    await first.shared.resume();
    assert.equal(first.shared.standing.kind, "off");
    await first.shared.close();

    const next = window();
    await next.shared.start();
    await next.shared.close();
    const last = window({ "endpoint.port": port });
    await last.shared.resume();
    const status = endpointStatus(last.shared.standing, 0, t)!;
    assert.match(status.tooltip, /The setting zgCompute\.endpoint\.port cannot be used/);
    assert.equal(status.mood, "warning");
  });

  it("tells programs of no port that a damaged file names", async () => {
    const first = window();
    await first.shared.start();
    const port = first.shared.port!;
    writeFileSync(join(disk, "endpoint", runFile), "{");
    const second = window();
    await until("it is written again", async () => {
      await second.shared.resume();
      return second.shared.port === port;
    });
  });
});
