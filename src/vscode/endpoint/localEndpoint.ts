// The local endpoint in this window: the service with the editor's ports, and its entry in the status bar while it runs, here or in another window.
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Address } from "../../domain/ids.js";
import { adaptersOf } from "../../domain/modelNames.js";
import { EndpointService } from "../../services/endpoint/endpoint.js";
import { EndpointJobs } from "../../services/endpoint/jobs.js";
import { EndpointKeys } from "../../services/endpoint/keys.js";
import { SharedEndpoint } from "../../services/endpoint/sharedEndpoint.js";
import { EndpointUsage } from "../../services/endpoint/usage.js";
import { createLocks } from "../../system/lock.js";
import { serveLoopback } from "../../system/loopbackHttp.js";
import { createSharedFolder } from "../../system/sharedFolder.js";
import { endpointStatus, endpointUrl } from "../../view/endpoint/endpointStatus.js";
import { createEndpointTexts } from "../../view/endpoint/endpointTexts.js";
import type { App } from "../app.js";
import { moment } from "../telling.js";
import { t } from "../translate.js";
import { EndpointAlarm } from "./alarm.js";

export class LocalEndpoint {
  readonly keys: EndpointKeys;
  readonly usage: EndpointUsage;
  readonly service: EndpointService;
  /** The same in every window: what starts it, and ends it. */
  readonly shared: SharedEndpoint;
  readonly alarm: EndpointAlarm;
  private readonly item = vscode.window.createStatusBarItem(
    "endpoint",
    vscode.StatusBarAlignment.Right,
    89, // beside the other one of ours
  );

  constructor(private readonly app: App) {
    const { session, sandbox, accounts, limits, providers, settings, state, secrets, dialogs } = app;
    const { clock, log, fineTuning, proofs: gate, chat } = app;
    const folder = createSharedFolder(vscode.Uri.joinPath(app.storage, "endpoint").fsPath);
    const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
    const texts = createEndpointTexts(t, moment);
    this.keys = new EndpointKeys({ session, folder, secrets, dialogs, texts, random, clock });
    this.usage = new EndpointUsage(folder);
    const jobs = new EndpointJobs(folder, clock);
    const adapters = () => adaptersOf(fineTuning.models);
    this.service = new EndpointService({
      ...{ session, sandbox, accounts, limits, providers, gate, settings, state, clock, log, texts },
      ...{ checks: chat, keys: this.keys, usage: this.usage, jobs, adapters, serve: serveLoopback },
    });
    const locks = createLocks(vscode.Uri.joinPath(app.storage, "locks", "endpoint").fsPath);
    const { service } = this;
    this.shared = new SharedEndpoint({ service, folder, lock: () => locks.lock("serving"), clock, log });
    this.item.name = t("0G local endpoint");
    this.item.command = "zgCompute.showEndpoint";
    this.shared.onDidChange(() => this.show());
    this.alarm = new EndpointAlarm(app, this.service, this.keys, () => this.show());
  }

  /** What a program is given as its base URL; undefined while it does not run. */
  get url(): string | undefined {
    const { port } = this.shared;
    return port === undefined ? undefined : endpointUrl(port);
  }

  async resume(): Promise<void> {
    await this.shared
      .resume()
      .catch((error: unknown) => this.app.log.error("The local endpoint could not go on", error));
  }

  /** Keys of a wallet that leaves this machine. */
  removeKeysOf(wallet: Address): Promise<void> {
    return this.keys.removeOf(wallet);
  }

  /** The folder is the caller's to remove. */
  async removeAll(): Promise<void> {
    await this.shared.stop();
    await this.keys.removeAll();
  }

  async close(): Promise<void> {
    await this.shared.close();
    this.alarm.dispose();
    this.shared.dispose();
    this.service.dispose();
    this.item.dispose();
  }

  private show(): void {
    const view = endpointStatus(this.shared.standing, this.alarm.failed, t);
    if (!view) return this.item.hide();
    this.item.text = view.text;
    this.item.backgroundColor = view.mood && new vscode.ThemeColor(`statusBarItem.${view.mood}Background`);
    this.item.tooltip = view.tooltip;
    this.item.accessibilityInformation = { label: view.label };
    this.item.show();
  }
}
