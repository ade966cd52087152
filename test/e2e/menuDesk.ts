// Opens entries of the table by the mouse, keeps count of which, and takes leave of what they lead to: each costs a second or two.
import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import type { Editor } from "./harness.js";
import { menuTable, type ContextMenu, type MenuRow, type TestFile } from "./menuTable.js";
import { until } from "./until.js";
import type { Workbench } from "./workbench.js";

export class MenuDesk {
  private readonly opened = new Set<MenuRow>();

  constructor(
    private readonly editor: Editor,
    private readonly test: TestFile,
    private readonly name: string,
  ) {}

  /** An entry of a row of ours, or its icon where it is nothing else. */
  async ofRow(command: string, on: string, row: Locator): Promise<void> {
    const entry = this.entry("view/item/context", command, on);
    if (entry.shape === "icon") await this.workbench.clickRowAction(row, entry.label);
    else await this.workbench.contextMenu(row, entry.label);
  }

  /** The same for one of tasks. A row that is drawn anew under its menu is lost to the command, which then asks which task is meant. */
  async ofTask(command: string, row: Locator, on = command): Promise<void> {
    await this.ofRow(command, on, row);
    const tasks = this.workbench.quickInput().getByRole("option", { name: /^sandbox-lm/ });
    const isAsked = tasks.first().waitFor({ timeout: 2000 });
    await isAsked.then(
      () => this.workbench.page.keyboard.press("Enter"),
      () => undefined, // it knew
    );
  }

  async ofFile(command: string, path: string): Promise<void> {
    const { label } = this.entry("explorer/context", command);
    await this.workbench.contextMenu(await this.workbench.revealFile(path), label);
  }

  async ofTab(command: string, name: string): Promise<void> {
    const { label } = this.entry("editor/title/context", command);
    await this.workbench.contextMenu(this.workbench.editorTab(name), label);
  }

  async ofText(command: string, line: Locator): Promise<void> {
    await this.workbench.contextMenu(line, this.entry("editor/context", command).label);
  }

  async ofSelection(command: string, line: Locator): Promise<void> {
    const { label } = this.entry("zgCompute.editor", command);
    await this.workbench.contextSubmenu(line, "0G Compute", new RegExp(`^${label}`));
  }

  /** What the right-click on something offers of ours; the menu is closed again. */
  async offered(target: Locator): Promise<readonly string[]> {
    const { page } = this.workbench;
    const menu = page.getByRole("menu").filter({ visible: true });
    await until("the menu is open", async () => {
      if ((await menu.count()) === 0) await target.click({ button: "right", timeout: 2000 });
      await menu.getByRole("menuitem").first().waitFor({ timeout: 2000 });
      return true;
    });
    const labels = new Set(menuTable.map(({ label }) => label));
    const all = await menu.getByRole("menuitem").locator(".action-label").allTextContents();
    await page.keyboard.press("Escape");
    await menu.first().waitFor({ state: "detached" });
    return all.filter((one) => labels.has(one));
  }

  /** A quick pick or input box that says this. */
  async asks(text: RegExp): Promise<void> {
    const input = this.workbench.quickInput();
    await until(
      `${String(text)} is asked`,
      async () => text.test((await input.textContent()) ?? "") || text.test(await field(input)),
    );
    await until("it is closed", async () => {
      if (await input.isHidden()) return true;
      await this.workbench.page.keyboard.press("Escape"); // a box that just opened has no focus yet
      return false;
    });
  }

  /** A dialog that says this, where nothing happens unless it is agreed to. */
  async confirms(text: RegExp): Promise<void> {
    const { workbench } = this;
    await until(`${String(text)} is asked`, async () =>
      text.test((await workbench.dialog().textContent({ timeout: 2000 })) ?? ""),
    );
    await workbench.clickDialog(/^Cancel$/);
  }

  /** An editor of that name, which is closed again. */
  async shows(tab: string | RegExp): Promise<void> {
    const { workbench } = this;
    await workbench.editorTab(tab).waitFor();
    await until(`${String(tab)} is closed`, async () => {
      if ((await workbench.editorTab(tab).count()) === 0) return true;
      await workbench.editorTab(tab).click({ button: "middle", timeout: 2000 });
      return false;
    });
  }

  async tells(text: string | RegExp): Promise<void> {
    const notification = this.workbench.notification(text);
    await notification.waitFor();
    await notification.hover();
    await notification.locator(".codicon-notifications-clear").click();
    await notification.waitFor({ state: "detached" });
  }

  /** The table says so of this test. */
  assertAll(): void {
    const names = (rows: Iterable<MenuRow>) =>
      [...rows].map(({ menu, command, on }) => `${menu} ${command} ${on}`).sort();
    const claimed = menuTable.filter(({ by }) => by.test === this.test && by.name === this.name);
    assert.deepEqual(names(this.opened), names(claimed));
  }

  private entry(menu: ContextMenu, command: string, on?: string): MenuRow {
    const row = menuTable.find(
      (one) =>
        one.menu === menu &&
        one.command === `zgCompute.${command}` &&
        (on === undefined || one.on === on) &&
        (on !== undefined || ("test" in one.by && one.by.test === this.test)),
    );
    assert.ok(row, `the table has ${command} of ${on ?? menu}`);
    this.opened.add(row);
    return row;
  }

  private get workbench(): Workbench {
    return this.editor.workbench;
  }
}

/** What is suggested there, or stands for what is missing. */
async function field(input: Locator): Promise<string> {
  const box = input.locator("input").last();
  return `${(await box.getAttribute("placeholder")) ?? ""} ${await box.inputValue()}`;
}
