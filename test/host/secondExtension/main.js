// What any other extension does with a model and a tool it finds in the editor.
const vscode = require("vscode");

/**
 * @typedef {{
 *   select(): Thenable<vscode.LanguageModelChat[]>,
 *   ask(model: vscode.LanguageModelChat, asked: string | vscode.LanguageModelChatMessage[], options?: { token?: vscode.CancellationToken,
 *     onPart?: (part: unknown) => void, request?: vscode.LanguageModelChatRequestOptions }): Promise<unknown[]>,
 *   count(model: vscode.LanguageModelChat, asked: string | vscode.LanguageModelChatMessage): Thenable<number>,
 *   onDidChange: vscode.Event<void>,
 *   use(tool: string, input: object): Promise<string>,
 * }} SecondExtension
 */

/** @returns {SecondExtension} */
exports.activate = () => ({
  select: () => vscode.lm.selectChatModels({ vendor: "zerog" }),
  ask: async (model, asked, { token, onPart = () => {}, request = {} } = {}) => {
    const messages = typeof asked === "string" ? [vscode.LanguageModelChatMessage.User(asked)] : asked;
    const { stream } = await model.sendRequest(messages, request, token);
    const parts = [];
    for await (const part of stream) {
      parts.push(part);
      onPart(part);
    }
    return parts;
  },
  count: (model, asked) => model.countTokens(asked),
  onDidChange: vscode.lm.onDidChangeChatModels,
  use: async (tool, input) => {
    const { content } = await vscode.lm.invokeTool(tool, { input, toolInvocationToken: undefined });
    return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : "")).join("");
  },
});
