// The activity's webview: hands the panel what to show and does what its messages ask. A chunk of its own, loaded with the first panel:
// nobody looks at the past at every start.
import * as vscode from "vscode";
import { movementKinds } from "../../domain/activity.js";
import { DisposableList, type Disposable } from "../../domain/event.js";
import type { ToActivityHost, ToActivityPanel } from "../../protocol/activity.js";
import { ActivityService } from "../../services/activity/activity.js";
import { createFolder } from "../../system/folder.js";
import {
  firstQuery,
  type ActivityFacts,
  type ActivityQuery,
  type ActivityTelling,
} from "../../view/activity/activityTable.js";
import { activityCsv, activityPanelState } from "../../view/activity/activityView.js";
import type { App } from "../app.js";
import { parseMessage, type MessageShape } from "../panelMessages.js";
import { day, moment } from "../telling.js";
import { showInformation } from "../notices.js";
import { saveAs } from "../saveAs.js";
import { t } from "../translate.js";

const shapes: { readonly [K in ToActivityHost["kind"]]: MessageShape } = {
  ready: {},
  refresh: {},
  mend: {},
  filter: { what: ["provider", "kind"], value: "string" },
  sort: { column: ["time", "kind", "amount", "provider"] },
  page: { page: "number" },
  openTransaction: { row: "string" },
  export: {},
};

export class ActivityHost implements Disposable {
  private readonly owned = new DisposableList();
  private readonly service: ActivityService;
  private query: ActivityQuery = firstQuery;
  private isReady = false;

  constructor(
    private readonly app: App,
    private readonly panel: vscode.WebviewPanel,
  ) {
    const { owned } = this;
    const folder = createFolder(vscode.Uri.joinPath(app.storage, "activity").fsPath);
    this.service = owned.add(new ActivityService({ ...app, gate: app.proofs, folder }));
    const update = () => this.update();
    const look = () => this.look();
    owned.add(panel.webview.onDidReceiveMessage((raw) => this.receive(raw)));
    owned.add(panel.onDidChangeViewState(look));
    owned.add(vscode.window.onDidChangeWindowState(look));
    owned.add(app.session.onDidChange(look));
    owned.add(app.sandbox.onDidChange(look));
    owned.add(this.service.onDidChange(update));
    owned.add(app.providers.onDidChange(update));
    owned.add(app.ticker.onDidTick(update));
    look();
  }

  dispose(): void {
    this.owned.dispose();
  }

  /** Reading follows the eyes, as in the views. */
  private look(): void {
    const isSeen = this.panel.visible && vscode.window.state.focused;
    this.service.setActive(isSeen && this.app.watch.mayRead);
  }

  private receive(raw: unknown): void {
    const message = parseMessage<ToActivityHost>(raw, shapes);
    if (!message) return this.app.log.warn("The activity panel sent a message of no known form");
    this.handle(message).catch((error: unknown) => this.app.errors.show(error));
  }

  private async handle(message: ToActivityHost): Promise<void> {
    switch (message.kind) {
      case "ready":
        this.isReady = true;
        return this.update();
      case "refresh":
        return this.service.refresh();
      case "mend":
        return this.app.errors.act(this.service.state.error, () => void this.service.refresh());
      case "filter":
        return this.ask(
          message.what === "kind" ? { kind: kindOf(message.value) } : { provider: message.value },
        );
      case "sort": {
        const { sort, isDescending } = this.query;
        const isSame = sort === message.column;
        // Newest and largest first, names from A on.
        const isNumber = message.column === "time" || message.column === "amount";
        return this.ask({ sort: message.column, isDescending: isSame ? !isDescending : isNumber });
      }
      case "page":
        return this.ask({ page: Number.isSafeInteger(message.page) ? Math.max(0, message.page) : 0 });
      case "openTransaction":
        return this.openTransaction(message.row);
      case "export":
        return this.exportCsv();
    }
  }

  /** Whatever else is asked for, it begins with the first page. */
  private ask(change: Partial<ActivityQuery>): void {
    this.query = { ...this.query, page: 0, ...change };
    this.update();
  }

  private async openTransaction(row: string): Promise<void> {
    const hash = this.service.state.movements.find(({ id }) => id === row)?.hash;
    const explorer = this.app.session.tryNetwork()?.explorer;
    if (hash && explorer) await vscode.env.openExternal(vscode.Uri.parse(`${explorer}/tx/${hash}`, true));
  }

  private async exportCsv(): Promise<void> {
    const name = `0g-activity-${new Date(this.app.clock.now()).toISOString().slice(0, 10)}.csv`;
    const place = { title: t("Export activity"), filters: { CSV: ["csv"] }, name };
    const target = await saveAs(place, () => activityCsv(this.facts(), t));
    if (!target) return;
    const open = t("Open");
    void showInformation(t("The activity is exported."), open).then((picked) => {
      if (picked === open) void vscode.commands.executeCommand("vscode.open", target);
    });
  }

  private facts(): ActivityFacts {
    const { session } = this.app;
    return {
      state: this.service.state,
      query: this.query,
      network: session.tryNetwork(),
      wallet: session.wallet()?.address,
      providers: this.app.providers.state.value,
    };
  }

  private update(): void {
    if (!this.isReady) return;
    const telling: ActivityTelling = { t, now: this.app.clock.now(), moment, day };
    const message: ToActivityPanel = { kind: "state", state: activityPanelState(this.facts(), telling) };
    void this.panel.webview.postMessage(message);
  }
}

function kindOf(value: string): ActivityQuery["kind"] {
  return movementKinds.find((kind) => kind === value) ?? "";
}
