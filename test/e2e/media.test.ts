// Pictures and a transcript from where a VS Code user looks for them, as files with a verdict.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aPicture } from "../support/media.js";
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

  it("transcribes a recording from the Explorer once the account there has money", async () => {
    const { workbench } = editor;
    await workbench.setTheme("dark");
    await ChatPage.inSandbox(editor);
    await workbench.contextMenu(await workbench.revealFile("audio/chime.wav"), "Transcribe with 0G…");
    await workbench.quickPickRows().filter({ hasText: "sandbox-speech" }).first().waitFor();
    await workbench.screenshot("media-speech-providers");
    await workbench.quickPick("sandbox-speech");
    await workbench.quickPick("Text");
    await topUp();
    await workbench.notification(/Saved as chime\.txt\. Verified\./).waitFor();
    await workbench.screenshot("media-transcript");
    assert.match(readFileSync(join(editor.workspace, "audio/chime.txt"), "utf8"), /^This is the sandbox/);
  });

  it("generates an image from the palette", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.runCommand("0G Compute: Generate image with 0G…");
    await workbench.inputBox("a red fox");
    await workbench.quickPick("sandbox-image");
    await workbench.quickPick("small");
    await workbench.quickPickRows().filter({ hasText: "2 pictures" }).first().waitFor();
    await workbench.screenshot("media-count");
    await workbench.quickPick("1 picture");
    await topUp();
    await workbench.notification(/Saved as a-red-fox\.png\. Verified\. 0\.003 0G/).waitFor();
    await workbench.screenshot("media-picture");
    assert.ok(existsSync(join(editor.workspace, "images/a-red-fox.png")));
  });

  it("saves elsewhere what was paid for, and orders nothing twice, where its folder cannot be had", async () => {
    const { workbench } = editor;
    writeFileSync(join(editor.workspace, "images"), "a file where the folder would be");
    await ChatPage.inSandbox(editor);
    await workbench.runCommand("0G Compute: Generate image with 0G…");
    await workbench.inputBox("a blue fox");
    await workbench.quickPick("sandbox-image");
    await workbench.quickPick("small");
    await workbench.quickPick("1 picture");
    await topUp();
    await workbench.clickNotification(/“a-blue-fox” was made and is paid for, and is not saved yet/, "Retry");
    await workbench.quickInput().getByText("Save here", { exact: true }).click(); // proposed: the workspace's own folder
    await workbench.notification(/Saved as a-blue-fox\.png\. Verified\./).waitFor();
    assert.ok(existsSync(join(editor.workspace, "a-blue-fox.png")));
    const kept = readdirSync(join(editor.dataFolder, "data/User/globalStorage"), { recursive: true });
    const receipts = kept.filter((name) => String(name).endsWith(".0greceipt.json"));
    assert.equal(receipts.length, 1, "one order, one receipt");
  });

  it("raises an alarm that stays where a picture is signed by another key", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.fault("wrong-key");
    await workbench.runCommand("0G Compute: Generate image with 0G…");
    await workbench.inputBox("a forged fox");
    await workbench.quickPick("sandbox-image");
    await workbench.quickPick("small");
    await workbench.quickPick("2 pictures");
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
    await workbench.runCommand("0G Compute: Generate image with 0G…");
    await workbench.inputBox("a slow fox");
    await workbench.quickPick("sandbox-image");
    await workbench.quickPick("small");
    await workbench.quickPick("1 picture");
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
    await workbench.runCommand("0G Compute: Generate image with 0G…");
    await workbench.inputBox("An otter");
    await workbench.quickPick("sandbox-image");
    await workbench.quickPick("small");
    await workbench.quickPick("1 picture");
    await workbench.notification(/Saved as an-otter\.png\. Verified\./).waitFor();
    assert.match(
      (await workbench.editorText()).replaceAll("\n", ""),
      /!\[An otter\]\(images\/an-otter\.png\)/,
    );
  });

  it("edits a picture from the Explorer", async () => {
    const { workbench } = editor;
    await workbench.setTheme("highContrast");
    writeFileSync(join(editor.workspace, "data/grey.png"), aPicture());
    await ChatPage.inSandbox(editor);
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
