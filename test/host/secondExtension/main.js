// What any other extension does with a model and a tool it finds in the editor.
const vscode = require("vscode");

/**
 * @typedef {{
 *   select(): Thenable<vscode.LanguageModelChat[]>,
 *   ask(model: vscode.LanguageModelChat, text: string, options?: { token?: vscode.CancellationToken,
 *     onPart?: (part: unknown) => void, request?: vscode.LanguageModelChatRequestOptions }): Promise<unknown[]>,
 *   use(tool: string, input: object): Promise<string>,
 * }} SecondExtension
 */

/** @returns {SecondExtension} */
exports.activate = () => ({
  select: () => vscode.lm.selectChatModels({ vendor: "zerog" }),
  ask: async (model, text, { token, onPart = () => {}, request = {} } = {}) => {
    const message = vscode.LanguageModelChatMessage.User(text);
    const { stream } = await model.sendRequest([message], request, token);
    const parts = [];
    for await (const part of stream) {
      parts.push(part);
      onPart(part);
    }
    return parts;
  },
  use: async (tool, input) => {
    const { content } = await vscode.lm.invokeTool(tool, { input, toolInvocationToken: undefined });
    return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : "")).join("");
  },
});
