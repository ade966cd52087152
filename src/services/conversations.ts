// Conversations on disk: one file each, written whole. A file that cannot be read is left alone and reported once.
import type { Conversation, ConversationSummary } from "../domain/chat.js";
import { toComputeError } from "../domain/error.js";
import type { ConversationId } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import { afterRestart, conversationFromBytes, conversationToBytes } from "./conversationFile.js";
import type { Folder } from "./ports.js";

interface Indexed {
  readonly summary: ConversationSummary;
  /** Everything that was said, lower case. */
  readonly searchText: string;
}

const nameOf = (id: ConversationId) => `${id}.json`;
const namePattern = /^([0-9a-f]{24})\.json$/;

export class ConversationStore {
  private readonly index = new Map<ConversationId, Indexed>();
  private readonly unreadable = new Set<string>();
  private readonly deleted = new Set<ConversationId>();
  private writing: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: { readonly folder: Folder; readonly log: Log }) {}

  /** Newest first. Reads what is new in the folder, so that conversations of other windows appear. */
  async list(query = ""): Promise<readonly ConversationSummary[]> {
    await this.readFolder();
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return [...this.index.values()]
      .filter(({ searchText }) => words.every((word) => searchText.includes(word)))
      .map(({ summary }) => summary)
      .sort((a, b) => b.updatedAt - a.updatedAt);
  }

  /** Undefined when there is none or it cannot be read. */
  async read(id: ConversationId): Promise<Conversation | undefined> {
    if (this.deleted.has(id) || !namePattern.test(nameOf(id))) return undefined;
    return this.readFile(nameOf(id));
  }

  /** Writes it whole, after what is being written already. A deleted conversation stays deleted. */
  async save(conversation: Conversation): Promise<void> {
    const { id } = conversation;
    if (this.deleted.has(id)) return;
    this.index.set(id, indexed(conversation));
    await this.inOrder(async () => {
      if (!this.deleted.has(id))
        await this.options.folder.write(nameOf(id), conversationToBytes(conversation));
    });
  }

  async delete(id: ConversationId): Promise<void> {
    this.deleted.add(id);
    this.index.delete(id);
    await this.inOrder(() => this.options.folder.remove(nameOf(id)));
  }

  /** Everything in the folder, files that could not be read too. `open`: those that may not be in a file yet and must not get one. */
  async deleteAll(open: readonly ConversationId[] = []): Promise<void> {
    for (const id of open) this.deleted.add(id);
    for (const name of await this.options.folder.list()) {
      const id = namePattern.exec(name)?.[1] as ConversationId | undefined;
      if (id !== undefined) this.deleted.add(id);
      await this.inOrder(() => this.options.folder.remove(name));
    }
    this.index.clear();
  }

  /** Resolves when everything handed over is on disk. */
  async flush(): Promise<void> {
    await this.writing;
  }

  private async readFolder(): Promise<void> {
    const names = new Set((await this.options.folder.list()).filter((name) => namePattern.test(name)));
    for (const name of names) {
      const id = namePattern.exec(name)?.[1] as ConversationId;
      if (this.index.has(id) || this.unreadable.has(name) || this.deleted.has(id)) continue;
      await this.readFile(name);
    }
  }

  private async readFile(name: string): Promise<Conversation | undefined> {
    const { folder, log } = this.options;
    try {
      const bytes = await folder.read(name);
      if (!bytes) return undefined;
      const conversation = afterRestart(conversationFromBytes(name, bytes));
      if (nameOf(conversation.id) !== name) throw new Error("the file was renamed");
      this.index.set(conversation.id, indexed(conversation));
      this.unreadable.delete(name);
      return conversation;
    } catch (error) {
      if (!this.unreadable.has(name))
        log.warn(
          `The conversation ${name} cannot be read and is left as it is: ${toComputeError(error).code}`,
        );
      this.unreadable.add(name);
      return undefined;
    }
  }

  private inOrder(work: () => Promise<void>): Promise<void> {
    const next = this.writing.then(work, work);
    this.writing = next.catch(() => undefined); // the caller of this write hears of it
    return next;
  }
}

function indexed(conversation: Conversation): Indexed {
  const { id, title, network, turns, updatedAt } = conversation;
  const said = turns.flatMap((turn) => [turn.question, turn.answer.text]);
  return {
    summary: { id, title, network, turns: turns.length, updatedAt },
    searchText: [title, ...said].join("\n").toLowerCase(),
  };
}
