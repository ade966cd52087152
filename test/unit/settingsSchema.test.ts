// The manifest's schema of settings beside the code that reads them: the editor must not praise what is then refused, nor hide a member.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseCustomNetwork, parseOrigins, parsePccsUrl, parsePort } from "../../src/services/settings.js";
import { address } from "../support/builders.js";

interface Schema {
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly const?: number;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
  contributes: { configuration: { properties: Record<string, Schema> } };
};
const schemaOf = (name: string): Schema =>
  manifest.contributes.configuration.properties[`zgCompute.${name}`] ?? {};

function takes(schema: Schema, value: number): boolean {
  const { minimum = value, maximum = value, anyOf } = schema;
  const isIn = value >= minimum && value <= maximum && (schema.const ?? value) === value;
  return isIn && (anyOf?.some((one) => takes(one, value)) ?? true);
}

function isTaken(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

describe("The schema of a setting", () => {
  it("takes the ports that the code takes, and is a number field in the settings editor", () => {
    const schema = schemaOf("endpoint.port");
    assert.equal(schema.type, "integer");
    for (const port of [-1, 0, 1, 80, 1023, 1024, 8080, 65_535, 65_536])
      assert.equal(
        takes(schema, port),
        isTaken(() => parsePort(port)),
        String(port),
      );
  });

  it("has every member of a custom network that the code reads", () => {
    const read = new Set<string>();
    const value = {
      ...{ chainId: 1, rpcUrls: ["https://a.example"] },
      contracts: { ledger: address("1"), inference: address("2"), fineTuning: address("3") },
    };
    const watched = new Proxy<Record<string, unknown>>(value, {
      get: (target, name) => {
        read.add(String(name));
        return target[String(name)];
      },
    });
    parseCustomNetwork(watched);
    read.delete("rpcUrl"); // a single one, from before there were several
    assert.deepEqual(Object.keys(schemaOf("customNetwork").properties ?? {}).sort(), [...read].sort());
  });

  it("takes the addresses that the code takes", () => {
    const [origin, pccs] = [schemaOf("endpoint.allowedOrigins").items?.pattern, schemaOf("pccsUrl").pattern];
    assert.ok(origin !== undefined && pccs !== undefined);
    for (const text of [
      "http://localhost:5173",
      "vscode-webview://a",
      "http://a/b",
      "*",
      "http://*",
      "a.example",
    ])
      assert.equal(
        new RegExp(origin).test(text),
        isTaken(() => parseOrigins([text])),
        text,
      );
    for (const text of [
      "",
      "https://a.example/b",
      "http://a.example",
      "https://a.example/?b",
      "https://a/#b",
    ])
      assert.equal(
        new RegExp(pccs).test(text),
        isTaken(() => parsePccsUrl(text)),
        text,
      );
  });
});
