// What is asked before the next message: everything that decides who reads it and whose key answers, and nothing but what was shown is accepted.
import assert from "node:assert/strict";
import type { ProviderVerification } from "../../../src/domain/attestation.js";
import { isComputeError } from "../../../src/domain/error.js";
import { networks } from "../../../src/domain/networks.js";
import { Enclaves } from "../../../src/services/enclaves/enclaves.js";
import type { Recipient } from "../../../src/services/ports.js";
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
const separated: Recipient = {
  ...{ ...recipient, providerClass: "separated" },
  info: { targetTeeAddress: address("c") },
};
const separatedVerification = () =>
  aVerification({
    providerClass: "separated",
    reports: [aReport("broker"), aReport("llm", "intel", { measures: measures({ signer: address("c") }) })],
    entry: aChainEntry({ providerClass: "separated", answerSigner: address("c") }),
  });
/** Of a newer broker: the quote binds the key in a form that is not read here. */
const unboundVerification = () =>
  aVerification({
    reports: [
      withStep(aReport("combined", "intel", { measures: measures({ signer: undefined }) }), {
        ...{ id: "signer", status: "not-checked", why: "unknownLayout", left: address("b") },
      }),
    ],
  });
const failing = (...ids: readonly ("debug" | "quote-signature")[]) =>
  aVerification({
    reports: [
      ids.reduce((report, id) => withStep(report, { id, status: "failed", why: "different" }), aReport()),
    ],
  });
const silent = () =>
  aVerification({
    reports: [
      {
        ...{ kind: "combined", root: "unknown", measures: { rtmrs: [], images: [] } },
        steps: [{ id: "report", status: "not-checked", why: "unreachable" }],
      },
    ],
  });
const starting = (composeHash: string) =>
  aVerification({ reports: [aReport("combined", "intel", { measures: measures({ composeHash }) })] });

describe("Before the next message", () => {
  let folder: MemoryFolder;
  let dialogs: TestDialogs;
  let settings: ReturnType<typeof testSettings>;
  let network: keyof typeof networks;
  let next: ProviderVerification;
  let meanwhile: () => void;

  beforeEach(() => {
    [folder, dialogs, settings, network] = [new MemoryFolder(), new TestDialogs(), testSettings(), "testnet"];
    [next, meanwhile] = [verifications.proven(), () => undefined];
  });

  /** Another window each time: what it knows comes from the folder. */
  const enclaves = () =>
    new Enclaves({
      ...{ folder, collateral: new MemoryFolder(), dialogs, settings, now: () => noon },
      session: { network: () => networks[network] },
      texts: createEnclaveTexts(english, (at) => new Date(at).toISOString()),
      verify: async () => {
        meanwhile();
        return next;
      },
    });
  const verify = (what = next) => {
    next = what;
    return enclaves().verify(provider, "inference");
  };
  /** What was asked until it was sent. */
  const send = async (to: Recipient = recipient): Promise<string[]> => {
    dialogs.asked.splice(0);
    await enclaves().beforeSending(readerOf(to));
    return dialogs.asked.map(({ title, detail }) => `${title}\n${detail}`);
  };
  const refused = (to: Recipient, code: "enclaveChanged" | "privateOnly") =>
    assert.rejects(enclaves().beforeSendingUnasked(readerOf(to)), (error) => isComputeError(error, code));
  const pinFile = () =>
    JSON.parse(folder.text("pins.testnet.json")) as Record<string, Record<string, unknown>>;
  const keep = (file: object) =>
    folder.files.set("pins.testnet.json", new TextEncoder().encode(JSON.stringify(file)));

  it("another key for the answers of a model's own enclave is asked about, and not called proven", async () => {
    await verify(separatedVerification());
    assert.deepEqual(await send(separated), []);
    const now = { ...separated, info: { targetTeeAddress: address("d") } };
    await refused(now, "enclaveChanged");
    const [question = "", ...more] = await send(now);
    assert.match(question, /Key that signs answers: 0xc+…?c* then, 0xd+…?d* now\./);
    assert.deepEqual(more, []);
    assert.deepEqual(await send(now), [], "asked once");
    settings.set({ privateOnly: true });
    await refused(now, "privateOnly");
  });

  it("a change and a failure that nobody accepted stay open while the provider shows no report", async () => {
    await verify();
    const pinned = async () =>
      (await verify(silent())).verification.steps.find(({ id }) => id === "pinned")?.status;
    assert.equal(await pinned(), "not-checked", "nothing was compared");
    assert.deepEqual(await send(), [], "nothing is open yet");
    for (const open of [starting("9".repeat(64)), failing("debug")]) {
      await verify(open);
      await refused(recipient, "enclaveChanged");
      const { differences } = await verify(silent());
      assert.ok(differences.length > 0, "silence takes nothing back");
      await refused(recipient, "enclaveChanged");
      await verify(verifications.proven());
      assert.deepEqual(await send(), [], "as it was: there is nothing to ask any more");
    }
  });

  it("a first verification that failed stays failed while the provider shows no report", async () => {
    await verify(failing("debug"));
    await verify(silent());
    await refused(recipient, "enclaveChanged");
  });

  it("another kind of provider on another server is asked about, with the key that answers there", async () => {
    await verify();
    const now: Recipient = {
      ...{ ...separated, url: "https://elsewhere.example:8443/v2" },
      info: { targetTeeAddress: address("d") },
    };
    const [question = ""] = await send(now);
    assert.match(question, /Key that signs answers: 0xb+…?b* then, 0xd+…?d* now\./);
    assert.match(
      question,
      /Kind of provider: gateway and model in one enclave then, gateway and model in an enclave each now\./,
    );
    assert.match(question, /Server: provider\.example then, elsewhere\.example:8443\/v2 now\./);
    const slash = { ...now, url: "https://elsewhere.example:8443/v2/" };
    assert.deepEqual(await send(slash), [], "the same place");
    for (const path of ["t/evil", "T/evil", "T/evil?", "T/evil#"])
      assert.equal((await send({ ...now, url: `https://elsewhere.example:8443/${path}` })).length, 1, path);
  });

  it("what a pin of an older version does not know is taken over by the next verification", async () => {
    await verify(separatedVerification());
    const key = `inference ${provider}`;
    const pin = pinFile()[key] ?? {};
    const last = { ...(pin.last as object), entry: undefined };
    keep({ [key]: { ...pin, entry: undefined, last } });
    const elsewhere = { ...separated, url: "https://elsewhere.example" };
    settings.set({ privateOnly: true });
    const notVerified = (error: unknown) =>
      isComputeError(error, "privateOnly") && error.facts.why === "notVerified";
    await assert.rejects(send(elsewhere), notVerified);
    await assert.rejects(send(separated), notVerified);
    settings.set({ privateOnly: false });
    assert.deepEqual(await send(elsewhere), []);
    await verify(separatedVerification());
    settings.set({ privateOnly: true });
    assert.deepEqual(await send(separated), []);
    settings.set({ privateOnly: false });
    assert.equal((await send(elsewhere)).length, 1);
  });

  it("a pin that knows the host alone asks nothing of a path before the next verification, which keeps it", async () => {
    const entry = aChainEntry({ path: "/v1" });
    await verify(aVerification({ entry }));
    const key = `inference ${provider}`;
    const pin = pinFile()[key] ?? {};
    const old = { ...entry, path: undefined };
    keep({ [key]: { ...pin, entry: old, last: { ...(pin.last as object), entry: old } } });
    const [one, other] = ["v1", "v2"].map((path) => ({
      ...recipient,
      url: `https://provider.example/${path}`,
    }));
    assert.ok(one && other);
    assert.deepEqual([await send(one), await send(other)], [[], []]);
    settings.set({ privateOnly: true });
    await refused(one, "privateOnly");
    settings.set({ privateOnly: false });
    assert.deepEqual((await verify(aVerification({ entry }))).differences, []);
    assert.deepEqual(await send(one), []);
    assert.match(
      (await send(other))[0] ?? "",
      /Server: provider\.example\/v1 then, provider\.example\/v2 now\./,
    );
  });

  it("the chain's key counts where no report binds one, and a key that was replaced is another one", async () => {
    await verify(unboundVerification());
    assert.deepEqual(await send(), []);
    const other = { ...recipient, teeSigner: address("e") };
    assert.match((await send(other))[0] ?? "", /Key that the chain names: 0xb+…?b* then, 0xe+…?e* now\./);
    assert.deepEqual(await send(other), []);
    assert.equal((await send(recipient)).length, 1, "back to the key of before");
    await verify();
    await send(other);
    assert.equal((await send(recipient)).length, 1, "bound by a report or not");
  });

  it("a verification that failed since is asked about like a change, and again when something else fails", async () => {
    await verify();
    const { differences } = await verify(failing("debug"));
    assert.deepEqual(differences, [{ what: "verification", now: "debug" }]);
    await refused(recipient, "enclaveChanged");
    const [question = ""] = await send();
    assert.match(question, /^The verification of this provider failed\. Go on\?\n/);
    assert.match(question, /\n\nChecks that failed: Closed to inspection\.\n/);
    await verify(failing("debug"));
    assert.deepEqual(await send(), [], "it was accepted");
    await verify(failing("debug", "quote-signature"));
    assert.equal((await send()).length, 1);
    settings.set({ privateOnly: true });
    await assert.rejects(enclaves().allow(recipient), (error) => isComputeError(error, "privateOnly"));
  });

  it("a first verification that failed is asked about, and the next one is a first look again", async () => {
    const first = await verify(failing("quote-signature"));
    assert.equal(
      first.verification.steps.some(({ id }) => id === "pinned"),
      false,
    );
    dialogs.answer = false;
    await assert.rejects(send(), (error) => isComputeError(error, "cancelled"));
    const { verification } = await verify(starting("1".repeat(64)));
    assert.equal(verification.steps.find(({ id }) => id === "pinned")?.why, "firstLook");
    assert.deepEqual(await send(), []);
  });

  it("a first verification that failed can be accepted on its page: from there on it is what others are compared with", async () => {
    assert.equal(await enclaves().accept(await verify(failing("quote-signature"))), true);
    await enclaves().beforeSendingUnasked(readerOf(recipient));
    const { differences } = await verify(starting("1".repeat(64)));
    assert.deepEqual(
      differences.map(({ what }) => what),
      ["composeHash"],
    );
  });

  it("a yes is to what was shown: what another window found meanwhile is asked about, too", async () => {
    await verify();
    const shown = await verify(starting("1".repeat(64)));
    dialogs.answer = async () => {
      dialogs.answer = true;
      await verify(starting("9".repeat(64)));
      return true;
    };
    const questions = await send();
    assert.deepEqual(
      questions.map((question) => /then, ([0-9])/.exec(question)?.[1]),
      ["1", "9"],
    );
    assert.equal(await enclaves().accept(shown), false, "nor does the page accept what it did not show");
    assert.deepEqual((await verify(starting("9".repeat(64)))).differences, []);
  });

  it("who asks the same provider meanwhile waits for the same answer, and whoever gives up ends no one else's", async () => {
    await verify();
    await verify(starting("1".repeat(64)));
    const window = enclaves();
    let answered: (isYes: boolean) => void = () => undefined;
    dialogs.answer = () => new Promise((resolve) => (answered = resolve));
    const impatient = new AbortController();
    const ask = (signal?: AbortSignal) => window.beforeSending(readerOf(recipient), signal);
    const all = [ask(impatient.signal), ask(), ask()].map((sending) =>
      sending.then(
        () => "sent",
        (error: unknown) => (isComputeError(error, "cancelled") ? "cancelled" : String(error)),
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));
    impatient.abort();
    assert.equal(await all[0], "cancelled");
    answered(true);
    assert.deepEqual(await Promise.all(all), ["cancelled", "sent", "sent"]);
    assert.equal(dialogs.asked.length, 1);

    await verify(starting("2".repeat(64)));
    const refusals = [ask(), ask()].map((sending) =>
      assert.rejects(sending, (e) => isComputeError(e, "cancelled")),
    );
    await new Promise((resolve) => setImmediate(resolve));
    answered(false);
    await Promise.all(refusals);
    assert.equal(dialogs.asked.length, 2);
  });

  it("a verification and a yes belong to the network they were begun on", async () => {
    meanwhile = () => (network = "mainnet");
    const { networkKey } = await verify();
    assert.deepEqual([networkKey, [...folder.files.keys()]], ["testnet", ["pins.testnet.json"]]);
    [network, meanwhile] = ["testnet", () => undefined];
    const changed = await verify(starting("1".repeat(64)));
    network = "mainnet";
    assert.equal(await enclaves().accept(changed), true);
    network = "testnet";
    dialogs.answer = async () => {
      network = "mainnet";
      return true;
    };
    await verify(starting("2".repeat(64)));
    assert.equal((await send()).length, 1);
    assert.deepEqual([...folder.files.keys()], ["pins.testnet.json"]);
    network = "testnet";
    assert.deepEqual(await send(), []);
  });

  it("a change of any size is a question that can be read, its keys and hashes first", async () => {
    await verify();
    const images = [...Array(4000).keys()].map((index) => ({
      name: `registry.example/${"x".repeat(40)}${index}`,
    }));
    await verify(
      aVerification({
        reports: [
          aReport("combined", "intel", {
            measures: measures({ images, mrTd: "8".repeat(96), osImageHash: "9".repeat(64) }),
          }),
        ],
      }),
    );
    const [question = ""] = await send({ ...recipient, teeSigner: address("e") });
    assert.ok(question.length < 4_000, String(question.length));
    assert.match(
      question,
      /Key that the chain names[^]*operating system[^]*Measure of the enclave[^]*Image /,
    );
    assert.match(question, /And 3992 more\./);
  });

  it("a record with something else where a text belongs is set aside and told", async () => {
    await verify();
    const whole = JSON.stringify(pinFile());
    const damaged: [string, string][] = [
      ['"signer":"0xbb', '"signer":5,"x":"'],
      ['"digest":"sha256:', '"digest":7,"x":"'],
      ['"privacy":"private"', '"privacy":null'],
      ['"quotes":[', '"quotes":4,"x":['],
      ['"providerClass":"combined","host"', '"providerClass":"toString","host"'],
      ['"host":"', '"host":1,"x":"'],
      ['"path":"', '"path":1,"x":"'],
      ['"service":"', '"isUntrusted":"no","service":"'],
    ];
    for (const [text, instead] of damaged) {
      assert.ok(whole.includes(text), text);
      keep(JSON.parse(whole.replace(text, instead)) as object);
      const window = enclaves();
      const kept: string[] = [];
      window.onDidLose((lost) => kept.push(lost.kept));
      await assert.rejects(window.beforeSendingUnasked(readerOf(recipient)), (error) =>
        isComputeError(error, "enclaveChanged"),
      );
      assert.equal(kept.length, 1, text);
    }
  });
});
