// A provider of the sandbox verified from its row: the page shows the whole line, and says everywhere that it is the sandbox's.
import assert from "node:assert/strict";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { until } from "./until.js";

describe("the verification of a provider", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor();

  it("opens from the provider's row and from an answer's check, says sandbox, and never Intel", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("What is a ledger?", "Verified");
    await chat.last().locator(".badge").click();
    await chat.last().getByRole("button", { name: "Show the chain of custody" }).click();
    const ofAnswer = await workbench.webviewFrame(".proof");
    await ofAnswer.getByRole("heading", { name: "This answer" }).waitFor({ timeout: 60_000 });
    const key = ofAnswer.locator(".step", { hasText: "Key held by an enclave" });
    const values = await key.locator(".value").allTextContents();
    assert.equal(values.length, 2);
    assert.equal(values[0]?.replace("Key in the quote", ""), values[1]?.replace("Key that signed", ""));
    assert.match((await ofAnswer.locator("main").textContent()) ?? "", /Not proven.*This is the sandbox/);
    await key.scrollIntoViewIfNeeded();
    await workbench.screenshot("verification-answer");
    await workbench.runCommand("View: Close All Editors");
    await workbench.openContainer("0G Compute");
    await workbench.contextMenu(workbench.treeItem("Providers", /private/).first(), "Verify provider");
    const frame = await workbench.webviewFrame(".proof");
    await frame.getByText(/^Checked on this machine/).waitFor({ timeout: 60_000 });
    const text = (await frame.locator("main").textContent()) ?? "";
    assert.match(text, /Not proven/);
    assert.match(text, /The sandbox's own root/);
    assert.match(text, /This provider/);
    assert.doesNotMatch(text, /Intel|processor|whoever owns the machine/i);
    assert.equal(await frame.locator(".step.is-failed").count(), 0);
    await workbench.screenshot("verification");
    assert.deepEqual(await workbench.axe(frame), []);
    assert.deepEqual(editor.policyViolations(), []);
    await workbench.reloadWindow();
    await until("the page is back and has checked again", async () => {
      const again = await workbench.webviewFrame(".proof");
      return (await again.getByText(/^Checked on this machine/).count()) === 1;
    });
  });

  it("that fails is told on its page, and asked about before the next message", async () => {
    const { workbench } = editor;
    await (await ChatPage.inSandbox(editor)).fault("wrong-quote", "debug");
    await workbench.openContainer("0G Compute");
    await workbench.contextMenu(workbench.treeItem("Providers", /private/).first(), "Verify provider");
    const frame = await workbench.webviewFrame(".proof");
    await frame.getByText("This verification failed.", { exact: false }).waitFor({ timeout: 60_000 });
    await workbench.screenshot("verification-failed");
    // Its page stands in front of the chat.
    const chat = await ChatPage.inSandbox(editor);
    await chat.ask("What is a ledger?");
    await workbench.dialog().waitFor();
    const text = (await workbench.dialog().textContent()) ?? "";
    assert.match(text, /The verification of this provider failed\. Go on\?/);
    assert.match(text, /Checks that failed: Closed to inspection/);
    await workbench.screenshot("verification-failed-question");
    await workbench.clickDialog("Accept and send");
    // Going on is no proof: the signature holds, and what signed it is not what was to be proven.
    await chat.badge("Not proven");
    await chat.last().getByText("But the provider's enclave did not pass its verification").waitFor();
    await chat.askUntil("And a sub-account?", "Not proven");
  });
});
