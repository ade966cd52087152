// Functions that a model asks for, folded: names and arguments as text. There is nothing here that could run one.
import type { ToolCallsView, TurnView } from "../../src/protocol.js";
import type { PanelContext } from "./context.js";
import { el, foreign } from "../dom.js";
import { fold } from "./fold.js";
import { icon } from "../icons.js";

export function toolCallsNode(
  turn: TurnView["id"],
  tools: ToolCallsView,
  context: PanelContext,
): HTMLElement {
  const summary = [icon("tool"), el("span", {}, tools.summary), icon("chevron")];
  return fold({ id: `${turn}/tools`, class: "tools-asked", summary, viewState: context.viewState }, () => [
    el(
      "ul",
      { class: "tool-calls", role: "list" },
      ...tools.calls.map((call) =>
        el(
          "li",
          {},
          el("p", { class: "tool-name" }, el("code", { dir: "ltr" }, foreign(call.name, "code"))),
          call.arguments !== "" &&
            el(
              "pre",
              { class: "sent-text", tabindex: 0, role: "region", "aria-label": call.name },
              foreign(call.arguments, "code"),
            ),
        ),
      ),
    ),
  ]);
}
