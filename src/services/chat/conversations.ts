// Conversations on disk: one file each, written whole, by several windows. A file that cannot be read is left alone and reported once; one
// that was removed stays removed.
import { picturesOf } from "../../domain/attachment.js";
import type { Conversation, ConversationSummary } from "../../domain/chat.js";
import { toComputeError } from "../../domain/error.js";
import type { ConversationId } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import { afterRestart, conversationFromBytes, conversationToBytes } from "./conversationFile.js";
import { mergeConversations, seenOf, type Seen } from "./conversationMerge.js";
import type { PictureStore } from "./pictures.js";
import type { Folder } from "../ports.js";

interface Indexed {
  readonly summary: ConversationSummary;
  /** Everything that was said, lower case. */
  readonly searchText: string;
  /** Hashes of those it names. */
  readonly pictures: readonly string[];
  /** Of the file it was read from or written to; absent: not on disk yet. */
  readonly version?: string;
}

const nameOf = (id: ConversationId) => `${id}.json`;
const namePattern = /^([0-9a-f]{24})\.json$/;

export class ConversationStore {
  private readonly index = new Map<ConversationId, Indexed>();
  private readonly seen = new Map<ConversationId, Seen>();
  private readonly unreadable = new Set<string>();
  private readonly deleted = new Set<ConversationId>();
  private writing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly options: {
      readonly folder: Folder;
      readonly pictures?: Pick<PictureStore, "sweep">;
      readonly log: Log;
    },
  ) {}

  /** Newest first. Looks at the folder: what other windows wrote appears, what they deleted is gone. */
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
    const file = await this.readFile(nameOf(id));
    if (!file) return undefined;
    const shown = afterRestart(file);
    this.seen.set(id, seenOf(file, shown));
    return shown;
  }

  /**
   * Writes it whole, after what is being written already, with what other windows added to its file since; returns it with that.
   * Undefined: it was deleted, here or in another window, and stays deleted. Throws `diskFull` and `badFile`.
   */
  async save(conversation: Conversation): Promise<Conversation | undefined> {
    return this.renew(conversation, true);
  }

  /** With what other windows wrote since it was read or saved here. Undefined: it was deleted in another one. */
  async refresh(conversation: Conversation): Promise<Conversation | undefined> {
    return this.renew(conversation, false);
  }

  async delete(id: ConversationId): Promise<void> {
    this.forget(id);
    await this.inOrder(() => this.options.folder.remove(nameOf(id)));
  }

  /** Everything in the folder, files that could not be read too. `open`: those that may not be in a file yet and must not get one. */
  async deleteAll(open: readonly ConversationId[] = []): Promise<void> {
    for (const id of open) this.forget(id);
    await this.inOrder(async () => {
      for (const name of await this.options.folder.list()) {
        const id = namePattern.exec(name)?.[1] as ConversationId | undefined;
        if (id !== undefined) this.forget(id);
        await this.options.folder.remove(name);
      }
      await this.options.pictures?.sweep(async () => new Set());
    });
    this.index.clear();
  }

  /**
   * Deletes what no conversation names: none on disk, one that cannot be read included, and none of `open`, which a disk may have refused. No
   * window adds a name meanwhile, and the bytes come to disk after the name.
   */
  async sweepPictures(open: readonly Conversation[]): Promise<void> {
    const named = async () => {
      await this.readFolder();
      const unreadable = await Promise.all([...this.unreadable].map((name) => this.hashesIn(name)));
      const listed = [...this.index.values()].map(({ pictures }) => pictures);
      return new Set([...listed, ...unreadable, ...open.map(picturesNamed)].flat());
    };
    try {
      await this.inOrder(async () => this.options.pictures?.sweep(named));
    } catch (error) {
      this.options.log.error("Pictures that nobody needs could not be deleted", error);
    }
  }

  /** Of a later version, or damaged: whatever looks like a hash may be one. */
  private async hashesIn(name: string): Promise<readonly string[]> {
    const bytes = await this.options.folder.read(name);
    return new TextDecoder().decode(bytes).match(/\b[0-9a-f]{64}\b/g) ?? [];
  }

  /** Resolves when everything handed over is on disk. */
  async flush(): Promise<void> {
    await this.writing;
  }

  private async renew(conversation: Conversation, isToBeWritten: boolean): Promise<Conversation | undefined> {
    const { id } = conversation;
    const { folder } = this.options;
    const name = nameOf(id);
    if (this.deleted.has(id)) return undefined;
    if (!this.index.has(id)) this.index.set(id, indexed(conversation)); // listed although a disk may refuse it
    return this.inOrder(async () => {
      if (this.deleted.has(id)) return undefined;
      const seen = this.seen.get(id);
      const bytes = await folder.read(name);
      if (!bytes && seen) {
        this.forget(id);
        return undefined;
      }
      const theirs = bytes && conversationFromBytes(name, bytes);
      const merged = theirs && mergeConversations(conversation, theirs, seen);
      const { file, shown } = merged ?? { file: conversation, shown: conversation };
      if (isToBeWritten) {
        const written = conversationToBytes(file);
        await folder.write(name, written);
        this.seen.set(id, seenOf(conversationFromBytes(name, written), shown));
        this.index.set(id, indexed(shown, await folder.version(name)));
      } else if (merged) this.seen.set(id, merged.seen);
      return shown;
    });
  }

  private forget(id: ConversationId): void {
    this.deleted.add(id);
    this.index.delete(id);
    this.seen.delete(id);
  }

  private async readFolder(): Promise<void> {
    const names = new Set((await this.options.folder.list()).filter((name) => namePattern.test(name)));
    for (const [id, { version }] of this.index)
      if (version !== undefined && !names.has(nameOf(id))) this.index.delete(id);
    for (const name of names) {
      const id = namePattern.exec(name)?.[1] as ConversationId;
      if (this.unreadable.has(name) || this.deleted.has(id)) continue;
      const version = await this.options.folder.version(name);
      if (version !== this.index.get(id)?.version) await this.readFile(name);
    }
  }

  private async readFile(name: string): Promise<Conversation | undefined> {
    const { folder, log } = this.options;
    try {
      const version = await folder.version(name);
      const bytes = await folder.read(name);
      if (!bytes) return undefined;
      const conversation = conversationFromBytes(name, bytes);
      if (nameOf(conversation.id) !== name) throw new Error("the file was renamed");
      this.index.set(conversation.id, indexed(conversation, version));
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

  /** One after the other, in all windows: between a look at a file and its writing nobody else writes. */
  private inOrder<T>(work: () => Promise<T>): Promise<T> {
    const alone = () => this.options.folder.exclusively(work);
    const next = this.writing.then(alone, alone);
    this.writing = next.catch(() => undefined); // the caller of this write hears of it
    return next;
  }
}

function indexed(conversation: Conversation, version?: string): Indexed {
  const { id, title, network, turns, updatedAt } = conversation;
  const said = turns.flatMap(({ question, attachments = [], answer }) => [
    question,
    ...attachments.map(({ path }) => path),
    answer.text,
  ]);
  const isImported = turns.some(({ answer }) => answer.imported !== undefined);
  return {
    summary: { id, title, network, turns: turns.length, isImported, updatedAt },
    searchText: [title, ...said].join("\n").toLowerCase(),
    pictures: picturesNamed(conversation),
    ...(version === undefined ? {} : { version }),
  };
}

function picturesNamed({ turns }: Conversation): readonly string[] {
  return turns.flatMap(({ attachments }) => picturesOf(attachments).map(({ sha256 }) => sha256));
}
