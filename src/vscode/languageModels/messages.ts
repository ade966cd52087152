// From the editor's messages to ours and back: text, pictures, tool calls and their results. What else is in them, we have no word for.
import * as vscode from "vscode";
import type { ChatMessage, ChatTool, ContentPart, ToolCall } from "../../domain/chatMessage.js";
import { type ChatSettings, readSettings } from "../../domain/chatSettings.js";
import { mostAskedTokens } from "../../domain/modelLimits.js";
import { isDataPart, type RequestMessage } from "./editorApi.js";

/** Of a message that instructs: not in the stable API, and yet what the editor's own chat sends. */
const systemRole = 3;

export function chatMessages(messages: readonly RequestMessage[]): ChatMessage[] {
  return messages.flatMap(messagesOf);
}

/** Results of tools are messages of their own, right behind the one that asked for them. */
function messagesOf({ role, content }: RequestMessage): ChatMessage[] {
  const results = content.filter((part) => part instanceof vscode.LanguageModelToolResultPart);
  const parts = content.flatMap(contentPart);
  const calls = content.filter((part) => part instanceof vscode.LanguageModelToolCallPart).map(toolCall);
  const isAssistant = role === (vscode.LanguageModelChatMessageRole.Assistant as number);
  const said: ChatMessage[] =
    parts.length === 0 && calls.length === 0
      ? []
      : [
          {
            role: isAssistant ? "assistant" : role === systemRole ? "system" : "user",
            content: plainWherePossible(parts),
            ...(calls.length > 0 ? { toolCalls: calls } : {}),
          },
        ];
  return [...results.map(resultMessage), ...said];
}

function resultMessage({ callId, content }: vscode.LanguageModelToolResultPart): ChatMessage {
  const parts = content.flatMap((part) =>
    part instanceof vscode.LanguageModelPromptTsxPart
      ? [{ kind: "text" as const, text: JSON.stringify(part.value) ?? "" }]
      : contentPart(part),
  );
  return { role: "tool", toolCallId: callId, content: plainWherePossible(parts) };
}

function contentPart(part: unknown): ContentPart[] {
  if (part instanceof vscode.LanguageModelTextPart) return [{ kind: "text", text: part.value }];
  if (!isDataPart(part)) return [];
  const { mimeType, data } = part;
  if (/^image\//i.test(mimeType))
    return [{ kind: "picture", mimeType, base64: Buffer.from(data).toString("base64") }];
  return /^(text\/|application\/json$)/i.test(mimeType)
    ? [{ kind: "text", text: new TextDecoder().decode(data) }]
    : [];
}

/** Servers without pictures know no lists. */
function plainWherePossible(parts: readonly ContentPart[]): ChatMessage["content"] {
  if (parts.some(({ kind }) => kind === "picture")) return parts;
  return parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
}

function toolCall({ callId, name, input }: vscode.LanguageModelToolCallPart): ToolCall {
  return { id: callId, name, arguments: JSON.stringify(input) };
}

export function chatTools(tools: readonly vscode.LanguageModelChatTool[] = []): ChatTool[] {
  return tools.map(({ name, description, inputSchema }) => ({
    name,
    description,
    ...(inputSchema ? { parameters: inputSchema } : {}),
  }));
}

/** OpenAI's names, as other extensions use them; what is out of bounds is left to the provider. */
export function settingsIn(options: Readonly<Record<string, unknown>>): ChatSettings {
  const {
    max_completion_tokens: newer,
    max_tokens: most = newer,
    temperature,
    top_p: topP,
    seed,
    stop,
  } = options;
  const maxTokens = typeof most === "number" ? Math.floor(Math.min(most, mostAskedTokens)) : undefined;
  const stops = typeof stop === "string" ? [stop] : stop;
  return readSettings({ maxTokens, temperature, topP, seed, stop: stops }) ?? {};
}
