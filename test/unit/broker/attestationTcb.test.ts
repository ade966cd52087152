// Updates and revocation of a machine, evaluated over a real PCCS of the test's own: every word of Intel's, everything a server can do wrong,
// and the copy kept on disk. Nothing that goes wrong is ever a success.
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { intelRoot } from "../../../src/broker/attestation/chain.js";
import { tcbStep } from "../../../src/broker/attestation/tcb.js";
import type { CustodyReason, CustodyStep } from "../../../src/domain/attestation.js";
import type { CheckStatus } from "../../../src/domain/verdict.js";
import { makeProcessorAuthority, TestPccs, type PccsPart, type PccsWords } from "../../support/pccs.js";
import { MemoryFolder, memoryLog } from "../../support/ports.js";
import { now, TestEnclave } from "../../support/reports.js";
import { SteppedClock } from "../../support/steppedClock.js";

const day = 86_400_000;
const authority = makeProcessorAuthority();
const enclave = new TestEnclave(authority);
const quoteOf = (report: string) => Buffer.from((JSON.parse(report) as { quote: string }).quote, "hex");
const quote = quoteOf(enclave.report());

describe("Collateral of a machine", () => {
  let pccs: TestPccs;
  let clock: SteppedClock;
  let folder: MemoryFolder;
  let log: ReturnType<typeof memoryLog>;

  beforeEach(async () => {
    [clock, folder, log] = [new SteppedClock(now), new MemoryFolder(), memoryLog()];
    pccs = new TestPccs(authority);
    await pccs.start();
  });
  afterEach(() => pccs.stop());

  const check = (root = enclave.root(), bytes = quote, signal?: AbortSignal): Promise<CustodyStep> =>
    tcbStep(bytes, { url: pccs.url, fetch, clock, folder, log, root, ...(signal ? { signal } : {}) });
  const say = (words: Partial<PccsWords>) => void (pccs.words = { ...pccs.words, ...words });
  const found = ({ status, why }: CustodyStep) => [status, why];

  const levels: readonly [string, CheckStatus, CustodyReason?][] = [
    ["UpToDate", "proven"],
    ["SWHardeningNeeded", "observed", "needsConfiguration"],
    ["ConfigurationNeeded", "observed", "needsConfiguration"],
    ["ConfigurationAndSWHardeningNeeded", "observed", "needsConfiguration"],
    ["OutOfDate", "failed", "outOfDate"],
    ["OutOfDateConfigurationNeeded", "failed", "outOfDate"],
    ["Revoked", "failed", "revoked"],
  ];
  for (const [level, status, why] of levels)
    it(`that calls it ${level} is ${status}`, async () => {
      say({ status: level, advisories: ["INTEL-SA-00001"] });
      const step = await check();
      assert.deepEqual(found(step), [status, why]);
      assert.match(step.right ?? "", new RegExp(level));
      if (level !== "Revoked") assert.match(step.right ?? "", /\nINTEL-SA-00001$/);
      assert.equal(
        step.left,
        `${new URL(pccs.url).host}\n2026-06-01T00:00:00.000Z – 2026-06-29T00:00:00.000Z`,
        "whose it is, of when, and how long it holds",
      );
    });

  it("takes the worse word of machine and quoting enclave, and lists that servers write in hex", async () => {
    say({ enclaveStatus: "OutOfDate", areListsHex: true });
    assert.deepEqual(found(await check()), ["failed", "outOfDate"]);
    say({ enclaveStatus: "UpToDate" });
    await folder.remove((await folder.list())[0] ?? "");
    assert.deepEqual(found(await check()), ["proven", undefined]);
  });

  it("that revokes the processor's certificate, or the one above it, fails the machine", async () => {
    say({ revoked: [authority.leaf.certificate] });
    assert.deepEqual(found(await check()), ["failed", "revoked"]);
    folder.files.clear();
    say({ revoked: [], rootRevoked: [authority.platform.certificate] });
    assert.deepEqual(found(await check()), ["failed", "revoked"]);
    folder.files.clear();
    say({ rootRevoked: [] });
    assert.deepEqual(found(await check()), ["proven", undefined]);
  });

  it("is not even asked for where the quote does not end at the root that is trusted: Intel's is another", async () => {
    assert.deepEqual(found(await check(intelRoot)), ["not-checked", "unknownRoot"]);
    assert.deepEqual(pccs.asked, []);
  });

  it("is not asked for about a certificate that names no processor", async () => {
    const plain = new TestEnclave();
    assert.deepEqual(found(await check(plain.root(), quoteOf(plain.report()))), [
      "not-checked",
      "noProcessor",
    ]);
    assert.deepEqual(pccs.asked, []);
  });

  it("by another authority, about another family, or outdated, proves nothing and is not kept as good", async () => {
    const wrong: readonly [Partial<PccsWords>, CustodyReason][] = [
      [{ authority: { ...makeProcessorAuthority(), platform: authority.platform } }, "collateralRefused"],
      [{ authority: { ...authority, signing: makeProcessorAuthority().signing } }, "collateralRefused"],
      [{ authority: { ...authority, signing: authority.root } }, "collateralRefused"],
      [{ family: "00906ED50000" }, "collateralRefused"],
      [{ issued: now + day }, "collateralRefused"],
      [{ nextUpdate: now - 1000 }, "collateralOutdated"],
      [{ listsUntil: now - 1000 }, "collateralOutdated"],
    ];
    const good = pccs.words;
    for (const [words, why] of wrong) {
      pccs.words = { ...good, ...words };
      assert.deepEqual(found(await check()), ["not-checked", why], JSON.stringify(Object.keys(words)));
      pccs.words = good;
      assert.deepEqual(found(await check()), ["proven", undefined], "the next look asks again");
      folder.files.clear();
    }
  });

  const pageOf = (response: ServerResponse) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in</html>");
  const faults: readonly [string, (response: ServerResponse) => void, CustodyReason][] = [
    [
      "sends on to another address",
      (response) => response.writeHead(302, { location: `${pccs.url}/other` }).end(),
      "collateralRedirected",
    ],
    ["answers with an error", (response) => response.writeHead(503).end("busy"), "collateralNotGiven"],
    ["has nothing there", (response) => response.writeHead(404).end(), "collateralNotGiven"],
    ["sends a page of a portal", pageOf, "collateralOfAnotherKind"],
    [
      "sends JSON of something else",
      (response) => response.writeHead(200, { "content-type": "application/json" }).end("null"),
      "collateralOfAnotherKind",
    ],
    ["sends nothing", (response) => response.end(), "collateralOfAnotherKind"],
    [
      "sends a megabyte and more",
      (response) => response.end(Buffer.alloc(1_200_000, 0x30)),
      "collateralTooLarge",
    ],
    ["hangs up", (response) => response.destroy(), "collateralUnreachable"],
    [
      "hangs up in the middle",
      (response) => {
        response.writeHead(200, { "content-length": 5000 }).write("{");
        setImmediate(() => response.destroy());
      },
      "collateralUnreachable",
    ],
  ];
  for (const [what, fault, why] of faults)
    it(`is not checked where the server ${what}, for one clear reason and whatever it is asked`, async () => {
      for (const part of ["pckcrl", "tcb", "identity", "rootcacrl"] as const) {
        pccs.instead = { [part]: fault };
        assert.deepEqual(found(await check()), ["not-checked", why], part);
        assert.deepEqual(await folder.list(), [], "nothing of it is kept");
      }
      assert.ok(!pccs.asked.includes("/other"), "nobody is followed");
    });

  it("is not waited for without end, nor after the user has stopped", async () => {
    const open: ServerResponse[] = [];
    pccs.instead = { tcb: (response) => void open.push(response) };
    const late = check();
    await until(() => open.length > 0);
    await clock.advance(20_000);
    assert.deepEqual(found(await late), ["not-checked", "collateralLate"]);
    const stop = new AbortController();
    const stopped = check(enclave.root(), quote, stop.signal);
    await until(() => open.length > 1);
    stop.abort();
    await assert.rejects(stopped, { name: "AbortError" });
  });

  it("is not checked where nobody listens", async () => {
    await pccs.stop();
    assert.deepEqual(found(await check()), ["not-checked", "collateralUnreachable"]);
  });

  it("with one bit turned in any answer never proves the machine, nor fails it", async function () {
    this.timeout(120_000);
    const counts = new Map<string, number>();
    for (const part of ["pckcrl", "tcb", "identity", "rootcacrl"] as const) {
      const { length } = await lengthOf(part);
      for (let at = 0; at < length; at += Math.max(1, Math.floor(length / 150))) {
        pccs.spoil = (which, body) => (which === part ? turned(body, at) : body);
        const { status, why = "", left } = await check();
        folder.files.clear();
        if (status === "proven" && (await isSameJson(part, at))) continue; // spaces, or a letter's case in hex: the same is said
        assert.equal(status, "not-checked", `${part}, byte ${at}: ${why} ${left ?? ""}`);
        counts.set(why, (counts.get(why) ?? 0) + 1);
      }
    }
    const total = [...counts.values()].reduce((sum, one) => sum + one, 0);
    const told = [...counts].map(([why, count]) => `${why} ${count}`).join(", ");
    console.log(`        ${total} bits turned in collateral, 0 silently accepted: ${told}`);
    assert.ok(total > 400);
  });

  async function lengthOf(part: PccsPart): Promise<Buffer> {
    let whole: Buffer = Buffer.alloc(0);
    pccs.spoil = (which, body) => ((whole = which === part ? body : whole), body);
    await check();
    folder.files.clear();
    return whole;
  }

  /** What was sent says the same as without the turned bit. */
  async function isSameJson(part: PccsPart, at: number): Promise<boolean> {
    const whole = await lengthOf(part);
    const say = (bytes: Buffer) =>
      JSON.stringify(JSON.parse(bytes.toString()), (key, value: unknown) =>
        key === "signature" ? String(value).toLowerCase() : value,
      );
    try {
      return say(whole) === say(turned(whole, at));
    } catch {
      return false;
    }
  }

  describe("kept on disk", () => {
    it("is asked for once a day", async () => {
      await check();
      const first = pccs.asked.length;
      clock.set(now + day - 1000);
      const step = await check();
      assert.equal(step.status, "proven");
      assert.match(step.left ?? "", /2026-06-01T00:00:00.000Z/, "the date of the copy");
      assert.equal(pccs.asked.length, first);
      clock.set(now + day);
      assert.match((await check()).left ?? "", /2026-06-02T00:00:00.000Z/);
      assert.equal(pccs.asked.length, 2 * first);
    });

    it("is asked for again from the day on that its makers name for the next", async () => {
      say({ nextUpdate: now + 3_600_000 });
      await check();
      const first = pccs.asked.length;
      clock.set(now + 3_600_000);
      await check();
      assert.equal(pccs.asked.length, first, "good until then");
      clock.set(now + 3_600_001);
      assert.deepEqual(
        found(await check()),
        ["not-checked", "collateralOutdated"],
        "the server has none newer",
      );
      say({ nextUpdate: now + 30 * day });
      assert.equal((await check()).status, "proven");
    });

    it("is asked for again when the copy is damaged, forged, or of the future", async () => {
      await check();
      const [name = ""] = await folder.list();
      const good = folder.text(name);
      const json = JSON.parse(good) as Record<string, { body: string }> & { fetchedAt: number };
      const copies = [
        ...[
          "",
          "{",
          "[]",
          "null",
          good.slice(0, good.length / 2),
          good.replace("0g-collateral/1", "0g-collateral/2"),
        ],
        JSON.stringify({ ...json, level: { ...json.level, body: "AAAA" } }),
        JSON.stringify({ ...json, level: undefined }),
        JSON.stringify({ ...json, rootList: json.pckList }),
        JSON.stringify({ ...json, fetchedAt: now + 1000 }),
        JSON.stringify({ ...json, fetchedAt: "today" }),
      ];
      for (const copy of copies) {
        folder.files.set(name, Buffer.from(copy));
        const before = pccs.asked.length;
        assert.equal((await check()).status, "proven", copy.slice(0, 40));
        assert.equal(pccs.asked.length, before + 4, copy.slice(0, 40));
        assert.equal(folder.text(name), good, "and is whole again");
      }
    });

    it("never grows without end, and a full disk keeps nobody from the answer", async () => {
      for (let file = 0; file < 40; file++) folder.files.set(`${file}.json`, Buffer.from("{}"));
      await check();
      assert.equal((await folder.list()).length, 1);
      folder.files.clear();
      folder.isFull = true;
      assert.equal((await check()).status, "proven");
      assert.ok(log.lines.some((line) => line.includes("Collateral could not be kept")));
    });
  });
});

function turned(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << (at % 7)), at);
  return copy;
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
