// The questions before a picture or a transcript, each with its price.
import * as vscode from "vscode";
import { ComputeError } from "../../domain/error.js";
import type { InferenceService } from "../../domain/provider.js";
import type { EditRequest, ImageRequest } from "../../services/media/images.js";
import {
  mostExpensive,
  usualCost,
  type AudioFacts,
  type TranscriptFormat,
} from "../../services/media/transcripts.js";
import {
  countChoices,
  formatChoices,
  serviceChoices,
  sizeChoices,
  speechChoices,
} from "../../view/mediaView.js";
import { fileName } from "../../view/text.js";
import type { App } from "../app.js";
import { pick, shown, type Place, type Reply } from "../questions.js";
import { showInformation } from "../notices.js";
import { t } from "../translate.js";

const longestPrompt = 4000;

export async function askGeneration(
  app: App,
  selected: string | undefined,
): Promise<ImageRequest | undefined> {
  const title = t("Generate image");
  const services = await servicesOf(app, "text-to-image", t("No provider on this network makes pictures."));
  if (!services) return undefined;
  const asked: { prompt?: string; service?: InferenceService; size?: string; count?: number } = {
    prompt: selected,
  };
  const isDone = await inSteps(title, [
    async (place) =>
      stored(
        await askPrompt(place, t("What is to be seen in it?"), asked.prompt),
        (prompt) => (asked.prompt = prompt),
      ),
    async (place) => stored(await pickService(place, services), (service) => (asked.service = service)),
    async (place) =>
      stored(
        await pick({ ...place, placeholder: t("How large?"), choices: sizeChoices(t), active: asked.size }),
        (size) => (asked.size = size),
      ),
    async (place) =>
      asked.service &&
      stored(await pickCount(place, asked.service, asked.count), (count) => (asked.count = count)),
  ]);
  const { prompt, service, size, count } = asked;
  if (!isDone || prompt === undefined || !service || count === undefined) return undefined;
  return { provider: service.provider, prompt, count, ...(size === undefined ? {} : { size }) };
}

export async function askEdit(app: App, picture: vscode.Uri): Promise<EditRequest | undefined> {
  const title = t("Edit image: {0}", fileName(picture.path));
  const services = await servicesOf(app, "image-editing", t("No provider on this network edits pictures."));
  if (!services) return undefined;
  const asked: { prompt?: string; service?: InferenceService; count?: number } = {};
  const isDone = await inSteps(title, [
    async (place) =>
      stored(
        await askPrompt(place, t("What is to be changed?"), asked.prompt),
        (prompt) => (asked.prompt = prompt),
      ),
    async (place) => stored(await pickService(place, services), (service) => (asked.service = service)),
    async (place) =>
      asked.service &&
      stored(await pickCount(place, asked.service, asked.count), (count) => (asked.count = count)),
  ]);
  const { prompt, service, count } = asked;
  if (!isDone || prompt === undefined || !service || count === undefined) return undefined;
  return { provider: service.provider, prompt, count, source: picture.fsPath };
}

export async function askTranscript(
  app: App,
  audio: vscode.Uri,
  facts: AudioFacts,
): Promise<
  { readonly provider: InferenceService["provider"]; readonly format: TranscriptFormat } | undefined
> {
  const title = t("Transcribe: {0}", fileName(audio.path));
  const services = await servicesOf(
    app,
    "speech-to-text",
    t("No provider on this network writes down speech."),
  );
  if (!services) return undefined;
  const asked: { service?: InferenceService; format?: TranscriptFormat } = {};
  const costs = (service: InferenceService) => ({
    usual: usualCost(service, facts),
    most: mostExpensive(service, facts),
  });
  const placeholder = t("Which provider hears the recording?");
  const isDone = await inSteps(title, [
    async (place) =>
      stored(
        await pick({ ...place, placeholder, choices: speechChoices(services, facts, costs, t) }),
        (service) => (asked.service = service),
      ),
    async (place) =>
      stored(
        await pick({ ...place, placeholder: t("In which form?"), choices: formatChoices(t) }),
        (format) => (asked.format = format),
      ),
  ]);
  const { service, format } = asked;
  return isDone && service && format ? { provider: service.provider, format } : undefined;
}

/** Cheapest first; told when there is none. Throws what kept the list from being read. */
async function servicesOf(app: App, type: string, none: string): Promise<InferenceService[] | undefined> {
  const listed = () =>
    (app.providers.state.value ?? [])
      .map(({ service }) => service)
      .filter(({ serviceType }) => serviceType === type);
  if (listed().length === 0) await app.providers.refresh();
  const { value, error } = app.providers.state;
  if (!value && error) throw new ComputeError(error.code, error.facts);
  const price = ({ inputPrice, outputPrice }: InferenceService) => inputPrice + outputPrice;
  const services = listed().sort((a, b) => Number(price(a) - price(b)));
  if (services.length > 0) return services;
  void showInformation(none);
  return undefined;
}

type Step = (place: Place) => Promise<Reply<true>>;

/** One after the other, with a way back; false when the user left. */
async function inSteps(title: string, steps: readonly Step[]): Promise<boolean> {
  for (let at = 0; at < steps.length;) {
    const reply = await steps[at]?.({ title, step: at + 1, total: steps.length });
    if (reply === undefined) return false;
    at += reply === "back" ? -1 : 1;
  }
  return true;
}

function stored<T>(reply: Reply<T>, keep: (value: T) => void): Reply<true> {
  if (reply === undefined || reply === "back") return reply as Reply<never>;
  keep(reply);
  return true;
}

function pickService(place: Place, services: readonly InferenceService[]): Promise<Reply<InferenceService>> {
  return pick({
    ...place,
    placeholder: t("Which provider, for what price?"),
    choices: serviceChoices(services, t),
  });
}

function pickCount(
  place: Place,
  service: InferenceService,
  active: number | undefined,
): Promise<Reply<number>> {
  return pick({
    ...place,
    placeholder: t("How many? This is what they cost together."),
    choices: countChoices(service, t),
    active,
  });
}

function askPrompt(place: Place, prompt: string, value = ""): Promise<Reply<string>> {
  const box = vscode.window.createInputBox();
  box.prompt = prompt;
  box.value = value;
  return shown(box, place, (done) =>
    box.onDidAccept(() => {
      const text = box.value.trim();
      if (text.length > longestPrompt) box.validationMessage = t("At most {0} characters.", longestPrompt);
      else if (text !== "") done(text);
    }),
  );
}
