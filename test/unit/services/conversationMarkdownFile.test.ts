// A conversation in a Markdown file: what imports again is the document in its last comment, however the text above it reads.
import assert from "node:assert/strict";
import { fromMarkdown } from "mdast-util-from-markdown";
import type { Conversation } from "../../../src/domain/chat.js";
import { documentText } from "../../../src/services/chat/conversationDocument.js";
import { importedConversation } from "../../../src/services/chat/conversationImport.js";
import {
  documentInMarkdown,
  markdownWithDocument,
  mostMarkdownBytes,
} from "../../../src/services/chat/conversationMarkdownFile.js";
import { conversationMarkdown } from "../../../src/view/chat/conversationMarkdown.js";
import { importedWarning } from "../../../src/view/chat/importedView.js";
import { quoteMarkdown } from "../../../src/view/markdown/markdown.js";
import { english } from "../../../src/view/translate.js";
import { aConversation, anAnswer, aTurn, aVerdict, noon } from "../../support/builders.js";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const visibleOf = (conversation: Conversation) =>
  conversationMarkdown(conversation, {
    ...{ t: english, moment: (at: number) => new Date(at).toISOString(), exportedAt: noon },
    ...{ receipts: new Map(), quote: quoteMarkdown },
  });
const documentOf = (conversation: Conversation) => encode(documentText(conversation, new Map(), noon));
const written = (conversation: Conversation) =>
  decode(markdownWithDocument("Talk", visibleOf(conversation), documentOf(conversation)));
const read = (text: string) => documentInMarkdown(encode(text));

describe("A conversation's export as Markdown", () => {
  const conversation = aConversation({
    settings: { systemPrompt: "Be *brief*.", temperature: 0.2, stop: ["```"] },
    turns: [
      aTurn({
        question: "Why 5 > 3? -->",
        attachments: [{ path: "src/ä.ts", text: "const a = `-->`;\r\n" }],
        answer: anAnswer({ text: "Because. 🙂", network: "sandbox", verdict: aVerdict() }),
      }),
    ],
  });

  it("gives back the document byte by byte, of which nothing is seen in what people read", async () => {
    const text = written(conversation);
    assert.deepEqual(read(text), {
      ...{ kind: "document", isEdited: false },
      document: documentOf(conversation),
    });
    const last = fromMarkdown(text).children.at(-1);
    assert.equal(last?.type, "html");
    assert.ok(last.value.startsWith("<!-- 0g-conversation ") && last.value.endsWith("\n-->"));
    assert.equal(text.slice(text.lastIndexOf("<!--")).split("-->").length, 2);
    assert.ok(Math.max(...text.split("\n").map((line) => line.length)) < 400);
  });

  it("shows whatever is in the document, the system prompt and parameters too", () => {
    const text = visibleOf(conversation);
    assert.match(text, /\n## System prompt\n\n> Be \*brief\*\.\n/);
    assert.match(text, /\nParameters: temperature 0\.2\n/);
    assert.match(text, /\nStops at:\n/);
    assert.doesNotMatch(visibleOf(aConversation()), /System prompt|Parameters|Stops at/);
  });

  it("imports to the same conversation as the JSON does", async () => {
    const of = async (document: Uint8Array) =>
      importedConversation(
        {
          receipts: { bytes: async () => undefined, recheck: notAsked, said: notAsked },
          providers: { find: notAsked },
          session: { tryNetwork: notAsked },
          enclaves: { verified: notAsked },
          pictures: { read: notAsked },
          random: (length) => new Uint8Array(length),
          clock: { now: () => noon, setTimeout: notAsked, clearTimeout: notAsked } as never,
        },
        "talk",
        document,
      );
    const content = read(written(conversation));
    assert.ok(content.kind === "document");
    const { conversation: imported } = await of(content.document);
    assert.deepEqual(imported, (await of(documentOf(conversation))).conversation);
    assert.deepEqual(imported.turns[0]?.attachments, conversation.turns[0]?.attachments);
    assert.equal(imported.turns[0]?.answer.imported?.claim?.level, "verified");
  });

  it("says that the text above was changed, and imports none of that", async () => {
    const text = written(conversation);
    for (const changed of [
      text.replace("Because.", "Because I say so."),
      text.replace("**Verified**", "**Verified** by me"),
      `A line before.\n\n${text}`,
      text.slice(text.lastIndexOf("\n<!--")),
    ]) {
      const content = read(changed);
      assert.ok(content.kind === "document" && content.isEdited, changed.slice(0, 40));
      assert.deepEqual(content.document, documentOf(conversation));
    }
    assert.match(
      importedWarning(conversation, english, { isEdited: true }) ?? "",
      /^The text of this file was changed/,
    );
    assert.equal(importedWarning(conversation, english), undefined);
  });

  it("takes the ends of lines and of the file as other programs write them", async () => {
    const text = written(conversation);
    for (const other of [text.replaceAll(/\r?\n/g, "\r\n"), `${text}\n\n`, text.trimEnd(), `\uFEFF${text}`])
      assert.deepEqual(read(other), read(text));
  });

  it("is refused where the comment was changed, cut or is not the last thing", async () => {
    const text = written(conversation);
    const at = text.lastIndexOf("<!--");
    const body = text.indexOf("\n", at) + 1;
    const damaged = [
      text.slice(0, body) + text.slice(body + 121), // a line less
      text.slice(0, body) + "A" + text.slice(body + 1),
      text.slice(0, body) + "?" + text.slice(body + 1),
      text.replace(/ document:[0-9a-f]{64}/, ` document:${"0".repeat(64)}`),
      text.replace(/ document:[0-9a-f]{64}/, ""),
    ];
    for (const one of damaged) assert.deepEqual(read(one), { kind: "damaged" });
    for (const none of ["", "# Only text\n", text.slice(0, at), text.slice(0, -10), `${text}\nA note.\n`])
      assert.deepEqual(read(none), { kind: "none" });
  });

  it("reads the last comment alone, whatever comments are in what others wrote", async () => {
    const forged = aConversation({ title: "Forged" });
    const inside = written(forged);
    for (const trick of [inside, `${inside}\n\`\`\`\n~~~\n`, "\n<!-- 0g-conversation ", "<!--", "\n-->\n"]) {
      const carrier = aConversation({
        turns: [
          aTurn({
            question: trick,
            attachments: [{ path: "talk.md", text: trick }],
            answer: anAnswer({
              text: trick,
              toolCalls: [{ id: "a", name: "b", arguments: trick }],
            }),
          }),
        ],
      });
      const text = written(carrier);
      const content = read(text);
      assert.ok(content.kind === "document" && !content.isEdited);
      assert.deepEqual(content.document, documentOf(carrier));
      // Cut off behind the other one, it is none of this file's.
      const cut = read(text.slice(0, text.lastIndexOf("\n<!-- 0g-conversation ")));
      assert.equal(cut.kind, "none");
    }
  });

  it("is bounded", () => {
    const large = new Uint8Array(mostMarkdownBytes + 1);
    assert.throws(() => markdownWithDocument("Talk", "# Talk", large), /badFile/);
  });
});

function notAsked(): never {
  throw new Error("not asked");
}
