// The provider table: what it shows in each kind of theme and state, its order and its buttons by keyboard, and what it says to screen readers.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import { networks } from "../../src/domain/networks.js";
import type { ProviderTableState } from "../../src/protocol/providerTable.js";
import { aPrompt, comparedServices, tableState } from "../support/providerTable.js";
import { until } from "../until.js";
import { themeKinds, usePanel } from "./harness.js";
import { layoutFaults, smallSizes } from "./layoutFaults.js";

const asked = { prompt: aPrompt, answerTokens: 400 };
const measuring = () =>
  comparedServices(asked).map((one, index) => (index === 1 ? { ...one, isMeasuring: true } : one));
const scenes: Readonly<Record<string, () => ProviderTableState>> = {
  whole: () => tableState({ sort: "price" }),
  unasked: () => tableState({ prompt: "", find: "llama" }),
  measuring: () => tableState({ sort: "speed", isDescending: true }, { providers: measuring() }),
  failed: () =>
    tableState(
      {},
      {
        state: {
          ...{ isLoading: false, isStale: true, readAt: 0 },
          error: { code: "network", facts: { what: "rpc", url: "rpc.example", detail: "no answer" } },
        },
      },
    ),
  empty: () => tableState({}, { providers: [] }),
  stopped: () =>
    tableState(
      {},
      {
        ...{ providers: [], isSandboxStopped: true, network: networks.sandbox },
        state: { isLoading: false, isStale: false },
      },
    ),
};

const options = { bundle: "webview-tables", pageName: "providerTable" } as const;

for (const theme of themeKinds)
  describe(`the provider table in the theme "${theme}"`, function () {
    this.timeout(60_000);
    const panel = usePanel({ ...options, theme, viewport: { width: 1200, height: 800 } });

    /** What would have to be scrolled sideways. */
    const tooWide = () =>
      panel.page.evaluate<string[]>(
        "['html', 'main', '.table .table-frame'].filter((one) => { const { scrollWidth, clientWidth } = document.querySelector(one); return scrollWidth > clientWidth; })",
      );

    for (const [scene, state] of Object.entries(scenes))
      it(`has no findings: ${scene}`, async () => {
        await panel.waitForMessage("ready");
        await panel.post({ kind: "state", state: state() });
        await panel.page.getByRole("heading", { level: 1 }).waitFor();
        for (const width of [1200, 950, 640, 380, 320]) {
          await panel.page.setViewportSize({ width, height: width < 700 ? 1000 : 800 });
          await panel.screenshot(`providers-${scene}-${theme}-${width}`);
          assert.deepEqual(await panel.axe(), [], `${width}`);
          assert.deepEqual(await tooWide(), [], `${width}`);
        }
        assert.deepEqual(panel.cspViolations, []);
        assert.deepEqual(panel.pageErrors, []);
      });

    it("fits into every small panel", async () => {
      await panel.waitForMessage("ready");
      await panel.post({ kind: "state", state: tableState() });
      await panel.page.getByRole("heading", { level: 1 }).waitFor();
      for (const size of smallSizes) {
        await panel.page.setViewportSize(size);
        await panel.screenshot(`providers-small-${theme}-${size.width}-${size.height}`);
        assert.deepEqual(await layoutFaults(panel), [], JSON.stringify(size));
        assert.deepEqual(await tooWide(), [], JSON.stringify(size));
      }
    });
  });

describe("the provider table", () => {
  const panel = usePanel({ ...options, viewport: { width: 1200, height: 800 } });
  const show = async (state: ProviderTableState) => {
    await panel.waitForMessage("ready");
    await panel.post({ kind: "state", state });
    await panel.page.getByRole("heading", { level: 1 }).waitFor();
  };
  const focused = () =>
    panel.page.evaluate<string>(
      "(document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent || '').trim()",
    );

  it("tells assistive technology the order, and asks for another by its headings", async () => {
    await show(tableState({ sort: "price" }));
    const price = panel.page.getByRole("columnheader", { name: "Your prompt" });
    assert.equal(await price.getAttribute("aria-sort"), "ascending");
    const speed = panel.page.getByRole("columnheader", { name: "Tokens/s" });
    assert.equal(await speed.getAttribute("aria-sort"), null);
    await speed.getByRole("button").focus();
    await panel.page.keyboard.press("Enter");
    assert.deepEqual(await panel.waitForMessage("sort"), { kind: "sort", column: "speed" });
    await panel.post({ kind: "state", state: tableState({ sort: "speed", isDescending: true }) });
    await panel.page.waitForFunction("document.querySelector('.column-speed').ariaSort === 'descending'");
    assert.equal(await focused(), "Tokens/s", "the focus stays on the heading");
    assert.equal(
      await panel.page.getByRole("status").textContent(),
      "6 services, sorted by Tokens/s, descending",
    );
  });

  it("asks for the price of what is typed, when typing rests, and keeps what is written over the host's word", async () => {
    await show(tableState({ prompt: "" }));
    await panel.page.locator("textarea").fill("");
    await panel.page.locator("textarea").pressSequentially("Why is the sky blue?");
    await panel.page.getByLabel("Expected answer, in tokens").fill("1200");
    const price = await panel.waitForMessage("price");
    assert.equal(price.kind, "price");
    await panel.page.waitForFunction("sessionStorage.getItem('__state')?.includes('1200')");
    const last = panel.messages.findLast((one) => one.kind === "price");
    assert.deepEqual(last, { kind: "price", prompt: "Why is the sky blue?", answerTokens: 1200 });
    assert.ok(panel.messages.filter((one) => one.kind === "price").length < 10, "not with every key");
    await panel.post({ kind: "state", state: tableState({ prompt: "Why is the" }) });
    await panel.page.getByText("About", { exact: false }).first().waitFor();
    assert.equal(await panel.page.locator("textarea").inputValue(), "Why is the sky blue?");
    assert.deepEqual(await panel.state(), { prompt: "Why is the sky blue?", answerTokens: 1200 });
  });

  for (const wrong of ["-5", "0", "1e9", "", "3.7"])
    it(`says what an expected answer can be instead of "${wrong}", and prices the last that was one`, async () => {
      await show(tableState());
      const field = panel.page.getByLabel("Expected answer, in tokens");
      const problem = "Not taken: a whole number from 1 to 1000000.";
      await field.fill(wrong);
      await panel.page.locator("#answer-problem").getByText(problem).waitFor();
      assert.equal(await field.getAttribute("aria-invalid"), "true");
      assert.equal(await field.getAttribute("aria-describedby"), "answer-problem");
      assert.equal(await panel.page.getByRole("status").textContent(), problem);
      assert.equal((await panel.waitForMessage("price")).answerTokens, 400);
      assert.deepEqual(await panel.axe(), []);
      await panel.page.setViewportSize({ width: 200, height: 400 });
      await field.scrollIntoViewIfNeeded();
      await panel.screenshot("providers-wrong-200");
      assert.deepEqual(await layoutFaults(panel), []);
      await field.fill("1200");
      await panel.page.waitForFunction("document.querySelector('#answer-problem').textContent === ''");
      assert.equal(await field.getAttribute("aria-invalid"), "false");
    });

  it("measures the row that was meant, by keyboard, and keeps the focus there while it runs", async () => {
    await show(tableState());
    const button = panel.page.getByRole("button", { name: /^Measure qwen3-vl-plus, at most / });
    await button.focus();
    await panel.page.keyboard.press("Space");
    assert.deepEqual(await panel.waitForMessage("measure"), { kind: "measure", row: "row1" });
    await panel.post({ kind: "state", state: tableState({}, { providers: measuring() }) });
    await panel.page.getByRole("button", { name: "Stop measuring qwen3-vl-plus" }).waitFor();
    assert.equal(await focused(), "Stop measuring qwen3-vl-plus");
  });

  it("filters by service", async () => {
    await show(tableState());
    await panel.page.getByLabel("Service").selectOption({ label: "Text to image" });
    assert.deepEqual(await panel.waitForMessage("narrow"), {
      ...{ kind: "narrow", service: "text-to-image", find: "" },
    });
    await panel.post({ kind: "state", state: tableState({ service: "text-to-image" }) });
    await panel.page.waitForFunction("document.querySelectorAll('.services tbody tr').length === 1");
  });

  it("finds by typing, shows what else is served there, and leaves open what was opened", async () => {
    await show(tableState());
    const fold = panel.page.locator("details.others");
    assert.equal(await fold.getAttribute("open"), null);
    await fold.locator("summary").focus();
    await panel.page.keyboard.press("Enter");
    await panel.page.getByText("llama-4").waitFor();
    await panel.post({ kind: "state", state: tableState({ sort: "price" }) });
    await panel.page.waitForFunction("document.querySelector('.column-price').ariaSort === 'ascending'");
    assert.equal(await panel.page.getByText("llama-4").isVisible(), true);
    assert.equal(await focused(), "and 2 more models", "the keyboard stays where it was");
    await panel.page.getByLabel("Find").pressSequentially("llama");
    await panel.page.waitForFunction("document.activeElement.value === 'llama'");
    await until("the last key is told", () => {
      const last = panel.messages.findLast((one) => one.kind === "narrow");
      return last?.kind === "narrow" && last.find === "llama";
    });
  });

  it("is a table to screen readers when it is too narrow for one, with a name for each figure", async () => {
    await panel.page.setViewportSize({ width: 380, height: 900 });
    await show(tableState());
    assert.equal(await panel.page.getByRole("row").count(), 7);
    assert.equal((await panel.page.getByRole("columnheader").count()) >= 6, true);
    const shown = await panel.page.evaluate<string>(
      "getComputedStyle(document.querySelector('td.column-speed'), '::before').content",
    );
    assert.match(shown, /Tokens\/s/);
  });

  it("shows hostile names as text", async () => {
    const state = tableState();
    const rows = state.rows.map((row, index) =>
      index === 0 ? { ...row, name: "<img src=x onerror=alert(1)>" } : row,
    );
    await show({ ...state, rows });
    await panel.page.getByText("<img src=x onerror=alert(1)>").waitFor();
    assert.equal(await panel.page.locator("img").count(), 0);
  });
});
