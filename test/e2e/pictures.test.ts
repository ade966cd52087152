// Pictures that go along with a question: of the workspace, pasted, refused by a model that takes none, and sent to one that does.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawPicture } from "../../src/sandbox/media/png.js";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { until } from "./until.js";

describe("pictures of a question", () => {
  const editor = useEditor();
  const picture = drawPicture(Buffer.from("a chart"), { width: 640, height: 400 });

  const chipsAre = (chat: ChatPage, what: readonly RegExp[]) =>
    until(`the chips are ${what.join(", ")}`, async () => {
      const found = await chat.frame.locator(".chip").allTextContents();
      return found.length === what.length && found.every((text, index) => what[index]!.test(text));
    });
  const isSeen = (chat: ChatPage, selector: string) =>
    until(`${selector} shows the picture`, () =>
      chat.frame
        .locator(selector)
        .last()
        .evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth === 640),
    );
  const pick = async (chat: ChatPage, address: RegExp) => {
    await chat.frame.locator(".picker-button").click();
    await chat.frame.locator(".picker-option").filter({ hasText: address }).click();
  };
  const paste = (chat: ChatPage, base64: string) =>
    chat.input().evaluate((field, data) => {
      const clipboardData = new DataTransfer();
      const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
      clipboardData.items.add(new File([bytes], "image.png", { type: "image/png" }));
      field.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true, composed: true }),
      );
    }, base64);

  it("are refused before anything is paid, then seen by a model that takes them, and verified", async () => {
    const { workbench } = editor;
    writeFileSync(join(editor.workspace, "data", "chart.png"), picture);
    await ChatPage.inSandbox(editor);
    await workbench.contextMenu(await workbench.revealFile("data/chart.png"), /^Add to 0G chat/);
    const chat = await ChatPage.shown(editor);
    await chipsAre(chat, [/^chart\.png640×400 · \d+ KB$/]);
    await isSeen(chat, ".chip img");
    await pick(chat, /0x3C44/i);
    await chipsAre(chat, [/^chart\.png640×400 · \d+ KBsandbox-chat takes no pictures$/]);
    await chat.ask("What is in this picture?");
    await workbench
      .notification(
        "Nothing was sent: sandbox-chat takes no pictures. Choose a model that does (sandbox-chat · 0x7099…79C8)",
      )
      .waitFor();
    await until(
      "the words are back",
      async () => (await chat.input().inputValue()) === "What is in this picture?",
    );
    assert.equal(await chat.frame.locator("article.turn").count(), 0);
    await workbench.screenshot("pictures-refused");

    await pick(chat, /0x7099/i);
    await chipsAre(chat, [/^chart\.png640×400 · \d+ KB$/]);
    await until("the picture is in the price", async () =>
      /about 1\d\d\d tokens/.test(await chat.frame.locator(".note").innerText()),
    );
    await workbench.screenshot("pictures-chip");
    await chat.ask("What is in this picture?");
    await chat.badge("Verified");
    assert.match(await chat.last().innerText(), /I see 1 picture of 640×400 px\./);
    await isSeen(chat, ".sent-attachment img");
    await chat.last().locator(".sent-attachment > summary").click();
    await isSeen(chat, ".sent-picture img");

    // One that no file has: pasted, it is part of the draft like any other, and goes with the earlier one.
    const other = drawPicture(Buffer.from("another"), { width: 320, height: 200 });
    await paste(chat, other.toString("base64"));
    await chipsAre(chat, [/^Pasted picture 1320×200 · \d+ KB$/]);
    for (const theme of ["light", "highContrast", "dark"] as const) {
      await workbench.setTheme(theme);
      await isSeen(chat, ".sent-picture img");
      assert.deepEqual(await workbench.axe(chat.frame), []);
      await workbench.screenshot(`pictures-${theme}`);
    }
    await workbench.reloadWindow();
    await workbench.editorTab("What is in this picture?").click();
    const again = await ChatPage.shown(editor);
    await chipsAre(again, [/^Pasted picture 1320×200/]);
    await again.askUntil("And in this one?", "Verified");
    assert.match(await again.last().innerText(), /1 picture of 320×200 px\. With earlier questions came 1\./);
    await paste(again, Buffer.from("<svg/>").toString("base64"));
    await workbench.notification("Pasted picture 1 is not attached: it is not a picture").waitFor();
  });
});
