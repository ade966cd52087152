// A row with the places of what is in it. The tree is made only when a place is asked for: most rows have nothing wrong with them.
import type { Place, RuleFacts, RuleId } from "../domain/dataset.js";
import { jsonTree, type JsonMember, type JsonNode } from "./jsonTree.js";

export interface Range {
  readonly start: number;
  readonly end: number;
}

export class RowText {
  private tree?: { readonly root?: JsonNode };

  constructor(
    readonly line: number,
    readonly byteOffset: number,
    readonly text: string,
  ) {}

  place<R extends RuleId>(range: Range, facts: RuleFacts[R]): Place<R> {
    return {
      line: this.line,
      start: range.start,
      end: range.end,
      byteOffset: this.byteOffset,
      facts,
    };
  }

  /** The whole row, without the blanks around it. */
  whole(): Range {
    const start = this.text.length - this.text.trimStart().length;
    return { start, end: this.text.trimEnd().length };
  }

  key(name: string): Range {
    const member = this.member(name);
    return member ? { start: member.keyStart, end: member.keyEnd } : this.whole();
  }

  value(name: string): Range {
    return this.member(name)?.value ?? this.whole();
  }

  /** Message `index`; with a name, the value of that key in it, or the message where the key is missing. */
  message(index: number, name?: string): Range {
    const message = this.member("messages")?.value.items[index];
    if (!message) return this.value("messages");
    const member = name === undefined ? undefined : lastOf(message.members, name);
    return member?.value ?? message;
  }

  messageKey(index: number, name: string): Range {
    const message = this.member("messages")?.value.items[index];
    const member = message && lastOf(message.members, name);
    return member ? { start: member.keyStart, end: member.keyEnd } : this.message(index);
  }

  /** Keys that stand twice in one object, at any depth: each but the last. */
  duplicates(): { readonly key: string; readonly range: Range }[] {
    const found: { key: string; range: Range }[] = [];
    const visit = ({ members, items }: JsonNode): void => {
      const last = new Map(members.map((member) => [member.key, member]));
      for (const member of members) {
        if (last.get(member.key) !== member)
          found.push({ key: member.key, range: { start: member.keyStart, end: member.keyEnd } });
        visit(member.value);
      }
      items.forEach(visit);
    };
    const root = this.root();
    if (root) visit(root);
    return found;
  }

  private member(name: string): JsonMember | undefined {
    return lastOf(this.root()?.members ?? [], name);
  }

  private root(): JsonNode | undefined {
    this.tree ??= jsonTree(this.text);
    return this.tree.root;
  }
}

/** Of a key that stands twice the last counts. */
function lastOf(members: readonly JsonMember[], name: string): JsonMember | undefined {
  return members.findLast((member) => member.key === name);
}
