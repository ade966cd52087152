// Answers side by side: what the page shows in each kind of theme and width, how it is worked by keyboard, and that it trusts no answer.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import { networks } from "../../src/domain/networks.js";
import type { ComparisonState } from "../../src/protocol/comparison.js";
import type { TurnId } from "../../src/domain/ids.js";
import { aColumn, comparison, runningColumns, someColumns, viewOf } from "../support/comparison.js";
import { themeKinds, usePanel } from "./harness.js";

const scenes: Readonly<Record<string, () => ComparisonState>> = {
  empty: () => comparison(),
  whole: () => comparison({ answers: someColumns() }),
  running: () => comparison({ answers: runningColumns() }),
  set: () =>
    comparison({
      asking: { systemPrompt: "Answer in one sentence.", temperature: 0.2, topP: 0.9 },
      answers: [aColumn(0, {}, { unsent: ["topP"] }), aColumn(1)],
    }),
  blocked: () => comparison({ hasWallet: false }),
  stopped: () =>
    comparison({
      ...{ network: networks.sandbox, isSandboxStopped: true, models: [], picks: ["", "", ""] },
      ...{ providers: { isLoading: false, isStale: false }, estimate: undefined },
    }),
};

for (const theme of themeKinds)
  describe(`the comparison in the theme "${theme}"`, function () {
    this.timeout(60_000);
    const panel = usePanel({ pageName: "comparison", theme, viewport: { width: 1200, height: 900 } });
    const tooWide = () =>
      panel.page.evaluate<string[]>(
        "['html', 'main'].filter((one) => { const { scrollWidth, clientWidth } = document.querySelector(one); return scrollWidth > clientWidth; })",
      );

    /** Headings in which an address goes over two lines. */
    const brokenAddresses = () =>
      panel.page.evaluate<string[]>(`
        const isBroken = (text) => {
          const at = text.data.indexOf("0x");
          const range = document.createRange();
          range.setStart(text, Math.max(at, 0));
          range.setEnd(text, text.length);
          return at >= 0 && range.getClientRects().length > 1;
        };
        const textsIn = (node) => (node.nodeType === Node.TEXT_NODE ? [node] : [...node.childNodes].flatMap(textsIn));
        [...document.querySelectorAll(".column-name")].flatMap(textsIn).filter(isBroken).map(({ data }) => data);
      `);

    for (const [scene, state] of Object.entries(scenes))
      it(`has no findings: ${scene}`, async () => {
        await panel.waitForMessage("ready");
        await panel.post({ kind: "state", state: state() });
        await panel.post({ kind: "prompt", text: scene === "blocked" ? "" : "Why is the sky blue?" });
        await panel.page.getByRole("heading", { level: 1 }).waitFor();
        if (scene === "set") await panel.page.getByRole("button", { name: /^System prompt/ }).click();
        for (const fold of await panel.page.locator("summary:visible").all()) await fold.click();
        for (const width of [1200, 700, 380, 320]) {
          await panel.page.setViewportSize({ width, height: 900 });
          await panel.screenshot(`comparison-${scene}-${theme}-${width}`);
          assert.deepEqual(await panel.axe(), [], `${width}`);
          assert.deepEqual(await tooWide(), [], `${width}`);
          assert.deepEqual(await brokenAddresses(), [], `${width}`);
        }
        assert.deepEqual(panel.cspViolations, []);
        assert.deepEqual(panel.pageErrors, []);
      });
  });

describe("the comparison", () => {
  const panel = usePanel({ pageName: "comparison", viewport: { width: 1200, height: 900 } });
  const show = async (state: ComparisonState) => {
    await panel.waitForMessage("ready");
    await panel.post({ kind: "state", state });
    await panel.page.getByRole("heading", { level: 1 }).waitFor();
  };
  const field = () => panel.page.getByRole("textbox", { name: "Your question" });
  const column = (index: number) => panel.page.getByRole("article").nth(index);

  it("asks with Enter what was written, and breaks the line with Shift+Enter", async () => {
    await show(comparison());
    await field().pressSequentially("Why is the sky blue?");
    await panel.page.keyboard.press("Shift+Enter");
    await field().pressSequentially("Briefly.");
    await panel.page.keyboard.press("Enter");
    assert.deepEqual(await panel.waitForMessage("ask"), {
      kind: "ask",
      text: "Why is the sky blue?\nBriefly.",
    });
    const estimate = await panel.waitForMessage("estimate");
    assert.ok(estimate);
    assert.match(JSON.stringify(await panel.state()), /Briefly/);
  });

  it("asks nothing while nothing is written, while answers come, or while nothing can be asked", async () => {
    await show(comparison());
    await field().press("Enter");
    await show(comparison({ answers: runningColumns() }));
    await field().fill("Again");
    await field().press("Enter");
    await show(comparison({ hasWallet: false }));
    await field().press("Enter");
    await panel.page.getByRole("button", { name: "Set up wallet" }).click();
    await panel.waitForMessage("start");
    assert.deepEqual(
      panel.messages.filter(({ kind }) => kind === "ask"),
      [],
    );
  });

  it("chooses a model for each place", async () => {
    await show(comparison());
    await panel.page.getByLabel("Model 3").selectOption({ label: "None" });
    assert.deepEqual(await panel.waitForMessage("choose"), { kind: "choose", slot: 2, model: "" });
  });

  it("takes a system prompt and parameters in the chat's own sheet, says what is set, and keeps it", async () => {
    await show(comparison());
    const opener = panel.page.getByRole("button", { name: /^System prompt and parameters/ });
    const temperature = panel.page.getByRole("textbox", { name: "Temperature" });
    assert.equal(await temperature.isVisible(), false, "folded away until it is wanted");
    await opener.focus();
    await panel.page.keyboard.press("Enter");
    await panel.waitForMessage("settings");
    await temperature.fill("0.2");
    await panel.page.keyboard.press("Enter");
    assert.equal(await panel.page.getByRole("button", { name: "Ask all" }).isVisible(), true);
    await panel.page.keyboard.press("Escape");
    assert.deepEqual(await panel.waitForMessage("setting"), {
      ...{ kind: "setting", name: "temperature", text: "0.2" },
    });
    assert.deepEqual(
      panel.messages.filter(({ kind }) => kind === "ask"),
      [],
    );
    await show(comparison({ asking: { temperature: 0.2 } }));
    await panel.page.locator(".asking-line").getByText("temperature 0.2").waitFor();
    assert.match(JSON.stringify(await panel.state()), /"settings":\{"temperature":0.2\}/);
  });

  it("says what a model was asked without, and goes on with an answer in a chat", async () => {
    await show(comparison({ answers: [aColumn(0, {}, { unsent: ["topP"] }), aColumn(1, { text: "" })] }));
    await column(0).getByText("Asked without: Top p.").waitFor();
    assert.equal(
      await column(1)
        .getByRole("button", { name: /^Go on/ })
        .count(),
      0,
    );
    await column(0).getByRole("button", { name: "Go on with deepseek-r1-70b in a chat" }).focus();
    await panel.page.keyboard.press("Enter");
    assert.deepEqual(await panel.waitForMessage("goOn"), { kind: "goOn", turn: "turn0" });
  });

  it("shows answers as they come, each in its own column, rendered as Markdown in the end", async () => {
    await show(comparison({ answers: runningColumns() }));
    await panel.post({ kind: "delta", turn: "turn0" as TurnId, channel: "text", text: "eigh** scattering" });
    await panel.post({ kind: "delta", turn: "turn1" as TurnId, channel: "text", text: "Short waves" });
    await column(0).locator("strong", { hasText: "Rayleigh" }).waitFor();
    await column(1).getByText("Short waves").waitFor();
    assert.doesNotMatch((await column(1).textContent()) ?? "", /Rayleigh/);
    await panel.post({ kind: "column", column: viewOf(aColumn(0, { text: "Because **so**." })) });
    await column(0).getByText("Verified").waitFor();
    assert.equal(await column(0).getByRole("button", { name: /^Stop/ }).count(), 0);
    assert.equal(
      await panel.page.getByRole("status").textContent(),
      "deepseek-r1-70b: Verified",
      "said once, when it has ended",
    );
  });

  it("stops one column, or all, by keyboard", async () => {
    await show(comparison({ answers: runningColumns() }));
    await column(1).getByRole("button", { name: "Stop qwen3-vl-plus" }).focus();
    await panel.page.keyboard.press("Enter");
    assert.deepEqual(await panel.waitForMessage("stop"), { kind: "stop", turn: "turn1" });
    await panel.page.getByRole("button", { name: "Stop all" }).click();
    await panel.waitForMessage("stopAll");
  });

  it("says of each answer its figures and its verdict, and asks for its receipt", async () => {
    await show(comparison({ answers: someColumns() }));
    assert.deepEqual(await column(0).locator(".figures dd").allTextContents(), [
      "300 ms",
      "42",
      "0.00012 0G",
    ]);
    await column(1).getByText("Do not rely on it.").first().waitFor();
    assert.deepEqual(await column(2).locator(".figures dd").allTextContents(), ["–", "–", "–"]);
    await column(0).locator("summary", { hasText: "Verified" }).click();
    await column(0).getByRole("button", { name: "Show receipt" }).click();
    assert.deepEqual(await panel.waitForMessage("showReceipt"), { kind: "showReceipt", turn: "turn0" });
  });

  it("takes an answer for text, whatever is in it", async () => {
    const text = "<img src=x onerror=alert(1)> <script>alert(2)</script> ![p](https://evil.example/x.png)";
    await show(comparison({ answers: [aColumn(0, { text })] }));
    await column(0).getByText("<script>").first().waitFor();
    assert.equal(await panel.page.locator("img, .answer script").count(), 0);
    assert.deepEqual(panel.cspViolations, []);
  });
});
