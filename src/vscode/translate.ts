import * as vscode from "vscode";
import type { Translate } from "../view/translate.js";

/** The editor's translation, in the shape view/ takes. */
export const t: Translate = (message, ...args) => vscode.l10n.t(message, ...args);
