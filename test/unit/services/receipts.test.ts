// Receipts as a user gets them: a chat in the sandbox, the folder it leaves them in, and the script that checks them without a network.
import assert from "node:assert/strict";
import { receiptTools } from "../../../src/broker/receipts/receiptTools.js";
import type { AnswerReceipt, ReceiptId } from "../../../src/domain/receipt.js";
import { House, World } from "../../support/house.js";
import { runVerifyReceipt, withFiles } from "../../support/verifyReceipt.js";
import { until } from "../../until.js";

describe("Receipts", function () {
  this.timeout(60_000);
  const world = new World();
  const house = new House(world);
  before(async () => {
    await house.trySandbox.run();
  });
  afterEach(async () => {
    await world.launcher.running?.control.clear();
    world.settings.set({ "receipts.keepBodies": undefined });
    await house.receipts.deleteAll();
  });
  after(async () => {
    house.abandon();
    await world.launcher.stop();
  });

  async function ask(text: string): Promise<{ readonly id: ReceiptId; readonly bytes: Uint8Array }> {
    const provider = house.providers.chatServices[0]!.service;
    const { id } = house.chat.create({ provider: provider.provider, model: provider.model });
    await house.chat.send(id, text);
    const [summary] = await house.receipts.list();
    return { id: summary!.id, bytes: (await house.receipts.bytes(summary!.id))! };
  }

  const asReceipt = (bytes: Uint8Array) => receiptTools.fromBytes(bytes) as AnswerReceipt;

  it("are left by an answer, and prove it to a script that has no network", async () => {
    const { bytes } = await ask("What is a receipt?");
    assert.equal(receiptTools.recheck(bytes).word, "proven");
    const changed = Buffer.from(
      Buffer.from(bytes).toString().replace('"chainId": 31337', '"chainId": 31338'),
    );
    withFiles({ "a.0greceipt.json": bytes, "b.0greceipt.json": changed }, (path) => {
      const good = runVerifyReceipt(path("a.0greceipt.json"));
      assert.equal(good.code, 0, good.out + good.errors);
      assert.match(
        good.out,
        /^PROVEN .*: answer, signed by 0x\w{40} \(verified\); says it is by 0x\w{40} on Sandbox \(chain 31337\)/,
      );
      assert.match(good.out, /\n {2}proven {6}response-hash: .*[0-9a-f]{64}\n/);
      assert.match(good.out, /\n {2}observed {4}chain: /);
      const both = runVerifyReceipt("--json", path("a.0greceipt.json"), path("b.0greceipt.json"));
      assert.equal(both.code, 2);
      const told = JSON.parse(both.out) as { word: string; checks: { id: string; status: string }[] }[];
      assert.deepEqual(
        told.map(({ word }) => word),
        ["proven", "failed"],
      );
      const failed = told[1]!.checks.filter(({ status }) => status === "failed").map(({ id }) => id);
      assert.deepEqual(failed, ["digest", "about", "chain"]);
    });
  });

  it("hold the bytes, the signature and the service, and no token", async () => {
    const { bytes } = await ask("What is a ledger?");
    const receipt = asReceipt(bytes);
    assert.match(Buffer.from(receipt.request.base64!, "base64").toString(), /What is a ledger\?/);
    assert.equal(receipt.verdict.level, "verified");
    assert.equal(receipt.signed?.signer, receipt.service.teeSigner);
    assert.ok(receipt.verdict.chain!.block! > 0);
    assert.match(receipt.cost!, /^\d+$/);
    assert.doesNotMatch(Buffer.from(bytes).toString(), /app-sk-|authorization|nonce|privateKey/i);
  });

  it("name the quote that was verified last, which in the sandbox proves no enclave", async () => {
    const { provider } = house.providers.chatServices[0]!.service;
    const before = await ask("Who holds the key?");
    assert.equal(asReceipt(before.bytes).quoteDigest, undefined);
    const { verification } = await house.enclaves.verify(provider, "inference");
    await house.receipts.deleteAll();
    const { bytes } = await ask("Who holds the key now?");
    assert.equal(asReceipt(bytes).quoteDigest, verification.reports[0]?.quoteDigest);
    const enclave = receiptTools.recheck(bytes).checks.find(({ id }) => id === "enclave");
    assert.deepEqual([enclave?.status, enclave?.why], ["not-checked", "sandbox"]);
  });

  it("hold hashes alone where the setting says so, and prove those", async () => {
    world.settings.set({ "receipts.keepBodies": false });
    const { bytes } = await ask("What is kept of a secret?");
    const receipt = asReceipt(bytes);
    assert.equal(receipt.request.base64, undefined);
    assert.doesNotMatch(Buffer.from(bytes).toString(), /kept of a secret/);
    const { word, checks } = receiptTools.recheck(bytes);
    assert.equal(word, "proven");
    const body = checks.find(({ id }) => id === "response-bytes");
    assert.deepEqual([body?.status, body?.why], ["not-checked", "noBytes"]);
  });

  it("say of an answer that was forged that it failed, and of one without a signature that nothing is proven", async () => {
    const { control } = world.launcher.running!;
    await control.fault("*", "wrong-key");
    assert.equal(receiptTools.recheck((await ask("Who signed this?")).bytes).word, "failed");
    await house.receipts.deleteAll();
    await control.clear();
    await control.fault("*", "no-signature");
    const { bytes } = await ask("And this?");
    const { word, level, reason, checks } = receiptTools.recheck(bytes);
    assert.deepEqual([word, level, reason], ["notProven", "unsigned", "notFound"]);
    assert.equal(checks.find(({ id }) => id === "verdict")?.status, "proven");
    withFiles({ "a.json": bytes }, (path) => assert.equal(runVerifyReceipt(path("a.json")).code, 1));
  });

  it("are found by what was asked, by model and by provider, newest first", async () => {
    await ask("How is a refund collected?");
    await ask("How is a wallet named?");
    assert.deepEqual(
      (await house.receipts.list()).map(({ title }) => title),
      ["How is a wallet named?", "How is a refund collected?"],
    );
    const [found, ...others] = await house.receipts.list("REFUND sandbox");
    assert.equal(found?.title, "How is a refund collected?");
    assert.equal(others.length, 0);
    await house.receipts.delete(found.id);
    assert.equal((await house.receipts.list()).length, 1);
    assert.equal(await house.receipts.bytes(found.id), undefined);
  });

  it("do not keep an answer from its user when the disk is full", async () => {
    world.receipts.isFull = true;
    const provider = house.providers.chatServices[0]!.service;
    const { id } = house.chat.create({ provider: provider.provider, model: provider.model });
    await house.chat.send(id, "Is there room?");
    world.receipts.isFull = false;
    assert.equal(house.chat.get(id)?.turns[0]?.answer.verdict?.level, "verified");
    assert.equal((await house.receipts.list()).length, 0);
    assert.ok(world.log.lines.some((line) => line.includes("A receipt could not be written")));
  });
});

describe("A receipt of a late signature", function () {
  this.timeout(60_000);

  it("is proven in the window after a reload, and its conversation says so though nobody opened it", async () => {
    const world = new World();
    const before = new House(world);
    const conversation = await before.trySandbox.run();
    await world.launcher.running?.control.fault("*", "late-signature", 4_000);
    await before.chat.send(conversation, "What comes late?");
    const first = before.chat.get(conversation)?.turns[0]?.answer.verdict;
    assert.deepEqual([first?.level, first?.reason, first?.isAskedAgain], ["unsigned", "notFound", true]);
    before.abandon();
    const after = new House(world);
    await after.session.broker();
    const onDisk = () => world.folder.text(`${conversation}.json`);
    await until("the verdict is on disk", () => onDisk().includes('"level":"verified"'));
    const answer = (await after.chat.open(conversation))?.turns[0]?.answer;
    assert.deepEqual([answer?.verdict?.level, answer?.verdict?.isAskedAgain], ["verified", undefined]);
    const [summary] = await after.receipts.list();
    assert.equal((await after.receipts.recheck((await after.receipts.bytes(summary!.id))!)).word, "proven");
    await until("the note is gone", () => world.lateChecks.files.size === 0);
    after.abandon();
    await world.launcher.stop();
  });
});

describe("The script that checks receipts", function () {
  this.timeout(60_000);

  it("tells what cannot be read, and how it is called", () => {
    const none = runVerifyReceipt();
    assert.equal(none.code, 3);
    assert.match(none.errors, /^node verify-receipt\.js/);
    assert.equal(runVerifyReceipt("--unknown").code, 3);
    withFiles({ "a.json": Buffer.from("{}"), "b.json": Buffer.from("\u001b[31mred") }, (path) => {
      const { code, out } = runVerifyReceipt(path("a.json"), path("b.json"), path("c.json"));
      assert.equal(code, 3);
      assert.match(out, /FAILED .*a\.json: no receipt\n {2}failed {6}form: .*\[otherSchema\]/);
      assert.match(out, /UNREADABLE .*c\.json/);
    });
  });
});
