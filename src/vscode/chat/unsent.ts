// Questions that were not asked, of conversations that no page showed then: kept until one does, whichever page that is, and over a reload of
// the window.
import type { ConversationId } from "../../domain/ids.js";
import type { AttachmentPlace } from "../../services/chat/draftAttachments.js";
import type { StateStore } from "../../services/ports.js";

export interface Unsent {
  /** Absent: that is gone, and any other one has it back. */
  readonly conversation?: ConversationId;
  readonly text: string;
  /** What it was about. */
  readonly places: readonly AttachmentPlace[];
}

const stateKey = "zgCompute.unsent";
/** The oldest are forgotten. */
const mostKept = 20;

export class UnsentQuestions {
  constructor(private readonly state: StateStore) {}

  async keep(unsent: Unsent): Promise<void> {
    await this.update([...this.all, unsent]);
  }

  /** All that such a page has back. */
  async take(shown: ConversationId | undefined): Promise<readonly Unsent[]> {
    const isBack = ({ conversation }: Unsent) => conversation === undefined || conversation === shown;
    const { all } = this;
    const back = all.filter(isBack);
    if (back.length > 0) await this.update(all.filter((one) => !isBack(one)));
    return back;
  }

  /** That conversation is gone. */
  async orphan(id: ConversationId): Promise<void> {
    const { all } = this;
    if (!all.some(({ conversation }) => conversation === id)) return;
    await this.update(
      all.map((one) => (one.conversation === id ? { ...one, conversation: undefined } : one)),
    );
  }

  private get all(): readonly Unsent[] {
    return this.state.get<readonly Unsent[]>(stateKey) ?? [];
  }

  private async update(all: readonly Unsent[]): Promise<void> {
    await this.state.update(stateKey, all.length > 0 ? all.slice(-mostKept) : undefined);
  }
}
