// Whatever was switched, stopped or set wrongly: the views say so and have the way out.
import assert from "node:assert/strict";
import { until } from "./until.js";
import { ChatPage, sandboxReady } from "./chatPage.js";
import { useEditor } from "./harness.js";

describe("a network that cannot be used", () => {
  const editor = useEditor();

  it("is left again with Switch network, and a live one without a wallet offers to set one up", async () => {
    const { workbench } = editor;
    await workbench.active();
    await workbench.openContainer("0G Compute");
    await workbench.runCommand("0G Compute: Switch network");
    await workbench.quickPick("Custom");
    await until("the way to the settings is a row", async () =>
      (await workbench.treeTexts("Providers")).includes("Open settings"),
    );
    await until("the setting is named", async () =>
      ((await workbench.view("Accounts").textContent()) ?? "").includes("zgCompute.customNetwork"),
    );
    await workbench.runCommand("0G Compute: Switch network");
    await workbench.quickPick("Testnet");
    await workbench.view("Accounts").getByText("set up a wallet", { exact: true }).click();
    await until("how is asked", async () => (await workbench.quickInputTitle()) === "Set up wallet");
  });
});

describe("a stopped sandbox", () => {
  const editor = useEditor();

  it("stays stopped while its views are on screen, and starts with the next question", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("What is a sub-account?", "Verified");
    await workbench.openContainer("0G Compute");
    const { control } = sandboxReady(editor);
    await workbench.runCommand("0G Compute: Stop sandbox");
    const network = workbench.treeItem("Accounts", /^Sandbox/).first();
    await until("the view says so", async () =>
      ((await network.textContent()) ?? "").includes("not running"),
    );
    await until("its process has ended", () =>
      fetch(control.url).then(
        () => false,
        () => true,
      ),
    );
    // Time enough for a view to start it again: bringing one up takes no longer.
    await workbench.clickStatusBar();
    await workbench.screenshot("sandbox-stopped");
    assert.match((await network.textContent()) ?? "", /not running/);
    await chat.askUntil("What is a ledger?", "Verified");
    await until("it runs", async () => ((await network.textContent()) ?? "").includes("on this machine"));
  });

  it("is told on the pages of its providers, whose button starts it", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    for (const { command, page, filled } of [
      {
        ...{ command: "0G Compute: Compare answers", page: ".comparison" },
        filled: "#model-0 option:nth-child(2)",
      },
      {
        ...{ command: "0G Compute: Compare providers", page: ".providers" },
        filled: ".services tbody tr",
      },
    ]) {
      await workbench.runCommand(command);
      const frame = await workbench.webviewFrame(page);
      const first = frame.locator(filled).first();
      await first.waitFor({ state: "attached", timeout: 60_000 });
      await workbench.runCommand("0G Compute: Stop sandbox");
      await frame.getByText("The sandbox is stopped.").waitFor();
      await workbench.screenshot(`sandbox-stopped-${page.slice(1)}`);
      assert.deepEqual(await workbench.axe(frame), []);
      await frame.getByRole("button", { name: "Start sandbox" }).click();
      await first.waitFor({ state: "attached", timeout: 60_000 });
      await frame.getByText("The sandbox is stopped.").waitFor({ state: "hidden" });
    }
  });
});
