// What a reader does in the chat panel, and what the host is told of it.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { ConversationId } from "../../src/domain/ids.js";
import type { PanelState, ToPanel, TurnView } from "../../src/protocol.js";
import { until } from "../until.js";
import { usePanel } from "./harness.js";
import { aState, aTurn, manyModels, sceneStates, turnId, verdicts, welcomeState } from "./samples.js";

describe("the chat panel", () => {
  const panel = usePanel({ viewport: { width: 420, height: 800 } });
  const button = (name: string) => panel.page.getByRole("button", { name, exact: true });
  const question = () => panel.page.getByRole("textbox", { name: "Question" });
  const focused = () =>
    panel.page.evaluate<string>(
      "(document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent || '').trim()",
    );
  const status = () => panel.page.getByRole("status").textContent();
  const show = async (state: PanelState) => {
    await panel.waitForMessage("ready");
    await panel.post({ kind: "snapshot", state });
    await question().waitFor();
  };
  const running = aTurn({ id: "run", state: "streaming", text: "So far", verdict: undefined, meter: "" });

  it("sends with Enter, breaks with Shift and Enter, and clears the field", async () => {
    await show(aState());
    await question().focus();
    await panel.page.keyboard.type("one");
    await panel.page.keyboard.press("Shift+Enter");
    await panel.page.keyboard.type("two");
    await panel.page.keyboard.press("Enter");
    assert.deepEqual(await panel.waitForMessage("send"), { kind: "send", text: "one\ntwo" });
    assert.equal(await question().inputValue(), "");
    assert.equal(await focused(), "Question");
  });

  it("says which conversation it shows with what it sends, and none where it shows none", async () => {
    for (const conversation of [undefined, "a", "b"] as (ConversationId | undefined)[]) {
      await show(aState({ conversation, turns: [aTurn({ id: `of ${conversation}` })] }));
      const before = panel.messages.length;
      await button("Regenerate").click();
      await question().fill("one");
      await question().press("Enter");
      const sent = await panel.waitForMessage("send", before);
      const again = await panel.waitForMessage("regenerate", before);
      assert.equal(again.turn, `of ${conversation}`);
      assert.deepEqual(
        [sent, again].map((one) => panel.conversationOf(one)),
        [conversation, conversation],
      );
    }
  });

  it("sends one question at a time, says that it does where that takes a while, and gives back what was not sent", async () => {
    await show(aState());
    await question().focus();
    await panel.page.keyboard.type("first");
    await panel.page.keyboard.press("Enter");
    await panel.page.keyboard.type("second");
    await panel.page.keyboard.press("Enter");
    await panel.page.getByText(/^Sending…/).waitFor();
    assert.equal(await button("Send").isDisabled(), true);
    const kept = async () => ((await panel.state()) as { draft: string }).draft;
    await panel.post({ kind: "draft", text: "first" });
    await until("all of it is there", async () => (await question().inputValue()) === "first\nsecond");
    await panel.page.getByText(/^Sending…/).waitFor({ state: "hidden" });
    await panel.page.keyboard.press("Enter");
    await panel.page.keyboard.type("third");
    await panel.post({ kind: "turn", turn: running });
    await until("the question is a turn", async () => (await kept()) === "third");
    const sent = panel.messages.flatMap((message) => (message.kind === "send" ? [message.text] : []));
    assert.deepEqual(sent, ["first", "first\nsecond"]);
  });

  it("has a question that was on its way in the field of a page made anew only where it was not asked, and once", async () => {
    const send = async (text: string) => {
      await question().focus();
      await panel.page.keyboard.type(text);
      await panel.page.keyboard.press("Enter");
      await panel.page.keyboard.type("second");
      await panel.waitForMessage("send");
      await panel.reload();
    };
    await show(aState());
    await send("first");
    const asked = aTurn({ id: "run", question: "first", state: "streaming", verdict: undefined });
    await show(aState({ turns: [aTurn({}), asked] }));
    assert.equal(await question().inputValue(), "second");
    await panel.post({ kind: "turn", turn: aTurn({ id: "run", question: "first" }) });
    await button("Send").waitFor();
    await question().fill("");
    await send("third");
    await show(aState({ turns: [aTurn({}), asked] }));
    await panel.post({ kind: "draft", text: "third" });
    await panel.post({ kind: "estimate", text: "About nothing" });
    await panel.page.getByText("About nothing").waitFor();
    assert.equal(await question().inputValue(), "third\nsecond");
  });

  it("leaves a reader who has just scrolled up where they are, though a new snapshot comes before anybody has heard of it", async () => {
    const turns = Array.from({ length: 12 }, (_, index) =>
      aTurn({ id: `long${index}`, text: "line\n\n".repeat(20) }),
    );
    await show(aState({ turns }));
    const scroller = panel.page.locator(".scroller");
    await until("the end is shown", () =>
      scroller.evaluate(
        (node) => node.scrollTop > 500 && node.scrollHeight - node.scrollTop - node.clientHeight < 2,
      ),
    );
    // In one task: the event of the scrolling comes with the next frame.
    await panel.page.evaluate(`{
      document.querySelector('[data-turn="long2"]').scrollIntoView();
      window.dispatchEvent(new MessageEvent("message", { data: ${JSON.stringify({ kind: "snapshot", state: aState({ turns }) })} }));
    }`);
    await button("Jump to latest").waitFor({ timeout: 3_000 });
    const top = await panel.page.evaluate<number>(
      `document.querySelector('[data-turn="long2"]').getBoundingClientRect().top - document.querySelector(".scroller").getBoundingClientRect().top`,
    );
    assert.ok(Math.abs(top) < 4, `${top} px from where they were`);
  });

  it("shows tools that a model asks for folded and as text, with nothing that could run one", async () => {
    await show(sceneStates.tools);
    const fold = panel.page.locator("details.tools-asked");
    await panel.page.getByText("Asks for 2 tools; nothing was run").click();
    await fold.getByText("weather", { exact: true }).waitFor();
    assert.match(
      (await fold.textContent()) ?? "",
      /<img src=x onerror=alert\(1\)>U\+202Etxt.*<script>alert\(1\)<\/script> \[x\]\(command:y\)/s,
    );
    assert.equal(await fold.locator("img, script, a, button").count(), 0);
    assert.deepEqual(panel.messages.slice(1), []);
  });

  it("sends nothing while a word is being composed", async () => {
    await show(aState());
    await question().fill("に");
    await question().dispatchEvent("keydown", {
      key: "Enter",
      isComposing: true,
      bubbles: true,
      composed: true,
    });
    await question().dispatchEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, composed: true });
    await question().press("Enter");
    await panel.waitForMessage("send");
    assert.equal(panel.messages.filter((message) => message.kind === "send").length, 1);
  });

  it("sends nothing that is empty or not allowed, and says why", async () => {
    const header = { ...aState().header, canSend: false, blocked: "Your account is empty." };
    await show(aState({ header }));
    await question().fill("hello");
    await question().press("Enter");
    assert.ok(await panel.page.getByText("Your account is empty.").isVisible());
    assert.equal(await button("Send").isDisabled(), true);
    await panel.post({ kind: "header", header: { ...header, canSend: true, blocked: undefined } });
    await until("sending is allowed", () => button("Send").isEnabled());
    await question().fill("   ");
    await question().press("Enter");
    await question().fill("hello");
    await button("Send").click();
    await panel.waitForMessage("send");
    assert.equal(panel.messages.filter((message) => message.kind === "send").length, 1);
  });

  it("has the button to start with where a conversation lacks a wallet", async () => {
    const header = {
      ...aState().header,
      canSend: false,
      blocked: "Set up a wallet to start.",
      startButton: "Set up wallet",
    };
    await show(aState({ header, turns: [aTurn({})] }));
    await button("Set up wallet").focus();
    await panel.post({ kind: "header", header });
    await panel.page.keyboard.press("Enter");
    await panel.waitForMessage("start");
    assert.deepEqual(await panel.axe(), []);
    await panel.screenshot("panel-blocked");
    await panel.post({ kind: "header", header: aState().header });
    await until("the button is gone", async () => (await button("Set up wallet").count()) === 0);
    assert.equal(await focused(), "Question");
  });

  it("asks for an estimate of the draft and shows it", async () => {
    await show(aState());
    await question().fill("how much");
    assert.deepEqual(await panel.waitForMessage("estimate"), { kind: "estimate", text: "how much" });
    await panel.post({ kind: "estimate", text: "About 0.5 0G" });
    await panel.page.getByText("About 0.5 0G").waitFor();
  });

  it("warns of a question that alone is longer than the model reads, as long as it is", async function () {
    this.timeout(120_000); // three pages
    const text =
      "This question alone, with what goes along, is longer than the model reads: about 9123 tokens of 7168. Shorten it, or choose another model.";
    const isWarning = async () => (await panel.page.locator(".note .icon").count()) === 1;
    for (const kind of ["light", "highContrast", "dark"] as const) {
      await panel.open(panel.browser, kind);
      await show(aState());
      await question().fill("word ".repeat(200));
      await panel.post({ kind: "estimate", text, isTooLong: true });
      await panel.page.locator(".note").getByText(text).waitFor();
      assert.ok(await isWarning());
      assert.deepEqual(await panel.axe(), []);
      await panel.screenshot(`panel-too-long-${kind}`);
      await panel.post({ kind: "estimate", text });
      await until("it is no warning", async () => !(await isWarning()));
    }
    await panel.post({ kind: "snapshot", state: aState({ estimate: text, isTooLong: true }) });
    await until("it is one again", isWarning);
  });

  it("stops with Escape and with the button, and gives the focus back", async () => {
    await show(aState({ turns: [running] }));
    await panel.page.keyboard.press("Escape");
    assert.deepEqual(await panel.waitForMessage("stop"), { kind: "stop", turn: "run" });
    await button("Stop").focus();
    await panel.page.keyboard.press("Enter");
    await until(
      "stopped twice",
      () => panel.messages.filter((message) => message.kind === "stop").length === 2,
    );
    await panel.post({ kind: "turn", turn: aTurn({ id: "run", state: "stopped", status: "Stopped" }) });
    await button("Send").waitFor();
    assert.equal(await focused(), "Question");
  });

  it("streams an answer and replaces it by the finished turn", async () => {
    await show(
      aState({
        turns: [aTurn({ id: "run", state: "waiting", status: "Waiting…", text: "", verdict: undefined })],
      }),
    );
    await panel.page.getByText("Waiting…").waitFor();
    for (const text of ["Hel", "lo **wor", "ld**"])
      await panel.post({ kind: "delta", turn: turnId("run"), channel: "text", text });
    await panel.post({ kind: "delta", turn: turnId("run"), channel: "reasoning", text: "Be brief." });
    await panel.page.locator("strong", { hasText: "world" }).waitFor();
    assert.equal(await panel.page.getByText("Waiting…").count(), 0);
    await panel.page.getByText("Reasoning", { exact: true }).click();
    await panel.page.getByText("Be brief.").waitFor();
    await panel.post({ kind: "turn", turn: aTurn({ id: "run", text: "Goodbye" }) });
    await panel.page.getByText("Goodbye").waitFor();
    assert.equal(await panel.page.getByText("world").count(), 0);
  });

  it("folds reasoning that stands in the answer's own text, as it streams, and counts blocks behind it", async () => {
    await show(aState({ turns: [aTurn({ id: "run", state: "streaming", text: "", verdict: undefined })] }));
    const text = (part: string) =>
      panel.post({ kind: "delta", turn: turnId("run"), channel: "text", text: part });
    for (const part of ["<think>", "Be brief.\n```\nno\n```\n</th"]) await text(part);
    const fold = panel.page.getByText("Reasoning", { exact: true });
    await fold.click();
    await panel.page.getByText("Be brief.").waitFor();
    for (const part of ["ink>\n\n", "So be it:\n```\nyes\n```\n"]) await text(part);
    await panel.page.getByText("So be it:").waitFor();
    assert.match(await panel.page.locator(".reasoning-text").innerText(), /^Be brief\.\n```\nno\n```$/);
    assert.doesNotMatch(await panel.page.locator(".answer").innerText(), /think>/);
    assert.equal(await panel.page.locator(".answer pre").count(), 1);
  });

  it("says politely that an answer is finished, once, when its check is too", async () => {
    await show(aState({ turns: [running] }));
    assert.equal(await status(), "");
    await panel.post({ kind: "turn", turn: aTurn({ id: "run", verdict: verdicts.checking }) });
    await panel.page.getByText("Checking…").waitFor();
    assert.equal(await status(), "");
    await panel.post({ kind: "turn", turn: aTurn({ id: "run" }) });
    await until("it is said", async () => (await status()) === "Answer finished, verified");
    const live = await panel.page.locator("[aria-live], [role=log], [role=alert], [role=status]").count();
    assert.equal(live, 1, "only one live region");
  });

  it("shows each check of a verdict in words, with values to copy", async () => {
    await show(aState({ turns: [aTurn({ id: "v", verdict: verdicts.failed })] }));
    assert.equal(await panel.page.getByText(verdicts.failed.sentence).first().isVisible(), true);
    const summary = panel.page.locator("details.verdict > summary");
    assert.equal(await summary.textContent(), "Failed");
    await summary.focus();
    await panel.page.keyboard.press("Enter");
    for (const text of ["proven", "failed", "Signer", "Answer", "On chain", "Computed here"])
      await panel.page.locator("details.verdict").getByText(text, { exact: true }).first().waitFor();
    await button("Copy: Computed here").click();
    assert.deepEqual(await panel.waitForMessage("copyValue"), {
      kind: "copyValue",
      turn: "v",
      check: 1,
      side: "right",
    });
    await until("it says so", async () => (await status()) === "Copied");
  });

  it("leads from the check of the enclave to the chain of custody, by keyboard", async () => {
    await show(aState({ turns: [aTurn({ id: "e", verdict: verdicts.notProven })] }));
    await panel.page.locator("details.verdict > summary").click();
    await button("Show the chain of custody").focus();
    await panel.page.keyboard.press("Enter");
    assert.deepEqual(await panel.waitForMessage("verifyProvider"), { kind: "verifyProvider", turn: "e" });
  });

  it("says beside the word why nothing is proven, and not again below it", async () => {
    const { sentence } = verdicts.notProven;
    await show(aState({ turns: [aTurn({ id: "n", verdict: verdicts.notProven })] }));
    const reason = panel.page.locator("details.verdict").getByText(sentence, { exact: true });
    assert.equal(await reason.isVisible(), true);
    const summary = panel.page.locator("details.verdict > summary");
    assert.equal(await summary.textContent(), `Not proven${sentence}`);
    await summary.click();
    await panel.page.locator(".check").first().waitFor();
    assert.equal(await reason.count(), 1);
    await show(aState({ turns: [aTurn({ id: "c", verdict: { ...verdicts.notProven, checks: [] } })] }));
    await panel.page.locator(".verdict").getByText(sentence, { exact: true }).waitFor();
    assert.equal(await summary.count(), 0, "nothing more is to be had");
  });

  it("tells the host ids only, for code, answers and errors", async () => {
    const text = "```js\na\n```\n\n```js\nb\n```";
    const error = { text: "The provider is busy.", action: "Retry" };
    await show(
      aState({
        turns: [
          aTurn({ id: "c", text }),
          aTurn({ id: "e", state: "failed", text: "", verdict: undefined, error }),
        ],
      }),
    );
    await button("Copy").nth(1).click();
    await button("Insert at cursor").nth(0).click();
    await button("New file").nth(1).click();
    await button("Copy answer").nth(0).click();
    await button("Regenerate").nth(0).click();
    await button("Retry").click();
    const told = await until(
      "all is told",
      () => panel.messages.slice(1).length >= 6 && panel.messages.slice(1),
    );
    assert.deepEqual(told, [
      { kind: "code", action: "copy", turn: "c", block: 1 },
      { kind: "code", action: "insert", turn: "c", block: 0 },
      { kind: "code", action: "newFile", turn: "c", block: 1 },
      { kind: "copyAnswer", turn: "c" },
      { kind: "regenerate", turn: "c" },
      { kind: "action", turn: "e" },
    ]);
  });

  it("edits a question in its place and asks again", async () => {
    await show(aState({ turns: [aTurn({ id: "q", question: "What is it?\nReally." })] }));
    await button("Edit question").click();
    const field = panel.page.getByRole("textbox", { name: "Edit question" });
    assert.equal(await field.inputValue(), "What is it?\nReally.");
    await panel.page.keyboard.press("Escape");
    assert.equal(await focused(), "Edit question");
    assert.equal(await panel.page.getByText("Really.").isVisible(), true);
    await panel.page.keyboard.press("Enter");
    await field.fill("What else?");
    await panel.page.keyboard.press("Enter");
    assert.deepEqual(await panel.waitForMessage("edit"), { kind: "edit", turn: "q", text: "What else?" });
    assert.equal(
      panel.messages.some((message) => message.kind === "stop"),
      false,
    );
  });

  it("leaves what is being edited, pointed at and selected as it is when the host shows the same conversation again", async () => {
    const first = aTurn({ id: "first", question: "What is it?" });
    const turns = [first, running];
    await show(aState({ turns }));
    await button("Edit question").first().click();
    const field = panel.page.getByRole("textbox", { name: "Edit question" });
    await field.fill("What else");
    const isSaid = (text: string) => panel.page.locator(".turn").last().getByText(text).waitFor();
    const said = (text: string) => aTurn({ id: "run", text });
    await panel.post({ kind: "snapshot", state: aState({ turns: [first, said("All of it.")] }) });
    await isSaid("All of it.");
    await panel.page.keyboard.type("?");
    assert.equal(await field.inputValue(), "What else?");
    await panel.page.keyboard.press("Escape");
    await button("Copy answer").first().focus();
    await panel.page.locator(".answer .markdown p").first().selectText();
    const selected = () => panel.page.evaluate<string>("String(getSelection())");
    const before = await selected();
    assert.ok(before !== "");
    const third = aTurn({ id: "third", question: "And then?" });
    await panel.post({ kind: "snapshot", state: aState({ turns: [first, said("Really all."), third] }) });
    await panel.page.getByText("And then?").waitFor();
    await panel.page.getByText("Really all.").waitFor();
    assert.deepEqual([await focused(), await selected()], ["Copy answer", before]);
    await panel.post({ kind: "snapshot", state: aState({ turns: [first] }) });
    await panel.page.getByText("And then?").waitFor({ state: "detached" });
    assert.equal(await panel.page.locator(".turn").count(), 1);
  });

  it("takes a double click as one: the button that comes in the place of the first is not pressed", async () => {
    await show(aState());
    await question().fill("one");
    const place = (await button("Send").boundingBox())!;
    const { mouse } = panel.page;
    const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
    await mouse.move(x, y);
    await mouse.down({ clickCount: 1 });
    await mouse.up({ clickCount: 1 });
    await panel.waitForMessage("send");
    await panel.post({ kind: "turn", turn: running });
    await button("Stop").waitFor();
    await mouse.down({ clickCount: 2 });
    await mouse.up({ clickCount: 2 });
    await mouse.down({ clickCount: 1 });
    await mouse.up({ clickCount: 1 });
    await panel.waitForMessage("stop");
    assert.equal(panel.messages.filter(({ kind }) => kind === "stop").length, 1, "a click of its own");
  });

  it("asks again once for a double click, which would be paid twice", async () => {
    await show(aState({ turns: [aTurn({ id: "q" })] }));
    await button("Regenerate").dblclick();
    await button("Copy answer").click();
    await panel.waitForMessage("copyAnswer");
    assert.equal(panel.messages.filter(({ kind }) => kind === "regenerate").length, 1);
  });

  it("keeps the model that is about to be picked when the list is renewed", async () => {
    await show(aState({ models: manyModels }));
    await panel.page.getByRole("button", { name: /^Model: model-5/ }).click();
    for (let step = 0; step < 3; step++) await panel.page.keyboard.press("ArrowDown");
    await panel.post({ kind: "models", models: manyModels.slice(1) });
    const options = panel.page.getByRole("option");
    await until("the list is renewed", async () => (await options.count()) === manyModels.length - 1);
    await panel.page.keyboard.press("Enter");
    assert.equal((await panel.waitForMessage("pickModel")).model, "model-8");
  });

  it("picks a model by keyboard from a list that can be searched", async () => {
    await show(aState({ models: manyModels }));
    await panel.page.getByRole("button", { name: /^Model: model-5/ }).focus();
    await panel.page.keyboard.press("ArrowDown");
    await panel.page.keyboard.type("authentic 1");
    const options = panel.page.getByRole("option");
    await until("the list is shorter", async () => (await options.count()) < manyModels.length);
    const last = await options.last().locator(".picker-name").textContent();
    for (let step = await options.count(); step > 0; step--) await panel.page.keyboard.press("ArrowDown");
    await panel.page.keyboard.press("Enter");
    assert.equal((await panel.waitForMessage("pickModel")).model, last);
    assert.match(await focused(), /^Model: /);
    await panel.page.keyboard.press("Enter");
    await panel.page.keyboard.press("Escape");
    assert.equal(await panel.page.getByRole("listbox").count(), 0);
  });

  it("searches, opens and deletes conversations by keyboard", async () => {
    await show(aState());
    await button("Conversations").focus();
    await panel.page.keyboard.press("Enter");
    assert.equal(await focused(), "Search conversations");
    await panel.page.keyboard.type("data");
    await until("the search is asked for", () =>
      panel.messages.some((message) => message.kind === "searchHistory" && message.query === "data"),
    );
    await button("Delete conversation").nth(1).click();
    await until("it asks once more", async () => (await focused()) === "Cancel");
    const { history } = aState();
    await panel.post({ kind: "history", items: history.slice(1).reverse() });
    await until(
      "the list is new",
      async () => (await panel.page.locator(".history-list > li").count()) === 2,
    );
    assert.equal(await focused(), "Cancel", "a new list leaves the question alone");
    await panel.post({ kind: "history", items: history });
    await until(
      "the list is whole",
      async () => (await panel.page.locator(".history-list > li").count()) === 3,
    );
    assert.equal(await focused(), "Cancel");
    assert.deepEqual(
      await panel.page
        .locator(".history-list > li")
        .evaluateAll((rows) => rows.map((row) => row.matches(".history-question"))),
      [false, true, false],
    );
    assert.equal(
      panel.messages.some((message) => message.kind === "deleteConversation"),
      false,
    );
    await panel.page.keyboard.press("Tab");
    await panel.page.keyboard.press("Enter");
    assert.equal((await panel.waitForMessage("deleteConversation")).id, "c2");
    await panel.post({ kind: "history", items: [] });
    await panel.page.getByText("No conversation found.").waitFor();
    await panel.post({ kind: "history", items: aState().history });
    await panel.page.getByRole("button", { name: /^Write a JSONL/ }).click();
    assert.equal((await panel.waitForMessage("openConversation")).id, "c3");
    assert.equal(await focused(), "Conversations");
    await question().waitFor();
  });

  it("begins with a welcome: its button starts, a suggestion becomes the draft", async () => {
    await show(welcomeState);
    await panel.page.getByRole("button", { name: "How is an answer verified?" }).click();
    assert.equal(await question().inputValue(), "How is an answer verified?");
    assert.equal(await focused(), "Question");
    await button("Try the sandbox").click();
    await panel.waitForMessage("start");
    await panel.post({ kind: "turn", turn: running });
    await panel.page.getByText("So far").waitFor();
    assert.equal(await button("Try the sandbox").count(), 0);
  });

  it("follows the end only while the reader is there", async () => {
    const turns = Array.from({ length: 12 }, (_, index) =>
      aTurn({ id: `t${index}`, question: `Question ${index}` }),
    );
    await show(aState({ turns: [...turns, running] }));
    const grow = async (text: string) => {
      await panel.post({ kind: "delta", turn: turnId("run"), channel: "text", text });
      await panel.page.getByText(text.trim()).waitFor({ state: "attached" });
    };
    const top = () => panel.page.evaluate<number>("document.querySelector('.scroller').scrollTop");
    const end = () =>
      panel.page.evaluate<boolean>(
        "{ const s = document.querySelector('.scroller'); s.scrollHeight - s.scrollTop - s.clientHeight < 2 }",
      );
    await until("the end is shown", end);
    await grow(`\n\n${"more ".repeat(200)}alpha`);
    await until("the end is followed", end);
    await panel.page.evaluate("document.querySelector('.scroller').scrollTop -= 600");
    await button("Jump to latest").waitFor();
    const before = await top();
    await grow(`\n\n${"more ".repeat(200)}beta`);
    assert.equal(await top(), before);
    await button("Jump to latest").click();
    await until("the end is shown again", end);
    await button("Jump to latest").waitFor({ state: "hidden" });
  });

  it("stays at the end through every snapshot of a growing conversation, and over a reload", async () => {
    await panel.page.setViewportSize({ width: 840, height: 410 });
    const end = () =>
      panel.page.evaluate<boolean>(
        "{ const s = document.querySelector('.scroller'); s.scrollTop > 100 && s.scrollHeight - s.scrollTop - s.clientHeight < 2 }",
      );
    const text =
      "Three things are checked:\n\n1. the signer,\n2. the question,\n3. the answer.\n\nNothing else.";
    const turns: TurnView[] = [];
    await show(aState({ turns }));
    for (let index = 0; index < 6; index++) {
      const id = `t${index}`;
      const waiting = aTurn({ id, state: "waiting", status: "Waiting…", text: "", verdict: undefined });
      const checking = aTurn({ id, text, verdict: verdicts.checking });
      await panel.post({ kind: "snapshot", state: aState({ turns: [...turns, waiting] }) });
      await panel.post({ kind: "delta", turn: turnId(id), channel: "text", text });
      await panel.post({ kind: "turn", turn: checking });
      await panel.post({ kind: "snapshot", state: aState({ turns: [...turns, checking] }) });
      turns.push(aTurn({ id, text }));
      await panel.post({ kind: "turn", turn: aTurn({ id, text }) });
      await panel.page.locator(`article[data-turn=${id}] .badge.is-verified`).waitFor();
      if (index > 1) await until(`the end is shown after ${index + 1} answers`, end);
    }
    await panel.reload();
    await panel.waitForMessage("ready");
    for (let count = 0; count < 3; count++) await panel.post({ kind: "snapshot", state: aState({ turns }) });
    await until("the end is shown again", end);
    assert.equal(await button("Jump to latest").isVisible(), false);
    const fold = panel.page.locator("article[data-turn=t5] details.verdict > summary");
    const before = (await fold.boundingBox())?.y;
    await fold.click();
    await panel.page.locator("article[data-turn=t5] .check").first().waitFor();
    assert.equal((await fold.boundingBox())?.y, before, "a fold opens below what is read");
  });

  it("comes back after a reload with draft, place, open folds and history", async () => {
    const turns = Array.from({ length: 200 }, (_, index) =>
      aTurn({ id: `t${index}`, question: `Question ${index}` }),
    );
    await show(aState({ turns }));
    await question().fill("unsent");
    const heading = panel.page.getByRole("heading", { name: "You: Question 60", exact: true });
    await heading.evaluate((element) => element.scrollIntoView({ block: "center" }));
    const fold = panel.page.locator("article[data-turn=t60] details.verdict");
    await fold.locator("summary").click();
    await until("state is kept", async () => {
      const kept = (await panel.state()) as { place?: { turn: string }; openFolds: string[] };
      return Number(kept.place?.turn.slice(1)) > 50 && kept.openFolds.includes("t60/verdict");
    });
    // What is kept is where the reader was when the page came to rest.
    const atRest = async () => {
      const { place } = (await panel.state()) as { place?: { turn: string; offset: number } };
      const top = (await panel.page.locator(".scroller").boundingBox())?.y ?? 0;
      const turn = await panel.page.locator(`article[data-turn=${place?.turn}]`).boundingBox();
      const y = (await heading.boundingBox())?.y;
      const isKept = place && turn && Math.abs(top - turn.y - place.offset) < 1;
      return isKept && y !== undefined ? { y } : undefined;
    };
    const before = await until("the page is at rest", atRest);
    await panel.reload();
    await show(aState({ turns }));
    const after = await until("the page is at rest again", atRest);
    assert.ok(Math.abs(after.y - before.y) < 3, `stood at ${before.y}, now at ${after.y}`);
    assert.equal(await question().inputValue(), "unsent");
    assert.equal(await fold.evaluate((element) => (element as HTMLDetailsElement).open), true);
    await button("Conversations").click();
    await panel.reload();
    await panel.waitForMessage("ready");
    await panel.post({ kind: "snapshot", state: aState({ turns }) });
    await panel.page.getByRole("searchbox", { name: "Search conversations" }).waitFor();
  });

  it("comes back to its place though the window shows it later than it is filled", async () => {
    const turns = Array.from({ length: 8 }, (_, index) =>
      aTurn({ id: `t${index}`, question: `Question ${index}` }),
    );
    await show(aState({ turns }));
    const heading = panel.page.getByRole("heading", { name: "You: Question 3", exact: true });
    await heading.evaluate((element) => element.scrollIntoView({ block: "start" }));
    await button("Jump to latest").waitFor();
    await until(
      "the place is kept",
      async () => ((await panel.state()) as { place?: { turn: string } }).place?.turn === "t3",
    );
    const before = (await heading.boundingBox())?.y ?? 0;
    await panel.page.clock.install();
    await panel.reload();
    await panel.waitForMessage("ready");
    const later = (shown: string) =>
      panel.page.evaluate(`document.documentElement.style.display = "${shown}"`);
    await later("none");
    for (let count = 0; count < 3; count++) {
      await panel.post({ kind: "snapshot", state: aState({ turns }) });
      await panel.page.clock.runFor(1000); // whatever the panel does a moment later, it has done
    }
    await later("");
    await until("it stands as before", async () => {
      const y = (await heading.boundingBox())?.y;
      return y !== undefined && Math.abs(y - before) < 3;
    });
  });

  it("shows a question just asked, though the reader was elsewhere and a snapshot brings it", async () => {
    const turns = Array.from({ length: 12 }, (_, index) =>
      aTurn({ id: `t${index}`, question: `Question ${index}` }),
    );
    await show(aState({ turns }));
    await panel.page.evaluate("document.querySelector('.scroller').scrollTop = 0");
    await button("Jump to latest").waitFor();
    const waiting = aTurn({ id: "new", state: "waiting", status: "Waiting…", text: "", verdict: undefined });
    await panel.post({ kind: "snapshot", state: aState({ turns: [...turns, waiting] }) });
    await panel.post({ kind: "turn", turn: waiting });
    await button("Jump to latest").waitFor({ state: "hidden" });
    await until("the end is shown", () =>
      panel.page.evaluate<boolean>(
        "{ const s = document.querySelector('.scroller'); s.scrollTop > 100 && s.scrollHeight - s.scrollTop - s.clientHeight < 2 }",
      ),
    );
    await panel.page.evaluate("document.querySelector('.scroller').scrollTop = 0");
    await button("Jump to latest").waitFor();
    await panel.page.clock.install();
    await panel.post({ kind: "snapshot", state: aState({ turns: [...turns, waiting] }) });
    await panel.page.clock.runFor(1000);
    assert.equal(
      await button("Jump to latest").isVisible(),
      true,
      "a snapshot without a new turn moves nobody",
    );
  });

  it("lets a reader leave the end though more arrives before their scrolling is told", async () => {
    const turns = Array.from({ length: 12 }, (_, index) =>
      aTurn({ id: `t${index}`, question: `Question ${index}` }),
    );
    await show(aState({ turns }));
    const message = { kind: "turn", turn: turns.at(-1) };
    // One task: no scroll event can come between.
    await panel.page.evaluate(
      `{ document.querySelector(".scroller").scrollTop = 0;
         window.dispatchEvent(new MessageEvent("message", { data: ${JSON.stringify(message)} })); }`,
    );
    await button("Jump to latest").waitFor();
    assert.equal(await panel.page.evaluate("document.querySelector('.scroller').scrollTop"), 0);
  });

  it("forgets the place of another conversation and goes to its end", async () => {
    const turns = Array.from({ length: 30 }, (_, index) =>
      aTurn({ id: `t${index}`, question: `Question ${index}` }),
    );
    await show(aState({ turns }));
    await panel.page.evaluate("document.querySelector('.scroller').scrollTop = 0");
    await button("Jump to latest").waitFor();
    await panel.post({ kind: "snapshot", state: aState({ turns, conversation: "c9" as ConversationId }) });
    await button("Jump to latest").waitFor({ state: "hidden" });
    await until("the composer has the focus", async () => (await focused()) === "Question");
  });

  it("focuses what the host asks for", async () => {
    await show(aState({ turns: [aTurn({ id: "a" }), aTurn({ id: "b", text: "The last one." })] }));
    await panel.post({ kind: "focus", what: "lastAnswer" });
    await until("the last answer has the focus", async () => /The last one/.test(await focused()));
    await panel.post({ kind: "focus", what: "input" });
    await until("the field has the focus", async () => (await focused()) === "Question");
    await panel.post({ kind: "draft", text: "from the host" });
    await until("the draft is shown", async () => (await question().inputValue()) === "from the host");
  });

  it("ignores what is no message of the protocol", async () => {
    await panel.waitForMessage("ready");
    const strange = [
      null,
      7,
      "snapshot",
      [],
      {},
      { kind: 3 },
      { kind: "run", command: "x" },
      { kind: "delta", turn: "none", text: "x", channel: "text" },
    ];
    for (const message of strange) await panel.post(message as unknown as ToPanel);
    await show(aState({ turns: [aTurn({ text: "Still here." })] }));
    for (const message of strange) await panel.post(message as unknown as ToPanel);
    await panel.page.getByText("Still here.").waitFor();
    assert.deepEqual(panel.pageErrors, []);
  });
});
