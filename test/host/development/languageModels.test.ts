// Another extension finds our models in the editor, asks them, and is refused by the user's limit. Where the editor takes no models of
// others, nothing is offered and nothing breaks.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync, symlinkSync } from "node:fs";
import * as vscode from "vscode";
import type { App } from "../../../src/vscode/app.js";
import { until } from "../../until.js";
import { activated, set, skipWithModels, skipWithoutModels, textOf, verdictIn } from "../askedModels.js";
import type { SecondExtension } from "../secondExtension/main.js";

describe("our models for another extension", function () {
  this.timeout(60_000);
  let app: App;
  let second: SecondExtension;

  before(async () => {
    ({ app, second } = await activated());
    await set("network", "sandbox");
    app.watch.rest(); // as stopping it by hand does: views that an earlier test left open would start it again
    await app.sandbox.stop();
  });
  after(async () => {
    await limit(undefined);
    await app.sandbox.stop();
  });

  const limit = (amount: string | undefined) => set("limits.perProvider", amount);

  it("are none, and the sandbox stays as it is, while nobody has started it", async () => {
    assert.deepEqual(await second.select(), []);
    assert.equal(app.sandbox.state.kind, "stopped");
    assert.equal(app.dialogs.isAsking, false);
  });

  it("are none in an editor that takes no models of others, which has our tools all the same", async function () {
    skipWithModels(this);
    await app.trySandbox.run();
    assert.deepEqual(await second.select(), []);
    const names = vscode.lm.tools.map(({ name }) => name);
    for (const name of ["zgCompute_listProviders", "zgCompute_verifyReceipt"])
      assert.ok(names.includes(name));
    assert.match(await second.use("zgCompute_listProviders", {}), /sandbox-chat/);
  });

  describe("where the editor takes them", () => {
    let model: vscode.LanguageModelChat;

    before(async function () {
      skipWithoutModels(this);
      const conversation = app.chat.get(await app.trySandbox.run());
      const models = await second.select();
      model = models.find(({ id }) => id.includes(conversation!.provider!))!;
      assert.ok(model, JSON.stringify(models));
    });

    it("have their limits, and claim what their provider says and nothing else", async () => {
      assert.equal(model.family, "sandbox-chat");
      assert.ok(model.maxInputTokens > 1000 && model.maxInputTokens < 8192, String(model.maxInputTokens));
      const { capabilities } = model as unknown as { capabilities: Record<string, boolean> };
      assert.equal(capabilities.supportsToolCalling, false);
      assert.equal(capabilities.supportsImageToText, true, "the sandbox's first model takes pictures");
      const tokens = await model.countTokens("What is a ledger in 0G Compute?");
      assert.ok(tokens >= 6 && tokens <= 16, String(tokens));
    });

    it("stream an answer that ends with its verdict, and leave a receipt that is proven again", async () => {
      const parts = await second.ask(model, "What is a ledger?");
      assert.ok(parts.length > 3, `${parts.length} parts`);
      assert.ok(textOf(parts).length > 10);
      const verdict = verdictIn(parts);
      assert.equal(verdict.word, "verified");
      const file = vscode.Uri.joinPath(app.storage, "receipts", `${verdict.receipt}.0greceipt.json`);
      const bytes = await vscode.workspace.fs.readFile(file);
      assert.equal((await app.receipts.recheck(bytes)).word, "proven");
      const [folder] = vscode.workspace.workspaceFolders!;
      const copy = vscode.Uri.joinPath(folder!.uri, "answer.0greceipt.json");
      await vscode.workspace.fs.writeFile(copy, bytes);
      const report = await second.use("zgCompute_verifyReceipt", { path: "answer.0greceipt.json" });
      assert.match(report, /^# Verification of a file: Proven/);
      await vscode.workspace.fs.delete(copy);
      for (const [name, make] of [
        ["pipe.0greceipt.json", (path: string) => execFileSync("mkfifo", [path])],
        ["zero.0greceipt.json", (path: string) => symlinkSync("/dev/zero", path)],
        ["circle.0greceipt.json", (path: string) => symlinkSync(path, path)],
        ["leads-out.0greceipt.json", (path: string) => symlinkSync(file.fsPath, path)],
      ] as const) {
        const { fsPath } = vscode.Uri.joinPath(folder!.uri, name);
        make(fsPath);
        const told = await second.use("zgCompute_verifyReceipt", { path: name });
        rmSync(fsPath);
        assert.match(told, /no such file in the workspace/);
      }
      const outside = await second.use("zgCompute_verifyReceipt", { path: `../../${file.path}` });
      assert.match(outside, /no such file in the workspace/);
    });

    it("stop when the other extension cancels", async () => {
      await app.sandbox.control("POST", "/faults", { target: "*", fault: "slow-stream", value: 400 });
      const stop = new vscode.CancellationTokenSource();
      let first = false;
      const asking = second.ask(model, "What is an enclave?", {
        token: stop.token,
        onPart: () => (first = true),
      });
      await until("the first words", () => first);
      const at = Date.now();
      stop.cancel();
      await asking.then(
        () => undefined,
        (error: Error) => assert.match(error.name, /Cancel/),
      );
      assert.ok(Date.now() - at < 3000);
      await app.sandbox.control("DELETE", "/faults");
    });

    it("refuse in one sentence what the user's limit does not allow", async () => {
      await limit("0.000000001");
      const before = await app.receipts.list();
      await assert.rejects(second.ask(model, "What is a ledger?"), (error: vscode.LanguageModelError) => {
        assert.ok(error instanceof vscode.LanguageModelError, String(error));
        assert.equal(error.code, "Blocked");
        assert.match(error.message, /limit.*zgCompute\.limits\.perProvider/i);
        return true;
      });
      assert.equal((await app.receipts.list()).length, before.length);
      await limit(undefined);
      assert.equal(verdictIn(await second.ask(model, "What is a sub-account?")).word, "verified");
    });

    it("say what they cannot do instead of answering something else", async () => {
      const request = {
        tools: [{ name: "look", description: "Looks" }],
        toolMode: vscode.LanguageModelChatToolMode.Required,
      };
      await assert.rejects(second.ask(model, "Look!", { request }), /calls no tools/);
    });

    it("are listed by a tool of ours for whichever model asks", async () => {
      const listed = JSON.parse(await second.use("zgCompute_listProviders", {})) as {
        providers: { provider: string; model: string; price: string }[];
      };
      const [network, provider] = model.id.split("/");
      assert.equal(network, "sandbox");
      const found = listed.providers.find((one) => one.provider === provider);
      assert.equal(found?.model, "sandbox-chat");
      assert.match(found.price, /0G in, .* out per M tokens/);
    });
  });
});
