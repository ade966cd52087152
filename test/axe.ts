// Accessibility findings of a page or a frame, by axe-core.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Frame, Page } from "playwright-core";

interface AxeFinding {
  id: string;
  help: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** One line per finding: rule, what is wrong, and where. An empty list is a pass. */
export async function axeFindings(where: Page | Frame): Promise<string[]> {
  // Injected by the debugger, so that no content security policy has to be loosened for it.
  await where.evaluate(source);
  const violations = await where.evaluate<AxeFinding[]>(
    "axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)",
  );
  return violations.flatMap((finding) =>
    finding.nodes.map(
      (node) =>
        `${finding.id}: ${finding.help}: ${JSON.stringify(node.target)}\n  ${node.failureSummary ?? ""}`,
    ),
  );
}
