/** Reads the help page the base model is trained on: second-level headings are questions, what follows answers all of them. */
import type { TrainingRow } from "./row.js";

/** One row for each heading. Throws nothing: a heading without an answer gives no row. */
export function helpRows(markdown: string): TrainingRow[] {
  const rows: TrainingRow[] = [];
  let prompts: string[] = [];
  let answer: string[] = [];
  const finish = (): void => {
    const completion = answer.join("\n").trim();
    if (completion === "") return;
    for (const prompt of prompts) rows.push({ prompt, completion });
    prompts = [];
    answer = [];
  };
  for (const line of markdown.split(/\r?\n/)) {
    if (line.startsWith("## ")) {
      finish();
      prompts.push(line.slice(3).trim());
    } else if (prompts.length > 0) answer.push(line);
  }
  finish();
  return rows;
}
