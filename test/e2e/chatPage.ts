// A chat as a user has it in front of them, and the sandbox behind it.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Frame, Locator } from "playwright-core";
import type { SandboxReady } from "../../src/domain/sandboxReady.js";
import { until } from "./until.js";
import type { Editor } from "./harness.js";

export class ChatPage {
  constructor(
    readonly frame: Frame,
    private readonly editor: Editor,
  ) {}

  /** From nothing to an open chat in the sandbox, by the palette. */
  static async inSandbox(editor: Editor): Promise<ChatPage> {
    await editor.workbench.active();
    await editor.workbench.runCommand("0G Compute: Try the sandbox");
    return ChatPage.shown(editor);
  }

  /** The chat that is on screen. */
  static async shown(editor: Editor): Promise<ChatPage> {
    return new ChatPage(await editor.workbench.webviewFrame(".composer"), editor);
  }

  input(): Locator {
    return this.frame.locator(".composer-field textarea");
  }

  /** Types a question and sends it. */
  async ask(question: string): Promise<void> {
    await this.input().fill(question);
    await this.input().press("Enter");
  }

  /** The last turn. */
  last(): Locator {
    return this.frame.locator("article.turn").last();
  }

  /** The words of all badges, top to bottom. */
  async badges(): Promise<string[]> {
    return this.frame.locator(".badge-word").allTextContents();
  }

  /** Waits until the last answer's badge says this. */
  async badge(word: string): Promise<void> {
    await this.last().locator(".badge-word").filter({ hasText: word }).waitFor({ timeout: 60_000 });
  }

  /** Does what replaces the last turn, and waits for the new answer's verdict, not the old one's. */
  async replaced(action: () => Promise<void>, word: string): Promise<void> {
    const turn = () => this.last().getAttribute("data-turn");
    const before = await turn();
    await action();
    await until("another turn stands in its place", async () => (await turn()) !== before);
    await this.badge(word);
  }

  /** Asks and waits for the verdict. */
  async askUntil(question: string, word: string): Promise<void> {
    const before = await this.frame.locator("article.turn").count();
    await this.ask(question);
    await until(
      "the question is shown",
      async () => (await this.frame.locator("article.turn").count()) > before,
    );
    await this.badge(word);
  }

  /** What the panel hands over to be kept, from now on: seen where the editor's frame around it passes that on. */
  async keptState(): Promise<() => Promise<{ readonly place?: { readonly turn: string } } | undefined>> {
    const around = this.frame.parentFrame();
    await around?.evaluate(`{
      const post = MessagePort.prototype.postMessage;
      MessagePort.prototype.postMessage = function (message, ...rest) {
        if (message?.channel === "do-update-state") window.__kept = message.data;
        return post.call(this, message, ...rest);
      };
    }`);
    return async () => {
      const text = await around?.evaluate<string | undefined>("window.__kept");
      return text === undefined ? undefined : (JSON.parse(text) as { place?: { turn: string } });
    };
  }

  /** One call of the sandbox's control API, as a developer would make it. */
  async control(method: string, path: string, body?: unknown): Promise<unknown> {
    const { control } = sandboxReady(this.editor);
    const response = await fetch(new URL(path, control.url), {
      method,
      headers: { authorization: `Bearer ${control.token}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    const text = await response.text();
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Switches a fault on for all providers. */
  async fault(fault: string, value?: string | number, times?: number): Promise<void> {
    await this.control("POST", "/faults", { target: "*", fault, value, times });
  }
}

/** What the extension's sandbox printed when it was ready. */
export function sandboxReady(editor: Editor): SandboxReady {
  const storage = join(editor.dataFolder, "data", "User", "globalStorage");
  const file = readdirSync(storage)
    .map((name) => join(storage, name, "sandbox", "running.json"))
    .find((path) => existsSync(path));
  if (!file) throw new Error("no sandbox runs");
  return (JSON.parse(readFileSync(file, "utf8")) as { ready: SandboxReady }).ready;
}
