// A fine-tuning as a user goes through it: the questions, what is agreed to, the task's panel.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Frame, Locator } from "playwright-core";
import { ChatPage } from "./chatPage.js";
import { createKey } from "./endpointKey.js";
import { until } from "./until.js";
import type { Editor } from "./harness.js";

/** A stage of the toy takes seconds; a machine that does other things as well takes longer. */
export const stageMs = 90_000;

export class TuningPage {
  constructor(private readonly editor: Editor) {}

  /** From a right-click on a file to the question that is modal. `look` is called at each question. */
  async askToStart(
    path: string,
    preset = "Thorough",
    look: (name: string) => Promise<void> = async () => undefined,
  ): Promise<void> {
    const { workbench } = this.editor;
    await workbench.contextMenu(await workbench.revealFile(path), /^Fine-tune with 0G/);
    const answers = {
      offer: "sandbox-lm",
      preset,
      destination: "To the provider's enclave",
      summary: "Start…",
    };
    for (const [name, answer] of Object.entries(answers)) {
      await workbench.quickPickRows().filter({ hasText: answer }).first().waitFor({ timeout: stageMs });
      assert.equal(await workbench.progress().count(), 0, "no progress stands beside a question");
      await look(name);
      await workbench.quickPick(answer);
    }
    await workbench.dialog().waitFor({ timeout: stageMs });
    assert.equal(await workbench.progress().count(), 0, "no progress stands beside a question");
  }

  /** All the way to the panel of the new task. */
  async start(path: string, preset = "Thorough"): Promise<void> {
    await this.askToStart(path, preset);
    await this.editor.workbench.clickDialog("Start");
    await this.agreeUntilShown();
  }

  /** Each transaction asks by itself; a panel opens when the task is there. */
  async agreeUntilShown(): Promise<void> {
    await this.agreeUntil(() => this.editor.workbench.editorTab("sandbox-lm").isVisible());
  }

  async agreeUntil(isDone: () => Promise<boolean>): Promise<void> {
    const confirm = this.editor.workbench
      .dialog()
      .getByRole("button", { name: /^(Deposit|Transfer|Acknowledge|Chat)$/ });
    await until(
      "everything asked is agreed to and done",
      async () => {
        if (await confirm.isVisible()) await confirm.click();
        return isDone();
      },
      stageMs,
    );
  }

  /** The panel of the task in front, as it is now: a reload replaces it. */
  panel(): Promise<Frame> {
    return this.editor.workbench.webviewFrame(".timeline");
  }

  async stageIs(name: string): Promise<void> {
    const panel = await this.panel();
    await panel.locator(".status .stage", { hasText: name }).waitFor({ timeout: stageMs });
  }

  async button(name: string | RegExp): Promise<Locator> {
    const button = (await this.panel()).getByRole("button", { name });
    await button.waitFor({ timeout: stageMs });
    return button;
  }

  async press(name: string | RegExp): Promise<void> {
    await (await this.button(name)).click();
  }

  async acknowledge(): Promise<void> {
    const { workbench } = this.editor;
    await this.press(/^(Download, check and a|A)cknowledge$/); // it may be here already
    await workbench.dialog().waitFor({ timeout: stageMs });
    await workbench.clickDialog("Acknowledge");
  }

  async decrypt(): Promise<void> {
    await this.askToDecrypt();
    await this.editor.workbench.notification(/The model is in/).waitFor({ timeout: stageMs });
  }

  async askToDecrypt(): Promise<void> {
    await this.press(/^(Decrypt|Unpack) model$/); // it is decrypted by itself as soon as it can be
    await this.acceptFolder();
  }

  /** In the chat that is in front: from the trained file, and checked. */
  async answers(): Promise<void> {
    const chat = await ChatPage.shown(this.editor);
    await chat.ask("How do I cancel the monthly pass?");
    // Training and chatting are paid from accounts of their own: the one for answers is empty yet.
    await chat.last().getByRole("button", { name: "Top up" }).click();
    await this.editor.workbench.inputBox("2");
    await this.agreeUntil(() => chat.last().locator(".badge-word", { hasText: "Verified" }).isVisible());
    const answer = (await chat.last().locator(".markdown").textContent()) ?? "";
    assert.match(answer, /Profile|Pass|renew/, answer);
  }

  /** In the chat that is in front: told from the others by the file it learned from, picked by keyboard, asked, and its receipt shown. */
  async isPicked(): Promise<void> {
    const { workbench } = this.editor;
    const chat = await ChatPage.shown(this.editor);
    const picker = chat.frame.locator(".picker-button");
    const options = chat.frame.getByRole("option");
    await picker.click();
    const own = options.filter({ hasText: "tuned by you from support.jsonl" });
    await own.waitFor();
    assert.equal(await own.getAttribute("aria-selected"), "true");
    await workbench.screenshot("adapter-picker");
    await options.filter({ hasNotText: "tuned by you" }).first().click();
    await until("another model is picked", async () => !/ft-/.test((await picker.textContent()) ?? ""));
    await picker.press("ArrowDown");
    await own.click();
    await until("it is picked again", async () => /ft-sandbox-lm/.test((await picker.textContent()) ?? ""));
    await chat.askUntil("How do I change the address on my profile?", "Verified");
    assert.match((await chat.last().locator(".byline").textContent()) ?? "", /^ft-sandbox-lm-/);
    await chat.last().locator("summary", { hasText: "Verified" }).click();
    await chat.last().getByRole("button", { name: "Show receipt" }).click();
    const receipt = await workbench.webviewFrame("main.proof");
    await receipt
      .getByText(/ft-sandbox-lm-/)
      .first()
      .waitFor();
    await workbench.screenshot("adapter-receipt");
  }

  /** Wherever a model can be chosen: to compare answers, and by other programs. */
  async isListedElsewhere(): Promise<void> {
    const { workbench } = this.editor;
    await workbench.runCommand("0G Compute: Compare answers");
    const comparison = await workbench.webviewFrame(".comparison");
    const own = comparison.locator("#model-0 option", { hasText: "tuned by you from support.jsonl" });
    await own.waitFor({ state: "attached" });
    await workbench.runCommand("0G Compute: Start local endpoint");
    await workbench.clickNotification(/The local endpoint runs/, "Create key");
    const authorization = `Bearer ${await createKey(this.editor, "Tuned")}`;
    const [, port] = /:(\d+)$/.exec((await workbench.statusBarText("endpoint")).trim()) ?? [];
    const listed = await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization } });
    const { data } = (await listed.json()) as { data: { id: string }[] };
    assert.ok(
      data.some(({ id }) => id.startsWith("ft-sandbox-lm-")),
      data.map(({ id }) => id).join(),
    );
  }

  /** The only file of that name that the extension keeps. */
  kept(name: string): string {
    const [file] = this.files(name);
    assert.ok(file, `${name} is there`);
    return file;
  }

  /** All of a kind. */
  files(end: string): readonly string[] {
    const storage = join(this.editor.dataFolder, "data", "User", "globalStorage");
    const names = readdirSync(storage, { recursive: true, encoding: "utf8" });
    return names.filter((name) => name.endsWith(end)).map((name) => join(storage, name));
  }

  /** The folder dialog of a served editor is a quick input; its suggestion is the workspace. */
  private async acceptFolder(): Promise<void> {
    const button = this.editor.workbench.quickInput().getByRole("button", { name: "Unpack here" });
    await button.waitFor({ timeout: stageMs });
    await button.click();
  }
}
