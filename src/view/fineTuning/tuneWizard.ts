// The order of the questions before a fine-tuning: which comes next, and where Back leads. Knows no editor and asks nobody.
import type { TuningOffer } from "../../services/fineTuning/offers.js";
import type { DatasetDestination } from "../../services/fineTuning/types.js";
import {
  parameterFields,
  presetParameters,
  type ParameterField,
  type PresetId,
  type TuningParameters,
} from "./tuningParameters.js";

export type WizardStep = "offer" | "preset" | ParameterField | "destination" | "summary";

export interface WizardAnswers {
  readonly offer?: TuningOffer;
  readonly preset?: PresetId;
  readonly parameters: TuningParameters;
  readonly destination: DatasetDestination;
}

export interface WizardState {
  readonly step: WizardStep;
  readonly answers: WizardAnswers;
}

export type WizardAnswer =
  | { readonly step: "offer"; readonly offer: TuningOffer }
  | { readonly step: "preset"; readonly preset: PresetId }
  | { readonly step: ParameterField; readonly value: number }
  | { readonly step: "destination"; readonly destination: DatasetDestination };

/** With parameters that a file of the user's holds already, or the balanced ones. */
export function startWizard(parameters?: TuningParameters): WizardState {
  return {
    step: "offer",
    answers: {
      parameters: parameters ?? presetParameters("balanced"),
      destination: "tee",
      ...(parameters ? { preset: "custom" as const } : {}),
    },
  };
}

/** The questions as far as they are known by now; a preset needs none about single parameters. */
export function stepsOf({ preset }: WizardAnswers): readonly WizardStep[] {
  const fields = preset === "custom" ? parameterFields : [];
  return ["offer", "preset", ...fields, "destination", "summary"];
}

/** Takes an answer to the question that is open; one to another question changes nothing. */
export function answerWizard(state: WizardState, answer: WizardAnswer): WizardState {
  if (answer.step !== state.step) return state;
  const answers = withAnswer(state.answers, answer);
  const steps = stepsOf(answers);
  return { step: steps[steps.indexOf(state.step) + 1] ?? state.step, answers };
}

/** The question before; what was answered stays. Undefined at the first. */
export function backInWizard(state: WizardState): WizardState | undefined {
  const steps = stepsOf(state.answers);
  const step = steps[steps.indexOf(state.step) - 1];
  return step && { ...state, step };
}

/** "2 of 5" */
export function wizardPlace({ step, answers }: WizardState): {
  readonly step: number;
  readonly total: number;
} {
  const steps = stepsOf(answers);
  return { step: steps.indexOf(step) + 1, total: steps.length };
}

function withAnswer(answers: WizardAnswers, answer: WizardAnswer): WizardAnswers {
  switch (answer.step) {
    case "offer":
      return { ...answers, offer: answer.offer };
    case "preset": {
      // Own parameters stay when "custom" is picked again; a preset replaces them.
      const keeps = answer.preset === "custom" && answers.preset === "custom";
      const parameters = keeps ? answers.parameters : presetParameters(answer.preset);
      return { ...answers, preset: answer.preset, parameters };
    }
    case "destination":
      return { ...answers, destination: answer.destination };
    default:
      return { ...answers, parameters: { ...answers.parameters, [answer.step]: answer.value } };
  }
}
