// The editor's SecretStorage and globalState in the shape services ask for.
import type * as vscode from "vscode";
import type { SecretStore, StateStore } from "../services/ports.js";

export function createSecretStore(secrets: vscode.SecretStorage): SecretStore {
  return {
    get: async (key) => secrets.get(key),
    store: async (key, value) => secrets.store(key, value),
    delete: async (key) => secrets.delete(key),
  };
}

export interface EditorState extends StateStore {
  /** Forgets everything of ours. */
  clear(): Promise<void>;
}

export function createStateStore(memento: vscode.Memento): EditorState {
  return {
    get: (key) => memento.get(key),
    update: async (key, value) => memento.update(key, value),
    clear: async () => {
      for (const key of memento.keys()) await memento.update(key, undefined);
    },
  };
}
