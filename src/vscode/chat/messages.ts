// What a chat panel may send.
import type { FromPanel, ToHost } from "../../protocol.js";
import { settingNames } from "../../view/settingsView.js";
import { parseMessage, type MessageShape } from "../panelMessages.js";

/** Of what can be done with an answer, wherever it is shown. */
export const answerShapes = {
  stop: { turn: "string" },
  regenerate: { turn: "string" },
  code: { action: ["copy", "insert", "newFile"], turn: "string", block: "number" },
  copyAnswer: { turn: "string" },
  copyValue: { turn: "string", check: "number", side: ["left", "right"] },
  showReceipt: { turn: "string" },
  verifyProvider: { turn: "string" },
  action: { turn: "string" },
  openLink: { turn: "string", link: "number" },
} as const satisfies { readonly [K in ToHost["kind"]]?: MessageShape };

const shapes: { readonly [K in ToHost["kind"]]: MessageShape } = {
  ready: {},
  send: { text: "string" },
  edit: { turn: "string", text: "string" },
  pickModel: { provider: "string", model: "string" },
  estimate: { text: "string" },
  ...answerShapes,
  settings: {},
  setting: { name: settingNames, text: "string" },
  attach: {},
  drop: { uris: "string" },
  takePicture: { name: "string", size: "number", base64: "string" },
  detach: { attachment: "string" },
  readAttachment: { turn: "string", attachment: "number" },
  readPicture: { picture: "string" },
  newConversation: {},
  openConversation: { id: "string" },
  deleteConversation: { id: "string" },
  searchHistory: { query: "string" },
  start: {},
};

/** The message, or undefined when it is none of ours. */
export function parseToHost(raw: unknown): FromPanel | undefined {
  const message: FromPanel | undefined = parseMessage<ToHost>(raw, shapes);
  const about = typeof message?.conversation;
  return about === "string" || about === "undefined" ? message : undefined;
}
