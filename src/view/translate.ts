/**
 * Turns an English message with {0}, {1}… into the user's language: `vscode.l10n.t` in the editor, `english` in tests and
 * headless tools. Message texts are literals at the call, so that `l10n/bundle.l10n.json` can be checked against the source.
 */
export type Translate = (message: string, ...args: (string | number)[]) => string;

export const english: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
