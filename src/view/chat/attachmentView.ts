// What goes along with a question, as chips: names of files are whatever somebody called them.
import {
  isPicture,
  mostAttachedBytes,
  mostAttachments,
  type Attachment,
  type LineRange,
} from "../../domain/attachment.js";
import {
  mostPictureBytes,
  mostPictures,
  mostPicturesBytes,
  mostPixels,
  type Picture,
} from "../../domain/picture.js";
import { guessTokens } from "../../domain/tokens.js";
import type { AttachmentView, SentAttachmentView } from "../../protocol/attachments.js";
import type {
  AttachmentPlace,
  AttachmentProblem,
  DraftAttachment,
  Refusal,
} from "../../services/chat/draftAttachments.js";
import { formatSize } from "../size.js";
import { fileName, plainLine } from "../text.js";
import type { Translate } from "../translate.js";

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

/** `blind`: the name of the model of the next question, where it takes no pictures. */
export function attachmentViews(
  items: readonly DraftAttachment[],
  blind: string | undefined,
  t: Translate,
): readonly AttachmentView[] {
  return items.map((item) => {
    const title = placeText(item, t);
    const cannot = item.problem ? problemText(item.problem, t) : item.picture && blind && blindText(blind, t);
    const note = cannot ?? (item.hasChanged ? changedText(t) : undefined);
    return {
      id: item.id,
      ...(item.picture ? pictureChip(item, item.picture, t) : chip(item, textDetail(item, t), t)),
      ...(note === undefined ? {} : { note }),
      isBroken: cannot !== undefined,
      removeLabel: t("Remove {0}", title),
    };
  });
}

export function sentAttachmentView(attachment: Attachment, t: Translate): SentAttachmentView {
  return isPicture(attachment)
    ? pictureChip(attachment, attachment.picture, t)
    : chip(attachment, tokensText(guessTokens(attachment.text), t), t);
}

/** Of models that the question may be sent to instead, or of files that keep it back; nobody has to read a long list. */
const mostNamed = 3;

/** Why nothing was sent to a model that takes no pictures, and the ways out. */
export function blindModelText(model: string, others: readonly string[], t: Translate): string {
  const start = t("Nothing was sent: {0}.", blindText(model, t));
  return others.length === 0
    ? `${start} ${t("No other model here is known to: remove the pictures.")}`
    : `${start} ${t("Choose a model that does ({0}), or remove the pictures.", others.slice(0, mostNamed).join(", "))}`;
}

/** The same where its provider does not answer when it is asked. */
export function silentModelText(model: string, t: Translate): string {
  return t(
    "Nothing was sent: the provider of {0} does not say now whether it takes pictures. Try again in a minute, choose another model, or remove the pictures.",
    plainLine(model, 80),
  );
}

export function pictureGoneText(t: Translate): string {
  return t("This picture is gone from this machine, or was changed there.");
}

/** "1024×768 · 83 KB" */
export function pictureFacts({ width, height, size }: Picture, t: Translate): string {
  return `${width}×${height} · ${formatSize(size, t)}`;
}

/** Of a picture that came without a file: another one than those that are there. */
export function pastedName(items: readonly Pick<DraftAttachment, "path">[], t: Translate): string {
  const taken = new Set(items.map(({ path }) => path));
  for (let number = 1; ; number++) {
    const name = t("Pasted picture {0}", number);
    if (!taken.has(name)) return name;
  }
}

/** One sentence for what could not be taken along. */
export function refusalText([first, ...others]: readonly Refusal[], t: Translate): string | undefined {
  if (!first) return undefined;
  const more = others.length === 0 ? "" : ` ${t("({0} more could not be attached.)", others.length)}`;
  return t("{0} is not attached: {1}.", fileName(first.place.path), problemText(first.problem, t)) + more;
}

export function brokenText(items: readonly DraftAttachment[], t: Translate): string {
  const broken = items.flatMap(({ path, problem }) =>
    problem ? [t("{0}: {1}.", fileName(path), problemText(problem, t))] : [],
  );
  if (broken.length === 0) return "";
  const more = broken.length - mostNamed;
  return [
    t("Nothing was sent."),
    ...broken.slice(0, mostNamed),
    ...(more > 0 ? [t("({0} more cannot go along.)", more)] : []),
  ].join(" ");
}

/** "src/chat.ts, lines 3–5", on one line. */
export function placeText({ path, lines }: Pick<AttachmentPlace, "path" | "lines">, t: Translate): string {
  const name = plainLine(path);
  return lines ? `${name}, ${linesText(lines, t)}` : name;
}

function textDetail({ problem, tokens }: DraftAttachment, t: Translate): string {
  return problem ? "" : tokensText(tokens, t);
}

function tokensText(tokens: number, t: Translate): string {
  return tokens === 1 ? t("about 1 token") : t("about {0} tokens", tokens);
}

const megabyte = 1024 * 1024;

function pictureChip(
  place: Pick<AttachmentPlace, "path">,
  picture: Picture,
  t: Translate,
): SentAttachmentView {
  return { ...chip({ path: place.path }, pictureFacts(picture, t), t), picture: picture.sha256 };
}

function blindText(model: string, t: Translate): string {
  return t("{0} takes no pictures", plainLine(model, 80));
}

function chip(
  place: Pick<AttachmentPlace, "path" | "lines">,
  detail: string,
  t: Translate,
): SentAttachmentView {
  const parts = [place.lines ? linesText(place.lines, t) : "", detail];
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
    case "folder":
      return t("it is a folder, and only files can be attached");
    case "notText":
      return t("it is neither UTF-8 text nor a picture (PNG, JPEG or WebP)");
    case "notPicture":
      return t("it is not a picture (PNG, JPEG or WebP)");
    case "pictureTooLarge":
      return t(
        "a picture has {0} MB and {1} megapixels at most",
        mostPictureBytes / megabyte,
        mostPixels / 1e6,
      );
    case "tooManyPictures":
      return t(
        "a question takes {0} pictures along at most, of {1} MB together",
        mostPictures,
        mostPicturesBytes / megabyte,
      );
    case "tooLarge":
      return t("a question takes {0} KB of text along at most", mostAttachedBytes / 1024);
    case "tooMany":
      return t("a question takes {0} files along at most", mostAttachments);
  }
}
