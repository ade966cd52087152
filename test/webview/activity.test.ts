// The activity panel: what it shows in each kind of theme and state, by keyboard, and with thousands of rows.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { ActivityPanelState } from "../../src/protocol/activity.js";
import { activityState, anActivity, someMovements } from "../support/activity.js";
import { themeKinds, usePanel } from "./harness.js";

const nothing = { movements: [], ledgerTotal: undefined, unsettled: new Map() };
const unread = { ...nothing, readAt: undefined };
const scenes: Readonly<Record<string, () => ActivityPanelState>> = {
  whole: () => activityState(anActivity(), {}, "testnet"),
  many: () =>
    activityState(anActivity({ movements: someMovements(4000) }), { sort: "amount", page: 3 }, "testnet"),
  reading: () =>
    activityState(
      anActivity({
        readAt: undefined,
        isReading: true,
        history: { scannedTo: 9_000_000, head: 21_000_000, span: 9, events: [], callsFrom: 0 },
      }),
      {},
      "testnet",
    ),
  failed: () =>
    activityState(
      anActivity({
        readAt: undefined,
        error: {
          code: "network",
          facts: { what: "rpc", url: "rpc.example", detail: "no answer within 12 s" },
        },
      }),
    ),
  empty: () => activityState(anActivity(nothing)),
  untold: () => activityState(anActivity({ ...unread, isReading: true, history: undefined })),
  unexplained: () => {
    const history = { scannedTo: 21_000_000, head: 21_000_000, span: 9, events: [], callsFrom: 20_999_000 };
    return activityState(anActivity({ movements: someMovements().slice(1), history }), {}, "mainnet");
  },
};

for (const theme of themeKinds)
  describe(`the activity panel in the theme "${theme}"`, function () {
    this.timeout(60_000);
    const panel = usePanel({ theme, bundle: "webview-tables", viewport: { width: 1000, height: 1000 } });

    /** What would have to be scrolled sideways: the page, its content, the table of movements. */
    const tooWide = () =>
      panel.page.evaluate<string[]>(
        "['html', 'main', '.table .table-frame'].filter((one) => { const { scrollWidth, clientWidth } = document.querySelector(one); return scrollWidth > clientWidth; })",
      );

    for (const [scene, state] of Object.entries(scenes))
      it(`has no findings: ${scene}`, async () => {
        await panel.waitForMessage("ready");
        await panel.post({ kind: "state", state: state() });
        await panel.page.getByRole("heading", { level: 1 }).waitFor();
        for (const fold of await panel.page.locator("summary").all()) await fold.click();
        assert.deepEqual(await panel.axe(), []);
        assert.deepEqual(panel.cspViolations, []);
        assert.deepEqual(panel.pageErrors, []);
        await panel.page.evaluate("document.querySelector('main').scrollTo(0, 0)");
        await panel.screenshot(`activity-${scene}-${theme}`);
        await panel.page.setViewportSize({ width: 380, height: 900 });
        assert.deepEqual(await panel.axe(), []);
        assert.deepEqual(await tooWide(), []);
        await panel.screenshot(`activity-${scene}-${theme}-narrow`);
        await panel.page.setViewportSize({ width: 320, height: 900 });
        assert.deepEqual(await panel.axe(), []);
        assert.deepEqual(await tooWide(), []);
        await panel.screenshot(`activity-${scene}-${theme}-320`);
      });
  });

describe("the activity panel", () => {
  const panel = usePanel({ bundle: "webview-tables", viewport: { width: 1000, height: 800 } });
  const show = async (state: ActivityPanelState) => {
    await panel.waitForMessage("ready");
    await panel.post({ kind: "state", state });
    await panel.page.getByRole("heading", { level: 1 }).waitFor();
  };
  const rows = () => panel.page.locator(".movements tbody tr");
  const press = async (key: string, times = 1) => {
    for (let count = 0; count < times; count++) await panel.page.keyboard.press(key);
  };
  const focused = () =>
    panel.page.evaluate<string>(
      "(document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent || '').trim()",
    );

  it("shows one page of thousands of movements, and asks for the next by keyboard", async () => {
    await show(activityState(anActivity({ movements: someMovements(4000) })));
    assert.equal(await rows().count(), 50);
    await panel.page.getByText("1–50 of 4000", { exact: true }).waitFor();
    await panel.page.getByRole("button", { name: "Next page" }).focus();
    await press("Enter");
    assert.deepEqual(await panel.waitForMessage("page"), { kind: "page", page: 1 });
    await panel.post({
      kind: "state",
      state: activityState(anActivity({ movements: someMovements(4000) }), { page: 79 }),
    });
    await panel.page.getByText("3951–4000 of 4000", { exact: true }).waitFor();
    assert.equal(await focused(), "Next page", "the focus stays on the button");
    const before = panel.messages.length;
    await press("Enter");
    await panel.page.getByRole("button", { name: "Previous page" }).click();
    assert.deepEqual(await panel.waitForMessage("page", before), { kind: "page", page: 78 });
    assert.equal(panel.messages.length, before + 1, "there is no page after the last");
  });

  it("tells assistive technology the order, and asks for another by its headings", async () => {
    await show(activityState());
    const time = panel.page.getByRole("columnheader", { name: "Time" });
    assert.equal(await time.getAttribute("aria-sort"), "descending");
    const amount = panel.page.getByRole("columnheader", { name: "Amount" });
    assert.equal(await amount.getAttribute("aria-sort"), null);
    await amount.getByRole("button").focus();
    await press("Space");
    assert.deepEqual(await panel.waitForMessage("sort"), { kind: "sort", column: "amount" });
    await panel.post({ kind: "state", state: activityState(anActivity(), { sort: "amount" }) });
    await panel.page.waitForFunction("document.querySelector('.column-amount').ariaSort === 'descending'");
    assert.equal(await focused(), "Amount", "the focus stays on the heading");
    const said = panel.page.getByRole("status");
    assert.equal(await said.textContent(), "Movements of money, 1–20 of 20");
    assert.match((await rows().first().textContent()) ?? "", /10 0G/);
  });

  it("filters by provider and kind with menus that the keyboard works", async () => {
    await show(activityState());
    await panel.page.getByLabel("Kind", { exact: true }).selectOption({ label: "Settlement" });
    assert.deepEqual(await panel.waitForMessage("filter"), {
      kind: "filter",
      what: "kind",
      value: "settlement",
    });
    await panel.post({ kind: "state", state: activityState(anActivity(), { kind: "settlement" }) });
    await panel.page.getByText("Refused by the contract: 0.25 0G (it was an old one)").waitFor();
    assert.equal(await rows().count(), 2);
    const before = panel.messages.length;
    await panel.page.getByLabel("Provider", { exact: true }).focus();
    await press("ArrowDown");
    const message = await panel.waitForMessage("filter", before);
    assert.equal(message.what, "provider");
  });

  it("reaches everything with the Tab key, in the order of the page", async () => {
    await show(activityState(anActivity({ movements: someMovements(1) }), {}, "testnet"));
    const seen: string[] = [];
    for (let count = 0; count < 12; count++) {
      await press("Tab");
      seen.push(await focused());
    }
    assert.deepEqual(
      seen.filter((name) => !/All (providers|kinds)/.test(name)),
      [
        ...["Refresh", "Export as CSV…", "Movements of money", "Time", "Kind", "Amount", "Provider"],
        ...["0x0000…0000: show in the explorer", "Totals per provider", "Totals per day"],
      ],
    );
  });

  it("leads to a transaction where there is an explorer, and only names it where there is none", async () => {
    await show(activityState(anActivity(), {}, "testnet"));
    await panel.page.getByRole("button", { name: "0x0000…000d: show in the explorer" }).click();
    assert.deepEqual(await panel.waitForMessage("openTransaction"), { kind: "openTransaction", row: "13" });
    await panel.post({ kind: "state", state: activityState() });
    await panel.page.waitForFunction("document.querySelectorAll('.movements .link').length === 0");
    assert.equal(await rows().first().locator(".hash").getAttribute("title"), `0x${"0".repeat(62)}13`);
  });

  it("shows what a stranger wrote as text, with characters that reorder it by their number", async () => {
    await show(activityState(anActivity(), { kind: "acknowledgement" }));
    assert.equal(await panel.page.locator(".movements img").count(), 0);
    assert.match((await panel.page.locator(".movements").textContent()) ?? "", /Model 6b607314-88b0/);
  });

  it("asks for what the buttons say, and keeps folds open while rows come in", async () => {
    await show(scenes.failed!());
    await panel.page.getByRole("button", { name: "Retry" }).click();
    await panel.waitForMessage("mend");
    await panel.page.getByRole("button", { name: "Refresh" }).click();
    await panel.waitForMessage("refresh");
    await panel.page.getByRole("button", { name: "Export as CSV…" }).click();
    await panel.waitForMessage("export");
    await panel.page.locator("summary", { hasText: "Totals per day" }).click();
    await panel.post({ kind: "state", state: activityState(anActivity({ movements: someMovements(20) })) });
    await panel.page.getByText("1–20 of 20").first().waitFor({ state: "attached" });
    assert.equal(await panel.page.locator("details[open] summary").textContent(), "Totals per day");
  });
});
