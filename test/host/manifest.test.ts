// The manifest's promises, kept by the running extension. In our folder and in the package.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { loadedBundles, ourExtension, ourManifest } from "./extension.js";

describe("the extension in a real extension host", () => {
  before(async () => {
    await ourExtension().activate();
  });

  it("is active, and has not loaded ethers before it is needed", () => {
    assert.equal(ourExtension().isActive, true);
    assert.deepEqual(loadedBundles(), ["extension.js"]);
  });

  it("registers every command of its manifest", async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const contributed = ourManifest().contributes.commands.map(({ command }) => command);
    assert.ok(contributed.length > 0);
    assert.deepEqual(
      contributed.filter((command) => !registered.has(command)),
      [],
    );
  });

  it("gives every command a title and our category, translated", () => {
    for (const { command, title, category } of ourManifest().contributes.commands) {
      assert.match(title, /^[A-Z]/, command);
      assert.equal(category, "0G Compute", command);
    }
  });

  for (const id of viewIds()) {
    it(`shows the view ${id}`, async () => {
      await vscode.commands.executeCommand(`${id}.focus`);
    });
  }

  it("lets no repository change a setting that moves money or traffic", () => {
    const { properties } = ourManifest().contributes.configuration;
    const settings = Object.entries(properties);
    assert.ok(settings.length > 0);
    const open = settings.filter(([, { scope }]) => scope !== "machine").map(([name]) => name);
    // A workspace may only make this one stricter.
    assert.deepEqual(
      open.filter((name) => name !== "zgCompute.privateOnly"),
      [],
    );
  });
});

function viewIds(): string[] {
  return Object.values(ourManifest().contributes.views)
    .flat()
    .map(({ id }) => id);
}
