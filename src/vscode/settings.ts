// The editor's settings as a source of raw values; services/settings.ts checks them.
import * as vscode from "vscode";
import { Emitter } from "../domain/event.js";
import { addressKey, type ProviderId } from "../domain/ids.js";
import type { NetworkId } from "../domain/networks.js";
import type { SettingsSource } from "../services/settings.js";

const section = "zgCompute";

export function createSettingsSource(): SettingsSource & vscode.Disposable {
  const changed = new Emitter<void>();
  /** A program's request asks for a dozen of them, and the editor looks each one up anew. */
  const known = new Map<string, unknown>();
  const subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration(section)) return;
    known.clear();
    changed.fire();
  });
  return {
    get: (name) => {
      if (!known.has(name)) known.set(name, vscode.workspace.getConfiguration(section).get(name));
      return known.get(name);
    },
    everywhere: (name) => {
      const places = [undefined, ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri)];
      return places.flatMap((place) => {
        const found = vscode.workspace.getConfiguration(section, place).inspect(name);
        return [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue];
      });
    },
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

/** A setting that cannot be used takes nothing from the view but what it is about; a command that needs it says so. */
export function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Writes the user's rule for one provider, or takes it away. */
export async function writeKeepFunded(
  provider: ProviderId,
  rule: { readonly floor: string; readonly topUp: string; readonly dailyCap: string } | undefined,
): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  const others = Object.entries(configuration.get<Record<string, unknown>>("keepFunded") ?? {}).filter(
    ([key]) => addressKey(key) !== addressKey(provider),
  );
  const rules = Object.fromEntries([...others, ...(rule ? [[provider, rule] as const] : [])]);
  await configuration.update("keepFunded", rules, vscode.ConfigurationTarget.Global);
}
