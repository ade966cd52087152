// The manifest's side of limits: settings of the machine, which no repository can change, and safe where nobody touched them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createSettings } from "../../src/services/settings.js";
import { Emitter } from "../../src/domain/event.js";
import { parseOg } from "../../src/domain/money.js";

interface Property {
  readonly scope: string;
  readonly default: unknown;
}

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
  contributes: { configuration: { properties: Record<string, Property> } };
};
const { properties } = manifest.contributes.configuration;

describe("The settings of money", () => {
  const money = Object.entries(properties).filter(([name]) =>
    /^zgCompute\.(limits\.|keepFunded$|lowBalance$)/.test(name),
  );

  it("belong to the machine", () => {
    assert.equal(money.length, 5);
    for (const [name, { scope }] of money) assert.equal(scope, "machine", name);
  });

  it("are safe by default, in the manifest as in the code", () => {
    const fromManifest = createSettings({
      get: (name) => properties[`zgCompute.${name}`]?.default,
      everywhere: () => [],
      onDidChange: new Emitter<void>().event,
    });
    const untouched = createSettings({
      get: () => undefined,
      everywhere: () => [],
      onDidChange: new Emitter<void>().event,
    });
    for (const settings of [fromManifest, untouched]) {
      assert.equal(settings.limit("perTransaction"), parseOg("5"));
      assert.equal(settings.limit("perDay"), parseOg("10"));
      assert.equal(settings.limit("perProvider"), parseOg("5"));
      assert.deepEqual(settings.keepFunded(), []);
      assert.equal(settings.lowBalance(), parseOg("0.1"));
    }
  });
});
