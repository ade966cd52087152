// A real VS Code for each test: the package installed into a server of its own, a fresh browser context, and a copy
// of the fixture workspace. Nothing is shared between tests.
//
//   describe("...", () => {
//     const editor = useEditor();
//     it("...", async () => { const { workbench } = editor; await workbench.runCommand("0G Compute: Open chat"); ... });
//   });
//
// What `workbench` can do stands in workbench.ts, one line per helper. A test that fails leaves a screenshot and
// the logs in test/out/e2e/<its name>.
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromiumLaunchOptions, workbenchContextOptions } from "../editor/chromium.mjs";
import { installEditor } from "../editor/install.mjs";
import { chosenLanes } from "../editor/lanes.mjs";
import { serveForTests, type RunningEditor } from "../editor/serve.mjs";
import { fixtureWorkspace, outFolder, packagedExtension, repositoryRoot } from "../editor/tools.mjs";
import { patienceMs } from "./until.js";
import { Workbench } from "./workbench.js";

export interface EditorOptions {
  /** Settings of the user, beside the quiet ones. */
  readonly settings?: Record<string, unknown>;
  /** What else reaches the extension's environment. */
  readonly env?: Record<string, string>;
  /** The folder whose copy is opened; the fixture workspace unless given. */
  readonly folder?: string;
  /** Packages to install instead of ours. */
  readonly vsix?: readonly string[];
}

/** One started VS Code with one window. */
export class Editor {
  private running?: RunningEditor;
  private context?: BrowserContext;
  private current?: Workbench;
  /** This test's copy of the workspace. */
  workspace = "";
  private copies: string[] = [];
  /** The window's console: for looking at a failure, never for asserting that it is empty. */
  private lines: string[] = [];

  constructor(private readonly options: EditorOptions) {}

  get workbench(): Workbench {
    if (!this.current) throw new Error("The editor is not started: use it inside a test.");
    return this.current;
  }

  /** Where VS Code keeps everything of this test: settings, logs, the extension's files. */
  get dataFolder(): string {
    return this.running!.dataFolder;
  }

  /** What our pages were kept from by their own content security policy, as the console has it. */
  policyViolations(): string[] {
    return this.lines.filter((line) => /Content Security Policy/i.test(line) && /webview/i.test(line));
  }

  /** The process in which the extension runs; undefined while there is none. Read from /proc: Linux alone. */
  extensionHost(): number | undefined {
    const isHost = (pid: number) => {
      try {
        // pid (name) state ppid pgrp …; the name may hold anything but comes first.
        const group = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[2];
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return Number(group) === this.running!.pid && words.includes("--type=extensionHost");
      } catch {
        return false; // ended meanwhile
      }
    };
    return readdirSync("/proc")
      .map(Number)
      .find((pid) => pid > 0 && isHost(pid));
  }

  async start(browser: Browser): Promise<void> {
    const lane = chosenLanes(process.env, ["latest"])[0]!;
    this.workspace = this.copyOfWorkspace();
    this.running = await serveForTests(await installEditor(lane), {
      vsix: [...(this.options.vsix ?? [packagedExtension])],
      env: this.options.env,
      settings: this.options.settings,
    });
    this.context = await browser.newContext(workbenchContextOptions);
    this.current = await this.openWindow(this.workspace);
  }

  /** Closes the window and opens it again, as after quitting VS Code: the browser's storage stays. */
  async reopenWindow(): Promise<void> {
    await this.writeState();
    await this.workbench.page.close();
    this.current = await this.openWindow(this.workspace);
  }

  /** Beside the first, of the same person, with another copy of the workspace: settings, secrets and the extension's files are theirs together. */
  async anotherWindow(): Promise<Workbench> {
    await this.writeState();
    return this.openWindow(this.copyOfWorkspace());
  }

  /** The browser's workbench writes its state every few seconds and on a reload of its own, not when its page is closed. */
  private async writeState(): Promise<void> {
    await this.workbench.reloadWindow();
  }

  private copyOfWorkspace(): string {
    const copy = mkdtempSync(join(tmpdir(), "zg-workspace-"));
    this.copies.push(copy);
    cpSync(this.options.folder ?? fixtureWorkspace, copy, { recursive: true });
    return copy;
  }

  private async openWindow(workspace: string): Promise<Workbench> {
    const page = await this.context!.newPage();
    page.setDefaultTimeout(patienceMs);
    page.on("console", (message) =>
      this.lines.push(`${message.type()} ${message.text()} ${message.location().url}`),
    );
    await page.goto(this.running!.folderUrl(workspace), { timeout: 60_000 });
    const place = { dataFolder: this.dataFolder, workspace, extensionId: extensionId() };
    const workbench = new Workbench(page, place);
    await workbench.ready();
    return workbench;
  }

  async stop(): Promise<void> {
    await this.context?.close();
    await this.running?.stop();
    for (const copy of this.copies.splice(0)) rmSync(copy, { recursive: true, force: true });
    this.context = this.running = this.current = undefined;
  }

  /** Keeps what helps to understand a failure. */
  async keepTraces(name: string): Promise<void> {
    const folder = join(outFolder, "e2e", name.replace(/[^a-z0-9]+/gi, "-").slice(0, 120));
    mkdirSync(folder, { recursive: true });
    const page: Page | undefined = this.current?.page;
    await page?.screenshot({ path: join(folder, "screenshot.png") }).catch(() => undefined);
    writeFileSync(join(folder, "renderer.log"), this.lines.join("\n"));
    if (!this.running) return;
    writeFileSync(join(folder, "server.log"), this.running.log());
    const logs = join(this.running.dataFolder, "data", "logs");
    if (existsSync(logs)) cpSync(logs, join(folder, "logs"), { recursive: true });
  }
}

/** Starts an editor before each test of the surrounding `describe`, and stops it after. */
export function useEditor(options: EditorOptions = {}): Editor {
  const editor = new Editor(options);
  let browser: Browser;
  before(async () => {
    browser = await chromium.launch(chromiumLaunchOptions());
  });
  beforeEach(async () => {
    await editor.start(browser);
  });
  afterEach(async function () {
    // One that runs once more is neither failed nor passed yet.
    const test = this.currentTest;
    if (test && test.state !== "passed") await editor.keepTraces(test.fullTitle());
    await editor.stop();
  });
  after(async () => {
    await browser?.close();
  });
  return editor;
}

function extensionId(): string {
  const manifest = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as Record<
    string,
    string
  >;
  return `${manifest.publisher}.${manifest.name}`;
}
