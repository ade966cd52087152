// How the model is asked: the sheet, by mouse and by keyboard, and what the host is told of it.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { ConversationId } from "../../src/domain/ids.js";
import type { PanelState } from "../../src/protocol.js";
import { until } from "../until.js";
import { themeKinds, usePanel } from "./harness.js";
import { aState, aTurn, someSettings } from "./samples.js";

describe("the settings of a conversation", () => {
  const panel = usePanel({ viewport: { width: 420, height: 800 } });
  const opener = () => panel.page.getByRole("button", { name: /^System prompt and parameters/ });
  const sheet = () => panel.page.getByRole("region", { name: "System prompt and parameters" });
  const field = (name: string) => panel.page.getByRole("textbox", { name, exact: true });
  const hasFocus = (name: string) => field(name).evaluate((node) => node === document.activeElement);
  const show = async (state: PanelState) => {
    await panel.waitForMessage("ready");
    await panel.post({ kind: "snapshot", state });
    await field("Question").waitFor();
  };

  it("open by keyboard, close with Escape, and the focus goes with them", async () => {
    await show(aState());
    assert.equal(await sheet().isVisible(), false);
    assert.equal(await opener().getAttribute("aria-expanded"), "false");
    await opener().focus();
    await panel.page.keyboard.press("Enter");
    assert.equal(await opener().getAttribute("aria-expanded"), "true");
    assert.equal(await hasFocus("System prompt"), true);
    await panel.page.keyboard.press("Escape");
    assert.equal(await sheet().isVisible(), false);
    assert.equal(await opener().evaluate((node) => node === document.activeElement), true);
    assert.ok(
      !panel.messages.some(({ kind }) => kind === "stop"),
      "Escape closed the sheet and nothing else",
    );
  });

  it("tell the host what was typed, at once when the field is left, and while it is written", async () => {
    await show(aState());
    await opener().click();
    await field("Temperature").fill("0.2");
    await panel.page.keyboard.press("Tab");
    const message = { kind: "setting", name: "temperature", text: "0.2" };
    assert.deepEqual(await panel.waitForMessage("setting"), message);
    const before = panel.messages.length;
    await field("System prompt").fill("Be brief.");
    assert.deepEqual(await panel.waitForMessage("setting", before), {
      ...{ kind: "setting", name: "systemPrompt", text: "Be brief." },
    });
  });

  it("send what was typed last when the sheet is closed", async () => {
    await show(aState());
    await opener().click();
    await field("System prompt").fill("Be brief.");
    await panel.page.keyboard.press("Escape");
    assert.equal((await panel.waitForMessage("setting")).text, "Be brief.");
  });

  it("are not taken from under somebody's hands, nor is the focus, by what the host says meanwhile", async () => {
    await show(aState({ conversation: undefined }));
    await opener().click();
    await field("Seed").pressSequentially("4");
    const settings = someSettings({ seed: "4" });
    await panel.post({
      kind: "snapshot",
      state: aState({ conversation: "new" as ConversationId, settings }),
    });
    await until(
      "it is shown",
      async () => (await opener().getAttribute("aria-label"))?.endsWith("seed") === true,
    );
    assert.equal(await hasFocus("Seed"), true);
    assert.equal(
      ((await panel.state()) as { conversation?: string }).conversation,
      "new",
      "a reload finds it again",
    );
    await panel.page.keyboard.type("2");
    await panel.post({ kind: "settings", settings });
    assert.equal(await field("Seed").inputValue(), "42");
  });

  it("are those of the conversation on screen; what was being typed for another one is told of that", async () => {
    await show(aState());
    await opener().click();
    await field("System prompt").fill("For the first one.");
    const settings = someSettings({ systemPrompt: "For the second one." });
    const before = panel.messages.length;
    await panel.post({
      kind: "snapshot",
      state: aState({ conversation: "c2" as ConversationId, settings }),
    });
    await until(
      "it is the other's",
      async () => (await field("System prompt").inputValue()) === "For the second one.",
    );
    await field("Seed").pressSequentially("7"); // told when typing rests, as what was typed before would have been
    await until("the seed is told", () =>
      panel.messages.slice(before).some((one) => one.kind === "setting" && one.name === "seed"),
    );
    const told = panel.messages.slice(before).flatMap((one) => (one.kind === "setting" ? [one] : []));
    const first = told.filter(({ text }) => text === "For the first one.");
    assert.deepEqual(
      first.map((one) => panel.conversationOf(one)),
      ["c1"],
    );
  });

  it("say what is wrong beside the field and once aloud", async () => {
    await show(aState());
    await opener().click();
    await field("Temperature").fill("9");
    const problem = "Not taken: a number from 0 to 2.";
    await panel.post({ kind: "settings", settings: someSettings({}, { temperature: problem }) });
    await until("it is said", async () => (await panel.page.getByRole("status").textContent()) === problem);
    assert.equal(await field("Temperature").getAttribute("aria-invalid"), "true");
    assert.match((await field("Temperature").getAttribute("aria-describedby")) ?? "", /-problem/);
    await panel.post({ kind: "settings", settings: someSettings() });
    await until("it is taken back", async () => (await panel.page.getByText(problem).count()) === 1); // the status alone
  });

  it("stand in words beside the price and in the button's name", async () => {
    await show(aState({ settings: { ...someSettings(), summary: "system prompt · temperature 0.2" } }));
    assert.ok(await panel.page.getByText("24 tokens · system prompt · temperature 0.2").isVisible());
    assert.equal(
      await opener().getAttribute("title"),
      "System prompt and parameters: system prompt · temperature 0.2",
    );
  });

  for (const theme of themeKinds)
    it(`have no findings in the theme "${theme}", wide and narrow`, async () => {
      await panel.open(panel.browser, theme);
      const values = {
        systemPrompt: "You review code. Be brief, name the line.",
        temperature: "0.2",
        maxTokens: "500",
      };
      const settings = {
        ...someSettings({ ...values, topP: "7" }, { topP: "Not taken: a number from 0 to 1." }),
        summary: "system prompt · temperature 0.2 · at most 500 tokens",
      };
      await show(aState({ settings, turns: [aTurn({})] }));
      await opener().click();
      for (const [width, height] of [
        [900, 800],
        [420, 800],
        [300, 600],
        [300, 240],
      ] as const) {
        await panel.page.setViewportSize({ width, height });
        assert.deepEqual(await panel.axe(), []);
        const wide = await panel.page.evaluate<string[]>(
          `[...document.querySelectorAll(".composer *")].filter((node) => !node.closest(".visually-hidden, svg")
            && node.getBoundingClientRect().right > innerWidth + 0.5).map((node) => node.tagName + "." + node.className)`,
        );
        assert.deepEqual(wide, []);
        const send = await panel.page.getByRole("button", { name: "Send" }).boundingBox();
        assert.ok(
          send && send.y + send.height <= height,
          `the button to send is in view at ${width} x ${height}`,
        );
        await panel.screenshot(`settings-${theme}-${width}-${height}`);
      }
      assert.deepEqual(panel.cspViolations, []);
      assert.deepEqual(panel.pageErrors, []);
    });
});
