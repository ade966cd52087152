// Conversations as files: exported as Markdown or JSON, and imported again. The entry of their chunk.
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Conversation } from "../../domain/chat.js";
import type { ConversationId } from "../../domain/ids.js";
import { conversationSuffix, mostDocumentBytes } from "../../services/chat/conversationDocument.js";
import { exportedConversation, receiptsIn } from "../../services/chat/conversationExport.js";
import { importedConversation } from "../../services/chat/conversationImport.js";
import {
  documentInMarkdown,
  markdownWithDocument,
  mostMarkdownBytes,
} from "../../services/chat/conversationMarkdownFile.js";
import { ComputeError } from "../../domain/error.js";
import type { Entry } from "../../view/choice.js";
import { conversationMarkdown } from "../../view/chat/conversationMarkdown.js";
import { importedWarning } from "../../view/chat/importedView.js";
import { conversationFileName } from "../../view/fileWords.js";
import type { App } from "../app.js";
import { readFileUpTo } from "../files.js";
import { showInformation, showWarning } from "../notices.js";
import { pickOne } from "../questions.js";
import { saveAs, type SavePlace } from "../saveAs.js";
import { moment } from "../telling.js";
import { t } from "../translate.js";
import { likelyFolder } from "../workspaceFolder.js";

type Form = "markdown" | "json" | "jsonWithReceipts";

interface FormEntry extends Entry {
  readonly form: Form;
}

/** The conversation in front, else one that is picked from the list. */
export async function exportConversation(app: App): Promise<boolean> {
  const conversation = await conversationToExport(app);
  const form = conversation && (await pickForm());
  if (!form) return false;
  const extension = form === "markdown" ? ".md" : conversationSuffix;
  const place: SavePlace = {
    title: t("Export conversation"),
    saveLabel: t("Export"),
    filters: form === "markdown" ? { Markdown: ["md"] } : { JSON: ["json"] },
    name: `${conversationFileName(conversation.title)}${extension}`,
  };
  const target = await saveAs(place, () =>
    form === "markdown"
      ? markdownOf(app, conversation)
      : documentFor(app, conversation, form === "jsonWithReceipts"),
  );
  if (!target) return false;
  await vscode.commands.executeCommand("vscode.open", target);
  return true;
}

export async function importConversation(app: App): Promise<boolean> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: t("Import conversation"),
      openLabel: t("Import"),
      filters: { [t("Conversations")]: ["json", "md", "markdown"] },
      defaultUri: likelyFolder(),
    })) ?? [];
  if (!uri) return false;
  const { document, isEdited } = await documentOf(uri);
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const { receipts, providers, session, proofs: enclaves, clock } = app;
  const importing = { receipts, providers, session, enclaves, pictures: app.chat.pictures, random, clock };
  const imported = await importedConversation(importing, uri.path, document);
  const { conversation, pictures } = imported;
  await app.chat.add(conversation, pictures);
  await app.chats.show(conversation.id);
  const warning = importedWarning(conversation, t, { ...imported, isEdited });
  if (warning !== undefined) void showWarning(warning);
  return true;
}

interface Document {
  readonly document: Uint8Array;
  /** What is read above it was changed since. */
  readonly isEdited: boolean;
}

async function documentOf(uri: vscode.Uri): Promise<Document> {
  const refuse = (detail: string) => new ComputeError("badFile", { path: uri.path, detail });
  const isMarkdown = /\.(md|markdown)$/i.test(uri.path);
  const most = isMarkdown ? mostMarkdownBytes : mostDocumentBytes;
  const bytes = await readFileUpTo(uri, most);
  if (!bytes) throw refuse(t("it is gone, is no file, or is larger than {0} MB", most / 1024 / 1024));
  if (!isMarkdown) return { document: bytes, isEdited: false };
  const content = documentInMarkdown(bytes);
  if (content.kind === "document") return content;
  throw refuse(
    content.kind === "damaged"
      ? t(
          "the comment at its end, which imports again, was cut or changed; export the conversation again, as Markdown or JSON",
        )
      : t(
          "it does not end with the comment that imports again; export the conversation again, as Markdown or JSON",
        ),
  );
}

async function conversationToExport(app: App): Promise<Conversation | undefined> {
  const id = app.chats.current() ?? (await pickConversation(app));
  const conversation = id && (await app.chat.open(id));
  if (conversation && conversation.turns.length > 0) return conversation;
  if (conversation || !id) void showInformation(t("There is no conversation to export yet: ask something."));
  return undefined;
}

async function pickConversation(app: App): Promise<ConversationId | undefined> {
  const entries = (await app.chat.list()).map(({ id, title, updatedAt }) => ({
    ...{ id, label: title, icon: "comment-discussion", description: moment(updatedAt) },
  }));
  if (entries.length === 0) return undefined;
  return (await pickOne(entries, { title: t("Export conversation"), matchOnDescription: true }))?.id;
}

async function pickForm(): Promise<Form | undefined> {
  const entries: FormEntry[] = [
    {
      form: "markdown",
      label: t("Markdown"),
      icon: "markdown",
      detail: t(
        "To read: questions, answers, and what is known of each. Imports again as JSON does, by a comment at its end.",
      ),
    },
    {
      form: "json",
      label: t("JSON"),
      icon: "json",
      detail: t("To import again, with the numbers of receipts. Its verdicts are the file's word."),
    },
    {
      form: "jsonWithReceipts",
      label: t("JSON with receipts"),
      icon: "verified",
      detail: t("Larger: with each answer's receipt, to be checked on another machine."),
    },
  ];
  return (await pickOne(entries, { title: t("Export conversation") }))?.form;
}

async function markdownOf(app: App, conversation: Conversation): Promise<Uint8Array> {
  const { quoteMarkdown: quote } = await import("../../view/markdown/markdown.js");
  const receipts = await receiptsIn(app.receipts, conversation);
  const text = conversationMarkdown(conversation, {
    t,
    moment,
    exportedAt: app.clock.now(),
    receipts,
    quote,
  });
  return markdownWithDocument(conversation.title, text, await documentFor(app, conversation, false));
}

function documentFor(app: App, conversation: Conversation, withReceipts: boolean): Promise<Uint8Array> {
  return exportedConversation({ ...app, pictures: app.chat.pictures }, conversation, withReceipts);
}
