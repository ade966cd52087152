// The words the providers view is narrowed to; a context key lets the menus follow.
import * as vscode from "vscode";
import { Emitter } from "../domain/event.js";

export class ProviderFilter {
  private readonly changed = new Emitter<string>();
  readonly onDidChange = this.changed.event;
  private current = "";

  get words(): string {
    return this.current;
  }

  set(words: string): void {
    this.current = words;
    void vscode.commands.executeCommand("setContext", "zgCompute.hasProviderFilter", words.trim() !== "");
    this.changed.fire(words);
  }
}
