// The word under an answer that came with a file: what the file says is told as that, and what its receipt showed here is told with where
// the receipt was.
import type { Conversation, Imported } from "../../domain/chat.js";
import type { Verdict } from "../../domain/verdict.js";
import type { VerdictView } from "../../protocol.js";
import type { Translate } from "../translate.js";
import { verdictLabel, verdictView, type VerdictContext } from "../proof/verdictView.js";

export function importedVerdictView(
  imported: Imported,
  verdict: Verdict | undefined,
  context: VerdictContext,
): VerdictView {
  const { t } = context;
  if (verdict) {
    const view = verdictView(verdict, context);
    const where =
      imported.receipt === "held"
        ? t("Imported, and checked here with your own receipt of it.")
        : t(
            "Imported, and checked here with the file's receipt, signed by the key that the chain names now.",
          );
    const told = imported.isInstructed
      ? t("The model had instructions beforehand, which are in the file and not shown here.")
      : "";
    return { ...view, sentence: [where, view.sentence, told].filter(Boolean).join(" ") };
  }
  if (imported.receipt === "contradicted")
    return {
      word: "failed",
      label: verdictLabel({ level: "mismatch" }, t),
      sentence: t(
        "Imported, and its receipt is of another question or answer, or was changed. Do not rely on it.",
      ),
      checks: [],
    };
  return { ...unproven(context), sentence: unprovenSentence(imported, context) };
}

function unproven({ t }: VerdictContext): Omit<VerdictView, "sentence"> {
  return { word: "notProven", label: verdictLabel({ level: "unsigned" }, t), checks: [] };
}

function unprovenSentence({ claim, receipt }: Imported, { t, moment }: VerdictContext): string {
  const says = claim
    ? t(
        "Imported: the file says “{0}”, found {1}.",
        verdictLabel(claim, t),
        moment?.(claim.checkedAt) ?? new Date(claim.checkedAt).toISOString(),
      )
    : t("Imported: the file says of no check.");
  if (receipt === "otherBefore")
    return t(
      "{0} Its receipt is of this question and answer, but something else was said before them than stands here.",
      says,
    );
  return receipt === "unknownKey"
    ? t(
        "{0} Its receipt fits; whose key signed it could not be compared with the chain: use the network it is of and import it again.",
        says,
      )
    : t("{0} It was not checked here.", says);
}

/** What was in the file beside the conversation. */
interface ImportedFile {
  /** The Markdown around it is not as it was exported. */
  readonly isEdited?: boolean;
  /** A system prompt or parameters, which were left in it. */
  readonly hadSettings?: boolean;
}

/** What the user should know before reading on; undefined: each answer's own word says enough. */
export function importedWarning(
  { turns }: Pick<Conversation, "turns">,
  t: Translate,
  { isEdited = false, hadSettings = false }: ImportedFile = {},
): string | undefined {
  const contradicted = turns.filter(({ answer }) => answer.imported?.receipt === "contradicted").length;
  const warnings = [
    isEdited
      ? t(
          "The text of this file was changed since it was exported. Imported is what was exported, without the changes.",
        )
      : "",
    contradicted > 0
      ? t("Of the {0} answers in this file, {1} are not what their receipts say.", turns.length, contradicted)
      : "",
    hadSettings
      ? t(
          "Its system prompt and parameters were left in the file: set your own in the chat before you go on.",
        )
      : "",
  ].filter((warning) => warning !== "");
  return warnings.length > 0 ? warnings.join(" ") : undefined;
}
