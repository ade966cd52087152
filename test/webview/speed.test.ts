// Long conversations and fast streams: what the page builds and how often it writes is asserted, how fast it is is printed.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import { build } from "esbuild";
import { until } from "../until.js";
import { usePanel } from "./harness.js";
import { aState, aTurn, richText, turnId } from "./samples.js";

const many = 5000;
const bundleLimit = 350 * 1024;

interface Watch {
  tasks: number[];
  frames: number;
  bursts: number;
  most: number;
}

const watchTasks = `{
  window.__tasks = [];
  new PerformanceObserver((list) => window.__tasks.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ entryTypes: ["longtask"] });
}`;

/** Builds the conversation in the page: as text it would be 12 MB on its way there. */
const makeLongConversation = `{
  const state = ${JSON.stringify(aState())}, plain = ${JSON.stringify(aTurn())}, rich = ${JSON.stringify(richText)};
  state.turns = Array.from({ length: ${many} }, (_, index) => ({
    id: "long" + index,
    question: "Question " + index + ": what does the provider sign?",
    answer: { ...plain.answer, text: index % 5 === 0 ? rich : "Answer " + index + ".\\n\\n" + "Some words of it. ".repeat(10 + (index % 40)) },
  }));
  window.__state = state;
}`;
const showLongConversation = `window.postMessage({ kind: "snapshot", state: window.__state }, "*")`;

describe("a long conversation", function () {
  this.timeout(120_000);
  const panel = usePanel({ viewport: { width: 420, height: 800 } });

  it("of 5,000 turns opens and scrolls, building only the answers near the reader", async () => {
    await panel.waitForMessage("ready");
    await panel.page.evaluate(watchTasks);
    await panel.page.evaluate(makeLongConversation);
    await panel.page.evaluate("window.__tasks.length = 0");
    const openMs = await panel.page.evaluate<number>(
      `new Promise((done) => {
        const from = performance.now();
        ${showLongConversation};
        const look = () => document.querySelectorAll("article").length === ${many}
          ? requestAnimationFrame(() => done(performance.now() - from)) : requestAnimationFrame(look);
        look();
      })`,
    );
    const openTasks = await panel.page.evaluate<number[]>("window.__tasks.splice(0)");
    assert.ok(await panel.page.getByRole("heading", { name: `Question ${many - 1}:` }).isVisible());

    const scroll = await panel.page.evaluate<{ frames: number[]; filled: number; blank: number }>(
      `new Promise((done) => {
        const scroller = document.querySelector(".scroller");
        const frames = []; let filled = 0; let blank = 0; let last = performance.now(); let step = 0;
        const next = () => {
          const now = performance.now(); frames.push(now - last); last = now;
          filled = Math.max(filled, document.querySelectorAll(".answer").length);
          const box = scroller.getBoundingClientRect();
          const at = document.elementFromPoint(box.left + 40, box.top + box.height / 2)?.closest("article");
          if (at && !at.querySelector(".answer")) blank++;
          scroller.scrollTop -= 150;
          if (++step < 240) requestAnimationFrame(next); else done({ frames, filled, blank });
        };
        requestAnimationFrame(next);
      })`,
    );
    const scrollTasks = await panel.page.evaluate<number[]>("window.__tasks.splice(0)");
    const sorted = scroll.frames.toSorted((a, b) => a - b);
    console.log(
      `      open ${openMs.toFixed(0)} ms (longest task ${Math.max(0, ...openTasks).toFixed(0)} ms); 240 frames of scrolling:` +
        ` median ${sorted[120]!.toFixed(1)} ms, 95 % ${sorted[228]!.toFixed(1)} ms, longest task ${Math.max(0, ...scrollTasks).toFixed(0)} ms;` +
        ` at most ${scroll.filled} answers built`,
    );
    assert.ok(scroll.filled < 120, `${scroll.filled} answers were built at once`);
    assert.equal(scroll.blank, 0, "the reader saw a turn without its answer");
  });

  it("keeps what is being read in its place while turns around it are completed", async () => {
    await panel.waitForMessage("ready");
    await panel.page.evaluate(makeLongConversation + showLongConversation);
    const heading = panel.page.getByRole("heading", { name: "Question 2500:" });
    await heading.evaluate((element) => element.scrollIntoView({ block: "center" }));
    await until("the turn is complete", () =>
      heading.evaluate((element) => element.closest("article")?.querySelector(".answer") !== null),
    );
    const box = await heading.boundingBox();
    assert.ok(box && box.y > 0 && box.y < 800, `it stands at ${box?.y}`);
    const scroller = panel.page.getByRole("region", { name: "What is an enclave?" });
    for (const distance of [-900, -900, -900, 900, 900, 900]) {
      const before = (await heading.boundingBox())?.y ?? 0;
      await scroller.evaluate((element, by) => (element.scrollTop += by), distance);
      const moved = ((await heading.boundingBox())?.y ?? 0) - before;
      assert.ok(Math.abs(moved + distance) < 2, `scrolled by ${distance}, moved by ${moved}`);
      await panel.page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
      );
    }
    assert.ok(Math.abs(((await heading.boundingBox())?.y ?? 0) - box.y) < 2);
  });

  it("is reached by keyboard from any turn to its neighbours", async () => {
    await panel.waitForMessage("ready");
    await panel.page.evaluate(makeLongConversation + showLongConversation);
    await panel.page.getByRole("button", { name: "Edit question" }).last().focus();
    const names: string[] = [];
    for (let index = 0; index < 60; index++) {
      await panel.page.keyboard.press("Shift+Tab");
      names.push(
        await panel.page.evaluate(
          "document.activeElement?.closest('article')?.querySelector('h2')?.textContent ?? ''",
        ),
      );
    }
    const reached = new Set(names.map((name) => /Question (\d+)/.exec(name)?.[1]).filter((name) => name));
    assert.ok(reached.size >= 5, `only ${[...reached].join(", ")} were reached`);
  });
});

describe("a fast stream", function () {
  this.timeout(120_000);
  const panel = usePanel({ viewport: { width: 420, height: 800 } });

  it("of 10,000 pieces changes the page at most once a frame", async () => {
    await panel.waitForMessage("ready");
    const turn = aTurn({ id: "fast", state: "waiting", text: "", verdict: undefined, status: "Waiting…" });
    await panel.post({ kind: "snapshot", state: aState({ turns: [turn] }) });
    await panel.page.getByText("Waiting…").waitFor();
    await panel.page.evaluate(watchTasks);
    const text = Array.from({ length: 60 }, (_, index) =>
      richText.replace("Reading", `Part ${index}: reading`),
    ).join("\n\n");
    const size = Math.ceil(text.length / 10_000);
    const pieces = Array.from({ length: 10_000 }, (_, index) => text.slice(index * size, (index + 1) * size));
    const watch = await panel.page.evaluate<Watch & { ms: number }>(
      `new Promise((done) => {
        const pieces = ${JSON.stringify(pieces)};
        const watch = { tasks: [], frames: 0, bursts: 0, most: 0, ms: 0 };
        let inFrame = 0, running = true;
        // Each delivery of mutation records is one burst: all writes of one task together.
        new MutationObserver(() => { watch.bursts++; inFrame++; watch.most = Math.max(watch.most, inFrame); })
          .observe(document.querySelector(".turns"), { childList: true, subtree: true, characterData: true, attributes: true });
        const frame = () => { watch.frames++; inFrame = 0; if (running) requestAnimationFrame(frame); };
        requestAnimationFrame(frame);
        const from = performance.now();
        let at = 0;
        const feed = () => {
          for (let n = 0; n < 20 && at < pieces.length; n++)
            window.postMessage({ kind: "delta", turn: "fast", channel: "text", text: pieces[at++] }, "*");
          if (at < pieces.length) return setTimeout(feed, 4);
          const settled = () => {
            if (document.querySelector(".markdown")?.textContent.includes("Part 59") && document.querySelectorAll(".markdown hr").length === 60) {
              running = false; watch.ms = performance.now() - from; watch.tasks = window.__tasks; done(watch);
            } else requestAnimationFrame(settled);
          };
          settled();
        };
        feed();
      })`,
    );
    console.log(
      `      10,000 deltas (${(text.length / 1024).toFixed(0)} KB) in ${watch.ms.toFixed(0)} ms: ${watch.frames} frames, ${watch.bursts} bursts of` +
        ` writes, at most ${watch.most} in a frame; longest task ${Math.max(0, ...watch.tasks).toFixed(0)} ms`,
    );
    assert.ok(watch.bursts <= watch.frames + 1, "more bursts than frames");
    assert.equal(watch.most, 1);
  });

  it("of one endless code block leaves time to stop it", async () => {
    await panel.waitForMessage("ready");
    const turn = aTurn({ id: "endless", state: "waiting", text: "", verdict: undefined });
    await panel.post({ kind: "snapshot", state: aState({ turns: [turn] }) });
    const line = "const value = { name: 'x', list: [1, 2, 3] };\n".repeat(20);
    await panel.post({ kind: "delta", turn: turnId("endless"), channel: "text", text: "```ts\n" });
    for (let index = 0; index < 300; index++)
      await panel.post({ kind: "delta", turn: turnId("endless"), channel: "text", text: line });
    const from = performance.now();
    await panel.page.keyboard.press("Escape");
    await panel.waitForMessage("stop");
    const ms = performance.now() - from;
    console.log(
      `      stop pressed after 270 KB of open code block: told to the host in ${ms.toFixed(0)} ms`,
    );
  });
});

describe("the panel's bundle", () => {
  it("stays under its size", async () => {
    const options = {
      bundle: true,
      minify: true,
      format: "iife",
      target: "es2022",
      write: false,
      outdir: "dist",
    } as const;
    const { outputFiles } = await build({ ...options, entryPoints: ["webview/chat/main.ts"] });
    for (const file of outputFiles)
      console.log(
        `      ${file.path.split(".").at(-1)}: ${(file.contents.length / 1024).toFixed(1)} KB minified`,
      );
    const script = outputFiles.find((file) => file.path.endsWith(".js"));
    assert.ok(script && script.contents.length <= bundleLimit);
  });
});
