// What goes along with a question, as chips: names of files are whatever somebody called them.
import { mostAttachedBytes, mostAttachments, type Attachment, type LineRange } from "../domain/attachment.js";
import { guessTokens } from "../domain/tokens.js";
import type { AttachmentView, SentAttachmentView } from "../protocol.js";
import type {
  AttachmentPlace,
  AttachmentProblem,
  DraftAttachment,
  Refusal,
} from "../services/draftAttachments.js";
import { fileName, plainLine } from "./text.js";
import type { Translate } from "./translate.js";

/** What the editor's menu asks of a selection. */
export type CodeTask = "explain" | "refactor" | "document";

export function taskQuestion(task: CodeTask, t: Translate): string {
  switch (task) {
    case "explain":
      return t("Explain what this code does.");
    case "refactor":
      return t("Refactor this code: make it clearer and keep what it does.");
    case "document":
      return t("Write the documentation comments for this code.");
  }
}

export function attachmentViews(items: readonly DraftAttachment[], t: Translate): readonly AttachmentView[] {
  return items.map((item) => {
    const title = placeText(item, t);
    const note = item.problem ? problemText(item.problem, t) : item.hasChanged ? changedText(t) : undefined;
    return {
      id: item.id,
      ...chip(item, item.problem ? undefined : item.tokens, t),
      ...(note === undefined ? {} : { note }),
      isBroken: item.problem !== undefined,
      removeLabel: t("Remove {0}", title),
    };
  });
}

export function sentAttachmentView(attachment: Attachment, t: Translate): SentAttachmentView {
  return chip(attachment, guessTokens(attachment.text), t);
}

/** One sentence for what could not be taken along. */
export function refusalText([first, ...others]: readonly Refusal[], t: Translate): string | undefined {
  if (!first) return undefined;
  const more = others.length === 0 ? "" : ` ${t("({0} more could not be attached.)", others.length)}`;
  return t("{0} is not attached: {1}.", fileName(first.place.path), problemText(first.problem, t)) + more;
}

export function brokenText(items: readonly DraftAttachment[], t: Translate): string {
  const broken = items.find(({ problem }) => problem !== undefined);
  if (!broken?.problem) return "";
  return t("Nothing was sent. {0}: {1}.", fileName(broken.path), problemText(broken.problem, t));
}

/** "src/chat.ts, lines 3–5", on one line. */
export function placeText({ path, lines }: Pick<AttachmentPlace, "path" | "lines">, t: Translate): string {
  const name = plainLine(path);
  return lines ? `${name}, ${linesText(lines, t)}` : name;
}

function chip(
  place: Pick<AttachmentPlace, "path" | "lines">,
  tokens: number | undefined,
  t: Translate,
): SentAttachmentView {
  const parts = [
    place.lines ? linesText(place.lines, t) : "",
    tokens === undefined ? "" : tokens === 1 ? t("about 1 token") : t("about {0} tokens", tokens),
  ];
  return {
    name: plainLine(place.path.split(/[\\/]/).findLast((part) => part !== "") ?? place.path, 80),
    detail: parts.filter((part) => part !== "").join(" · "),
    title: placeText(place, t),
  };
}

function linesText({ first, last }: LineRange, t: Translate): string {
  return first === last ? t("line {0}", first) : t("lines {0}–{1}", first, last);
}

function changedText(t: Translate): string {
  return t("changed since you attached it; it is sent as it is now");
}

function problemText(problem: AttachmentProblem, t: Translate): string {
  switch (problem) {
    case "gone":
      return t("it is gone or cannot be read");
    case "leadsOut":
      return t("it is a link that leads out of the workspace");
    case "notText":
      return t("it is not a file of UTF-8 text");
    case "tooLarge":
      return t("a question takes {0} KB of text along at most", mostAttachedBytes / 1024);
    case "tooMany":
      return t("a question takes {0} files along at most", mostAttachments);
  }
}
