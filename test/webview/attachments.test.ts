// What goes along with a question: chips above the composer, and folds under what was asked.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { PanelState } from "../../src/protocol.js";
import { until } from "../until.js";
import { usePanel } from "./harness.js";
import { aChip, aState, aTurn, someChips, turnId } from "./samples.js";

describe("what goes along with a question", () => {
  const panel = usePanel({ viewport: { width: 420, height: 800 } });
  const question = () => panel.page.getByRole("textbox", { name: "Question" });
  const button = (name: string) => panel.page.getByRole("button", { name, exact: true });
  const chips = () => panel.page.getByRole("list", { name: "Goes along with the question" });
  const focused = () =>
    panel.page.evaluate<string>("document.activeElement?.getAttribute('aria-label') ?? ''");
  const show = async (state: PanelState) => {
    await panel.waitForMessage("ready");
    await panel.post({ kind: "snapshot", state });
    await question().waitFor();
  };
  const withChips = aState({ attached: { draft: "d1", items: someChips } });
  const drop = (type: string, list: string) =>
    panel.page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData(${JSON.stringify(type)}, ${JSON.stringify(list)});
      const field = document.querySelector(".composer-field");
      const over = new DragEvent("dragover", { dataTransfer, bubbles: true, cancelable: true });
      field.dispatchEvent(over);
      const isMarked = document.querySelector(".is-dropped-on") !== null;
      field.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
      return { isTaken: over.defaultPrevented, isMarked, isMarkedAfter: document.querySelector(".is-dropped-on") !== null };
    })()`);

  it("is asked for with the paperclip, by keyboard", async () => {
    await show(aState());
    await question().focus();
    await panel.page.keyboard.press("Tab");
    assert.equal(await focused(), "Attach selection, files or pictures");
    await panel.page.keyboard.press("Enter");
    await panel.waitForMessage("attach");
    assert.equal(await chips().count(), 0, "an empty list is nothing to read");
  });

  it("is shown with name, lines, size and what is to be known of it", async () => {
    await show(withChips);
    assert.deepEqual(await chips().getByRole("listitem").allTextContents(), [
      "chat.tslines 3–5 · about 120 tokens",
      "a-rather-long-name-of-a-file-that-somebody-generated.spec.tsabout 12000 tokenschanged since you attached it: the text of now is sent",
      "gone.mdit is gone or cannot be read",
    ]);
    assert.equal(
      await chips().getByRole("listitem").first().getAttribute("title"),
      "src/services/chat.ts, lines 3–5",
    );
  });

  it("is taken away by keyboard, and the focus goes on to the next one, then to the field", async () => {
    await show(withChips);
    await button(someChips[1]!.removeLabel).focus();
    await panel.page.keyboard.press("Delete");
    assert.deepEqual(await panel.waitForMessage("detach"), { kind: "detach", attachment: "a2" });
    assert.match((await panel.page.getByRole("status").textContent()) ?? "", /is removed$/);
    await panel.post({ kind: "attached", items: [someChips[0]!, someChips[2]!] });
    await until("the next has the focus", async () => (await focused()) === "Remove gone.md");
    await panel.page.keyboard.press("Enter");
    await panel.post({ kind: "attached", items: [someChips[0]!] });
    await until("the one before has it", async () => (await focused()) === someChips[0]!.removeLabel);
    await panel.page.keyboard.press("Backspace");
    await panel.post({ kind: "attached", items: [] });
    await until("the field has it", () => question().evaluate((field) => field.matches(":focus")));
    const removed = panel.messages.flatMap((message) =>
      message.kind === "detach" ? [message.attachment] : [],
    );
    assert.deepEqual(removed, ["a2", "a3", "a1"]);
  });

  it("keeps the focus where it is while it is looked at again", async () => {
    await show(withChips);
    await button("Remove gone.md").focus();
    await panel.post({
      kind: "attached",
      items: [aChip({ id: "a0", removeLabel: "Remove new.ts" }), ...someChips],
    });
    await until("it has moved along", async () => (await chips().getByRole("listitem").count()) === 4);
    assert.equal(await focused(), "Remove gone.md");
    await question().focus();
    await panel.post({ kind: "attached", items: someChips });
    assert.equal(await question().evaluate((field) => field.matches(":focus")), true);
  });

  it("is found again after a reload by the name that the host gave the draft", async () => {
    await show(withChips);
    const state = await panel.state();
    assert.equal((state as { attached?: string }).attached, "d1");
  });

  it("takes files that are dropped, and nothing else", async () => {
    await show(aState());
    const list = "file:///w/a.ts\r\nfile:///w/b.ts";
    assert.deepEqual(await drop("application/vnd.code.uri-list", list), {
      isTaken: true,
      isMarked: true,
      isMarkedAfter: false,
    });
    assert.deepEqual(await panel.waitForMessage("drop"), { kind: "drop", uris: list });
    await drop("text/plain", "file:///w/c.ts");
    assert.equal(panel.messages.filter(({ kind }) => kind === "drop").length, 1);
  });

  it("comes with a question that takes nothing from the draft, and makes room for the next", async () => {
    await show(aState());
    const suggest = async (text: string) => {
      await panel.post({ kind: "suggest", text });
      return question().inputValue();
    };
    assert.equal(await suggest("Explain it."), "Explain it.");
    assert.equal(await suggest("Refactor it."), "Refactor it.");
    assert.equal(await suggest("Refactor it."), "Refactor it.");
    assert.equal(panel.messages.filter(({ kind }) => kind === "send").length, 0, "sending is the user's");
    await question().fill("In Dutch, please.");
    assert.equal(await suggest("Explain it."), "In Dutch, please.\nExplain it.");
    assert.equal(await suggest("Explain it."), "In Dutch, please.\nExplain it.");
    await question().press("Enter");
    await panel.waitForMessage("send");
  });

  it("is folded under what was asked, and its text is fetched when it is unfolded", async () => {
    const attachments = [{ name: "a.ts", detail: "line 1 · about 3 tokens", title: "src/a.ts, line 1" }];
    await show(aState({ turns: [aTurn({ id: "sent", attachments })] }));
    const summary = panel.page.locator(".sent-attachment > summary");
    assert.equal(await summary.textContent(), "a.tsline 1 · about 3 tokens");
    assert.equal(panel.messages.filter(({ kind }) => kind === "readAttachment").length, 0);
    await summary.focus();
    await panel.page.keyboard.press("Enter");
    assert.deepEqual(await panel.waitForMessage("readAttachment"), {
      kind: "readAttachment",
      turn: "sent",
      attachment: 0,
    });
    await panel.post({
      kind: "attachment",
      turn: turnId("sent"),
      attachment: 0,
      text: "const a = 1;\n  // two",
    });
    await until(
      "it is there",
      async () => (await panel.page.locator(".sent-text").textContent()) === "const a = 1;\n  // two",
    );
    await panel.post({ kind: "attachment", turn: turnId("nobody"), attachment: 7, text: "x" });
    const sent = aTurn({ id: "sent", attachments });
    await panel.post({ kind: "snapshot", state: aState({ title: "The same", turns: [sent] }) });
    await panel.page.getByRole("region", { name: "The same" }).waitFor();
    assert.equal(await panel.page.locator(".sent-text").textContent(), "const a = 1;\n  // two", "it stays");
    assert.equal(panel.messages.filter(({ kind }) => kind === "readAttachment").length, 1);
    await panel.post({ kind: "snapshot", state: aState({ turns: [aTurn({ id: "before" }), sent] }) });
    await until(
      "an open fold that is made anew asks again",
      () => panel.messages.filter(({ kind }) => kind === "readAttachment").length === 2,
    );
  });

  it("is words and nothing else, whatever a file is called and says", async () => {
    const evil = `<img src=x onerror="document.title='owned'"><script>document.title="owned"</script>\u202Efdp.exe`;
    const attachments = [{ name: evil, detail: "", title: evil }];
    await show(
      aState({
        attached: { draft: "d1", items: [aChip({ name: evil, title: evil, removeLabel: evil, note: evil })] },
        turns: [aTurn({ id: "evil", attachments })],
      }),
    );
    await panel.page.locator(".sent-attachment > summary").click();
    await panel.waitForMessage("readAttachment");
    await panel.post({ kind: "attachment", turn: turnId("evil"), attachment: 0, text: evil });
    await until(
      "it is there",
      async () => ((await panel.page.locator(".sent-text").textContent()) ?? "") !== "",
    );
    assert.equal(await panel.page.locator("img, .chip script, .sent-text script").count(), 0);
    assert.notEqual(await panel.page.title(), "owned");
    for (const place of [".chip-name", ".sent-text"])
      assert.match((await panel.page.locator(place).first().textContent()) ?? "", /^<img src=x/);
    assert.equal(await panel.page.locator(".chips .hidden-character").count(), 1);
    assert.equal(await panel.page.locator(".sent-text .hidden-character").count(), 1);
    assert.deepEqual(panel.cspViolations, []);
  });

  it("leaves room to write, however much it is", async () => {
    const items = Array.from({ length: 20 }, (_, index) => aChip({ id: `a${index}` }));
    await panel.page.setViewportSize({ width: 280, height: 400 });
    await show(aState({ attached: { draft: "d1", items } }));
    const box = await question().boundingBox();
    assert.ok(box && box.y > 0 && box.y + box.height < 400, JSON.stringify(box));
    assert.deepEqual(await panel.axe(), []);
  });
});
