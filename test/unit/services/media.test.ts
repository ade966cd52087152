// Pictures and transcripts as a user of the sandbox gets them: gates, money and proof.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProviderId } from "../../../src/domain/ids.js";
import { imageFee, speechFee } from "../../../src/domain/pricing.js";
import type { SpeechCounts } from "../../../src/broker/media/api.js";
import { ImagesService, type ImageRequest } from "../../../src/services/media/images.js";
import { mostExpensive, TranscriptsService } from "../../../src/services/media/transcripts.js";
import { createOperationLog } from "../../../src/system/operationLog.js";
import { isComputeError } from "../../../src/domain/error.js";
import { neuron, parseOg } from "../../../src/domain/money.js";
import { english } from "../../../src/view/translate.js";
import { createConfirmationTexts } from "../../../src/view/money/confirmations.js";
import { aModel } from "../../support/builders.js";
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
    assert.deepEqual(await new ImagesService(parts()).open(), []);
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
    assert.deepEqual(await images.open(), []);
    const wrong = { ...request(), provider: serviceOf("speech-to-text").provider };
    await assert.rejects(images.make(wrong, place, nobody, never), failsWith("unknownServiceType"));
  });

  it("are set aside for the dearer of both prices, the chain's and the list's, and cost the chain's", async () => {
    const [painter, scribe] = [serviceOf("text-to-image"), serviceOf("speech-to-text")];
    const listed = (times: bigint) => ({
      modelInfo: async (provider: ProviderId, model: string) => {
        const { inputPrice, outputPrice } = provider === painter.provider ? painter : scribe;
        const [input, output] = [neuron(inputPrice * times), neuron(outputPrice * times)];
        return aModel(model, undefined, {
          prices: { prompt: input, completion: output, image: output, tiers: [] },
        });
      },
    });
    const source = join(folder, "dear.wav");
    writeFileSync(source, aSound(12.5));
    const wantedBy = async (asking: Promise<unknown>) => {
      const error = await asking.then(
        () => assert.fail("it was asked for"),
        (thrown: unknown) => thrown,
      );
      assert.ok(isComputeError(error, "limitReached"));
      return error.facts.wanted;
    };
    const dear = { ...parts(), providers: listed(1000n) };
    const transcript = { provider: scribe.provider, source, format: "json" } as const;
    const facts = await new TranscriptsService(dear).facts(source, never);
    world.settings.set({ "limits.perProvider": "0.1" });
    assert.equal(
      await wantedBy(new ImagesService(dear).make(request(), place, nobody, never)),
      1000n * imageFee(painter, 2),
    );
    assert.equal(
      await wantedBy(new TranscriptsService(dear).make(transcript, nobody, never)),
      1000n * mostExpensive(scribe, facts),
    );
    world.settings.set({ "limits.perProvider": undefined });
    const twice = { ...parts(), providers: listed(2n) };
    const before = spent(painter.provider);
    const found = await new ImagesService(twice).make(request(), place, nobody, never);
    assert.ok(found.kind === "made");
    await found.made.saved();
    assert.equal(found.made.cost, imageFee(painter, 2));
    assert.equal(spent(painter.provider) - before, found.made.cost);
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
