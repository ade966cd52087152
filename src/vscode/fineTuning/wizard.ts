// Asks the questions of view/fineTuning/tuneWizard.ts with the editor's own pickers. Which question comes next is decided there.
import * as vscode from "vscode";
import type { TuningOffer } from "../../services/fineTuning/offers.js";
import {
  answerWizard,
  backInWizard,
  startWizard,
  wizardPlace,
  type WizardAnswer,
  type WizardAnswers,
  type WizardState,
} from "../../view/fineTuning/tuneWizard.js";
import { destinationChoices, offerChoices, presetChoices } from "../../view/fineTuning/tuneWizardTexts.js";
import { fieldView, parseField, type ParameterField } from "../../view/fineTuning/tuningParameters.js";
import { pick, shown, type Place, type Reply } from "../questions.js";
import { t } from "../translate.js";
import { unlessCancelled } from "./progress.js";

export interface WizardOptions {
  readonly title: string;
  readonly offers: readonly TuningOffer[];
  /** Of the training file, where it is here. */
  readonly rows: number | undefined;
  /** The data is at the provider or in storage already: where it goes is no question. */
  readonly hasData: boolean;
  readonly isPrivateOnly: boolean;
  /** The last question, with everything answered; true when the user goes on. */
  readonly summary: (answers: WizardAnswers, place: Place) => Promise<Reply<true>>;
}

/** The answers, confirmed; undefined when the user left. */
export async function askWizard(options: WizardOptions): Promise<WizardAnswers | undefined> {
  let state: WizardState = startWizard();
  let isGoingBack = false;
  for (;;) {
    const reply = await askStep(state, options, isGoingBack);
    if (reply === undefined) return undefined;
    if (reply === "done") return state.answers;
    isGoingBack = reply === "back";
    state = reply === "back" ? (backInWizard(state) ?? state) : answerWizard(state, reply);
  }
}

async function askStep(
  state: WizardState,
  options: WizardOptions,
  isGoingBack: boolean,
): Promise<Reply<WizardAnswer | "done">> {
  const { step, answers } = state;
  const place = { title: options.title, ...wizardPlace(state) };
  switch (step) {
    case "offer": {
      const choices = offerChoices(options.offers, t);
      const placeholder = t("Which model, at which provider?");
      const offer = await pick({ ...place, placeholder, choices, active: answers.offer });
      return offer === "back" ? offer : offer && { step, offer };
    }
    case "preset": {
      const own = answers.preset === "custom" ? answers.parameters : undefined;
      const choices = presetChoices(options.rows, own, t);
      const preset = await pick({
        ...place,
        placeholder: t("How much training?"),
        choices,
        active: answers.preset,
      });
      return preset === "back" ? preset : preset && { step, preset };
    }
    case "destination": {
      if (options.hasData) return isGoingBack ? "back" : { step, destination: answers.destination };
      const placeholder = t("Where may the training file go?");
      const choices = destinationChoices(options, t);
      const destination = await pick({ ...place, placeholder, choices, active: answers.destination });
      return destination === "back" ? destination : destination && { step, destination };
    }
    case "summary": {
      const reply = await options.summary(answers, place);
      return reply === true ? "done" : reply;
    }
    default: {
      const value = await askNumber({ ...place, field: step, value: answers.parameters[step] });
      return value === "back" ? value : value === undefined ? undefined : { step, value };
    }
  }
}

/** Something is looked at before the next question: the wizard stays where it is, and whoever leaves it ends the work. */
export async function busy<T>(
  place: Place,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Reply<T>> {
  const abort = new AbortController();
  const box = vscode.window.createQuickPick();
  box.busy = true;
  box.placeholder = what;
  try {
    return await shown<T>(box, place, (done, fail) => {
      unlessCancelled(work(abort.signal)).then(done, fail);
    });
  } finally {
    abort.abort();
  }
}

interface AskingNumber extends Place {
  readonly field: ParameterField;
  readonly value: number;
}

function askNumber({ field, value, ...place }: AskingNumber): Promise<Reply<number>> {
  const { title, prompt } = fieldView(field, t);
  const box = vscode.window.createInputBox();
  box.value = String(value);
  box.prompt = `${title}: ${prompt}`;
  const check = () => {
    const parsed = parseField(field, box.value, t);
    box.validationMessage = "problem" in parsed ? parsed.problem : undefined;
    return "value" in parsed ? parsed.value : undefined;
  };
  box.onDidChangeValue(check);
  return shown(box, place, (done) =>
    box.onDidAccept(() => {
      const parsed = check();
      if (parsed !== undefined) done(parsed);
    }),
  );
}
