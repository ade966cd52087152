// The door to the local endpoint: a chunk of its own, loaded with the first command about it, or when it shall run.
import * as vscode from "vscode";
import type { Disposable } from "../../domain/event.js";
import { runFile } from "../../services/endpoint/sharedEndpoint.js";
import type { App } from "../app.js";
import type { LocalEndpoint } from "./localEndpoint.js";

export class EndpointDoor {
  private loaded: Promise<LocalEndpoint> | undefined;
  private isClosed = false;
  private listener: Disposable | undefined;

  constructor(private readonly app: () => App) {}

  /** It runs by then, if it shall. */
  readonly load = (): Promise<LocalEndpoint> =>
    (this.loaded ??= import("./steps.js").then(async ({ LocalEndpoint }) => {
      const endpoint = new LocalEndpoint(this.app());
      await endpoint.resume();
      return endpoint;
    }));

  /** Runs on where the user left it running, in this window or in another one. Until then no more than a look at whether a file is there. */
  watch(): void {
    const look = () => void this.look();
    this.listener = this.app().ticker.onDidTick(look);
    setImmediate(look); // once the start is over, of which it need not be a part
  }

  /** Ends what runs here. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.listener?.dispose();
    await (await this.loaded)?.close();
  }

  private async look(): Promise<void> {
    if (this.loaded || this.isClosed) return; // loaded, it looks by itself
    const { storage, log } = this.app();
    const file = vscode.Uri.joinPath(storage, "endpoint", runFile);
    const isThere = await vscode.workspace.fs.stat(file).then(
      () => true,
      () => false,
    );
    if (!isThere || this.isClosed) return;
    try {
      await this.load();
    } catch (error) {
      log.error("The local endpoint could not go on", error);
    }
  }
}
