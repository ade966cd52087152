// Pictures and transcripts as a user of the sandbox gets them: gates, money, proof, and what a killed window leaves to the next.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProviderId } from "../../../src/domain/ids.js";
import { imageFee, speechFee } from "../../../src/domain/pricing.js";
import type { SpeechCounts } from "../../../src/broker/media/api.js";
import { ImagesService, type FoundImages, type ImageRequest } from "../../../src/services/media/images.js";
import { entryToKeep } from "../../../src/services/media/keptEntry.js";
import { TranscriptsService } from "../../../src/services/media/transcripts.js";
import { createOperationLog } from "../../../src/system/operationLog.js";
import { parseOg } from "../../../src/domain/money.js";
import { english } from "../../../src/view/translate.js";
import { createConfirmationTexts } from "../../../src/view/confirmations.js";
import { House, World } from "../../support/house.js";
import { aSound } from "../../support/media.js";
import { random } from "../../support/ports.js";
import { failsWith } from "../../conformance/inferenceSupport.js";

describe("Pictures and transcripts", function () {
  this.timeout(60_000);
  const world = new World();
  let house = new House(world);
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "media-service-"));
    await house.trySandbox.run();
    const broker = await house.session.broker();
    await broker.ledger.depositFund(parseOg("5"));
    for (const { service } of house.providers.state.value ?? [])
      if (["text-to-image", "speech-to-text"].includes(service.serviceType))
        await broker.ledger.transferFund(service.provider, "inference", parseOg("2"));
  });
  afterEach(() => world.launcher.running?.control.clear());
  after(async () => {
    house.abandon();
    await world.launcher.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const serviceOf = (type: string) => {
    const found = house.providers.state.value?.find(({ service }) => service.serviceType === type);
    return found!.service;
  };
  const parts = () => {
    const { session, providers, accounts, limits, dialogs, chat: checks } = house;
    const { clock, log } = world;
    const texts = createConfirmationTexts(english);
    const gate = house.enclaves;
    const logs = createOperationLog(join(folder, "jobs"));
    const asking = { session, providers, accounts, limits, dialogs, checks, clock, log, texts, gate };
    return { ...asking, logs, random, movedText: () => assert.fail("nobody moved") };
  };
  const request = (): ImageRequest => ({
    provider: serviceOf("text-to-image").provider,
    prompt: "an otter",
    count: 2,
    size: "64x64",
  });
  const place = { name: "an-otter", folder: "file:///images" };
  const never = new AbortController().signal;
  const nobody = () => undefined;
  const make = async (asked = request()) => {
    const found = await new ImagesService(parts()).make(asked, place, nobody, never);
    assert.ok(found.kind === "made");
    return found.made;
  };
  const spent = (provider: ProviderId) => house.limits.spentAt(house.session.scope()!, provider);
  const orders = async () => {
    const { counters } = await world.launcher.running!.control.state();
    const calls = counters.providers[request().provider] ?? {};
    const count = (path: string) => calls[`POST ${path}`] ?? 0;
    return count("/v1/async/images/generations") + count("/v1/proxy/images/generations");
  };

  it("are verified, paid within the limits, and leave a receipt", async () => {
    const { provider } = request();
    const before = spent(provider);
    const made = await make();
    assert.equal(made.pictures.length, 2);
    assert.equal(made.verdict.level, "verified");
    assert.equal(made.cost, imageFee(serviceOf("text-to-image"), 2));
    const [summary] = await house.receipts.list();
    assert.deepEqual([summary?.kind, summary?.level, summary?.id], ["image", "verified", made.receipt]);
    assert.equal(spent(provider) - before, made.cost);
    await made.saved();
    assert.equal(await new ImagesService(parts()).hasOpen(), false);
  });

  it("are made at once where the provider has no jobs", async () => {
    await world.launcher.running!.control.fault("*", "no-async");
    const made = await make();
    assert.equal(made.verdict.level, "verified");
    await made.saved();
  });

  it("are not asked for past the limit, and what was surely refused costs nothing", async () => {
    const { provider } = request();
    const before = spent(provider);
    world.settings.set({ "limits.perProvider": "0.001" });
    const images = new ImagesService(parts());
    await assert.rejects(images.make(request(), place, nobody, never), failsWith("limitReached"));
    world.settings.set({ "limits.perProvider": undefined });
    await assert.rejects(
      images.make({ ...request(), size: "1x1" }, place, nobody, never),
      failsWith("refusedByProvider"),
    );
    assert.equal(spent(provider), before);
    assert.equal(await images.hasOpen(), false);
    const wrong = { ...request(), provider: serviceOf("speech-to-text").provider };
    await assert.rejects(images.make(wrong, place, nobody, never), failsWith("unknownServiceType"));
  });

  it("go on in the next window when this one is closed while they are made, without another order", async () => {
    await world.launcher.running!.control.fault("*", "slow-job", 300);
    const closing = new AbortController();
    const making = new ImagesService(parts()).make(
      request(),
      place,
      (event) => {
        if (event === "making") closing.abort();
      },
      closing.signal,
    );
    await assert.rejects(making, failsWith("cancelled"));
    const before = await orders();
    const paid = spent(request().provider);
    house.abandon();
    house = new House(world);
    await house.session.broker();
    await house.providers.refresh();
    const found: FoundImages[] = [];
    for await (const one of new ImagesService(parts()).resume(never)) found.push(one);
    const [first] = found;
    assert.ok(first?.kind === "made");
    assert.deepEqual([first.made.order.name, first.made.pictures.length], ["an-otter", 2]);
    assert.equal(first.made.verdict.level, "verified");
    await first.made.saved();
    assert.equal(await orders(), before);
    assert.equal(spent(request().provider), paid);
  });

  it("say so when an order was killed before it had a number, or the provider forgot it", async () => {
    const { logs, session } = parts();
    const scope = `sandbox.${session.wallet()!.address.toLowerCase()}`;
    const kept = { scope, service: entryToKeep(serviceOf("text-to-image")), count: 1, ...place };
    await logs.append("images-a", { ...kept, id: "a" });
    await logs.append("images-b", { ...kept, id: "b" });
    const job = {
      jobId: "nobody",
      model: "sandbox-image",
      requestHash: "0".repeat(64),
    };
    await logs.append("images-b", { job: { ...job, requestLength: 1, sentAt: 1 } });
    await logs.append("images-c", {
      ...kept,
      id: "c",
      scope: "sandbox.0x0000000000000000000000000000000000000001",
    });
    const kinds: string[] = [];
    for await (const one of new ImagesService(parts()).resume(never)) kinds.push(one.kind);
    assert.deepEqual(kinds.sort(), ["gone", "lost"]);
    assert.deepEqual(await logs.list(), ["images-c"]);
  });

  it("write a recording down for what the provider counted, or for its length at most", async () => {
    const source = join(folder, "silence.wav");
    writeFileSync(source, aSound(12.5));
    const { provider } = serviceOf("speech-to-text");
    const transcripts = new TranscriptsService(parts());
    const fee = (input: number) =>
      speechFee(serviceOf("speech-to-text"), { input, output: 0 } satisfies SpeechCounts);
    const json = await transcripts.make({ provider, source, format: "json" }, nobody, never);
    assert.deepEqual([json.isCostKnown, json.cost, json.verdict.level], [true, fee(13), "verified"]);
    const text = await transcripts.make({ provider, source, format: "text" }, nobody, never);
    assert.deepEqual([text.isCostKnown, text.cost, text.verdict.level], [false, fee(13), "verified"]);
    assert.match(new TextDecoder().decode(text.bytes), /^This is the sandbox/);
    const [summary] = await house.receipts.list();
    assert.equal(summary?.kind, "transcript");
  });

  it("are asked about again when the signature comes late, after a reload too", async () => {
    await world.launcher.running!.control.fault("*", "late-signature", 6_000, 1);
    const made = await make();
    assert.deepEqual([made.verdict.level, made.verdict.isAskedAgain], ["unsigned", true]);
    await made.saved();
    house.abandon();
    house = new House(world);
    await house.session.broker();
    await house.providers.refresh();
    const verdict = new Promise<string>((resolve) =>
      house.chat.onDidCheckLate(({ receipt, verdict: { level } }) => {
        if (receipt === made.receipt) resolve(level);
      }),
    );
    assert.equal(await verdict, "verified");
    const [summary] = await house.receipts.list();
    assert.deepEqual([summary?.id, summary?.level], [made.receipt, "verified"]);
  });

  it("are called failed when another key signed", async () => {
    await world.launcher.running!.control.fault("*", "wrong-key");
    const made = await make();
    assert.equal(made.verdict.level, "forged");
    await made.saved();
  });
});
