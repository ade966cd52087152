// A panel's page as VS Code wants it: files of dist/ by the webview's own addresses, and nothing from elsewhere.
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { panelPage, type PanelPage } from "../view/panelPage.js";

/** HTML of a webview whose bundle is `dist/<bundle>.js` with `dist/<bundle>.css`. */
export function webviewHtml(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  bundle: string,
  title: string,
  { page, showsPictures }: Pick<PanelPage, "page" | "showsPictures"> = {},
): string {
  return panelPage({
    bundle,
    uriOf: (file) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, "dist", file)).toString(),
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString("base64url"),
    language: vscode.env.language,
    title,
    ...{ page, showsPictures },
  });
}

export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, "dist")] };
}

/** Whether it was closed since: what is loaded for it may come too late. */
export function watchClosing(panel: vscode.WebviewPanel | vscode.WebviewView): () => boolean {
  let isClosed = false;
  panel.onDidDispose(() => (isClosed = true));
  return () => isClosed;
}
