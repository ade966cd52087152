// The verification page: what it shows of each kind of provider in each kind of theme, by keyboard, and that the sandbox is never Intel's.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { ProofPanelState } from "../../src/protocol/proof.js";
import type { FileProof } from "../../src/domain/fileProof.js";
import type { Hash } from "../../src/domain/ids.js";
import { networks } from "../../src/domain/networks.js";
import { fileProofState, type FileProofFacts } from "../../src/view/proof/fileProofView.js";
import { address, noon } from "../support/builders.js";
import {
  answerFacts,
  changedFacts,
  forgedFacts,
  proofFacts,
  proofState,
  proofTelling,
  rotatedFacts,
  verifications,
} from "../support/proof.js";
import { themeKinds, usePanel } from "./harness.js";

const hash = (digit: string) => `0x${digit.repeat(64)}` as Hash;
const fileFacts = (proof: FileProof): FileProofFacts => ({
  ...{ shown: { file: "file:///example/model.bin" }, name: "model.bin", network: networks.testnet },
  ...{ isBusy: false, checkedAt: noon, proof },
});

const scenes: Readonly<Record<string, () => ProofPanelState>> = {
  proven: () => proofState(proofFacts(verifications.proven())),
  answer: () => proofState(answerFacts()),
  "answer, forged": () => proofState(forgedFacts()),
  "answer, other key": () => proofState(rotatedFacts()),
  failed: () => proofState(proofFacts(verifications.failed())),
  sandbox: () => proofState(proofFacts(verifications.sandbox(), {}, "sandbox")),
  separated: () => proofState(proofFacts(verifications.separated())),
  standard: () => proofState(proofFacts(verifications.standard())),
  changed: () => proofState(changedFacts()),
  "file, model": () =>
    fileProofState(
      fileFacts({
        kind: "model",
        size: 1_048_653,
        model: {
          ...{ merkle: hash("1"), keccak: hash("2"), chunks: 1, signer: address("b") },
          steps: [
            { id: "model-layout", status: "observed", right: "1048653" },
            { id: "model-signer", status: "not-checked", right: address("b"), why: "noKey" },
            { id: "model-hash", status: "not-checked", left: hash("1"), right: hash("2"), why: "noTask" },
            { id: "model-contents", status: "not-checked", why: "sealed" },
          ],
        },
        onChain: { id: "on-chain", status: "not-checked", right: address("b"), why: "notNamed" },
      }),
      proofTelling,
    ),
  "file, none": () => fileProofState(fileFacts({ kind: "unknown", size: 3, why: "binary" }), proofTelling),
  busy: () => proofState(proofFacts(undefined, { isBusy: true })),
  unreachable: () =>
    proofState(
      proofFacts(undefined, {
        error: { code: "network", facts: { what: "rpc", url: "rpc.example", detail: "no answer" } },
      }),
    ),
};

for (const theme of themeKinds)
  describe(`the verification page in the theme "${theme}"`, function () {
    this.timeout(60_000);
    const panel = usePanel({ theme, bundle: "webview-proof", viewport: { width: 1000, height: 1000 } });

    for (const [scene, state] of Object.entries(scenes))
      it(`has no findings: ${scene}`, async () => {
        await panel.waitForMessage("ready");
        await panel.post({ kind: "state", state: state() });
        await panel.page.getByRole("heading", { level: 1 }).waitFor();
        assert.deepEqual(await panel.axe(), []);
        assert.deepEqual(panel.cspViolations, []);
        assert.deepEqual(panel.pageErrors, []);
        await panel.screenshot(`proof-${scene}-${theme}`);
        await panel.page.setViewportSize({ width: 320, height: 900 });
        assert.deepEqual(await panel.axe(), []);
        const isTooWide = "document.documentElement.scrollWidth > innerWidth";
        assert.equal(await panel.page.evaluate<boolean>(isTooWide), false, "the page scrolls sideways");
        await panel.screenshot(`proof-${scene}-${theme}-narrow`);
      });
  });

describe("the verification page", () => {
  const panel = usePanel({ bundle: "webview-proof", viewport: { width: 1000, height: 800 } });
  const show = async (state: ProofPanelState) => {
    await panel.waitForMessage("ready");
    await panel.post({ kind: "state", state });
    await panel.page.getByRole("heading", { level: 1 }).waitFor();
  };
  const text = async () => (await panel.page.locator("main").textContent()) ?? "";

  it("draws the chain from the root to the provider, and on to the answer it was opened from", async () => {
    await show(scenes.proven!());
    const stations = panel.page.getByRole("heading", { level: 3 });
    assert.deepEqual(await stations.allTextContents(), [
      "Intel's root key",
      "The service on the chain",
      "This provider",
    ]);
    await panel.post({ kind: "state", state: scenes.answer!() });
    await panel.page.getByRole("heading", { name: "This answer" }).waitFor();
    assert.deepEqual((await stations.allTextContents()).slice(-2), ["The answer's signature", "This answer"]);
  });

  it("never says Intel of the sandbox, and has no green there", async () => {
    await show(scenes.sandbox!());
    assert.doesNotMatch(await text(), /Intel/i);
    assert.match(await text(), /Not proven/);
    assert.doesNotMatch(await text(), /\dproven|\d proven/);
    const colour = (selector: string) =>
      panel.page.evaluate<string>(`getComputedStyle(document.querySelector("${selector}")).color`);
    const [held, plain] = [await colour(".step.is-proven .mark"), await colour("body")];
    assert.equal(held, plain, "a step that holds in the sandbox has the colour of text");
  });

  it("says with icon and word what each step is", async () => {
    await show(scenes.failed!());
    for (const [status, word] of [
      ["proven", "proven"],
      ["observed", "observed"],
      ["not-checked", "not checked"],
      ["failed", "failed"],
    ] as const) {
      const step = panel.page.locator(`.step.is-${status}`).first();
      assert.equal(await step.locator(".step-status").textContent(), word);
      assert.equal(await step.locator(".mark svg").count(), 1);
    }
    assert.equal(await panel.page.locator("main img").count(), 0, "what a provider sent is text");
  });

  it("copies whole values by the place of their step, by keyboard", async () => {
    const state = scenes.failed!();
    await show(state);
    const link = state.links.findIndex((one) => one.kind === "step" && one.status === "failed");
    const copy = panel.page
      .locator(".step.is-failed")
      .getByRole("button", { name: "Copy: Key in the report" });
    await copy.focus();
    await panel.page.keyboard.press("Enter");
    assert.deepEqual(await panel.waitForMessage("copyValue"), { kind: "copyValue", link, side: "right" });
    assert.equal(await panel.page.getByRole("status").textContent(), "Copied");
  });

  it("has the buttons of a file where a file is shown, and none of a provider's", async () => {
    await show(scenes["file, model"]!());
    const button = (name: string) => panel.page.getByRole("button", { name, exact: true });
    await button("Check against the chain").click();
    await panel.waitForMessage("askChain");
    assert.equal(await button("Export reports…").count(), 0);
    await panel.post({ kind: "state", state: scenes.proven!() });
    await button("Export reports…").waitFor();
    assert.equal(await button("Check against the chain").count(), 0);
  });

  it("asks for what the buttons say", async () => {
    await show(scenes.changed!());
    for (const [name, kind] of [
      ["Check again", "again"],
      ["Copy all", "copyAll"],
      ["Export reports…", "exportReports"],
      ["Accept the change", "acceptChange"],
    ] as const) {
      await panel.page.getByRole("button", { name, exact: true }).click();
      await panel.waitForMessage(kind);
    }
    assert.match(await text(), /0xbbbb…|0xbbbbbbbb/);
  });

  it("keeps what it is about, and tells the word to assistive technology", async () => {
    await show(scenes.busy!());
    assert.match((await panel.page.getByRole("status").textContent()) ?? "", /Downloading/);
    assert.equal(await panel.page.locator("main").getAttribute("aria-busy"), "true");
    await panel.post({ kind: "state", state: scenes.proven!() });
    await panel.page.getByText("Proven", { exact: true }).waitFor();
    assert.match(
      (await panel.page.getByRole("status").textContent()) ?? "",
      /^Proven\. Private: an enclave under Intel's root key/,
    );
    assert.deepEqual(await panel.state(), scenes.proven!().shown);
  });

  it("keeps the focus where it is when the same is shown again", async () => {
    await show(scenes.proven!());
    await panel.page
      .getByRole("button", { name: /^Copy: / })
      .first()
      .focus();
    await panel.post({ kind: "state", state: { ...scenes.proven!(), status: "Checked a moment ago" } });
    await panel.page.getByText("Checked a moment ago").waitFor();
    const label = "document.activeElement?.getAttribute('aria-label')";
    assert.match(await panel.page.evaluate<string>(label), /^Copy: /);
  });
});
