// The editor's settings as a source of raw values; services/settings.ts checks them.
import * as vscode from "vscode";
import { Emitter } from "../domain/event.js";
import type { NetworkId } from "../domain/networks.js";
import type { SettingsSource } from "../services/settings.js";

const section = "zgCompute";

export function createSettingsSource(): SettingsSource & vscode.Disposable {
  const changed = new Emitter<void>();
  const subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(section)) changed.fire();
  });
  return {
    get: (name) => vscode.workspace.getConfiguration(section).get(name),
    onDidChange: changed.event,
    dispose: () => void subscription.dispose(),
  };
}

/** Writes the user's choice of network; resolves when it is readable. */
export async function writeNetwork(id: NetworkId): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  if (configuration.get("network") === id) return;
  await configuration.update("network", id, vscode.ConfigurationTarget.Global);
}
