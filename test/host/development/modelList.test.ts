// The list of our models as the rest of the editor has it: what they are called and can, when it changes, and that nobody is asked for it.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { ProviderId } from "../../../src/domain/ids.js";
import type { App } from "../../../src/vscode/app.js";
import { until } from "../../until.js";
import { activated, set, skipWithoutModels } from "../askedModels.js";
import { ourExtension } from "../extension.js";
import type { SecondExtension } from "../secondExtension/main.js";

const listMs = 10_000;

interface SandboxState {
  readonly counters: { readonly providers: Readonly<Record<string, Readonly<Record<string, number>>>> };
}

describe("the list of our models in the editor", function () {
  this.timeout(60_000);
  let app: App;
  let second: SecondExtension;
  let changes = 0;
  let subscription: vscode.Disposable | undefined;
  const asked: string[] = [];
  let editorsOwn: App["dialogs"]["confirm"];

  before(async function () {
    skipWithoutModels(this);
    ({ app, second } = await activated());
    editorsOwn = app.dialogs.confirm.bind(app.dialogs);
    app.dialogs.confirm = async ({ title }) => {
      asked.push(title);
      return false;
    };
    await app.trySandbox.run();
    await second.select();
    subscription = second.onDidChange(() => changes++);
  });
  beforeEach(() => {
    changes = 0;
  });
  after(async () => {
    if (!app) return;
    subscription?.dispose();
    app.dialogs.confirm = editorsOwn;
    await set("customNetwork", undefined);
    await set("network", "sandbox");
    app.watch.rest();
    await app.sandbox.stop();
  });

  /** Without a hurry of the editor's own: a list that waits for the user never comes. */
  const listed = async () => {
    const late = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error("The list waits for somebody.")), listMs).unref(),
    );
    return Promise.race([second.select(), late]);
  };
  const changed = () => until("that the editor tells of a change", () => changes > 0);
  const chatProviders = () => app.providers.chatServices.map(({ service }) => service.provider);

  it("names each so that it is told from the others, and claims what its provider says and nothing else", async () => {
    const models = await listed();
    assert.equal(models.length, chatProviders().length);
    assert.ok(models.length >= 4, String(models.length));
    assert.equal(new Set(models.map(({ name }) => name)).size, models.length, "names");
    const served = models.filter(({ family }) => family === "sandbox-chat");
    assert.equal(served.length, 3);
    for (const { name, id } of served) {
      const [network, provider = ""] = id.split("/");
      assert.equal(network, "sandbox");
      assert.equal(name, `sandbox-chat · ${provider.slice(0, 6)}…${provider.slice(-4)}`);
    }
    const abilities = served.map((model) => {
      const { capabilities } = model as unknown as { capabilities: Record<string, boolean> };
      return [capabilities.supportsImageToText, capabilities.supportsToolCalling];
    });
    assert.deepEqual(abilities, [
      [true, false],
      [false, false],
      [false, false],
    ]);
  });

  it("is asked for again when a provider that said nothing of its models may have done so since", async () => {
    const takesPictures = async () =>
      (await listed()).some((model) => {
        const { capabilities } = model as unknown as { capabilities: Record<string, boolean> };
        return capabilities.supportsImageToText;
      });
    await app.sandbox.control("POST", "/faults", { target: "*", fault: "status", value: "503 /v1/models" });
    await app.providers.refresh();
    assert.equal(await takesPictures(), false);
    await app.sandbox.control("DELETE", "/faults");
    await app.providers.refresh();
    const isKnown = (one: ProviderId) => (app.providers.knownModels(one)?.length ?? 0) > 0;
    await until("that the editor asks again by itself", () => chatProviders().every(isKnown));
    assert.equal(await takesPictures(), true);
  });

  it("is empty when the sandbox stops, which nobody starts for it, and there again with it", async () => {
    const before = (await listed()).map(({ id }) => id);
    app.watch.rest();
    changes = 0;
    await app.sandbox.stop();
    await changed();
    assert.deepEqual(await listed(), []);
    assert.equal(app.sandbox.state.kind, "stopped");
    changes = 0;
    await app.trySandbox.run();
    await changed();
    assert.deepEqual(
      (await listed()).map(({ id }) => id),
      before,
    );
  });

  it("changes with the wallet, as models that were tuned are their owner's alone", async () => {
    const network = app.session.network();
    const own = app.session.wallet()!;
    const { wallet } = await app.wallets.create({ name: "Second", network });
    await listed();
    const mine = {
      lineage: { provider: chatProviders()[0], taskId: "7e2c", baseModel: "sandbox-lm", baseModelHash: "" },
      ...{ state: "downloaded", isAcknowledged: true, files: {} },
      adapter: { name: "ft-mine", state: "active" },
    };
    const found = Object.getOwnPropertyDescriptor(app.fineTuning, "models");
    // A training takes minutes: what counts here is whose wallet it is.
    Object.defineProperty(app.fineTuning, "models", {
      configurable: true,
      get: () => (app.session.wallet()?.id === own.id ? [mine] : []),
    });
    const isMineListed = async () => (await listed()).some(({ family }) => family === "ft-mine");
    try {
      assert.equal(await isMineListed(), true);
      changes = 0;
      await app.wallets.switch(wallet.id, network);
      await changed();
      assert.equal(await isMineListed(), false);
      changes = 0;
      await app.wallets.switch(own.id, network);
      await changed();
      assert.equal(await isMineListed(), true);
    } finally {
      delete (app.fineTuning as { models?: unknown }).models;
      if (found) Object.defineProperty(app.fineTuning, "models", found);
      await app.wallets.switch(own.id, network);
      await app.wallets.remove(wallet.id);
    }
  });

  it("is the chosen network's, whose models another one does not take, and no wallet is asked for", async () => {
    const [old] = await listed();
    const { chainId, rpcUrls, contracts } = app.session.network();
    await set("customNetwork", { chainId, rpcUrls, contracts });
    changes = 0;
    await set("network", "custom");
    await changed();
    const models = await listed();
    assert.equal(app.session.wallet(), undefined);
    assert.equal(models.length, chatProviders().length);
    assert.ok(
      models.every(({ id }) => id.startsWith("custom/")),
      JSON.stringify(models),
    );
    await assert.rejects(second.ask(old!, "Hello"), (error: vscode.LanguageModelError) => {
      assert.ok(error instanceof vscode.LanguageModelError, String(error));
      return true;
    });
    const again = models.find(({ id }) => id.endsWith(old!.id.slice("sandbox".length)))!;
    await assert.rejects(second.ask(again, "Hello"), (error: vscode.LanguageModelError) => {
      assert.equal(error.code, "NoPermissions");
      assert.match(error.message, /wallet/i);
      return true;
    });
    assert.deepEqual(asked, [], "no question");
    assert.equal(app.dialogs.isAsking, false);
  });
});

describe("our tools for whichever model asks", function () {
  this.timeout(60_000);
  let app: App;
  let second: SecondExtension;

  before(async () => {
    ({ app, second } = await activated());
    await set("network", "sandbox");
    await app.trySandbox.run();
  });
  after(async () => {
    app.watch.rest();
    await app.sandbox.stop();
  });

  const paidCalls = async () => {
    const { counters } = (await app.sandbox.control("GET", "/state")) as SandboxState;
    return Object.values(counters.providers).map((calls) => calls["POST /v1/proxy/chat/completions"] ?? 0);
  };

  it("only look: they list the providers and verify a receipt, and spend, send and ask nothing", async () => {
    const facts = async () => [await app.receipts.list(), await paidCalls(), app.dialogs.isAsking];
    const before = await facts();
    const listed = JSON.parse(await second.use("zgCompute_listProviders", {})) as {
      network: string;
      isSandbox: boolean;
      providers: { provider: string; model: string; price: string; service: string }[];
    };
    assert.deepEqual([listed.isSandbox, listed.providers.length], [true, app.providers.state.value?.length]);
    const chats = listed.providers.filter(({ model }) => model === "sandbox-chat");
    assert.deepEqual(
      chats.map(({ price }) => price.split(" ")[0]),
      ["0.1", "0.2", "0.05"],
    );
    const [folder] = vscode.workspace.workspaceFolders!;
    const file = vscode.Uri.joinPath(folder!.uri, "kept.0greceipt.json");
    const kept = ["test", "fixtures", "receipts", "v1-combined-streamed.0greceipt.json"];
    const bytes = await vscode.workspace.fs.readFile(
      vscode.Uri.joinPath(ourExtension().extensionUri, ...kept),
    );
    await vscode.workspace.fs.writeFile(file, bytes);
    const told = await second.use("zgCompute_verifyReceipt", { path: "kept.0greceipt.json" });
    assert.match(told, /^# Verification of a file: Proven/);
    await vscode.workspace.fs.writeFile(
      file,
      Buffer.from(Buffer.from(bytes).toString().replace('"chatId": "', "$&x")),
    );
    const damaged = await second.use("zgCompute_verifyReceipt", { path: "kept.0greceipt.json" });
    assert.doesNotMatch(damaged, /^# Verification of a file: Proven/);
    await vscode.workspace.fs.delete(file);
    for (const input of [
      {},
      { path: 7 },
      { path: "../kept.0greceipt.json" },
      { path: "none.0greceipt.json" },
    ])
      assert.match(await second.use("zgCompute_verifyReceipt", input), /no such file in the workspace/);
    assert.deepEqual(await facts(), before);
  });
});
