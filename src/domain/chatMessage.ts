// What is said in a chat, as models take it: OpenAI's shape in words of our own.

/** A model's wish to have a function called. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON as the model wrote it: it may be broken. */
  readonly arguments: string;
}

/** A function the model may ask for. */
export interface ChatTool {
  readonly name: string;
  readonly description: string;
  /** JSON schema of its arguments. */
  readonly parameters?: object;
}

export type ContentPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "picture"; readonly mimeType: string; readonly base64: string };

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string | readonly ContentPart[];
  /** Of an assistant. */
  readonly toolCalls?: readonly ToolCall[];
  /** Of a tool: the call it answers. */
  readonly toolCallId?: string;
}

/** All its words, those in which it asks for functions too. */
export function wordsOf({ content, toolCalls = [] }: Pick<ChatMessage, "content" | "toolCalls">): string {
  const said =
    typeof content === "string"
      ? [content]
      : content.flatMap((part) => (part.kind === "text" ? [part.text] : []));
  return [...said, ...toolCalls.map((call) => `${call.name} ${call.arguments}`)].join("\n");
}
