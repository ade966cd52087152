// A fine-tuning that is cut off in the middle of every stage, by a window that is loaded anew and by an extension host that dies: it arrives,
// and everything was done once.
import assert from "node:assert/strict";
import { useEditor, type Editor } from "./harness.js";
import { type Interruption, TuningJourney } from "./tuningJourney.js";
import { stageMs } from "./tuningPage.js";
import { until } from "./until.js";

describe("fine-tuning, cut off in every stage", function () {
  this.timeout(10 * 60_000);
  const editor = useEditor();

  it("arrives though the window is reloaded, and does everything once", async () => {
    await journey(editor, { happen: ({ workbench }) => workbench.reloadWindow(), keepsPanels: true });
  });

  it("arrives after kill -9 of the extension host, and does everything once", async () => {
    await journey(editor, { happen: kill, keepsPanels: false });
  });
});

async function journey(editor: Editor, interruption: Interruption): Promise<void> {
  const journey = new TuningJourney(editor, interruption);
  const lines: string[] = [];
  await journey.begin();
  try {
    await journey.through(journey.stops(), (line) => lines.push(line));
    await journey.assertOnce();
  } finally {
    console.log("      cut off in       | tasks, transactions, acknowledged, settled");
    for (const line of lines) console.log(`      ${line}`);
  }
  await editor.workbench.screenshot(`cut-off-${interruption.keepsPanels ? "by-reload" : "by-kill"}`);
  await journey.answers();
}

/** The extension's process is gone between two instructions; VS Code starts another, from the third time on when it is asked to. */
async function kill(editor: Editor): Promise<void> {
  const { workbench } = editor;
  const pid = editor.extensionHost();
  assert.ok(pid, "there is an extension host");
  process.kill(pid, "SIGKILL");
  const restart = workbench.notification(/terminated unexpectedly/).getByRole("button", { name: /^Restart/ });
  await until(
    "there is another extension host",
    async () => {
      if (await restart.isVisible()) await restart.click();
      const now = editor.extensionHost();
      return now !== undefined && now !== pid;
    },
    stageMs,
  );
  await workbench.active();
  // What the dead one showed stays on screen, and answers nothing.
  await workbench.runCommand("View: Close All Editors");
}
