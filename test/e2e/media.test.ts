// Pictures and a transcript from where a VS Code user looks for them, as files with a verdict.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pngSize } from "../../src/sandbox/media/png.js";
import { aPicture, aSound } from "../support/media.js";
import type { SandboxState } from "../support/sandbox.js";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { until } from "./until.js";

describe("pictures and recordings", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor();

  const topUp = async () => {
    const { workbench } = editor;
    await workbench.clickNotification(/Your account with/, "Top up");
    await workbench.inputBox("2");
    await workbench.clickDialog(/Deposit/);
    await workbench.clickDialog(/Transfer/);
  };

  const generate = async (prompt: string, count = "1 picture") => {
    const { workbench } = editor;
    await workbench.runCommand("0G Compute: Generate image with 0G…");
    await workbench.inputBox(prompt);
    await workbench.quickPick("sandbox-image");
    await workbench.quickPick("small");
    await workbench.quickPick(count);
  };

  const receipts = () =>
    readdirSync(join(editor.dataFolder, "data/User/globalStorage"), { recursive: true }).filter((name) =>
      String(name).endsWith(".0greceipt.json"),
    ).length;
  /** So many the sandbox was sent since it started. */
  const orders = async (chat: ChatPage) => {
    const { counters } = (await chat.control("GET", "/state")) as Pick<SandboxState, "counters">;
    const calls = Object.values(counters.providers).flatMap((of) => Object.entries(of));
    const sent = calls.filter(([call]) => /^POST .*\/images\//.test(call));
    return sent.reduce((sum, [, count]) => sum + count, 0);
  };

  it("transcribes a recording from the Explorer once the account there has money, in a form its provider has", async () => {
    const { workbench } = editor;
    await workbench.setTheme("dark");
    writeFileSync(join(editor.workspace, "audio/page.wav"), "<html></html>");
    writeFileSync(join(editor.workspace, "audio/talk.wav"), aSound(2500)); // 20 MB: more than the wire holds
    const chat = await ChatPage.inSandbox(editor);
    await chat.fault("formats", "json,text,srt");
    await chat.fault("slow-upload", 5000);
    await workbench.contextMenu(await workbench.revealFile("audio/page.wav"), "Transcribe with 0G…");
    await workbench
      .notification("page.wav cannot be used: it is no WAV, MP3, M4A, FLAC, Ogg or WebM recording.")
      .waitFor();
    assert.equal(await workbench.quickInput().count(), 0, "nothing is asked of what no provider hears");
    await workbench.contextMenu(await workbench.revealFile("audio/talk.wav"), "Transcribe with 0G…");
    await workbench.quickPickRows().filter({ hasText: "sandbox-speech" }).first().waitFor();
    await workbench.screenshot("media-speech-providers");
    await workbench.quickPick("sandbox-speech");
    await workbench.quickPickRows().filter({ hasText: "SRT" }).first().waitFor();
    assert.equal(await workbench.quickPickRows().filter({ hasText: "WebVTT" }).count(), 0);
    await workbench.quickPick("SRT");
    await topUp();
    await workbench
      .progress()
      .filter({ hasText: /Uploading, \d+ %/ })
      .waitFor();
    await workbench.screenshot("media-upload");
    await workbench.notification(/Saved as talk\.srt\. Verified\./).waitFor();
    await workbench.editorTab("talk.srt").waitFor();
    await workbench.screenshot("media-transcript");
    const text = readFileSync(join(editor.workspace, "audio/talk.srt"), "utf8");
    assert.match(text, /^1\n00:00:00,000 --> .*\nThis is the sandbox/);
    await workbench.clickNotification(/Saved as talk/, "Show receipt");
    await workbench
      .editorTab(/receipt/i)
      .first()
      .waitFor();
  });

  it("opens a transcript that cannot be saved in an editor, with its price and receipt, and tells that a stopped one may be billed", async () => {
    const { workbench } = editor;
    await workbench.setTheme("dark");
    const audio = join(editor.workspace, "audio");
    writeFileSync(join(audio, "talk.wav"), aSound(2500)); // long enough on its way for what happens meanwhile
    const chat = await ChatPage.inSandbox(editor);
    await chat.fault("slow-upload", 8000);
    const transcribe = async () => {
      await workbench.contextMenu(await workbench.revealFile("audio/talk.wav"), "Transcribe with 0G…");
      await workbench.quickPick("sandbox-speech");
      await workbench.quickPick("SRT");
    };
    await transcribe();
    await topUp();
    await workbench
      .progress()
      .filter({ hasText: /Uploading, \d+ %/ })
      .waitFor();
    await workbench.progress().getByRole("button", { name: "Cancel", exact: true }).click();
    await workbench
      .notification(/The transcription of talk\.wav was stopped\. The provider may bill it/)
      .waitFor();
    await workbench.screenshot("media-transcription-stopped");

    await transcribe();
    await workbench
      .progress()
      .filter({ hasText: /Uploading, \d+ %/ })
      .waitFor();
    renameSync(audio, join(editor.workspace, "elsewhere"));
    writeFileSync(audio, "a file where the folder was");
    const unsaved =
      /The transcript of talk\.wav was made and is paid for, and could not be saved in .*audio\. It is open in an editor: save it from there\. audio cannot be used: it is no folder\./;
    await workbench.notification(unsaved).waitFor();
    await workbench.notification(/talk\.srt is not saved yet\. Verified\./).waitFor();
    await workbench.screenshot("media-transcript-unsaved");
    await workbench.clickNotification(unsaved, "Save elsewhere…");
    await workbench.quickInput().waitFor(); // where to
    await workbench.page.keyboard.press("Escape");
    await workbench.runCommand("Notifications: Clear All Notifications");
    const isThere = async () => (await workbench.editorText()).includes("This is the sandbox");
    await until("the text is in the editor", isThere);
    await workbench.reloadWindow();
    await until("the text is in the editor after a reload", isThere);
  });

  it("generates images from the palette, of the size and number chosen, and shows the first", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await workbench.runCommand("0G Compute: Generate image with 0G…");
    await workbench.inputBox("a red fox");
    await workbench.quickPick("sandbox-image");
    await workbench.quickPick("landscape");
    await workbench.quickPickRows().filter({ hasText: "2 pictures" }).first().waitFor();
    await workbench.screenshot("media-count");
    await workbench.quickPick("2 pictures");
    await topUp();
    await workbench
      .notification(/Saved as a-red-fox\.png, a-red-fox-2\.png\. Verified\. 0\.006 0G/)
      .waitFor();
    await workbench.editorTab("a-red-fox.png").waitFor();
    const preview = await workbench.webviewFrame("body.image img");
    const shown = await preview.evaluate(() => {
      const { naturalWidth, naturalHeight } = document.querySelector("img")!;
      return [naturalWidth, naturalHeight];
    });
    assert.deepEqual(shown, [1536, 1024]);
    await workbench.screenshot("media-picture");
    for (const name of ["a-red-fox.png", "a-red-fox-2.png"]) {
      const size = pngSize(readFileSync(join(editor.workspace, "images", name)));
      assert.deepEqual(size, { width: 1536, height: 1024 });
    }
    assert.equal(await orders(chat), 1);
  });

  it("saves elsewhere what was paid for, and orders nothing twice, where its folder cannot be had", async () => {
    const { workbench } = editor;
    writeFileSync(join(editor.workspace, "images"), "a file where the folder would be");
    await ChatPage.inSandbox(editor);
    await generate("a blue fox");
    await topUp();
    await workbench.clickNotification(
      /“a-blue-fox” was made and is paid for, and could not be saved in .*images\./,
      "Save elsewhere…",
    );
    await workbench.quickInput().getByText("Save here", { exact: true }).click(); // proposed: the workspace's own folder
    await workbench.notification(/Saved as a-blue-fox\.png\. Verified\./).waitFor();
    assert.ok(existsSync(join(editor.workspace, "a-blue-fox.png")));
    assert.equal(receipts(), 1, "one order, one receipt");
  });

  it("keeps what is paid for when the word that it is not saved is closed: it is saved again, or forgotten", async () => {
    const { workbench } = editor;
    await workbench.setTheme("dark");
    const images = join(editor.workspace, "images");
    writeFileSync(images, "a file where the folder would be");
    const chat = await ChatPage.inSandbox(editor);
    const unsaved =
      /was made and is paid for, and could not be saved in .*images\..*images cannot be used: it is no folder\./;
    const close = async () => {
      await workbench.notification(unsaved).hover();
      await workbench.notification(unsaved).locator(".codicon-notifications-clear").click();
      await workbench.notification(unsaved).waitFor({ state: "detached" });
    };
    await generate("a dropped fox");
    await topUp();
    await close();
    await workbench.runCommand("0G Compute: Picture orders…");
    await workbench.quickPick("a-dropped-fox");
    await workbench.clickNotification(/“a-dropped-fox” was made/, "Forget this order");
    await workbench.clickDialog("Forget this order");
    await workbench.runCommand("0G Compute: Picture orders…");
    await workbench.notification("No picture is on its way").waitFor();

    await generate("a kept fox");
    await workbench.notification(unsaved).waitFor();
    await workbench.screenshot("media-unsaved");
    await close();
    const pick = async () => {
      await workbench.runCommand("0G Compute: Picture orders…");
      await workbench.quickPickRows().filter({ hasText: "made, and not saved yet" }).first().waitFor();
      await workbench.screenshot("media-unsaved-order");
      await workbench.quickPick("a-kept-fox");
    };
    const kept = /“a-kept-fox” was made and is paid for, and is not saved yet/;
    await pick();
    await workbench.clickNotification(kept, "Save again");
    await close();
    rmSync(images);
    await pick();
    await workbench.clickNotification(kept, "Save again");
    await workbench.editorTab("a-kept-fox.png").waitFor();
    // In the list of all: the editor shows three at once, and what is said next waits behind them.
    await workbench.runCommand("Notifications: Show Notifications");
    await workbench.page
      .locator(".notifications-center .notification-list-item")
      .filter({ hasText: /Saved as a-kept-fox\.png\. Verified\./ })
      .waitFor();
    assert.deepEqual(readdirSync(images), ["a-kept-fox.png"]);
    assert.deepEqual([await orders(chat), receipts()], [2, 2], "one order and one receipt each");
  });

  it("says why an order has no number, and leads to the log", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await generate("a lost fox");
    await chat.fault("status", "500 /v1/async/images");
    await topUp();
    const lost =
      /gave the order of the picture “a-lost-fox” no number\. .* cannot answer now \(HTTP 500\)\. It may have been taken/;
    await workbench.notification(lost).waitFor();
    await workbench.screenshot("media-lost");
    await workbench.clickNotification(lost, "Show log");
    await workbench.page
      .getByText("Nobody knows whether pictures were ordered: providerUnavailable")
      .waitFor();
  });

  it("saves after a reload what was being made before it, ordered once", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.fault("slow-job", 20_000);
    await generate("a late fox");
    await topUp();
    await until("it is ordered", async () => (await orders(chat)) === 1);
    await workbench.openFile("src/triage.ts"); // the chat is behind it, and starts no sandbox
    await workbench.reloadWindow();
    await workbench
      .notification(/Saved as a-late-fox\.png\. Verified\. 0\.003 0G/)
      .waitFor({ timeout: 90_000 });
    await workbench.screenshot("media-after-reload");
    const file = readFileSync(join(editor.workspace, "images/a-late-fox.png"));
    assert.deepEqual(pngSize(file), { width: 512, height: 512 });
    assert.equal(await orders(chat), 0, "the sandbox of this window was asked for none");
    assert.equal(receipts(), 1, "one order, one receipt");
  });

  it("raises an alarm that stays where a picture is signed by another key", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.fault("wrong-key");
    await generate("a forged fox", "2 pictures");
    await topUp();
    const alarm = workbench.notification(
      /The check of a-forged-fox\.png, a-forged-fox-2\.png failed\. .*another key/,
    );
    await alarm.waitFor();
    await alarm.locator(".codicon-error").waitFor();
    await workbench.screenshot("media-forged");
    await workbench.clickNotification(/a-forged-fox/, "Open the others");
    await workbench.editorTab("a-forged-fox-2.png").waitFor();
  });

  it("keeps an order that nobody waits for, to be asked after again or forgotten", async () => {
    const { workbench } = editor;
    await workbench.setTheme("dark");
    const chat = await ChatPage.inSandbox(editor);
    await chat.fault("slow-job", 600_000);
    await generate("a slow fox");
    await topUp();
    await workbench.progress().getByRole("button", { name: "Cancel", exact: true }).click();
    await workbench.notification(/stopped waiting for the picture “a-slow-fox”/).waitFor();
    await workbench.screenshot("media-stopped");
    await workbench.clickNotification(/stopped waiting/, "Go on waiting");
    await workbench.progress().getByRole("button", { name: "Cancel", exact: true }).click();
    await workbench.notification(/stopped waiting for the picture “a-slow-fox”/).waitFor();
    await workbench.reloadWindow();
    await ChatPage.shown(editor);
    await workbench.runCommand("0G Compute: Picture orders…");
    await workbench.quickPickRows().filter({ hasText: "a-slow-fox" }).first().waitFor();
    await workbench.screenshot("media-orders");
    await workbench.quickPick("a-slow-fox");
    await workbench.clickNotification(/“a-slow-fox” was ordered and is not here yet/, "Forget this order");
    await workbench.dialog().waitFor();
    await workbench.screenshot("media-forget");
    await workbench.clickDialog("Forget this order");
    await workbench.runCommand("0G Compute: Picture orders…");
    await workbench.notification("No picture is on its way").waitFor();
  });

  it("generates an image from what is selected in a Markdown file, and links it there", async () => {
    const { workbench } = editor;
    writeFileSync(join(editor.workspace, "notes.md"), "A fox in\nthe snow\n");
    await ChatPage.inSandbox(editor);
    await workbench.openFile("notes.md");
    const line = workbench.page.locator(".editor-group-container.active .view-line").first();
    await line.click();
    await workbench.page.keyboard.press("Control+A");
    await workbench.contextMenu(line, "Generate image with 0G…");
    const prompt = workbench.quickInput().locator("input").last();
    await until(
      "the selection is suggested",
      async () => (await prompt.inputValue()) === "A fox in the snow",
    );
    await workbench.page.keyboard.press("Enter");
    await workbench.quickPick("sandbox-image");
    await workbench.quickPick("small");
    await workbench.quickPick("1 picture");
    await topUp();
    await workbench.notification(/Saved as a-fox-in-the-snow\.png\. Verified\./).waitFor();
    await workbench.screenshot("media-markdown");
    const text = (await workbench.editorText()).replaceAll("\n", ""); // beside the picture, the line is wrapped
    assert.match(text, /!\[A fox in the snow\]\(images\/a-fox-in-the-snow\.png\)/);
    assert.ok(existsSync(join(editor.workspace, "images/a-fox-in-the-snow.png")));
    const selected = workbench.page.getByRole("button", { name: /^Ln \d+, Col \d+ \(\d+ selected\)$/ });
    assert.equal(await selected.count(), 0, "the next key would replace the words and the link");

    // Where the words are in no file yet, the link starts at the top of the workspace.
    await workbench.runCommand("File: New Untitled Text File");
    await workbench.page.keyboard.type("An otter");
    await workbench.runCommand("Change Language Mode");
    await workbench.inputBox("Markdown", { accept: false });
    await workbench.quickPick(/^Markdown\s*\(markdown\)/);
    await workbench.page.keyboard.press("Control+A");
    await generate("A wet otter"); // what is selected is only suggested
    await workbench.notification(/Saved as a-wet-otter\.png\. Verified\./).waitFor();
    assert.match(
      (await workbench.editorText()).replaceAll("\n", ""),
      /!\[A wet otter\]\(images\/a-wet-otter\.png\)/,
    );
  });

  it("hands over the link of a picture where the words that it belongs to have changed meanwhile", async () => {
    const { workbench } = editor;
    writeFileSync(join(editor.workspace, "notes.md"), "A late owl\n");
    const chat = await ChatPage.inSandbox(editor);
    await chat.fault("slow-job", 5000);
    await workbench.openFile("notes.md");
    await workbench.page.locator(".editor-group-container.active .view-line").first().click();
    await workbench.page.keyboard.press("Control+A");
    await generate("A late owl");
    await topUp();
    await workbench.progress().first().waitFor();
    await workbench.page.locator(".editor-group-container.active .view-line").first().click();
    await workbench.page.keyboard.press("Home");
    await workbench.page.keyboard.type("No. ");
    await workbench.clickNotification(/The picture is not linked in notes\.md: /, "Copy link");
    const link = "![A late owl](images/a-late-owl.png)";
    await until("the link is in the clipboard", async () => (await workbench.clipboard()) === link);
    assert.ok(!(await workbench.editorText()).includes("!["));
  });

  it("saves images with the file in front where several folders are open, and asks where there is none", async () => {
    const { workbench } = editor;
    const inWorkspace = (path: string) => join(editor.workspace, path);
    for (const folder of ["alpha", "beta"]) mkdirSync(inWorkspace(folder));
    writeFileSync(inWorkspace("beta/notes.txt"), "Notes\n");
    const folders = [{ path: "alpha" }, { path: "beta" }];
    writeFileSync(inWorkspace("both.code-workspace"), JSON.stringify({ folders }));
    const workspace = new URLSearchParams({ workspace: inWorkspace("both.code-workspace") });
    await workbench.page.goto(`${new URL(workbench.page.url()).origin}/?${workspace}`);
    await workbench.ready();
    const chat = await ChatPage.inSandbox(editor);
    await workbench.runCommand("View: Close All Editors");
    await generate("a grey fox");
    await workbench.quickPickRows().filter({ hasText: "alpha" }).first().waitFor();
    await workbench.screenshot("media-folder");
    await workbench.page.keyboard.press("Escape");
    await generate("a red fox");
    await workbench.quickPick("alpha");
    await topUp();
    await workbench.notification(/Saved as a-red-fox\.png\. Verified\./).waitFor();
    await workbench.openFile("beta/notes.txt");
    await generate("a blue fox");
    await workbench.notification(/Saved as a-blue-fox\.png\. Verified\./).waitFor();
    assert.deepEqual(readdirSync(inWorkspace("alpha/images")), ["a-red-fox.png"]);
    assert.deepEqual(readdirSync(inWorkspace("beta/images")), ["a-blue-fox.png"]);
    assert.equal(await orders(chat), 2, "none where the question was left");
  });

  it("edits a picture from the Explorer", async () => {
    const { workbench } = editor;
    await workbench.setTheme("highContrast");
    writeFileSync(join(editor.workspace, "data/grey.png"), aPicture());
    writeFileSync(join(editor.workspace, "data/page.png"), "<html></html>");
    await ChatPage.inSandbox(editor);
    await workbench.contextMenu(await workbench.revealFile("data/page.png"), "Edit image with 0G…");
    await workbench.notification("page.png cannot be used: it is no PNG, JPEG or WebP picture.").waitFor();
    assert.equal(await workbench.quickInput().count(), 0, "nothing is asked of what no provider edits");
    await workbench.contextMenu(await workbench.revealFile("data/grey.png"), "Edit image with 0G…");
    await workbench.inputBox("make it red");
    await workbench.quickPick("sandbox-image-edit");
    await workbench.quickPick("1 picture");
    await topUp();
    await workbench.notification(/Saved as grey-edited\.png\. Verified\./).waitFor();
    await workbench.screenshot("media-edited");
    assert.ok(existsSync(join(editor.workspace, "data/grey-edited.png")));
  });
});
