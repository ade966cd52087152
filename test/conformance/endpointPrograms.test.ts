// "Copy configuration": what is copied for each program leads to an answer, as that program reads it. Over the real sandbox.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { load } from "js-yaml";
import OpenAI from "openai";
import { chatModels } from "../../src/view/endpoint/endpointRows.js";
import { configurationFor, type ProgramKind } from "../../src/view/endpoint/endpointConfigurations.js";
import { TestEndpoint } from "../support/endpoint.js";
import { houseInSandbox, type HouseInSandbox } from "../support/house.js";
import { withoutNodeOptions } from "../support/sandbox.js";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

/** Where a program asks, with what, for which model. */
interface Read {
  readonly baseURL: string;
  readonly apiKey: string;
  readonly model: string;
}

describe("A copied configuration of the local endpoint", function () {
  this.timeout(120_000);
  let inside: HouseInSandbox;
  let endpoint: TestEndpoint;
  let text: string;
  let id: string;

  before(async () => {
    inside = await houseInSandbox();
    const { house, provider, model } = inside;
    await house.accounts.refresh();
    endpoint = await new TestEndpoint(house).start();
    ({ text, id } = await endpoint.key({ models: [{ provider, model }] }));
  });
  after(async () => {
    await endpoint?.close();
    inside?.house.abandon();
    await inside?.world.launcher.stop();
  });

  /** With a key, as the panel makes it for the first model that it offers. */
  const copied = async (kind: ProgramKind) => {
    const [key] = (await endpoint.keys.list()).filter((one) => one.id === id);
    const [model = ""] = chatModels(await endpoint.service.models(key));
    return configurationFor(kind, { url: endpoint.url, model, key: text });
  };
  const ask = async ({ model, ...connection }: Read) => {
    const messages = [{ role: "user" as const, content: "What is 0G Compute?" }];
    const openai = new OpenAI({ ...connection, maxRetries: 0 });
    return (await openai.chat.completions.create({ model, messages })).choices[0]!.message.content;
  };
  const requests = async () => (await endpoint.usage.of(id)).requests;

  it("runs as it is with Node and OpenAI's package, and prints the answer", async () => {
    const before = await requests();
    const program = await copied("javascript");
    const options = { cwd: root, env: withoutNodeOptions(), timeout: 60_000 };
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], options);
    assert.ok(stdout.length > 20, stdout);
    assert.equal(await requests(), before + 1);
    assert.equal(stdout, `${await ask({ baseURL: endpoint.url, apiKey: text, model: inside.model })}\n`);
  });

  for (const [kind, read] of [
    ["continue", readContinue],
    ["cline", readCline],
    ["aider", readAider],
  ] as const)
    it(`has what ${kind} needs to be answered`, async () => {
      const found = await read(await copied(kind));
      assert.deepEqual(found, { baseURL: endpoint.url, apiKey: text, model: inside.model });
      assert.ok(await ask(found));
    });
});

function readContinue(text: string): Read {
  const { models } = load(text) as { models: readonly Readonly<Record<string, unknown>>[] };
  assert.equal(models.length, 1);
  const { name, provider, model, apiBase, apiKey, roles } = models[0]!;
  assert.deepEqual([name, provider, roles], [`${String(model)} (0G)`, "openai", ["chat", "edit", "apply"]]);
  return { baseURL: String(apiBase), apiKey: String(apiKey), model: String(model) };
}

/** Typed by hand, line by line. */
function readCline(text: string): Read {
  const fields = Object.fromEntries(
    text
      .trimEnd()
      .split("\n")
      .map((line) => /^([A-Z][A-Za-z ]+): (\S.*)$/.exec(line)?.slice(1) ?? [line, ""]),
  ) as Record<string, string>;
  assert.deepEqual(Object.keys(fields), ["API Provider", "Base URL", "API Key", "Model ID"]);
  assert.equal(fields["API Provider"], "OpenAI Compatible");
  return { baseURL: fields["Base URL"]!, apiKey: fields["API Key"]!, model: fields["Model ID"]! };
}

/** In a shell, with something in aider's place that says how it was called. */
async function readAider(text: string): Promise<Read> {
  const aider = `aider() { printf '%s\\n' "$OPENAI_API_BASE" "$OPENAI_API_KEY" "$@"; }`;
  const { stdout } = await run("sh", ["-c", `${aider}\n${text}`]);
  const [baseURL = "", apiKey = "", option, name = "", ...more] = stdout.trimEnd().split("\n");
  assert.deepEqual([option, more], ["--model", []]);
  assert.match(name, /^openai\//, "how its library knows whose protocol it is");
  return { baseURL, apiKey, model: name.slice("openai/".length) };
}
