import assert from "node:assert/strict";
import type { BaseModel, FineTuningService } from "../../../src/domain/fineTuning.js";
import { neuron } from "../../../src/domain/money.js";
import { ComputeError } from "../../../src/domain/error.js";
import { keptError } from "../../../src/services/loaded.js";
import type { TuningOffer } from "../../../src/services/fineTuning/offers.js";
import type { RunPlan } from "../../../src/services/fineTuning/types.js";
import { english as t } from "../../../src/view/translate.js";
import {
  answerWizard,
  backInWizard,
  startWizard,
  stepsOf,
  wizardPlace,
  type WizardState,
} from "../../../src/view/fineTuning/tuneWizard.js";
import {
  destinationChoices,
  offerChoices,
  presetChoices,
} from "../../../src/view/fineTuning/tuneWizardTexts.js";
import { planSummary, startConfirmation } from "../../../src/view/fineTuning/planSummary.js";
import {
  parameterFields,
  parametersJson,
  parseField,
  presetParameters,
  trainingMeaning,
} from "../../../src/view/fineTuning/tuningParameters.js";
import { address, noon, og } from "../../support/builders.js";
import { assertGolden } from "../../support/golden.js";
import { aRun, hash, telling } from "../../support/tasks.js";

const model: BaseModel = {
  name: "Qwen2.5-0.5B-Instruct",
  hash: hash("b"),
  kind: "predefined",
  tokenizer: "Qwen/Qwen2.5-0.5B-Instruct",
  dataType: "text",
  description: "",
  feeRule: { coefficient: 8n, storageReserve: og("0.01") },
};
const service: FineTuningService = {
  provider: address("a"),
  url: "https://provider.example",
  quota: { cpuCount: 8, nodeMemory: 187, gpuCount: 1, nodeStorage: 900, gpuType: "H200" },
  pricePerToken: neuron(500_000_000_000n),
  isOccupied: true,
  models: [],
  teeSigner: address("f"),
  isSignerAcknowledgedByOwner: true,
};
const offer: TuningOffer = { service, model, queue: 2 };

function aPlan(part: Partial<RunPlan> = {}): RunPlan {
  const run = aRun();
  return {
    request: {
      provider: address("a"),
      model,
      datasetPath: "/work/data/support.jsonl",
      destination: "tee",
      trainingParams: "{}",
    },
    scope: run.scope,
    dataset: {
      path: "/work/data/support.jsonl",
      size: 20_000,
      rows: 64,
      keccak: hash("d"),
      tokens: { low: 2800, likely: 3000, high: 3600 },
    },
    service,
    checks: [],
    canStart: true,
    fee: { low: og("0.0184"), likely: og("0.019"), high: og("0.0208") },
    wanted: og("1"),
    deposit: og("3"),
    transfer: og("1"),
    hasLedger: false,
    acknowledgesSigner: false,
    balanceBefore: og("0"),
    balanceAfter: og("0.9792"),
    walletBalance: og("100"),
    pending: 2,
    untilWhen: {
      provider: address("a"),
      kind: "underWay",
      at: noon / 1000 + 43_200,
      seconds: 43_200,
      penaltyPercentage: 30,
    },
    ...part,
  };
}

describe("The questions before a fine-tuning", () => {
  const toPreset = answerWizard(startWizard(), { step: "offer", offer });

  it("are four with a preset, and nine when each parameter is chosen", () => {
    const quick = answerWizard(toPreset, { step: "preset", preset: "quick" });
    assert.equal(quick.step, "destination");
    assert.deepEqual(wizardPlace(quick), { step: 3, total: 4 });
    const custom = answerWizard(toPreset, { step: "preset", preset: "custom" });
    assert.equal(custom.step, "epochs");
    assert.deepEqual(wizardPlace(custom), { step: 3, total: 9 });
    assert.deepEqual(stepsOf(custom.answers).slice(2, 7), parameterFields);
  });

  it("lead back one at a time, with every answer kept, and out at the first", () => {
    let state = answerWizard(toPreset, { step: "preset", preset: "custom" });
    for (const [step, value] of [
      ["epochs", 4],
      ["batchSize", 1],
    ] as const)
      state = answerWizard(state, { step, value });
    const seen: string[] = [];
    let back: WizardState | undefined = state;
    for (; back; back = backInWizard(back)) {
      seen.push(back.step);
      assert.equal(back.answers.parameters.epochs, 4);
      assert.equal(back.answers.offer, offer);
    }
    assert.deepEqual(seen, ["learningRate", "batchSize", "epochs", "preset", "offer"]);
  });

  it("keep own parameters when they are gone through again, and drop them for a preset", () => {
    const custom = answerWizard(toPreset, { step: "preset", preset: "custom" });
    const four = answerWizard(custom, { step: "epochs", value: 4 });
    const atPreset = backInWizard(backInWizard(four) ?? four) ?? four;
    assert.equal(atPreset.step, "preset");
    const again = answerWizard(atPreset, { step: "preset", preset: "custom" });
    assert.equal(again.answers.parameters.epochs, 4);
    const quick = answerWizard(atPreset, { step: "preset", preset: "quick" });
    assert.equal(quick.answers.parameters.epochs, 1);
  });

  it("begin with the parameters of a file, where one was given", () => {
    const own = { ...presetParameters("quick"), epochs: 7 };
    const state = answerWizard(startWizard(own), { step: "offer", offer });
    const custom = answerWizard(state, { step: "preset", preset: "custom" });
    assert.equal(custom.answers.parameters.epochs, 7);
  });

  it("take no answer to a question that is not open", () => {
    assert.equal(answerWizard(toPreset, { step: "destination", destination: "0g-storage" }), toPreset);
  });

  it("send data to the enclave unless the user says otherwise", () => {
    assert.equal(startWizard().answers.destination, "tee");
    assert.equal(destinationChoices({ isPrivateOnly: false }, t)[0]?.value, "tee");
  });

  it("offer no place that everybody can read where only private providers are allowed", () => {
    const choices = destinationChoices({ isPrivateOnly: true }, t);
    assert.deepEqual(
      choices.map(({ value }) => value),
      ["tee"],
    );
    assert.match(choices[0]?.detail ?? "", /0G Storage is closed/);
  });
});

describe("Training parameters", () => {
  it("become the five keys and nothing else, without exponents", () => {
    const text = parametersJson({
      ...presetParameters("quick"),
      learningRate: 0.00001,
      neftuneNoiseAlpha: 1e-9,
    });
    assert.doesNotMatch(text.replace(/"\w+"/g, ""), /e/i);
    assert.deepEqual(JSON.parse(text), {
      neftune_noise_alpha: 1e-9,
      num_train_epochs: 1,
      per_device_train_batch_size: 2,
      learning_rate: 0.00001,
      max_steps: -1,
    });
  });

  for (const [field, good, bad] of [
    ["epochs", ["1", "10"], ["0", "11", "1.5", "", "two"]],
    ["batchSize", ["1", " 4 "], ["0", "5"]],
    ["learningRate", ["0.00001", "0.001"], ["0.000001", "0.01", "1e-4", "2E-4"]],
    ["neftuneNoiseAlpha", ["0", "0.5", "10", "0.000000000001"], ["-1", "10.1", `0.${"0".repeat(28)}1`]],
    ["maxSteps", ["-1", "1", "5000"], ["0", "-2", "2.5"]],
  ] as const)
    it(`have a range: ${field}`, () => {
      for (const text of good) assert.ok("value" in parseField(field, text, t), text);
      for (const text of bad) assert.ok("problem" in parseField(field, text, t), text);
    });

  it("say what the documents' example leaves out", () => {
    const example = { ...presetParameters("quick"), maxSteps: 3 };
    const { text, warnings } = trainingMeaning(example, 64, t);
    assert.equal(text, "3 steps of 8 rows; 24 rows seen in all");
    assert.match(warnings.join(" "), /after 37 % .* fee counts them all.*too few to leave the warm-up/);
    assert.deepEqual(trainingMeaning(presetParameters("balanced"), 64, t).warnings, []);
  });
});

describe("The words of the questions", () => {
  it("draw no pictures for providers", () => {
    const named = { ...offer, model: { ...offer.model, name: "$(verified-filled) Qwen3-32B" } };
    assert.equal(offerChoices([named], t)[0]?.label, "$ (verified-filled) Qwen3-32B");
  });

  it("show offers, presets and the summary", () => {
    const show = (items: readonly { label: string; description?: string; detail?: string }[]) =>
      items
        .map(({ label, description, detail }) => `${label} | ${description ?? ""} | ${detail ?? ""}`)
        .join("\n");
    const own = { ...presetParameters("custom"), epochs: 2, maxSteps: 3 };
    const quota = { ...service.quota, gpuCount: 0, gpuType: "none" };
    const free = { ...offer, service: { ...service, quota, isOccupied: false }, queue: undefined };
    const funds = keptError(
      new ComputeError("insufficientFunds", { account: "wallet", have: og("1"), need: og("4") }),
    );
    const short = planSummary(
      aPlan({
        fee: undefined,
        balanceAfter: undefined,
        checks: [{ name: "funds", isFine: false, error: funds }],
      }),
      own,
      telling(),
    );
    const { request } = aPlan();
    const elsewhere = planSummary(
      aPlan({
        request: { ...request, datasetPath: undefined, datasetHash: hash("d") },
        ...{ dataset: undefined, fee: undefined, balanceAfter: undefined },
      }),
      presetParameters("balanced"),
      telling(),
    );
    const { title, detail, confirmLabel } = startConfirmation(
      aPlan(),
      presetParameters("balanced"),
      telling(),
    );
    assertGolden(
      "tuneWizard",
      [
        show(offerChoices([offer, free], t)),
        show(presetChoices(64, undefined, t)),
        show(presetChoices(64, own, t)),
        show(destinationChoices({ isPrivateOnly: false }, t)),
        `${title}\n${detail}\n[${confirmLabel}]`,
        ...elsewhere.groups.map((group) => `${group.title}\n${show(group.lines)}`),
        ...short.groups.map((group) => `${group.title}\n${show(group.lines)}`),
        `! ${short.problems.map(({ label, detail }) => `${label} ${detail}`.trim()).join("\n! ")}`,
      ].join("\n\n"),
    );
  });
});
