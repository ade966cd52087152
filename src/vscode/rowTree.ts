// Shows rows (view/rows.ts) as a native tree. Knows nothing of what the rows mean.
import * as vscode from "vscode";
import type { Event } from "../domain/event.js";
import type { Row } from "../view/rows.js";

export interface TreeContent {
  rows(): readonly Row[];
  /** A sentence above the rows. */
  message(): string | undefined;
}

export class RowTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly view: vscode.TreeView<Row>;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly parents = new Map<string, Row>();
  private drawn = "";
  private readonly subscriptions: { dispose(): void }[];

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    id: string,
    private readonly content: TreeContent,
    ...changes: Event<unknown>[]
  ) {
    this.view = vscode.window.createTreeView(id, { treeDataProvider: this, showCollapseAll: false });
    this.subscriptions = changes.map((change) => change(() => this.refresh()));
  }

  /** The editor gathers what is fired until there is a pause: what changes nothing would hold up what does. */
  refresh(): void {
    this.view.message = this.content.message();
    const drawn = JSON.stringify(this.content.rows(), allValues);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.changed.fire();
  }

  getChildren(row?: Row): Row[] {
    const children = row ? (row.children ?? []) : this.content.rows();
    if (row) for (const child of children) this.parents.set(child.id, row);
    return [...children];
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
