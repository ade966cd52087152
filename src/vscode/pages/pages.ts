// The door to the pages that a window shows once: a chunk of its own, loaded with the first of them.
import * as vscode from "vscode";
import type { App } from "../app.js";
import type { PageDesk } from "./pageDesk.js";
import { type PageName, pageNames } from "./pageNames.js";

export class Pages implements vscode.Disposable {
  private desk: Promise<PageDesk> | undefined;
  private readonly registration = vscode.Disposable.from(
    ...pageNames.map((name) =>
      vscode.window.registerWebviewPanelSerializer(`zgCompute.${name}`, {
        deserializeWebviewPanel: async (panel, kept) => (await this.load()).adopt(name, panel, kept),
      }),
    ),
  );

  constructor(
    private readonly app: () => App,
    private readonly extensionUri: vscode.Uri,
  ) {}

  /** `about`: what it is to show, for pages that can be asked for something. */
  async show(name: PageName, about?: unknown): Promise<void> {
    await (await this.load()).show(name, about);
  }

  dispose(): void {
    this.registration.dispose();
    void this.desk?.then((desk) => desk.dispose());
  }

  private load(): Promise<PageDesk> {
    return (this.desk ??= import("./pageDesk.js").then(
      ({ PageDesk }) => new PageDesk(this.app(), this.extensionUri),
    ));
  }
}
