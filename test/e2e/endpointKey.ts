// A key of the local endpoint, as a user makes one.
import assert from "node:assert/strict";
import type { Editor } from "./harness.js";
import { until } from "./until.js";

/** Answers the questions; the key, as the clipboard has it. It may use one model, picked as one of several, or all. */
export async function createKey({ workbench }: Editor, label: string, model?: string): Promise<string> {
  const step = (place: string) =>
    until(place, async () => (await workbench.quickInputTitle()).includes(place));
  await step("1/4");
  await workbench.inputBox(label);
  await step("2/4");
  await workbench.inputBox("0.5");
  await step("3/4");
  await workbench.quickPick("7 days");
  await step("4/4");
  await until("each model has its kind, its price and its class", async () =>
    (await workbench.quickPickRows().allTextContents()).some((row) =>
      /sandbox-chat.* out per M tokens.*Chat · .* · 0x/.test(row),
    ),
  );
  await workbench.screenshot("endpoint-models");
  if (model === undefined) await workbench.quickPick("Every model of the network");
  else {
    await workbench.quickPick("Several…");
    const accept = workbench.quickInput().getByRole("button", { name: "OK", exact: true });
    await accept.waitFor();
    await step("4/4");
    await workbench.quickInput().getByRole("button", { name: "Back" }).click();
    await workbench.quickPick("Several…");
    await accept.waitFor();
    await workbench.quickPick(model);
    await workbench.quickInput().getByText("1 Selected").waitFor();
    await workbench.screenshot("endpoint-several-models");
    await accept.click();
  }
  await workbench.dialog().waitFor();
  const text = (await workbench.dialog().textContent()) ?? "";
  for (const part of [
    label,
    "until 0.5 0G are spent with it in all",
    model ? `${model} of 0x` : "every model",
    "good for 7 days",
  ])
    assert.ok(text.includes(part), `${part} in ${text}`);
  await workbench.screenshot("endpoint-confirm");
  await workbench.clickDialog("Create key");
  await until("the key is shown", async () =>
    ((await workbench.dialog().textContent()) ?? "").includes("zg-local-"),
  );
  await workbench.screenshot("endpoint-key-once");
  const shown = /zg-local-[\w-]+/.exec((await workbench.dialog().textContent()) ?? "")?.[0] ?? "";
  await workbench.clickDialog("Copy key");
  return until("the key is in the clipboard", async () => {
    const copied = await workbench.clipboard();
    return copied.startsWith("zg-local-") && shown.startsWith(copied) ? copied : undefined;
  });
}
