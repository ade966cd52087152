// A key of the local endpoint, as a user makes one.
import assert from "node:assert/strict";
import type { Editor } from "./harness.js";
import { until } from "./until.js";

/** Answers the questions; the key, as the clipboard has it. */
export async function createKey({ workbench }: Editor, label: string): Promise<string> {
  const step = (place: string) =>
    until(place, async () => (await workbench.quickInputTitle()).includes(place));
  await step("1/4");
  await workbench.inputBox(label);
  await step("2/4");
  await workbench.inputBox("0.5");
  await step("3/4");
  await workbench.quickPick("7 days");
  await step("4/4");
  await workbench.screenshot("endpoint-models");
  await workbench.quickPick("Every model of the network");
  await workbench.dialog().waitFor();
  const text = (await workbench.dialog().textContent()) ?? "";
  for (const part of [label, "until 0.5 0G are spent with it in all", "every model", "good for 7 days"])
    assert.ok(text.includes(part), `${part} in ${text}`);
  await workbench.screenshot("endpoint-confirm");
  await workbench.clickDialog("Create key");
  await until("the key is shown", async () =>
    ((await workbench.dialog().textContent()) ?? "").includes("zg-local-"),
  );
  await workbench.screenshot("endpoint-key-once");
  await workbench.clickDialog("Copy key");
  return until("the key is in the clipboard", async () => {
    const copied = await workbench.clipboard();
    return copied.startsWith("zg-local-") ? copied : undefined;
  });
}
