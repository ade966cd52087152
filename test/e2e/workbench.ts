// What a user does in VS Code's window, by the names and titles on screen: a wrong label fails a test.
import { readFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame, Locator, Page } from "playwright-core";
import { outFolder } from "../editor/tools.mjs";
import { axeFindings } from "../axe.js";
import { until } from "./until.js";

const themeKinds = ["dark", "light", "highContrast", "highContrastLight"] as const;
export type ThemeKind = (typeof themeKinds)[number];

/** The theme of each kind: as it is listed, and how the window is marked. */
const themes: Record<ThemeKind, { readonly label: string; readonly mark: string }> = {
  dark: { label: "Dark Modern", mark: "vs-dark" },
  light: { label: "Light Modern", mark: "vs" },
  highContrast: { label: "Dark High Contrast", mark: "hc-black" },
  highContrastLight: { label: "Light High Contrast", mark: "hc-light" },
};

/** What `Workbench` needs to know of the VS Code behind the page. */
export interface WorkbenchPlace {
  /** The server's data folder. */
  readonly dataFolder: string;
  /** The open folder: this test's own copy of the fixture workspace. */
  readonly workspace: string;
  readonly extensionId: string;
}

export class Workbench {
  constructor(
    readonly page: Page,
    readonly place: WorkbenchPlace,
  ) {}

  /** Waits until the window is drawn. */
  async ready(): Promise<void> {
    await this.page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: 60_000 });
  }

  /** Waits until our status bar item is there: the sign that the extension is active. */
  async active(itemId = "status"): Promise<void> {
    await this.statusBar(itemId).waitFor({ timeout: 60_000 });
  }

  // --- commands and quick input

  /** Runs a command by what the palette shows, such as "0G Compute: Open chat". */
  async runCommand(title: string): Promise<void> {
    await this.openQuickInput(`>${title}`);
    const row = this.quickPickRows().filter({ has: this.page.getByText(title, { exact: true }) });
    await row.first().waitFor();
    await row.first().click();
  }

  /** The open quick pick or input box. */
  quickInput(): Locator {
    return this.page.locator(".quick-input-widget:visible");
  }

  /** The title of the open quick pick or input box. */
  async quickInputTitle(): Promise<string> {
    return (await this.quickInput().locator(".quick-input-title").textContent()) ?? "";
  }

  /** The rows of the open quick pick. */
  quickPickRows(): Locator {
    return this.quickInput().locator(".quick-input-list .monaco-list-row");
  }

  /** Picks the row of the open quick pick that contains the text. */
  async quickPick(text: string | RegExp): Promise<void> {
    const row = this.quickPickRows().filter({ hasText: text });
    await row.first().waitFor();
    await row.first().click();
  }

  /** Types into the open input box, and accepts unless told not to. */
  async inputBox(text: string, { accept = true } = {}): Promise<void> {
    await this.quickInput().locator("input").last().fill(text);
    if (accept) await this.page.keyboard.press("Enter");
  }

  /**
   * Names a file in the editor's own file dialog. It writes its own suggestion once it has read the folder, over what was typed by then,
   * looks a path up while it is typed, and takes no Enter before it has.
   */
  async fileDialog(path: string): Promise<void> {
    const field = this.quickInput().locator("input").last();
    await until("the file dialog takes the path", async () => {
      if ((await this.quickInput().count()) === 0) return true;
      let kept = 0;
      await until("the file dialog keeps the path", async () => {
        if ((await field.inputValue()) === path) return ++kept > 10;
        await field.fill(path);
        kept = 0;
        return false;
      });
      await this.page.keyboard.press("Enter");
      await this.quickInput().waitFor({ state: "hidden", timeout: 3000 });
      return true;
    });
  }

  /** The validation message of the open input box. */
  inputMessage(): Locator {
    return this.quickInput().locator(".quick-input-message");
  }

  private async openQuickInput(text: string): Promise<void> {
    // When a webview has the focus, F1 may open a palette that closes again.
    await this.page.evaluate(
      `if (document.activeElement?.tagName === "IFRAME") document.getElementById("workbench.parts.statusbar")?.focus()`,
    );
    await until("the command palette opens", async () => {
      await this.page.keyboard.press("F1");
      await this.quickInput().waitFor({ timeout: 2000 });
      // A panel that comes to the front takes the focus a moment later, and the palette is gone again.
      await this.quickInput().locator("input").last().fill(text, { timeout: 2000 });
      await this.quickPickRows().first().waitFor({ timeout: 2000 });
      return true;
    });
  }

  // --- what is shown around the editors

  /** A link in what is shown when something is pointed at. */
  hover(link: string): Locator {
    return this.page.locator(".monaco-hover a", { hasText: link });
  }

  /** A status bar item of ours; its `aria-label` carries text and tooltip. */
  statusBar(itemId = "status"): Locator {
    return this.page.locator(`[id="${this.place.extensionId}.${itemId}"]`);
  }

  /** The text of a status bar item. */
  async statusBarText(itemId = "status"): Promise<string> {
    return ((await this.statusBar(itemId).textContent()) ?? "").trim();
  }

  /** Clicks a status bar item. */
  async clickStatusBar(itemId = "status"): Promise<void> {
    await this.statusBar(itemId).locator("a").click();
  }

  /** The notification with a text; progress is one, too. */
  notification(text: string | RegExp): Locator {
    return this.page.locator(".notifications-toasts .notification-list-item").filter({ hasText: text });
  }

  /** Notifications of what is running and can be cancelled. */
  progress(): Locator {
    const cancel = this.page.getByRole("button", { name: "Cancel", exact: true });
    return this.notification(/./).filter({ has: cancel });
  }

  /** Clicks a button of a notification. */
  async clickNotification(text: string | RegExp, button: string): Promise<void> {
    await this.notification(text).getByRole("button", { name: button }).click();
  }

  /** The texts of all notifications on screen. */
  async notificationTexts(): Promise<string[]> {
    return this.page.locator(".notifications-toasts .notification-list-item-message").allTextContents();
  }

  /** The modal dialog on screen. */
  dialog(): Locator {
    return this.page.locator(".monaco-dialog-box");
  }

  /** Clicks a button of the modal dialog and waits until it is closed. */
  async clickDialog(button: string | RegExp): Promise<void> {
    // This very one: the next question may already be open when we look.
    const withButton = this.dialog().filter({ has: this.page.getByRole("button", { name: button }) });
    const box = await withButton.elementHandle();
    await withButton.getByRole("button", { name: button }).click();
    await box?.waitForElementState("hidden");
  }

  // --- side bar

  /** Shows an activity bar container by its title; does nothing when it is shown already. */
  async openContainer(title: string): Promise<void> {
    const tab = this.page.getByRole("tab", { name: title }).first();
    await tab.waitFor();
    const isShown = async () => (await tab.getAttribute("aria-selected")) === "true";
    // A bar that is just being drawn anew says of nothing that it is shown, and a click on what is shown hides it: then it takes another.
    for (let clicks = 0; clicks < 3 && !(await isShown()); clicks++) {
      await tab.locator("a.action-label").click();
      await until(`${title} is shown`, isShown, 3000).catch(() => undefined);
    }
    await until(`${title} is shown`, isShown);
  }

  /** The pane of a view, its header included. */
  view(name: string): Locator {
    return this.page
      .locator(".split-view-view")
      .filter({ has: this.page.locator(".pane-header").filter({ hasText: name }) })
      .last();
  }

  /** Unfolds a view that is folded to its header, or folds it. */
  async expandView(name: string, isExpanded = true): Promise<void> {
    const header = this.view(name).locator(".pane-header");
    if ((await header.getAttribute("aria-expanded")) !== String(isExpanded)) await header.click();
  }

  /** The rows of a tree view that contain a text. (Their accessible name is the tooltip, so select by text.) */
  treeItem(viewName: string, text: string | RegExp): Locator {
    return this.page.getByRole("tree", { name: viewName }).getByRole("treeitem").filter({ hasText: text });
  }

  /** The visible texts of all rows of a tree view, as they are now: `until` they are what is expected. */
  async treeTexts(viewName: string): Promise<string[]> {
    const rows = this.page.getByRole("tree", { name: viewName }).getByRole("treeitem");
    return (await rows.allTextContents()).map((text) => text.trim());
  }

  /** Clicks a row of a tree view. */
  async clickTreeItem(viewName: string, text: string | RegExp): Promise<void> {
    await this.treeItem(viewName, text).first().click();
  }

  /** Clicks an icon in a row, by its command's title. */
  async clickInlineAction(viewName: string, row: string | RegExp, title: string): Promise<void> {
    await this.clickRowAction(this.treeItem(viewName, row).first(), title);
  }

  /** The same for a row at hand. A tree that is drawn anew meanwhile hides the icon until the row is pointed at again. */
  async clickRowAction(row: Locator, title: string): Promise<void> {
    await until(`"${title}" of the row is clicked`, async () => {
      await row.hover({ timeout: 2000 });
      await row.getByRole("button", { name: title }).click({ timeout: 2000 });
      return true;
    });
  }

  /** Drags the side bar's edge until the bar is so wide. */
  async narrowSideBar(width: number): Promise<void> {
    const side = this.page.locator(".part.sidebar");
    const { x, y, width: before } = (await side.boundingBox())!;
    const middle = y + 300;
    await this.page.mouse.move(x + before, middle);
    await this.page.mouse.down();
    await this.page.mouse.move(x + width, middle, { steps: 5 });
    await this.page.mouse.up();
    await until(
      "the side bar is narrow",
      async () => Math.abs((await side.boundingBox())!.width - width) < 10,
    );
    await this.restPointer();
  }

  /** Clicks an icon in a view's title bar, by its command's title. */
  async clickViewAction(viewName: string, title: string): Promise<void> {
    const header = this.view(viewName).locator(".pane-header");
    await header.hover();
    await header.getByRole("button", { name: title }).click();
  }

  /** A button of a view's welcome text, such as "Try the sandbox". */
  async clickWelcome(viewName: string, button: string): Promise<void> {
    await this.view(viewName).locator(".welcome-view-content").getByRole("button", { name: button }).click();
    await this.restPointer();
  }

  /** Moves the pointer off the rows that take the place of the button it clicked. */
  private async restPointer(): Promise<void> {
    await this.page.mouse.move(this.page.viewportSize()!.width - 2, 2);
  }

  /** Opens the context menu of something and clicks an entry. */
  async contextMenu(target: Locator, entry: string | RegExp): Promise<void> {
    const item = this.page.getByRole("menuitem", { name: entry });
    const menu = this.page.getByRole("menu").filter({ visible: true });
    // A menu ignores the mouse for about 100 ms after it opened, closes when a row is drawn anew, and stays without the entries that came
    // after it, keeping the mouse from the row: open it until it takes the click. On a slow machine it takes it and goes late.
    let isClicked = false;
    await until(`the menu takes ${String(entry)}`, async () => {
      // Nothing can be right-clicked under a dialog: it is the entry's, whose click came late.
      if ((await this.dialog().count()) > 0) return true;
      if (!(await item.isVisible())) {
        if (isClicked) return true;
        if ((await menu.count()) > 0) await this.page.keyboard.press("Escape");
        await target.click({ button: "right", timeout: 2000 });
      }
      await item.click({ timeout: 1000, delay: 20 });
      isClicked = true;
      await item.waitFor({ state: "hidden", timeout: 300 });
      return true;
    });
  }

  /** The same for an entry of a submenu, which opens under the pointer. */
  async contextSubmenu(target: Locator, submenu: string, entry: string | RegExp): Promise<void> {
    const item = this.page.getByRole("menuitem", { name: entry });
    const parent = this.page.getByRole("menuitem", { name: submenu, exact: true });
    const menu = this.page.getByRole("menu").filter({ visible: true });
    let isClicked = false;
    await until(`the submenu takes ${String(entry)}`, async () => {
      if (!(await item.isVisible())) {
        if (isClicked) return true;
        if ((await menu.count()) > 0) await this.page.keyboard.press("Escape");
        await target.click({ button: "right", timeout: 2000 });
        await parent.hover({ timeout: 2000 });
        await parent.press("ArrowRight");
        await item.waitFor({ timeout: 2000 });
      }
      await item.click({ timeout: 1000, delay: 20 });
      isClicked = true;
      await item.waitFor({ state: "hidden", timeout: 300 });
      return true;
    });
  }

  /** A file or folder in the Explorer (shown first with `openContainer("Explorer")`). */
  explorerItem(name: string): Locator {
    return this.page
      .locator(".explorer-folders-view")
      .getByRole("treeitem")
      .filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** Unfolds the Explorer down to a file, such as "data/support.jsonl", and returns its row. */
  async revealFile(path: string): Promise<Locator> {
    await this.openContainer("Explorer");
    const names = path.split("/");
    for (const [index, name] of names.entries()) {
      const row = this.explorerItem(name).first();
      await row.waitFor();
      const isFolded = index < names.length - 1 && (await row.getAttribute("aria-expanded")) !== "true";
      if (isFolded) await row.click();
    }
    return this.explorerItem(names.at(-1) ?? path).first();
  }

  /** Opens a file of the workspace by its path. (Not by quick open: the older lane has no file search.) */
  async openFile(path: string): Promise<void> {
    await (await this.revealFile(path)).dblclick();
    await this.editorTab(path.split("/").at(-1) ?? path).waitFor();
  }

  // --- editors, panels, output

  /** The tab of an open editor. */
  editorTab(title: string | RegExp): Locator {
    return this.page.locator(".tabs-container").getByRole("tab", { name: title });
  }

  /** The text of the editor in front, as far as it is on screen. */
  async editorText(): Promise<string> {
    const lines = await this.page
      .locator(".editor-group-container.active .view-lines .view-line")
      .allTextContents();
    return lines.join("\n").replaceAll("\u00a0", " ");
  }

  /** The inner frame of the webview that contains an element; the first webview of a window takes up to 5 s. */
  async webviewFrame(containing = "body"): Promise<Frame> {
    return until(
      `a webview with ${containing}`,
      async () => {
        for (const frame of this.page.frames()) {
          // The inner frame of a webview is called "active-frame"; while it loads it is "pending-frame".
          const element = await frame.frameElement().catch(() => undefined);
          if ((await element?.getAttribute("id")) !== "active-frame") continue;
          if (await frame.locator(containing).first().isVisible()) return frame;
        }
        return undefined;
      },
      60_000,
    );
  }

  /** A row of the Problems view, which has to be open. */
  problem(text: string | RegExp): Locator {
    return this.page.locator(".markers-panel").getByRole("treeitem").filter({ hasText: text });
  }

  /** What is in the clipboard. */
  async clipboard(): Promise<string> {
    return this.page.evaluate<string>("navigator.clipboard.readText()");
  }

  /** The address of the page that an action opens outside; the page itself is answered by us, empty. */
  async externalLink(action: () => Promise<void>): Promise<string> {
    await this.page.context().route(/^https:/, (route) => route.fulfill({ body: "" }));
    const [opened] = await Promise.all([this.page.context().waitForEvent("page"), action()]);
    await opened.waitForLoadState();
    const url = opened.url();
    await opened.close();
    return url;
  }

  // --- window

  /** Reloads as a user does. (`cutOff` loses what VS Code has not yet written.) */
  async reloadWindow(): Promise<void> {
    await this.page.evaluate("window.__beforeReload = true");
    await this.runCommand("Developer: Reload Window");
    await until("the window is new", () => this.page.evaluate("window.__beforeReload === undefined"), 60_000);
    await this.ready();
  }

  /** The window goes at once, whatever is open in it, and comes back: a dialog keeps the palette from opening. */
  async cutOff(): Promise<void> {
    await this.page.reload({ timeout: 60_000 });
    await this.ready();
  }

  /** Changes user settings. They are read when a window opens, so this reloads. */
  async setSettings(changes: Record<string, unknown>): Promise<void> {
    const file = join(this.place.dataFolder, "data", "User", "settings.json");
    const settings = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...settings, ...changes }, undefined, 2));
    await this.reloadWindow();
  }

  /** Picks the theme of a kind, as a user does. */
  async setTheme(kind: ThemeKind): Promise<void> {
    const { label, mark } = themes[kind];
    await this.active(); // no theme is listed before
    await this.runCommand("Preferences: Color Theme");
    await until(`${label} is listed`, async () => {
      // The list is longer than its box, and the palette is in its place for a moment.
      await this.quickInput().locator("input").last().fill(label);
      await this.quickPickRows().filter({ hasText: label }).first().click({ timeout: 2000 });
      return true;
    });
    await this.page.locator(`.monaco-workbench.${mark}`).waitFor();
  }

  /** Calls `look` in each kind of theme in turn, in this one window. */
  async inEveryTheme(look: (kind: ThemeKind) => Promise<void>): Promise<void> {
    for (const kind of themeKinds) {
      await this.setTheme(kind);
      await look(kind);
    }
  }

  /** Keeps a picture as test/out/screenshots/<name>.png. */
  async screenshot(name: string): Promise<void> {
    const folder = join(outFolder, "screenshots");
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  /** axe's findings in a webview's frame; an empty list is a pass. */
  async axe(frame: Frame): Promise<string[]> {
    // A webview is transparent and its colour is the editor's behind it, which axe cannot see from inside the frame.
    await frame.evaluate(`document.documentElement.style.background = "var(--vscode-editor-background)"`);
    return axeFindings(frame);
  }
}
