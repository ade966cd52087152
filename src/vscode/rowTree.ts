// Shows rows (view/rows.ts) as a native tree. Knows nothing of what the rows mean.
import * as vscode from "vscode";
import type { Event } from "../domain/event.js";
import type { Row } from "../view/rows.js";
import { fileDrop } from "./proof/fileDrop.js";

export interface TreeContent {
  rows(): readonly Row[];
  /** A sentence above the rows. */
  message(): string | undefined;
  /** Beside the view's name. */
  age?(): string;
}

export class RowTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly view: vscode.TreeView<Row>;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly parents = new Map<string, Row>();
  private content: TreeContent | undefined;
  private drawn = "";
  private readonly subscriptions: { dispose(): void }[];

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    id: string,
    private readonly load: () => Promise<TreeContent>,
    ...changes: Event<unknown>[]
  ) {
    this.view = vscode.window.createTreeView<Row>(id, {
      ...{ treeDataProvider: this, showCollapseAll: false },
      dragAndDropController: fileDrop,
    });
    this.subscriptions = changes.map((change) => change(() => this.refresh()));
  }

  /** The editor gathers what is fired until there is a pause: what changes nothing would hold up what does. */
  refresh(): void {
    if (!this.content) return; // nobody has looked yet
    this.view.message = this.content.message();
    this.view.description = this.content.age?.();
    const drawn = JSON.stringify(this.content.rows(), allValues);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.changed.fire();
  }

  async getChildren(row?: Row): Promise<Row[]> {
    if (!row) return [...(await this.shown()).rows()];
    for (const child of row.children ?? []) this.parents.set(child.id, row);
    return [...(row.children ?? [])];
  }

  getParent(row: Row): Row | undefined {
    return this.parents.get(row.id);
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const item = new vscode.TreeItem(row.label, collapsibleState(row));
    item.id = row.id;
    item.description = row.description;
    item.contextValue = row.context;
    if (row.icon) {
      item.iconPath = new vscode.ThemeIcon(
        row.icon,
        row.iconColor ? new vscode.ThemeColor(row.iconColor) : undefined,
      );
    }
    if (row.command) item.command = { command: row.command.id, title: row.label, arguments: [row] };
    if (row.accessibleLabel) item.accessibilityInformation = { label: row.accessibleLabel };
    return item;
  }

  resolveTreeItem(item: vscode.TreeItem, row: Row): vscode.TreeItem {
    item.tooltip = row.tooltip ? new vscode.MarkdownString(row.tooltip()) : "";
    return item;
  }

  /** Loaded when the view is first on screen. */
  private async shown(): Promise<TreeContent> {
    if (this.content) return this.content;
    const content = (this.content = await this.load());
    this.view.message = content.message();
    this.view.description = content.age?.();
    return content;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.view.dispose();
    this.changed.dispose();
  }
}

/** Tooltips and amounts as well. */
function allValues(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return typeof value === "function" ? (value as () => unknown)() : value;
}

function collapsibleState(row: Row): vscode.TreeItemCollapsibleState {
  if (!row.children) return vscode.TreeItemCollapsibleState.None;
  return row.isCollapsed
    ? vscode.TreeItemCollapsibleState.Collapsed
    : vscode.TreeItemCollapsibleState.Expanded;
}
