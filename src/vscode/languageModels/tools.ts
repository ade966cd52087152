// Two tools for models in the editor. Both only look: no money, no message to a provider of a model, no file outside the workspace.
import * as vscode from "vscode";
import { mostUnasked, receiptSuffix } from "../../domain/receipt.js";
import { fileLinksOf, fileProofState, type FileProofFacts } from "../../view/proof/fileProofView.js";
import { proofMarkdown } from "../../view/proof/proofMarkdown.js";
import { providerFacts } from "../../view/providers/providerFacts.js";
import type { App } from "../app.js";
import { readFileUpTo, realUri } from "../files.js";
import { moment } from "../telling.js";
import { t } from "../translate.js";

/** Reads the list where there is none; a sandbox that does not run stays as it is. */
export async function listProviders({
  session,
  sandbox,
  providers,
}: App): Promise<vscode.LanguageModelToolResult> {
  const network = session.network();
  if (network.isSandbox && !sandbox.ready)
    return result(t("The sandbox does not run; “0G Compute: Start sandbox” starts it."));
  if (!providers.state.value) await providers.refresh();
  return result(providerFacts(providers.state, network, t));
}

export async function verifyReceipt(app: App, input: unknown): Promise<vscode.LanguageModelToolResult> {
  const asked = (input ?? {}) as { path?: unknown };
  const path = typeof asked.path === "string" ? asked.path : "";
  const bytes = await bytesOf(path);
  if (!bytes)
    return result(
      t(
        "There is no such file in the workspace whose name ends in {0} and that has at most 4 MB; a larger one is checked when the user asks: “0G Compute: Verify file with 0G…”.",
        receiptSuffix,
      ),
    );
  const recheck = await app.receipts.recheck(bytes);
  const facts: FileProofFacts = {
    ...{ name: path, network: undefined, isBusy: false, checkedAt: app.clock.now() },
    proof: { kind: "receipt", size: bytes.length, recheck },
  };
  const telling = { t, moment };
  return result(proofMarkdown(fileProofState(facts, telling), fileLinksOf(facts, telling), t));
}

async function bytesOf(path: string): Promise<Uint8Array | undefined> {
  for (const uri of placesInWorkspace(path)) {
    const real = await realUri(uri).catch(() => undefined); // a link in a circle, or a folder that may not be read
    const bytes = real && (await readFileUpTo(real, mostUnasked));
    if (bytes) return bytes;
  }
  return undefined;
}

/** A path from a folder of the workspace on, or a whole one; none where its words lead out of all of them. */
function placesInWorkspace(path: string): vscode.Uri[] {
  if (!path.endsWith(receiptSuffix)) return [];
  return (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri: folder }) => {
    const whole = folder.scheme === "file" ? [vscode.Uri.joinPath(vscode.Uri.file(path), ".")] : [];
    const inside = `${folder.path.replace(/\/+$/, "")}/`;
    return [vscode.Uri.joinPath(folder, path), ...whole].filter((uri) => uri.path.startsWith(inside));
  });
}

function result(text: string): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
}
