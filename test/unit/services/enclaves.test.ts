// What is remembered of a provider's enclave, what a change of it means for the next message, and who is refused.
import assert from "node:assert/strict";
import type { VerifyOptions } from "../../../src/broker/attestation/verifyProvider.js";
import type {
  CustodyReason,
  ProviderVerification,
  ReportVerification,
} from "../../../src/domain/attestation.js";
import { isComputeError, type ErrorFacts } from "../../../src/domain/error.js";
import type { Address } from "../../../src/domain/ids.js";
import { networks } from "../../../src/domain/networks.js";
import { pinDifferences, type PinnedReport } from "../../../src/domain/pin.js";
import { Enclaves } from "../../../src/services/enclaves/enclaves.js";
import type { Recipient } from "../../../src/services/ports.js";
import { parsePrivateOnly } from "../../../src/services/settings.js";
import { createEnclaveTexts } from "../../../src/view/proof/pinView.js";
import { english } from "../../../src/view/translate.js";
import { address, noon } from "../../support/builders.js";
import { readerOf } from "../../support/openGate.js";
import { MemoryFolder, TestDialogs, testSettings } from "../../support/ports.js";
import {
  aChainEntry,
  aRecipient,
  aReport,
  aVerification,
  measures,
  verifications,
  withStep,
} from "../../support/proof.js";

const recipient = aRecipient();
const { provider } = recipient;

describe("Enclaves", () => {
  let folder: MemoryFolder;
  const collateral = new MemoryFolder();
  let asked: VerifyOptions;
  let dialogs: TestDialogs;
  let settings: ReturnType<typeof testSettings>;
  let network: keyof typeof networks;
  let next: ProviderVerification;

  beforeEach(() => {
    [folder, dialogs, settings, network] = [new MemoryFolder(), new TestDialogs(), testSettings(), "testnet"];
    next = verifications.proven();
  });

  /** Another window each time: what it knows comes from the folder. */
  const enclaves = () =>
    new Enclaves({
      ...{ folder, collateral, dialogs, settings, now: () => noon },
      session: { network: () => networks[network] },
      texts: createEnclaveTexts(english, (at) => new Date(at).toISOString()),
      verify: async (_provider, _service, options) => ((asked = options), next),
    });
  const verify = () => enclaves().verify(provider, "inference");
  const pinned = ({ verification }: Awaited<ReturnType<typeof verify>>) =>
    verification.steps.find(({ id }) => id === "pinned");
  const refused = (why: ErrorFacts["privateOnly"]["why"]) => (error: unknown) =>
    isComputeError(error, "privateOnly") && error.facts.why === why;

  it("remember the first verification, and find the second to be the same", async () => {
    const first = await verify();
    assert.deepEqual(pinned(first), { id: "pinned", status: "observed", why: "firstLook" });
    assert.equal(first.verification.word, "proven");
    const second = await verify();
    assert.equal(pinned(second)?.status, "proven");
    assert.deepEqual(second.differences, []);
    assert.equal(second.pin?.since, noon);
  });

  it("hand on the server for collateral and the folder it is kept in, where the setting names one", async () => {
    await verify();
    assert.equal(asked.collateral, undefined);
    settings.set({ pccsUrl: " https://pccs.example:8081/ " });
    await verify();
    assert.deepEqual(asked.collateral, { url: "https://pccs.example:8081", folder: collateral });
    settings.set({ pccsUrl: "http://pccs.example" });
    await assert.rejects(verify(), (error) => isComputeError(error, "badSetting"));
  });

  it("trust a first verification that failed for nothing, and remember that it failed", async () => {
    next = verifications.failed();
    const failed = await verify();
    assert.deepEqual([pinned(failed), failed.differences.length], [undefined, 1]);
    assert.equal((await enclaves().verified("testnet", provider, "inference"))?.last.word, "failed");
    next = verifications.proven();
    assert.equal(pinned(await verify())?.why, "firstLook");
  });

  const withTcb = (status: "proven" | "failed" | "not-checked", why?: CustodyReason) =>
    aVerification({ reports: [withStep(aReport(), { id: "tcb-level", status, ...(why ? { why } : {}) })] });

  for (const why of ["revoked", "outOfDate"] as const)
    it(`do not forget that a processor is ${why} when nobody looks at it the next time`, async () => {
      settings.set({ privateOnly: true });
      next = withTcb("proven");
      await verify();
      next = withTcb("failed", why);
      await verify();
      next = withTcb("not-checked", "collateralUnreachable");
      const silent = await verify();
      assert.deepEqual([silent.verification.word, pinned(silent)?.status], ["failed", "failed"]);
      assert.deepEqual(
        silent.differences.map(({ what, now }) => [what, now]),
        [["verification", "tcb-level"]],
      );
      dialogs.answer = false;
      await assert.rejects(enclaves().beforeSending(readerOf(recipient)), (error) =>
        isComputeError(error, "cancelled"),
      );
      await assert.rejects(enclaves().beforeSendingUnasked(readerOf(recipient)), (error) =>
        isComputeError(error, "enclaveChanged"),
      );
      next = withTcb("proven");
      const well = await verify();
      assert.deepEqual([well.verification.word, well.differences], ["proven", []]);
      await enclaves().beforeSending(readerOf(recipient));
    });

  it("ask no more about a failure that was accepted, and do not call it private either", async () => {
    next = withTcb("proven");
    await verify();
    next = withTcb("failed", "revoked");
    await enclaves().accept(await verify());
    next = withTcb("not-checked", "collateralUnreachable");
    assert.deepEqual((await verify()).differences, []);
    await enclaves().beforeSendingUnasked(readerOf(recipient));
    settings.set({ privateOnly: true });
    await assert.rejects(enclaves().allow(recipient), refused("failed"));
  });

  it("trust no first look whose failure was not looked at the second time", async () => {
    next = withTcb("failed", "revoked");
    await verify();
    next = withTcb("not-checked", "collateralUnreachable");
    const silent = await verify();
    assert.deepEqual([silent.verification.word, silent.pin?.isUntrusted], ["failed", true]);
    next = withTcb("proven");
    assert.equal(pinned(await verify())?.why, "firstLook");
  });

  it("do not forget an answer of another company when no answer is there the next time", async () => {
    const centralized = (status: "proven" | "failed" | "not-checked") =>
      aVerification({
        ...{ providerClass: "centralized", privacy: "authentic", reports: [aReport("broker")] },
        steps: [
          { id: "owner-acknowledged", status: "observed" },
          { id: "identity", status, ...(status === "not-checked" ? { why: "noAnswer" } : {}) },
        ],
      });
    next = centralized("proven");
    await verify();
    next = centralized("failed");
    await verify();
    next = centralized("not-checked");
    assert.equal((await verify()).differences[0]?.now, "identity");
    next = centralized("proven");
    assert.deepEqual((await verify()).differences, []);
  });

  it("do not take one report's step for another's, nor a report that nobody can read for one in order", async () => {
    const debuggable = { id: "debug", status: "failed", why: "debuggable" } as const;
    const both = (llm: ReportVerification) =>
      aVerification({ providerClass: "separated", reports: [aReport("broker"), llm] });
    next = both(aReport("llm"));
    await verify();
    next = both(withStep(aReport("llm"), debuggable));
    await verify();
    const foreign = { id: "report", status: "not-checked", why: "cryptopilot" } as const;
    next = both(aReport("llm", "unknown", { quoteDigest: undefined, steps: [foreign] }));
    assert.equal((await verify()).differences[0]?.now, "debug");
    next = both(aReport("llm"));
    assert.deepEqual((await verify()).differences, []);
  });

  it("tell a change with what was and what is, until it is accepted", async () => {
    await verify();
    next = verifications.changed();
    const changed = await verify();
    assert.equal(changed.verification.word, "failed");
    assert.equal(pinned(changed)?.status, "failed");
    assert.deepEqual(
      changed.differences.map(({ what, before, now }) => [what, before?.slice(0, 8), now?.slice(0, 8)]),
      [
        ["signer", "0xbbbbbb", "0xffffff"],
        ["composeHash", "cccccccc", "88888888"],
        ["image", "sha256:e", undefined],
      ],
    );
    assert.equal((await verify()).differences.length, 3, "a second look does not make it good");
    assert.equal(await enclaves().accept(changed), true);
    const after = await verify();
    assert.deepEqual([after.verification.word, after.differences], ["proven", []]);
  });

  it("forget a change that is taken back", async () => {
    await verify();
    next = verifications.changed();
    await verify();
    next = verifications.proven();
    assert.deepEqual((await verify()).differences, []);
  });

  it("ask again before the next message to a provider that changed, and send nothing on a no", async () => {
    await verify();
    await enclaves().beforeSending(readerOf(recipient));
    assert.equal(dialogs.asked.length, 0, "nothing is asked while nothing changed");
    next = verifications.changed();
    await verify();
    const now = { ...recipient, teeSigner: address("f") };
    dialogs.answer = false;
    await assert.rejects(enclaves().beforeSending(readerOf(now)), (error) =>
      isComputeError(error, "cancelled"),
    );
    assert.match(
      dialogs.asked[0]?.detail ?? "",
      /Hash of what is started: c{18}…c{18} then, 8{18}…8{18} now\./,
    );
    dialogs.answer = true;
    await enclaves().beforeSending(readerOf(now));
    await enclaves().beforeSending(readerOf(now));
    assert.equal(dialogs.asked.length, 2, "asked until it was accepted, and not again");
  });

  it("notice a key that changed on the chain without another verification, and do not call it proven", async () => {
    await verify();
    const now = { ...recipient, teeSigner: address("f") };
    await enclaves().beforeSending(readerOf(now));
    assert.match(dialogs.asked[0]?.detail ?? "", /Key that the chain names: 0xb+…?b* then, 0xf+…?f* now/);
    settings.set({ privateOnly: true });
    await assert.rejects(enclaves().allow(now), refused("notProven"));
    settings.set({ privateOnly: false });
    const spelt = { ...now, teeSigner: now.teeSigner.toUpperCase().replace("0X", "0x") as Address };
    await enclaves().beforeSending(readerOf(spelt));
    assert.equal(dialogs.asked.length, 1, "the spelling of an address is no change");
    next = aVerification({
      reports: [aReport("combined", "intel", { measures: measures({ signer: now.teeSigner }) })],
      entry: aChainEntry({ teeSigner: now.teeSigner, answerSigner: now.teeSigner }),
    });
    const bound = await verify();
    assert.deepEqual([bound.differences, bound.pin?.last.word], [[], "proven"], "a report binds it now");
  });

  it("take a report that did not arrive for no news, and one without its quote for a change", async () => {
    await verify();
    const unread = aReport("combined", "unknown", {
      steps: [{ id: "report", status: "not-checked", why: "unreachable" }],
      measures: { rtmrs: [], images: [] },
      ...{ bytes: undefined, quoteDigest: undefined },
    });
    next = aVerification({ reports: [unread] });
    assert.deepEqual((await verify()).differences, []);
    next = aVerification({ reports: [{ ...unread, bytes: new Uint8Array(2) }] });
    assert.deepEqual(
      (await verify()).differences.map(({ what }) => what),
      ["report"],
    );
  });

  it("keep networks and services apart", async () => {
    await verify();
    network = "mainnet";
    assert.equal(pinned(await verify())?.why, "firstLook");
    network = "testnet";
    next = aVerification({ service: "fine-tuning" });
    const tuning = await enclaves().verify(provider, "fine-tuning");
    assert.equal(pinned(tuning)?.why, "firstLook");
  });

  describe("when the file is damaged", () => {
    const put = (text: string) => folder.files.set("pins.testnet.json", new TextEncoder().encode(text));
    const openWindow = () => {
      const window = enclaves();
      const kept: string[] = [];
      window.onDidLose((lost) => kept.push(lost.kept));
      return { window, kept };
    };
    beforeEach(async () => {
      await verify();
      put("{");
    });

    it("set it aside and tell it once, whoever finds it", async () => {
      const { window, kept } = openWindow();
      await window.verified("testnet", provider, "inference");
      await window.verified("testnet", provider, "inference");
      assert.deepEqual(kept, [`/memory/pins.testnet.damaged-${noon}`]);
      assert.equal(folder.text(`pins.testnet.damaged-${noon}`), "{");
      const later = openWindow();
      await later.window.verified("testnet", provider, "inference");
      assert.deepEqual(later.kept, []);
    });

    it("do not take a provider that changed meanwhile for one that was never seen", async () => {
      next = verifications.changed();
      assert.equal(pinned(await verify())?.why, "recordLost");
      assert.equal(pinned(await verify())?.why, "recordLost", "a second look does not make it good");
      dialogs.answer = false;
      await assert.rejects(
        enclaves().beforeSending(readerOf({ ...recipient, teeSigner: address("f") })),
        (error) => isComputeError(error, "cancelled"),
      );
      assert.match(dialogs.asked[0]?.title ?? "", /Nobody can say whether this provider changed/);
    });

    it("ask once about each provider, verified again or not", async () => {
      await enclaves().beforeSending(readerOf(recipient));
      await enclaves().beforeSending(readerOf(recipient));
      assert.equal(dialogs.asked.length, 1);
      await enclaves().beforeSending(readerOf({ ...recipient, provider: address("d") }));
      assert.equal(dialogs.asked.length, 2);
      assert.equal(pinned(await verify())?.why, "firstLook", "the user went on knowing that");
      assert.equal(pinned(await verify())?.status, "proven");
    });

    it("let nobody through unasked where only private providers may be used", async () => {
      await verify();
      settings.set({ privateOnly: true });
      await assert.rejects(enclaves().allow(recipient), refused("changed"));
      await enclaves().beforeSending(readerOf(recipient));
      await enclaves().allow(recipient);
    });

    it("take one bad entry for a damaged file, too", async () => {
      for (const text of ["[]", "null", '{"a":1}', '{"a":{"last":{}}}', '{"lost":{"at":1}}']) {
        put(text);
        assert.equal(pinned(await verify())?.why, "recordLost", text);
      }
    });
  });

  describe("with private providers only", () => {
    beforeEach(() => settings.set({ privateOnly: true }));
    const allow = (more: Partial<Recipient> = {}) => enclaves().allow({ ...recipient, ...more });

    it("refuse who relays, who has no enclave and who was not verified", async () => {
      await assert.rejects(allow({ privacy: "authentic" }), refused("relays"));
      await assert.rejects(allow({ privacy: "none" }), refused("noEnclave"));
      await assert.rejects(allow(), refused("notVerified"));
      await assert.rejects(enclaves().beforeSending(readerOf(recipient)), refused("notVerified"));
    });

    it("let a verified one through, until a later verification fails or finds a change", async () => {
      await verify();
      await allow();
      next = aVerification({
        reports: [withStep(aReport(), { id: "debug", status: "failed", why: "debuggable" })],
      });
      await verify();
      await assert.rejects(allow(), refused("failed"));
      next = verifications.changed();
      await verify();
      await assert.rejects(allow(), refused("changed"));
    });

    it("refuse what is not proven on a live network; in the sandbox it is enough that nothing failed", async () => {
      next = verifications.sandbox();
      await verify();
      await assert.rejects(allow(), refused("notProven"));
      network = "sandbox";
      await verify();
      await allow();
    });

    it("refuse an enclave that starts what no compose file names, and let one through whose images are only observed", async () => {
      for (const why of ["otherRunner", "unreadableCompose"] as const) {
        next = aVerification({
          reports: [withStep(aReport(), { id: "image-digests", status: "not-checked", why })],
        });
        assert.equal((await verify()).verification.word, "proven");
        await assert.rejects(allow(), refused("unknownPrograms"));
      }
      next = verifications.proven();
      await verify();
      await allow();
    });

    it("let nothing be stored where everybody can read it", async () => {
      await assert.rejects(enclaves().allowPublic(), (error) => isComputeError(error, "publicStorage"));
      settings.set({ privateOnly: false });
      await enclaves().allowPublic();
    });

    it("ask nobody while it is off", async () => {
      settings.set({ privateOnly: false });
      await allow({ privacy: "authentic" });
    });
  });
});

describe("The differences of two enclaves", () => {
  const report = (part: Parameters<typeof measures>[0]): readonly PinnedReport[] => [
    { kind: "combined", measures: measures(part) },
  ];
  const whats = (before: readonly PinnedReport[], now: readonly PinnedReport[]) =>
    pinDifferences(before, now).map(({ what, name = "" }) => `${what} ${name}`.trim());

  it("leave the register of the log out where the compose hash tells what matters of it", () => {
    const rtmrs = ["0", "1", "2", "9"].map((digit) => digit.repeat(96));
    assert.deepEqual(whats(report({}), report({ rtmrs })), []);
    const unlogged = measures({ composeHash: undefined });
    const before: readonly PinnedReport[] = [{ kind: "combined", measures: unlogged }];
    const now: readonly PinnedReport[] = [{ kind: "combined", measures: { ...unlogged, rtmrs } }];
    assert.deepEqual(whats(before, now), ["rtmr 3"]);
  });

  it("name every measure that is another, whatever the spelling of its hex", () => {
    assert.deepEqual(whats(report({}), report({ mrTd: "A".repeat(96) })), []);
    assert.deepEqual(whats(report({}), report({ mrTd: "b".repeat(96), osImageHash: "e".repeat(64) })), [
      "osImageHash",
      "mrTd",
    ]);
  });

  it("tell an image that lost its digest, one that is new, and a model's enclave that appeared", () => {
    const images = [{ name: "ghcr.io/zerog/broker" }, { name: "spy", digest: "sha256:1" }];
    assert.deepEqual(pinDifferences(report({}), report({ images })), [
      {
        ...{ report: "combined", what: "image", name: "ghcr.io/zerog/broker" },
        ...{ before: `sha256:${"e".repeat(64)}`, now: "" },
      },
      { report: "combined", what: "image", name: "spy", now: "sha256:1" },
    ]);
    const more: readonly PinnedReport[] = [...report({}), { kind: "llm", measures: measures() }];
    assert.deepEqual(whats(report({}), more), ["report"]);
  });
});

describe("The setting privateOnly", () => {
  it("is a wish that no workspace and no folder can take back", () => {
    assert.equal(parsePrivateOnly([undefined, undefined]), false);
    assert.equal(parsePrivateOnly([true, false, false]), true);
    assert.equal(parsePrivateOnly([undefined, false, true]), true);
  });

  it("is refused where it can be misread", () => {
    for (const value of ["yes", 1, {}])
      assert.throws(
        () => parsePrivateOnly([value, true]),
        (error) => isComputeError(error, "badSetting"),
      );
  });
});
