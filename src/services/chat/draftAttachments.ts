// What goes along with the question that is being written. Only places are kept: text and picture are read when they are sent, and looked at
// before to say what they come to. The panel names them by id, so that it can take along nothing that the user did not pick.
import {
  mostAttachedBytes,
  mostAttachments,
  linesAfter,
  type Attachment,
  type LineEdit,
  type LineRange,
} from "../../domain/attachment.js";
import { Emitter, type Disposable, type Event } from "../../domain/event.js";
import { mostPictures, mostPicturesBytes, usualPictureTokens, type Picture } from "../../domain/picture.js";
import { guessTokens } from "../../domain/tokens.js";
import type { ReadPicture } from "./pictures.js";
import type { Random, StateStore } from "../ports.js";
import { randomId } from "../randomId.js";
import { sha256Hex } from "../../system/sha256.js";

/** Where the text or the picture is. */
export interface AttachmentPlace {
  /** As the editor names the document. */
  readonly uri: string;
  /** What is said of it, to the reader and the model. */
  readonly path: string;
  readonly lines?: LineRange;
}

export type AttachmentProblem =
  | "gone"
  | "leadsOut"
  | "folder"
  | "notText"
  | "tooLarge"
  | "tooMany"
  | "notPicture"
  | "pictureTooLarge"
  | "tooManyPictures";

export type ReadText = { readonly text: string } | { readonly problem: AttachmentProblem };

/** Reads it as it is now, with what is not saved. */
export type ReadPlace = (place: AttachmentPlace) => Promise<ReadText | ReadPicture>;

interface Kept extends AttachmentPlace {
  readonly id: string;
  /** Of the text or the picture when it was picked. */
  readonly hash: string;
}

export interface DraftAttachment extends Kept {
  /** Empty of a picture. */
  readonly text: string;
  readonly picture?: Picture;
  readonly bytes?: Uint8Array;
  readonly tokens: number;
  /** Another one than when it was picked. */
  readonly hasChanged: boolean;
  /** It cannot go along as it is. */
  readonly problem?: AttachmentProblem;
}

/** Of a document or file with this text: the lines alone, with one kind of line end, whichever it has on disk. */
export function textAt(text: string, lines?: LineRange): ReadText {
  if (text.includes("\0")) return { problem: "notText" };
  const plain = text.replace(/\r\n?/g, "\n");
  if (!lines) return { text: plain };
  const all = plain.split("\n");
  return lines.first > all.length
    ? { problem: "gone" }
    : { text: all.slice(lines.first - 1, lines.last).join("\n") };
}

/** What is sent, and the bytes of its pictures. */
export interface Taken {
  readonly attachments: readonly Attachment[];
  readonly pictures: readonly Uint8Array[];
}

export interface Refusal {
  readonly place: AttachmentPlace;
  readonly problem: AttachmentProblem;
}

export interface DraftAttachmentsOptions {
  readonly read: ReadPlace;
  /** Of this workspace: drafts are by their id under one key. */
  readonly state: StateStore;
  readonly random: Random;
  /** Which one of those that are kept; absent or unknown: a new one. */
  readonly draft?: string;
}

const stateKey = "zgCompute.attached";
/** More are hardly open at once; the oldest are forgotten. */
const mostDrafts = 20;

type Drafts = Readonly<Record<string, readonly Kept[]>>;

export class DraftAttachments implements Disposable {
  readonly draft: string;
  private current: readonly DraftAttachment[] = [];
  private kept: readonly Kept[];
  /** Being asked: they stay on disk until their question is there. */
  private readonly taken = new Map<Taken, readonly Kept[]>();
  private readonly changed = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changed.event;
  private working: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: DraftAttachmentsOptions) {
    const { draft, random } = options;
    const known = draft === undefined ? undefined : this.drafts()[draft];
    this.draft = draft !== undefined && known ? draft : randomId(random);
    this.kept = known ?? [];
  }

  /** As they were last looked at. */
  get items(): readonly DraftAttachment[] {
    return this.current;
  }

  /** Known from the beginning, before they are looked at. */
  get isEmpty(): boolean {
    return this.kept.length === 0;
  }

  /** What would be sent of them. */
  get attachments(): readonly Attachment[] {
    return this.current.filter(({ problem }) => problem === undefined).map(asAttachment);
  }

  /** Returns those that cannot go along. One that is there already is taken as it is now. */
  async add(places: readonly AttachmentPlace[]): Promise<readonly Refusal[]> {
    return this.inOrder(async () => {
      const refused: Refusal[] = [];
      for (const place of places) {
        const problem = await this.addOne(place);
        if (problem) refused.push({ place, problem });
      }
      await this.keep(this.kept);
      return refused;
    });
  }

  async remove(id: string): Promise<void> {
    await this.inOrder(() => this.keep(this.kept.filter((one) => one.id !== id)));
  }

  /** Reads all again: what is said of them is true then. */
  async look(): Promise<void> {
    await this.inOrder(() => this.keep(this.kept));
  }

  /** A document was edited, the last place first: lines that were picked move along. */
  edited(uri: string, edits: readonly LineEdit[]): void {
    const move = ({ lines, ...rest }: Kept): Kept => ({
      ...rest,
      ...(lines ? { lines: edits.reduce(linesAfter, lines) } : {}),
    });
    this.kept = this.kept.map((one) => (one.uri === uri ? move(one) : one));
  }

  /** What is sent, as it is now, and nothing is left. Undefined: one of them cannot be, and its item says why. */
  async take(): Promise<Taken | undefined> {
    return this.inOrder(async () => {
      await this.renew();
      if (this.current.some(({ problem }) => problem !== undefined)) return undefined;
      const { attachments, current, kept } = this;
      const pictures = current.flatMap(({ bytes }) => (bytes ? [bytes] : []));
      const taken = { attachments, pictures };
      this.taken.set(taken, kept);
      await this.keep([]);
      return taken;
    });
  }

  /** What was taken and not asked. */
  async putBack(taken: Taken): Promise<void> {
    await this.inOrder(async () => {
      const kept = this.taken.get(taken) ?? [];
      this.taken.delete(taken);
      await this.keep([...kept, ...this.kept]);
    });
  }

  /** What was taken is on disk with its question. */
  async asked(taken: Taken): Promise<void> {
    await this.inOrder(async () => {
      this.taken.delete(taken);
      await this.keep(this.kept);
    });
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async addOne(place: AttachmentPlace): Promise<AttachmentProblem | undefined> {
    const old = this.kept.find((one) => isSamePlace(one, place));
    if (!old && this.kept.length >= mostAttachments) return "tooMany";
    const read = await this.options.read(place);
    if ("problem" in read) return read.problem;
    const room = new Room();
    for (const one of this.current) if (one.problem === undefined && !isSamePlace(one, place)) room.take(one);
    const problem = room.take(read);
    if (problem) return problem;
    const { uri, path, lines } = place;
    const id = old?.id ?? randomId(this.options.random);
    const added: Kept = { id, uri, path, ...(lines ? { lines } : {}), hash: hashOf(read) };
    this.kept = old ? this.kept.map((one) => (one.id === id ? added : one)) : [...this.kept, added];
    await this.renew();
    return undefined;
  }

  private async keep(kept: readonly Kept[]): Promise<void> {
    this.kept = kept.map(({ id, uri, path, lines, hash }) => ({
      ...{ id, uri, path, hash },
      ...(lines ? { lines } : {}),
    }));
    const drafts = this.drafts();
    const all = [...[...this.taken.values()].flat(), ...this.kept];
    if (JSON.stringify(drafts[this.draft] ?? []) !== JSON.stringify(all)) {
      const others = Object.entries(drafts).filter(([draft]) => draft !== this.draft);
      const own = all.length > 0 ? [[this.draft, all] as const] : [];
      await this.options.state.update(stateKey, Object.fromEntries([...others, ...own].slice(-mostDrafts)));
    }
    await this.renew();
  }

  private async renew(): Promise<void> {
    const looked: DraftAttachment[] = [];
    const room = new Room();
    for (const one of this.kept) {
      const read = await this.options.read(one);
      const problem = "problem" in read ? read.problem : room.take(read);
      if ("problem" in read || problem)
        looked.push({ ...one, text: "", tokens: 0, hasChanged: false, problem });
      else looked.push({ ...one, ...shown(read), hasChanged: hashOf(read) !== one.hash });
    }
    this.current = looked;
    this.changed.fire();
  }

  private drafts(): Drafts {
    return this.options.state.get<Drafts>(stateKey) ?? {};
  }

  private inOrder<T>(work: () => Promise<T>): Promise<T> {
    const next = this.working.then(work, work);
    this.working = next.catch(() => undefined); // the caller of this one hears of it
    return next;
  }
}

type Content = { readonly text: string } | { readonly picture: Picture; readonly bytes: Uint8Array };

/** What still goes along. */
class Room {
  private text = mostAttachedBytes;
  private pictures = mostPictures;
  private bytes = mostPicturesBytes;

  /** Why it does not; what does takes its part of the room. */
  take(content: { readonly text: string } | { readonly picture: Picture }): AttachmentProblem | undefined {
    const picture = "picture" in content ? content.picture : undefined;
    const size = "text" in content ? sizeOf(content.text) : 0;
    if (picture && (this.pictures < 1 || picture.size > this.bytes)) return "tooManyPictures";
    if (size > this.text) return "tooLarge";
    this.text -= size;
    this.pictures -= picture ? 1 : 0;
    this.bytes -= picture?.size ?? 0;
    return undefined;
  }
}

function shown(content: Content): Pick<DraftAttachment, "text" | "picture" | "bytes" | "tokens"> {
  if ("text" in content) return { text: content.text, tokens: guessTokens(content.text) };
  return { text: "", picture: content.picture, bytes: content.bytes, tokens: usualPictureTokens };
}

function asAttachment({ path, lines, text, picture }: DraftAttachment): Attachment {
  if (picture) return { path, picture };
  return { path, ...(lines ? { lines } : {}), text };
}

function isSamePlace(a: AttachmentPlace, b: AttachmentPlace): boolean {
  return a.uri === b.uri && a.lines?.first === b.lines?.first && a.lines?.last === b.lines?.last;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const sizeOf = (text: string) => bytesOf(text).length;
const hashOf = (content: Content): string =>
  "text" in content ? sha256Hex(bytesOf(content.text)) : content.picture.sha256;
