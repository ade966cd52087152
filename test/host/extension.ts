// What the suites in the extension host share: our extension as VS Code sees it.
import { createRequire } from "node:module";
import * as vscode from "vscode";

export interface Manifest {
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category?: string;
    }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string; readonly name: string }[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope?: string }>> };
  };
}

/** Our extension, active or not. */
export function ourExtension(): vscode.Extension<unknown> {
  const extension = vscode.extensions.getExtension("zerog-compute.zerog-compute");
  if (!extension) throw new Error("The extension is not installed in this VS Code.");
  return extension;
}

export function ourManifest(): Manifest {
  return ourExtension().packageJSON as Manifest;
}

/** The files of our dist folder that this extension host has loaded so far, but for what any view or the status bar on screen needs. */
export function loadedBundles(): string[] {
  const cache = createRequire(__filename).cache;
  const dist = vscode.Uri.joinPath(ourExtension().extensionUri, "dist").fsPath;
  return Object.keys(cache)
    .filter((path) => path.startsWith(dist))
    .map((path) => path.slice(dist.length + 1))
    .filter((name) => name !== "rows.js")
    .sort();
}
