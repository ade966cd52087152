import type { ConversationId } from "../../domain/ids.js";

/** What a page keeps across a reload: which conversation it showed, and what was attached to its draft. */
export interface PanelMemory {
  readonly conversation?: ConversationId;
  readonly attached?: string;
}

export function remembered(memory: unknown): PanelMemory {
  const { conversation, attached } = (memory ?? {}) as Partial<Record<keyof PanelMemory, unknown>>;
  return {
    ...(typeof conversation === "string" ? { conversation: conversation as ConversationId } : {}),
    ...(typeof attached === "string" ? { attached } : {}),
  };
}
