// A delivered model that waits for the user's word: told at once, told again at half time, counted down at the end, and kept in a calendar.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { SandboxSight } from "./sandboxSight.js";
import { stageMs, TuningPage } from "./tuningPage.js";
import { until } from "./until.js";

const hour = 3600;

describe("the guardian of a delivered model", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor({ settings: { "zgCompute.fineTuning.autoAcknowledge": "ask" } });

  it("tells of it with the way on, at half time and in the status bar, and writes the deadline into a calendar", async () => {
    const { workbench } = editor;
    const tuning = new TuningPage(editor);
    const sandbox = new SandboxSight(editor);
    await ChatPage.inSandbox(editor);
    await tuning.start("data/support.jsonl", "Quick");
    await workbench.notification(/is delivered\. Acknowledge it by .* It waits for your word/).waitFor({
      timeout: stageMs,
    });
    await workbench.screenshot("guardian-delivered");
    const user = await sandbox.user();
    const sent = await sandbox.sent(user);

    // 12 hours from the delivery: 6 and a little later, half of them are over.
    await sandbox.passTime(6 * hour + 60);
    await workbench.notification(/Half the time .* is over: 5 h 5\d min left/).waitFor({ timeout: stageMs });
    assert.doesNotMatch(await workbench.statusBarText(), /left/);
    await workbench.screenshot("guardian-half-time");
    await workbench.clickNotification(/Half the time/, "Save deadline…");
    const file = join(editor.workspace, "deadline.ics");
    await until("a file is asked for", async () => /calendar/i.test(await workbench.quickInputTitle()));
    await workbench.fileDialog(file);
    await until("the calendar entry is written", () => existsSync(file));
    const entry = readFileSync(file, "utf8").replaceAll("\r\n ", "");
    const end = /^DTEND:(\d{8}T\d{6}Z)\r$/m.exec(entry)?.[1];
    assert.ok(end, entry);
    const left = (dateOf(end) - Date.now()) / 1000;
    assert.ok(left > 5.8 * hour && left < 6 * hour, `${left} s are left of six hours`);
    assert.match(entry, /^SUMMARY:Acknowledge the tuned model sandbox-lm\r$/m);

    await sandbox.passTime(5 * hour);
    await until("the last hour is counted down", async () =>
      /Model: 5\d min left/.test(await workbench.statusBarText()),
    );
    await workbench.notification(/left to acknowledge .* 30 % of the fee and the model are lost/).waitFor();
    await workbench.screenshot("guardian-last-hour");
    assert.equal(await sandbox.sent(user), sent, "nothing was acknowledged without a word");

    await workbench.clickNotification(/left to acknowledge/, "Acknowledge…");
    await workbench.dialog().waitFor({ timeout: stageMs });
    await workbench.clickDialog("Acknowledge");
    await tuning.stageIs("Finished");
    await until("the countdown is gone", async () => /Sandbox/.test(await workbench.statusBarText()));
    assert.equal(await sandbox.sent(user), sent + 1);

    // What was told first is still there, and its matter is settled.
    await workbench.runCommand("View: Close All Editors");
    await workbench.runCommand("Notifications: Show Notifications");
    const first = workbench.page
      .locator(".notifications-center .notification-list-item")
      .filter({ hasText: /is delivered/ });
    await first.click();
    await first.getByRole("button", { name: "Acknowledge…" }).click();
    await tuning.stageIs("Finished");
    assert.equal(await workbench.dialog().count(), 0, "nothing is asked");
    assert.equal(await sandbox.sent(user), sent + 1);
  });
});

/** Of an iCalendar time, in milliseconds. */
function dateOf(stamp: string): number {
  return Date.parse(stamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}
