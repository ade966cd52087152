// The rules about the messages of a chat row (OG024 to OG034). Training sees the last user's and the last assistant's text alone.
import type { JsonRow } from "./conversion.js";
import type { Problems } from "./problems.js";
import type { RowText } from "./rowText.js";

const roles = ["system", "user", "assistant"];

export function messageRules(messages: unknown, text: RowText, problems: Problems): void {
  if (!Array.isArray(messages) || messages.length === 0) {
    const why = Array.isArray(messages) ? "empty" : "notAList";
    return problems.add("OG024", () => text.place(text.value("messages"), { why }));
  }
  const list = messages as unknown[];
  list.forEach((message, index) => eachMessage(message, index, text, problems));
  conversationRules(list, text, problems);
}

function eachMessage(message: unknown, index: number, text: RowText, problems: Problems): void {
  if (typeof message !== "object" || message === null || Array.isArray(message))
    return problems.add("OG025", () => text.place(text.message(index), { why: "notAMessage" }));
  const { role, content, ...others } = message as JsonRow;
  const hasRole = typeof role === "string" && role !== "";
  const hasContent = content !== undefined;
  if (!hasRole || !hasContent) {
    const why = hasRole ? "noContent" : hasContent ? "noRole" : "neither";
    problems.add("OG025", () => text.place(text.message(index), { why }));
  }
  if (hasRole && !roles.includes(role))
    problems.add("OG026", () => text.place(text.message(index, "role"), { role: role.slice(0, 60) }));
  if (hasContent && typeof content !== "string")
    problems.add("OG027", () => text.place(text.message(index, "content"), { kind: kindOf(content) }));
  for (const key of Object.keys(others))
    problems.add("OG034", () => text.place(text.messageKey(index, key), { key: key.slice(0, 60) }));
}

function conversationRules(messages: readonly unknown[], text: RowText, problems: Problems): void {
  const said = messages.map(roleOf);
  const count = (role: string) => said.filter((one) => one === role).length;
  const [users, answers] = [count("user"), count("assistant")];
  if (answers === 0) problems.add("OG028", () => text.place(text.value("messages"), {}));
  if (users === 0) problems.add("OG029", () => text.place(text.value("messages"), {}));
  const last = messages.length - 1;
  if (answers > 0 && said[last] !== "assistant")
    problems.add("OG030", () => text.place(text.message(last), {}));
  if (users > 1 || answers > 1) {
    const dropped = Math.max(0, users - 1) + Math.max(0, answers - 1);
    problems.add("OG031", () => text.place(text.value("messages"), { dropped }));
  }
  const system = said.indexOf("system");
  if (system !== -1) problems.add("OG032", () => text.place(text.message(system), {}));
  const same = said.findIndex((role, index) => index > 0 && role !== "" && role === said[index - 1]);
  if (same !== -1)
    problems.add("OG033", () => text.place(text.message(same), { role: (said[same] ?? "").slice(0, 60) }));
  emptyAnswer(messages, said, text, problems);
}

function emptyAnswer(
  messages: readonly unknown[],
  said: readonly string[],
  text: RowText,
  problems: Problems,
): void {
  const at = said.lastIndexOf("assistant");
  const answer = contentOf(messages[at]);
  if (answer === undefined) return;
  if (answer.trim() === "") problems.add("OG041", () => text.place(text.message(at, "content"), {}));
  else if (answer === contentOf(messages[said.lastIndexOf("user")]))
    problems.add("OG043", () => text.place(text.message(at, "content"), {}));
}

function roleOf(message: unknown): string {
  const role = typeof message === "object" && message !== null ? (message as JsonRow).role : undefined;
  return typeof role === "string" ? role : "";
}

function contentOf(message: unknown): string | undefined {
  const content = typeof message === "object" && message !== null ? (message as JsonRow).content : undefined;
  return typeof content === "string" ? content : undefined;
}

/** A JSON type, or "missing". */
export function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
