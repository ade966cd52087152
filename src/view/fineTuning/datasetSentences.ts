// A sentence for each rule about datasets. Keys, roles and names in them come from the file, and are made safe to show.
import type { DatasetShape, RuleFacts } from "../../domain/dataset.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

export type Sentences<Rules extends keyof RuleFacts> = {
  readonly [R in Rules]: (facts: RuleFacts[R], t: Translate) => string;
};

export type FileRule =
  | "OG001"
  | "OG002"
  | "OG003"
  | "OG004"
  | "OG005"
  | "OG006"
  | "OG007"
  | "OG008"
  | "OG009"
  | "OG010"
  | "OG011"
  | "OG012"
  | "OG013"
  | "OG014"
  | "OG015"
  | "OG016"
  | "OG022";

export const fileSentences: Sentences<FileRule> = {
  OG001: (_, t) => t("The file is empty: there is nothing to train on."),
  OG002: ({ byteOffset }, t) => t("This is not UTF-8 (byte {0}).", byteOffset),
  OG003: (_, t) => t("The file starts with a byte order mark: the provider refuses line 1."),
  OG004: (_, t) => t("This is a JSON array. A dataset has one object in each line (JSONL)."),
  OG005: ({ format }, t) => t("This is {0}. A dataset has one JSON object in each line (JSONL).", format),
  OG006: ({ size }, t) =>
    t("The file has {0} bytes; providers take uploads of 104857600 (100 MiB) at most.", size),
  OG007: ({ name }, t) => t('The name "{0}" must end in .jsonl or .json.', cleanText(name)),
  OG008: ({ rows }, t) =>
    rows === 1
      ? t("Only one row. At least 10 are recommended.")
      : t("Only {0} rows. At least 10 are recommended.", rows),
  OG009: ({ rows, wanted }, t) => t("{0} rows. Below {1}, little effect is to be expected.", rows, wanted),
  OG010: ({ detail, guess }, t) => notJson(cleanText(detail), guess, t),
  OG011: ({ kind }, t) =>
    t(
      "This line is JSON, but no object ({0}). A row is an object such as {1}.",
      cleanText(kind),
      '{"messages": …}',
    ),
  OG012: (_, t) => t("A second object in the same line. Each row has a line of its own."),
  OG013: ({ lines }, t) => t("One object over {0} lines. Each row must be in one line.", lines),
  OG014: (_, t) => t("This line is blank; the provider skips it."),
  OG015: (_, t) =>
    t("This line ends in CR LF: providers take it, but the file has another hash than with LF."),
  OG016: ({ key }, t) => t('The key "{0}" stands twice in one object; the last one counts.', cleanText(key)),
  OG022: (_, t) =>
    t("Rows of {0} become empty in an upload to the enclave: nothing would be trained.", '"text"'),
};

function notJson(detail: string, guess: RuleFacts["OG010"]["guess"], t: Translate): string {
  switch (guess) {
    case "comma":
      return t("Not valid JSON: a comma too many. The provider says: {0}", detail);
    case "quotes":
      return t("Not valid JSON: texts stand in double quotes. The provider says: {0}", detail);
    case "newline":
      return t(
        "Not valid JSON: line breaks and tabs in a text are written \\n and \\t. The provider says: {0}",
        detail,
      );
    case undefined:
      return t("Not valid JSON. The provider says: {0}", detail);
  }
}

export type RowRule =
  | "OG020"
  | "OG021"
  | "OG023"
  | "OG024"
  | "OG025"
  | "OG026"
  | "OG027"
  | "OG028"
  | "OG029"
  | "OG030"
  | "OG031"
  | "OG032"
  | "OG033"
  | "OG034"
  | "OG040"
  | "OG041"
  | "OG042"
  | "OG043";

export const rowSentences: Sentences<RowRule> = {
  OG020: ({ keys, isTextEmpty }, t) => {
    if (isTextEmpty) return t("There is no text in {0}: this row trains on nothing.", listed(keys));
    return keys.length === 0
      ? t("This row has no keys: it would train on empty text.")
      : t("None of the keys of this row is read ({0}): it would train on empty text.", listed(keys));
  },
  OG021: ({ own, file }, t) =>
    t(
      "This row has the format {0}, the first one {1}: it would become empty.",
      shapeName(own),
      shapeName(file),
    ),
  OG023: ({ keys }, t) => t("Not read by the provider: {0}", listed(keys)),
  OG024: ({ why }, t) => {
    if (why === "missing") return t('"messages" is missing: this row would train on empty text.');
    return why === "empty" ? t('"messages" is empty.') : t('"messages" must be a list.');
  },
  OG025: ({ why }, t) => {
    if (why === "noRole") return t("This message has no role.");
    if (why === "noContent") return t("This message has no content.");
    return why === "neither" ? t("This message has neither role nor content.") : t("This is no message.");
  },
  OG026: ({ role }, t) =>
    t('The role "{0}" is not read; there are system, user and assistant.', cleanText(role, 60)),
  OG027: ({ kind }, t) => t("The content must be a text; this is {0}.", kindName(kind, t)),
  OG028: (_, t) => t("No message of the assistant: there is no answer to learn."),
  OG029: (_, t) => t("No message of the user: the instruction would be empty."),
  OG030: (_, t) => t("The last message is not the assistant's."),
  OG031: ({ dropped }, t) =>
    dropped === 1
      ? t("Only the last text of the user and of the assistant is trained on; one is dropped.")
      : t("Only the last text of the user and of the assistant is trained on; {0} are dropped.", dropped),
  OG032: (_, t) => t("The provider drops the system prompt."),
  OG033: ({ role }, t) => t("Two messages in a row of the role {0}.", cleanText(role, 60)),
  OG034: ({ key }, t) => t('"{0}" of a message is not read.', cleanText(key, 60)),
  OG040: ({ key, kind }, t) =>
    kind === "missing"
      ? t('"{0}" is missing.', key)
      : t('"{0}" must be a text; this is {1}.', key, kindName(kind, t)),
  OG041: (_, t) => t("The answer is empty."),
  OG042: (_, t) => t('"input" is missing; it is read as empty.'),
  OG043: (_, t) => t("The answer is the same text as the question."),
};

function listed(keys: readonly string[]): string {
  return keys.map((key) => `"${cleanText(key, 40)}"`).join(", ");
}

/** As it is written in the file; no word of a language. */
function shapeName(shape: DatasetShape): string {
  return shape === "instruction" ? '"instruction", "output"' : `"${shape}"`;
}

function kindName(kind: string, t: Translate): string {
  switch (kind) {
    case "null":
      return t("nothing (null)");
    case "array":
      return t("a list");
    case "object":
      return t("an object");
    case "number":
      return t("a number");
    default:
      return t("true or false");
  }
}
