// How the chat panel looks: in each kind of theme and each state without a finding of axe or the content security policy,
// at every width, zoomed, and with colours from the theme only.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import type { Locator } from "playwright-core";
import type { PanelState } from "../../src/protocol.js";
import { until } from "../until.js";
import { drawPicture } from "../../src/sandbox/media/png.js";
import { themeKinds, usePanel } from "./harness.js";
import { layoutFaults, smallSizes } from "./layoutFaults.js";
import {
  aModel,
  aState,
  aTurn,
  manyModels,
  richText,
  sceneStates,
  somePictures,
  verdicts,
  welcomeState,
} from "./samples.js";

const aSource = (index: number) =>
  `data:image/png;base64,${drawPicture(Buffer.from([index]), { width: 320, height: 200 }).toString("base64")}`;
const stateNames = Object.keys(sceneStates) as (keyof typeof sceneStates)[];

const longNames = {
  header: { ...aState().header, network: "0G Mainnet through my own node", balance: "12345.678901 0G left" },
  models: [aModel({ label: "sandbox-chat-with-a-long-name" })],
};
const smallStates = {
  welcome: welcomeState,
  read: aState({ turns: [aTurn({ text: richText })] }),
  long: aState({ ...longNames, turns: [aTurn({ question: "w".repeat(80) })] }),
  streaming: sceneStates.streaming,
  blocked: aState({
    header: {
      ...{ ...aState().header, canSend: false, startButton: "Set up" },
      blocked: "There is no wallet here. Create one, or import yours.",
    },
    turns: [aTurn()],
  }),
};

/** In the page: how each class of the highlighter stands out from what is painted behind a block of code, as WCAG counts it. */
const contrastOfCode = `(() => {
  const code = document.querySelector(".code pre code");
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.selectorText ?? "");
  const names = new Set(rules.join().match(/hljs-[\\w-]+/g));
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((part, at) => part * a + under[at] * (1 - a));
  const light = (colour) => colour.map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (node) => node ? over(parts(getComputedStyle(node).backgroundColor), behind(node.parentElement)) : [255, 255, 255];
  const ratio = (node) => {
    const ground = behind(node);
    const [low, high] = [light(ground), light(over(parts(getComputedStyle(node).color), ground))].sort((a, b) => a - b);
    return Math.round((high + 0.05) / (low + 0.05) * 100) / 100;
  };
  const found = [["code", ratio(code)]];
  for (const name of names) {
    const node = code.appendChild(Object.assign(document.createElement("span"), { className: name, textContent: name + " " }));
    found.push([name, ratio(node)]);
  }
  return Object.fromEntries(found);
})()`;

for (const theme of themeKinds)
  describe(`the chat panel in the theme "${theme}"`, function () {
    this.timeout(60_000);
    const panel = usePanel({ theme, viewport: { width: 420, height: 800 }, showsPictures: true });
    const show = async (state: (typeof sceneStates)[keyof typeof sceneStates]) => {
      await panel.waitForMessage("ready");
      await panel.post({ kind: "snapshot", state });
      await panel.page.getByRole("textbox", { name: "Question" }).waitFor();
      for (const [index, picture] of somePictures.entries())
        await panel.post({ kind: "picture", picture, shown: { source: aSource(index) } });
    };
    const isClean = async () => {
      // Opened folds and lists need a frame until they are painted.
      await panel.page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
      );
      assert.deepEqual(await panel.axe(), []);
      assert.deepEqual(panel.cspViolations, []);
      assert.deepEqual(panel.pageErrors, []);
    };

    for (const name of stateNames)
      it(`has no findings: ${name}`, async () => {
        await show(sceneStates[name]);
        for (const summary of await panel.page.locator("summary").all())
          if (await summary.isVisible()) await summary.click();
        await isClean();
        await panel.screenshot(`chat-${name}-${theme}-420`);
        await panel.page.setViewportSize({ width: 900, height: 800 });
        await panel.screenshot(`chat-${name}-${theme}-900`);
      });

    it("shows each colour of code readably", async () => {
      await show(aState({ turns: [aTurn({ text: richText })] }));
      await panel.page.locator(".code pre code .hljs-keyword").first().waitFor();
      const ratios = await panel.page.evaluate<Record<string, number>>(contrastOfCode);
      assert.ok(Object.keys(ratios).length > 20, "the classes come from the style sheet");
      for (const [name, ratio] of Object.entries(ratios)) assert.ok(ratio >= 4.5, `${name}: ${ratio}`);
      await panel.screenshot(`chat-code-${theme}`);
    });

    it("is whole in every small panel: nothing over another, beyond the edge, or cut in the middle of letters", async () => {
      for (const [name, state] of Object.entries(smallStates)) {
        await show(state);
        for (const size of smallSizes) {
          await panel.page.setViewportSize(size);
          await panel.screenshot(`chat-small-${name}-${theme}-${size.width}-${size.height}`);
          assert.deepEqual(await layoutFaults(panel), [], `${name} ${JSON.stringify(size)}`);
          assert.deepEqual(await panel.axe(), [], `${name} ${JSON.stringify(size)}`);
        }
      }
    });

    it("has no findings: history, its question, model list, editor", async () => {
      await show(aState({ models: manyModels, turns: [aTurn({ text: richText })] }));
      await panel.page.getByRole("button", { name: "Edit question" }).click();
      await panel.page.getByRole("button", { name: /^Model:/ }).click();
      await isClean();
      await panel.screenshot(`chat-models-${theme}-420`);
      await panel.page.keyboard.press("Escape");
      await panel.page.getByRole("button", { name: "Conversations" }).click();
      await isClean();
      await panel.page.getByRole("button", { name: "Delete conversation" }).first().click();
      await isClean();
      await panel.screenshot(`chat-history-${theme}-420`);
    });
  });

describe("the chat panel's layout", () => {
  const panel = usePanel();
  for (const [width, height, what] of [
    [280, 600, "a narrow side bar"],
    [450, 400, "a window zoomed to 200 %"],
  ] as const)
    it(`fits ${what} without scrolling sideways`, async () => {
      await panel.page.setViewportSize({ width, height });
      await panel.waitForMessage("ready");
      const turns = [
        aTurn({ id: "x", text: richText, verdict: verdicts.failed }),
        aTurn({ question: "w".repeat(300), text: "u".repeat(500) }),
      ];
      await panel.post({ kind: "snapshot", state: aState({ turns }) });
      await panel.page.getByRole("textbox", { name: "Question" }).waitFor();
      for (const summary of await panel.page.locator("details.verdict > summary").all())
        await summary.click();
      await panel.page.getByRole("button", { name: "Edit question" }).first().click();
      const wide = await panel.page.evaluate<string[]>(
        `[...document.querySelectorAll("body *")].filter((node) => !node.closest(".code pre, .table, .visually-hidden, svg")
          && node.getBoundingClientRect().right > innerWidth + 0.5).map((node) => node.tagName + "." + node.className)`,
      );
      assert.deepEqual(wide, []);
      const send = await panel.page.getByRole("button", { name: "Send" }).boundingBox();
      assert.ok(send && send.y + send.height <= height, "the button to send is in view");
      await panel.screenshot(`chat-layout-${width}`);
    });

  it("keeps the words of a table whole: it scrolls, and only what is longer than a column breaks", async () => {
    await panel.page.setViewportSize({ width: 220, height: 400 });
    await panel.waitForMessage("ready");
    const hash = `0x${"a1".repeat(32)}`;
    const text = `| Level | Provider | Hash |\n|---|---|---|\n| mismatched | unacknowledged | ${hash} |`;
    await panel.post({ kind: "snapshot", state: aState({ turns: [aTurn({ text })] }) });
    const cells = panel.page.locator(".markdown td");
    await cells.last().waitFor();
    const lines = await cells.evaluateAll((nodes) =>
      nodes.map((node) => {
        const words = document.createRange();
        words.selectNodeContents(node);
        return words.getClientRects().length;
      }),
    );
    assert.deepEqual(lines.slice(0, 2), [1, 1], "words");
    assert.ok(lines[2]! > 1, "the hash breaks");
    const table = panel.page.locator(".markdown .table");
    assert.ok(await table.evaluate((node) => node.scrollWidth > node.clientWidth), "it scrolls");
    await panel.screenshot("chat-table-220");
  });

  for (const [height, least] of [
    [120, 36],
    [200, 110],
    [300, 160],
  ] as const)
    it(`keeps room to read and everything in reach at a height of ${height}`, async () => {
      const { page } = panel;
      await page.setViewportSize({ width: 300, height });
      await panel.waitForMessage("ready");
      const snapshot = (state: PanelState) => panel.post({ kind: "snapshot", state });
      const isInView = async (what: Locator) => {
        await what.scrollIntoViewIfNeeded();
        const box = await what.boundingBox();
        const isIn =
          box && box.x >= 0 && box.y >= 0 && box.x + box.width <= 300 && box.y + box.height <= height;
        assert.ok(isIn, `${String(what)} at ${JSON.stringify(box)}`);
      };
      await snapshot(
        aState({ turns: [aTurn({ text: richText })], models: manyModels, estimate: "About 0.1" }),
      );
      const field = page.getByRole("textbox", { name: "Question" });
      await field.fill("a\nb\nc\nd\ne");
      for (const name of ["Send", "New conversation", "Conversations", /^Model:/])
        await isInView(page.getByRole("button", { name }));
      await isInView(field);
      await isInView(page.getByText("About 0.1"));
      await field.fill("");
      const transcript = await page.locator(".scroller").boundingBox();
      assert.ok(transcript && transcript.height >= least, `${transcript?.height} to read in`);
      await page.getByRole("button", { name: /^Model:/ }).click();
      await isInView(page.getByRole("combobox"));
      await isInView(page.getByRole("option").last());
      await page.keyboard.press("Escape");
      await snapshot(welcomeState);
      await isInView(page.getByRole("button", { name: "Try the sandbox" }));
      await isInView(page.getByRole("button", { name: "What does fine-tuning cost?" }));
      const header = {
        ...aState().header,
        canSend: false,
        blocked: "No wallet here. ".repeat(8),
        startButton: "Set up",
      };
      await snapshot(aState({ turns: [aTurn()], header }));
      await isInView(page.getByRole("button", { name: "Set up" }));
      assert.deepEqual(await panel.axe(), []);
    });

  it("is whole at every size between, with the names of what has no room still told", async () => {
    const { page } = panel;
    await panel.waitForMessage("ready");
    for (const [name, state] of Object.entries(smallStates)) {
      await panel.post({ kind: "snapshot", state });
      await page.getByRole("textbox", { name: "Question" }).waitFor();
      for (const height of [120, 150, 200, 240, 241, 300, 401])
        for (let width = 170; width <= 460; width += 15) {
          await page.setViewportSize({ width, height });
          assert.deepEqual(await layoutFaults(panel), [], `${name} at ${width}×${height}`);
        }
    }
    await page.getByRole("button", { name: "System prompt and parameters" }).click();
    for (const { width, height } of smallSizes) {
      await page.setViewportSize({ width, height });
      await panel.screenshot(`chat-small-settings-${width}-${height}`);
      assert.deepEqual(await layoutFaults(panel), [], `settings at ${width}×${height}`);
    }
    await page.keyboard.press("Escape");
    for (const { width, height } of smallSizes) {
      await page.setViewportSize({ width, height });
      await page.getByRole("button", { name: /^Model:/ }).click();
      await panel.screenshot(`chat-small-models-${width}-${height}`);
      assert.deepEqual(await layoutFaults(panel), [], `models at ${width}×${height}`);
      await page.keyboard.press("Escape");
    }
    await page.setViewportSize({ width: 170, height: 120 });
    await panel.post({ kind: "snapshot", state: smallStates.long });
    const model = page.getByRole("button", { name: "Model: sandbox-chat-with-a-long-name" });
    assert.match((await model.getAttribute("title")) ?? "", /^sandbox-chat-with-a-long-name · Private/);
    assert.match(
      (await page.locator(".network").getAttribute("title")) ?? "",
      /^0G Mainnet through my own node\n0.0004 0G spent here\n12345.678901 0G left$/,
    );
  });

  it("grows the field with its text, up to a limit", async () => {
    await panel.waitForMessage("ready");
    await panel.post({ kind: "snapshot", state: aState() });
    const field = panel.page.getByRole("textbox", { name: "Question" });
    const one = (await field.boundingBox())?.height ?? 0;
    await field.fill("a\nb\nc\nd");
    const four = (await field.boundingBox())?.height ?? 0;
    await field.fill("a\n".repeat(200));
    const most = (await field.boundingBox())?.height ?? 0;
    assert.ok(one < 44 && four > one + 40 && most <= 330, `${one}, ${four}, ${most}`);
  });
});

describe("the chat panel with reduced motion", () => {
  const panel = usePanel({ reducedMotion: true });
  it("moves nothing", async () => {
    await panel.waitForMessage("ready");
    const streaming = sceneStates.streaming.turns;
    await panel.post({
      kind: "snapshot",
      state: aState({ turns: [...sceneStates.checking.turns, ...streaming, ...sceneStates.waiting.turns] }),
    });
    await panel.page.getByText("Checking…").waitFor();
    await until("nothing is animated", () =>
      panel.page.evaluate<boolean>("document.getAnimations().length === 0"),
    );
  });
});

describe("the panels' style sheets", () => {
  it("name no colour of their own", () => {
    const files = readdirSync("webview", { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".css"),
    );
    assert.ok(files.length >= 5);
    const literal =
      /#[0-9a-f]{3,8}\b|\b(rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(|:\s*[^;]*\b(white|black|red|green|blue|gr[ae]y|yellow|orange|purple)\b\s*[;!]/i;
    for (const file of files)
      for (const line of readFileSync(`webview/${file}`, "utf8").split("\n"))
        assert.doesNotMatch(line, literal, `${file}: ${line}`);
  });
});
