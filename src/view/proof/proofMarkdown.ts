// The whole page as Markdown, for an issue, a mail or a file: every step with whole values.
import type { ProofPanelState } from "../../protocol/proof.js";
import type { ProofLink, ProofValue } from "./proofLinks.js";
import { cleanText, markdownText } from "../text.js";
import type { Translate } from "../translate.js";

export function proofMarkdown(
  state: Omit<ProofPanelState, "links" | "strings">,
  links: readonly ProofLink[],
  t: Translate,
): string {
  const { title, subject, network, status, summary, change, problem, facts } = state;
  const about = [code(subject), ...(network ? [markdownText(network)] : []), markdownText(status, 300)];
  return [
    `# ${title}${summary ? `: ${summary.label}` : ""}`,
    "",
    about.join(" · "),
    "",
    ...(facts.length > 0 ? [...facts.map((fact) => valueLine(fact, t)), ""] : []),
    ...(problem ? [markdownText(problem.text, 600), ""] : []),
    ...(summary
      ? [markdownText(summary.sentence, 600), "", summary.counts.map(({ text }) => text).join(" · "), ""]
      : []),
    ...(change
      ? [
          markdownText(change.text, 600),
          "",
          ...change.rows.map(
            ({ label, before, now }) => `- ${markdownText(label)}: ${code(before)} → ${code(now)}`,
          ),
          "",
        ]
      : []),
    ...links.flatMap((link) => linkLines(link, t)),
    "",
  ].join("\n");
}

function linkLines(link: ProofLink, t: Translate): readonly string[] {
  if (link.kind === "station")
    return ["", `## ${markdownText(link.label)}`, "", markdownText(link.text, 300), ""];
  const values = [link.left, link.right].flatMap((side) => (side ? [`  ${valueLine(side, t)}`] : []));
  return [
    `- **${link.statusLabel}** · ${markdownText(link.label)}: ${markdownText(link.explanation, 600)}`,
    ...values,
  ];
}

function valueLine({ label, value }: ProofValue, t: Translate): string {
  return `- ${t("{0}:", markdownText(label))} ${code(value)}`;
}

/** Nothing in it can end the code span. */
function code(text: string): string {
  return `\`${cleanText(text, 4000).replaceAll("`", "'")}\``;
}
