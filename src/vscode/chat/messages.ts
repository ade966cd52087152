// Reads what a panel sends. The panel shows hostile text, so its messages are checked like any other input.
import type { ToHost } from "../../protocol.js";

type Shape = Readonly<Record<string, "string" | "number" | readonly string[]>>;

const shapes: { readonly [K in ToHost["kind"]]: Shape } = {
  ready: {},
  send: { text: "string" },
  stop: { turn: "string" },
  regenerate: { turn: "string" },
  edit: { turn: "string", text: "string" },
  pickModel: { provider: "string", model: "string" },
  estimate: { text: "string" },
  code: { action: ["copy", "insert", "newFile"], turn: "string", block: "number" },
  copyAnswer: { turn: "string" },
  copyValue: { turn: "string", check: "number", side: ["left", "right"] },
  action: { turn: "string" },
  openLink: { turn: "string", link: "number" },
  newConversation: {},
  openConversation: { id: "string" },
  deleteConversation: { id: "string" },
  searchHistory: { query: "string" },
  start: {},
};

/** The message, or undefined when it is none of ours. */
export function parseToHost(raw: unknown): ToHost | undefined {
  if (typeof raw !== "object" || raw === null) return undefined;
  const message = raw as Record<string, unknown>;
  const { kind } = message;
  if (typeof kind !== "string" || !Object.hasOwn(shapes, kind)) return undefined;
  const shape = shapes[kind as ToHost["kind"]];
  const isWhole = Object.entries(shape).every(([name, type]) =>
    typeof type === "string" ? typeof message[name] === type : type.includes(message[name] as string),
  );
  return isWhole ? (message as ToHost) : undefined;
}
