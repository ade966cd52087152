// The local endpoint in this window: the service with the editor's ports, and its entry in the status bar while it runs.
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Address } from "../../domain/ids.js";
import { adaptersOf } from "../../domain/modelNames.js";
import { EndpointService } from "../../services/endpoint/endpoint.js";
import { EndpointJobs } from "../../services/endpoint/jobs.js";
import { EndpointKeys } from "../../services/endpoint/keys.js";
import { EndpointUsage } from "../../services/endpoint/usage.js";
import { serveLoopback } from "../../system/loopbackHttp.js";
import { createSharedFolder } from "../../system/sharedFolder.js";
import { createEndpointTexts, failedCount } from "../../view/endpoint/endpointTexts.js";
import type { App } from "../app.js";
import { moment } from "../telling.js";
import { t } from "../translate.js";
import { EndpointAlarm } from "./alarm.js";

export class LocalEndpoint {
  readonly keys: EndpointKeys;
  readonly usage: EndpointUsage;
  readonly service: EndpointService;
  readonly alarm: EndpointAlarm;
  private readonly item = vscode.window.createStatusBarItem(
    "endpoint",
    vscode.StatusBarAlignment.Right,
    89, // beside the other one of ours
  );

  constructor(app: App) {
    const { session, accounts, limits, providers, settings, state, secrets, dialogs } = app;
    const { clock, log, fineTuning, proofs: gate, chat } = app;
    const folder = createSharedFolder(vscode.Uri.joinPath(app.storage, "endpoint").fsPath);
    const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
    const texts = createEndpointTexts(t, moment);
    this.keys = new EndpointKeys({ session, folder, secrets, dialogs, texts, random, clock });
    this.usage = new EndpointUsage(folder);
    const jobs = new EndpointJobs(folder, clock);
    const adapters = () => adaptersOf(fineTuning.models);
    this.service = new EndpointService({
      ...{ session, accounts, limits, providers, gate, settings, state, clock, log, texts },
      ...{ checks: chat, keys: this.keys, usage: this.usage, jobs, adapters, serve: serveLoopback },
    });
    this.item.name = t("0G local endpoint");
    this.item.command = "zgCompute.showEndpoint";
    this.service.onDidChange(() => this.show());
    this.alarm = new EndpointAlarm(app, this.service, this.keys, () => this.show());
  }

  /** What a program is given as its base URL; undefined while it does not run. */
  get url(): string | undefined {
    const { port } = this.service;
    return port === undefined ? undefined : `http://127.0.0.1:${port}/v1`;
  }

  /** Keys of a wallet that leaves this machine. */
  removeKeysOf(wallet: Address): Promise<void> {
    return this.keys.removeOf(wallet);
  }

  /** The folder is the caller's to remove. */
  async removeAll(): Promise<void> {
    await this.service.stop();
    await this.keys.removeAll();
  }

  async close(): Promise<void> {
    await this.service.stop();
    this.alarm.dispose();
    this.service.dispose();
    this.item.dispose();
  }

  private show(): void {
    const { url } = this;
    if (url === undefined) return this.item.hide();
    const { failed } = this.alarm;
    this.item.text = `$(${failed > 0 ? "error" : "broadcast"}) 0G :${this.service.port}`;
    this.item.backgroundColor =
      failed > 0 ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
    const runs = t("The local endpoint runs: programs on this machine ask {0} with a key of yours.", url);
    this.item.tooltip = failed > 0 ? `${failedCount(failed, t)} ${runs}` : runs;
    this.item.accessibilityInformation = {
      label: [
        t("0G local endpoint, port {0}", String(this.service.port)),
        ...(failed > 0 ? [failedCount(failed, t)] : []),
      ].join(". "),
    };
    this.item.show();
  }
}
