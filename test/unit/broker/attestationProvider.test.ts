// Verifying a provider whose enclave stands under a root that the test trusts as Intel's is trusted on a live network: report, collateral and
// waiting, over real HTTP.
import assert from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { TrustedRoot } from "../../../src/broker/attestation/chain.js";
import { intelRoot } from "../../../src/broker/attestation/chain.js";
import { verifyProvider, type VerifyOptions } from "../../../src/broker/attestation/verifyProvider.js";
import { createInference } from "../../../src/broker/inference/inference.js";
import { recordedProvider, replay } from "../../../src/cli/conformance/inferenceReplay.js";
import type { CustodyStepId, ProviderVerification } from "../../../src/domain/attestation.js";
import { isComputeError } from "../../../src/domain/error.js";
import { networks } from "../../../src/domain/networks.js";
import { closeServer, listen } from "../../../src/sandbox/loopback.js";
import { makeProcessorAuthority, TestPccs } from "../../support/pccs.js";
import { MemoryFolder } from "../../support/ports.js";
import { now, signer, TestEnclave } from "../../support/reports.js";
import { SteppedClock } from "../../support/steppedClock.js";

const authority = makeProcessorAuthority();
const enclave = new TestEnclave(authority);

describe("Verifying a provider", () => {
  let server: Server;
  let url: string;
  let pccs: TestPccs;
  let clock: SteppedClock;
  let asked: string[];
  /** Instead of the report, in their order. */
  let first: ((response: ServerResponse) => void)[];

  beforeEach(async () => {
    [clock, asked, first] = [new SteppedClock(now), [], []];
    server = createServer(({ url: path = "" }, response) => {
      asked.push(path);
      const instead = first.shift();
      if (instead) instead(response);
      else response.end(enclave.report());
    });
    url = `http://127.0.0.1:${await listen(server, 0)}`;
    pccs = new TestPccs(authority);
    await pccs.start();
  });
  afterEach(() => Promise.all([closeServer(server), pccs.stop()]));

  function verify(options: VerifyOptions = {}, root: TrustedRoot = enclave.root()) {
    const { name, digest } = enclave.image();
    const additionalInfo = JSON.stringify({ TEEVerifier: "dstack", ImageName: name, ImageDigest: digest });
    const service = {
      ...{ serviceType: "chatbot", verifiability: "TeeML", teeSignerAddress: signer, url, model: "m" },
      ...{ teeSignerAcknowledged: true, additionalInfo },
    };
    const { deps } = replay({ service, now });
    const network = { ...networks.mainnet, id: "custom" } as const;
    const context = { ...deps, network, clock, fetch: globalThis.fetch };
    const never = () => Promise.reject(new Error("belongs to other tests"));
    const parts = { context, inference: createInference(context), certificates: never, root };
    return verifyProvider(
      { ...parts, fineTuning: { getService: never } },
      recordedProvider,
      "inference",
      options,
    );
  }
  const stepOf = ({ reports }: ProviderVerification, id: CustodyStepId) =>
    reports[0]?.steps.find((step) => step.id === id);

  it("proves it, and with a server for collateral that its machine is up to date, dated", async () => {
    const without = await verify();
    assert.equal(without.word, "proven", JSON.stringify(without.reports[0]?.steps, undefined, 1));
    assert.equal(stepOf(without, "tcb-level")?.why, "noCollateral");
    assert.deepEqual(pccs.asked, [], "nobody is asked unless it is set");
    const collateral = { url: pccs.url, folder: new MemoryFolder() };
    const verification = await verify({ collateral });
    assert.equal(verification.word, "proven");
    const level = stepOf(verification, "tcb-level");
    assert.deepEqual([level?.status, level?.right], ["proven", "UpToDate"]);
    assert.match(level?.left ?? "", /\n2026-06-01T00:00:00.000Z – 2026-06-29T/);
    assert.equal(collateral.folder.files.size, 1);
  });

  it("is failed by a machine with known holes, and by a revoked one", async () => {
    for (const [status, why] of [
      ["OutOfDate", "outOfDate"],
      ["Revoked", "revoked"],
    ] as const) {
      pccs.words = { ...pccs.words, status };
      const verification = await verify({ collateral: { url: pccs.url, folder: new MemoryFolder() } });
      assert.deepEqual([verification.word, stepOf(verification, "tcb-level")?.why], ["failed", why]);
    }
  });

  it("is not proven where nothing can be learnt of the machine, nor failed: it is not checked, and says why", async () => {
    pccs.instead = { tcb: (response) => response.writeHead(307, { location: "/elsewhere" }).end() };
    const verification = await verify({ collateral: { url: pccs.url, folder: new MemoryFolder() } });
    const level = stepOf(verification, "tcb-level");
    assert.deepEqual([level?.status, level?.why], ["not-checked", "collateralRedirected"]);
    assert.equal(verification.word, "proven", "what was proven of the quote stays so");
  });

  it("refuses the same report with Intel's root, and tells a server for collateral nothing of it", async () => {
    const verification = await verify(
      { collateral: { url: pccs.url, folder: new MemoryFolder() } },
      intelRoot,
    );
    assert.equal(verification.word, "failed");
    assert.equal(stepOf(verification, "root")?.why, "unknownRoot");
    assert.deepEqual(pccs.asked, []);
  });

  const busy =
    (headers: Record<string, string>, body = "{}") =>
    (response: ServerResponse) =>
      void response.writeHead(429, headers).end(body);

  it("waits as a busy provider tells it, in a header or in words, and asks again", async () => {
    first = [busy({ "retry-after": "7" }), busy({}, '{"error":"Please wait 3 seconds"}'), busy({})];
    const verifying = verify();
    for (const wait of [7, 3]) {
      await until(() => clock.waking.includes(clock.now() + wait * 1000));
      const before = asked.length;
      await clock.advance(wait * 1000);
      await until(() => asked.length > before);
    }
    await until(() => clock.waking.some((at) => at >= clock.now() + 10_000 && at <= clock.now() + 20_000));
    await clock.advance(20_000);
    assert.equal((await verifying).word, "proven");
    assert.deepEqual(
      asked,
      Array.from({ length: 4 }, () => "/v1/quote"),
    );
  });

  it("gives up on one that stays busy, or wants more patience than a minute: not checked, and why", async () => {
    first = Array.from({ length: 9 }, () => busy({ "retry-after": "1" }));
    const verifying = verify();
    for (let wait = 1; wait <= 4; wait++) {
      await until(() => clock.waking.includes(clock.now() + 1000));
      const before = asked.length;
      await clock.advance(1000);
      await until(() => asked.length > before);
    }
    const verification = await verifying;
    assert.equal(asked.length, 5);
    assert.deepEqual(
      [stepOf(verification, "report")?.status, stepOf(verification, "report")?.why],
      ["not-checked", "busy"],
    );
    assert.equal(verification.word, "notProven");
    first = [busy({ "retry-after": "3600" })];
    assert.equal(stepOf(await verify(), "report")?.why, "busy");
    assert.equal(asked.length, 6, "nobody is asked again before an hour");
  });

  it("can be stopped while it waits", async () => {
    first = [busy({ "retry-after": "30" })];
    const stop = new AbortController();
    const verifying = verify({ signal: stop.signal });
    await until(() => clock.waking.includes(clock.now() + 30_000));
    stop.abort();
    await assert.rejects(verifying, (error) => isComputeError(error, "cancelled"));
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
