// A built panel bundle in headless Chromium, as VS Code would show it: a page with a strict content security
// policy from a loopback server, VS Code's theme variables, and an `acquireVsCodeApi` that records.
//
//   describe("...", () => {
//     const panel = usePanel();                                    // a fresh page before each test
//     it("...", async () => {
//       await panel.waitForMessage("ready");
//       await panel.post({ kind: "snapshot", state });
//       await panel.page.getByRole("button", { name: "Send" }).click();
//     });
//   });
//
// Functions given to `page.evaluate` must not contain named inner functions (tsx adds a helper the page lacks);
// expressions as text are always fine.
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { FromPanel, ToHost, ToPanel, ToTaskHost, ToTaskPanel } from "../../src/protocol.js";
import type { ToActivityHost, ToActivityPanel } from "../../src/protocol/activity.js";
import type { ToComparisonHost, ToComparisonPanel } from "../../src/protocol/comparison.js";
import type { ToProofHost, ToProofPanel } from "../../src/protocol/proof.js";
import type { ToProviderTableHost, ToProviderTablePanel } from "../../src/protocol/providerTable.js";
import { panelPage, type PanelPage } from "../../src/view/panelPage.js";
import { axeFindings } from "../axe.js";
import { chromiumLaunchOptions } from "../editor/chromium.mjs";
import { outFolder, repositoryRoot } from "../editor/tools.mjs";
import { until } from "../until.js";

export type ThemeKind = "dark" | "light" | "highContrast" | "highContrastLight";
export const themeKinds: readonly ThemeKind[] = ["dark", "light", "highContrast", "highContrastLight"];

export interface PanelOptions {
  readonly theme?: ThemeKind;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly reducedMotion?: boolean;
  /** dist/<bundle>.js and .css; the chat's unless given. */
  readonly bundle?: string;
  /** Which of the bundle's pages. */
  readonly pageName?: string;
  /** As the chat does. */
  readonly showsPictures?: boolean;
  /** Writes the page, in place of the extension's. */
  readonly page?: (parts: PanelPage) => string;
}

/** What pages say to the host, and the host to them. */
type FromPage = ToHost | ToTaskHost | ToActivityHost | ToProofHost | ToProviderTableHost | ToComparisonHost;
type ToPage =
  ToPanel | ToTaskPanel | ToActivityPanel | ToProofPanel | ToProviderTablePanel | ToComparisonPanel;

interface Theme {
  readonly bodyClass: string;
  readonly body: Record<string, string>;
  readonly variables: Record<string, string>;
}

export class Panel {
  private server?: Server;
  private context?: BrowserContext;
  private current?: Page;
  private received: FromPage[] = [];
  private readonly about = new WeakMap<FromPage, string>();
  private violations: string[] = [];
  private errors: string[] = [];

  constructor(private readonly options: PanelOptions) {}

  get page(): Page {
    if (!this.current) throw new Error("The panel is not open: use it inside a test.");
    return this.current;
  }

  /** What the page sent to the host so far, in order. */
  get messages(): readonly FromPage[] {
    return this.received;
  }

  /** The conversation that the chat showed when it sent that. */
  conversationOf(message: FromPage): string | undefined {
    return this.about.get(message);
  }

  /** What the content security policy stopped: "directive: what". */
  get cspViolations(): readonly string[] {
    return this.violations;
  }

  /** Exceptions that nobody caught in the page. */
  get pageErrors(): readonly string[] {
    return this.errors;
  }

  /** Opens the page. `usePanel` does this; call it yourself with `theme` to compare themes in one test. */
  async open(browser: Browser, theme: ThemeKind = this.options.theme ?? "dark"): Promise<void> {
    await this.close();
    this.received = [];
    this.violations = [];
    this.errors = [];
    const colours = readTheme(theme, this.options.reducedMotion ?? false);
    const origin = await this.serve(colours);
    this.context = await browser.newContext({
      locale: "en-US",
      viewport: this.options.viewport ?? { width: 900, height: 800 },
      reducedMotion: this.options.reducedMotion ? "reduce" : "no-preference",
    });
    const page = await this.context.newPage();
    page.setDefaultTimeout(10_000);
    page.on("pageerror", (error) => this.errors.push(String(error.stack ?? error)));
    await page.exposeFunction("__toHost", ({ conversation, ...message }: FromPage & FromPanel) => {
      this.received.push(message);
      if (conversation !== undefined) this.about.set(message, conversation);
    });
    await page.exposeFunction("__violation", (text: string) => this.violations.push(text));
    await page.addInitScript(hostScript(colours.variables));
    await page.goto(origin);
    this.current = page;
  }

  /** Sends a message as the host does. */
  async post(message: ToPage): Promise<void> {
    await this.page.evaluate(`window.postMessage(${JSON.stringify(message)}, "*")`);
  }

  /** Waits for a message of a kind that came after the first `after` messages. */
  async waitForMessage<K extends FromPage["kind"]>(
    kind: K,
    after = 0,
  ): Promise<Extract<FromPage, { kind: K }>> {
    return until(`the panel sends "${kind}"`, () =>
      this.received
        .slice(after)
        .find((message): message is Extract<FromPage, { kind: K }> => message.kind === kind),
    );
  }

  /** What the page keeps with `setState`. */
  async state(): Promise<unknown> {
    return this.page.evaluate("JSON.parse(sessionStorage.getItem('__state') ?? 'null') ?? undefined");
  }

  /** Loads the page anew, as VS Code does when a hidden panel is shown again: `getState` still knows. */
  async reload(): Promise<void> {
    this.received = [];
    await this.page.reload();
  }

  /** axe's findings, one line each; an empty list is a pass. */
  async axe(): Promise<string[]> {
    return axeFindings(this.page);
  }

  /** Keeps a picture as test/out/screenshots/<name>.png. */
  async screenshot(name: string): Promise<void> {
    const folder = join(outFolder, "screenshots");
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  async close(): Promise<void> {
    await this.context?.close();
    const server = this.server;
    if (server) await new Promise((done) => server.close(done).closeAllConnections());
    this.context = this.current = this.server = undefined;
  }

  private async serve(theme: Theme): Promise<string> {
    const write = this.options.page ?? panelPage;
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://loopback").pathname;
      const type = path.endsWith(".js")
        ? "text/javascript"
        : path.endsWith(".css")
          ? "text/css"
          : "text/html";
      const file = join(repositoryRoot, "dist", path);
      response.setHeader("content-type", `${type}; charset=utf-8`);
      if (path === "/") {
        const parts = {
          bundle: this.options.bundle ?? "webview-chat",
          uriOf: (name: string) => `/${name}`,
          cspSource: "'self'",
          nonce: "bm9uY2U",
          language: "en",
          title: "0G Compute",
          page: this.options.pageName,
          showsPictures: this.options.showsPictures,
        };
        response.end(withTheme(write(parts), theme));
      } else if (/^\/webview-[\w-]+\.(js|css)$/.test(path) && existsSync(file))
        response.end(readFileSync(file));
      else response.writeHead(404).end();
    });
    this.server = server;
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }
}

/** A page before each test of the surrounding `describe`; a failed test leaves a screenshot in test/out/webview. */
export function usePanel(options: PanelOptions = {}): Panel & { readonly browser: Browser } {
  const panel = new Panel(options) as Panel & { browser: Browser };
  before(async () => {
    panel.browser = await chromium.launch(chromiumLaunchOptions());
  });
  beforeEach(async () => {
    await panel.open(panel.browser);
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      const name = this.currentTest.fullTitle().replace(/[^a-z0-9]+/gi, "-");
      const path = join(outFolder, "webview", `${name.slice(0, 120)}.png`);
      await panel.page.screenshot({ path }).catch(() => undefined);
    }
    await panel.close();
  });
  after(async () => {
    await panel.browser?.close();
  });
  return panel;
}

function readTheme(kind: ThemeKind, reducedMotion: boolean): Theme {
  const file = join(repositoryRoot, "test", "fixtures", "themes", `${kind}.json`);
  const theme = JSON.parse(readFileSync(file, "utf8")) as Theme;
  // They were captured with motion switched off.
  const bodyClass = theme.bodyClass.replace(
    " vscode-reduce-motion",
    reducedMotion ? " vscode-reduce-motion" : "",
  );
  return { ...theme, bodyClass };
}

function withTheme(page: string, { bodyClass, body }: Theme): string {
  const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const attributes = Object.entries(body).map(([name, value]) => ` data-${dashed(name)}="${value}"`);
  return page.replace("<body", `<body class="${bodyClass}"${attributes.join("")}`);
}

/** What VS Code puts into a webview before its own scripts run. */
function hostScript(variables: Record<string, string>): string {
  return `{
    let taken = false;
    window.acquireVsCodeApi = () => {
      if (taken) throw new Error("An instance of the VS Code API has already been acquired");
      taken = true;
      return Object.freeze({
        postMessage: (message) => { window.__toHost(message); },
        setState: (state) => { sessionStorage.setItem("__state", JSON.stringify(state)); return state; },
        getState: () => JSON.parse(sessionStorage.getItem("__state") ?? "null") ?? undefined,
      });
    };
    document.addEventListener("securitypolicyviolation", (event) =>
      window.__violation(event.violatedDirective + ": " + (event.blockedURI || "") + " " + (event.sample || "")));
    const theme = ${JSON.stringify(variables)};
    const apply = () => {
      if (!document.documentElement) return false;
      for (const [name, value] of Object.entries(theme)) document.documentElement.style.setProperty(name, value);
      return true;
    };
    if (!apply()) new MutationObserver((_, observer) => { if (apply()) observer.disconnect(); }).observe(document, { childList: true });
    // In a layer, so that every rule of the panel's own style sheet wins.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(\`@layer host {
      html { background-color: var(--vscode-editor-background); }
      body { margin: 0; padding: 0 20px; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family);
        font-size: var(--vscode-font-size); font-weight: var(--vscode-font-weight); }
      a, a code { color: var(--vscode-textLink-foreground); }
      code { color: var(--vscode-textPreformat-foreground); background-color: var(--vscode-textPreformat-background);
        padding: 1px 3px; border-radius: 4px; }
      blockquote { background: var(--vscode-textBlockQuote-background); }
    }\`);
    document.adoptedStyleSheets.push(sheet);
  }`;
}
