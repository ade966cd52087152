// The questions before a picture or a transcript, each with its price.
import type * as vscode from "vscode";
import { providerReserve, spendable } from "../../domain/account.js";
import { ComputeError } from "../../domain/error.js";
import { atMost, pricedAs } from "../../domain/pricing.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
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
  type KnownOfServices,
  serviceChoices,
  sizeChoices,
  speechChoices,
} from "../../view/media/mediaView.js";
import { fileName } from "../../view/text.js";
import type { App } from "../app.js";
import { askInOrder, askText, pick, type Place, type Question, type Reply } from "../questions.js";
import { showInformation } from "../notices.js";
import { t } from "../translate.js";

const longestPrompt = 4000;

interface Wished {
  readonly prompt: string;
  readonly service: InferenceService;
  readonly size: string | undefined;
  readonly count: number;
}

type Draft = Partial<Wished>;

export async function askGeneration(
  app: App,
  selected: string | undefined,
): Promise<ImageRequest | undefined> {
  const services = await servicesOf(app, "text-to-image", t("No provider on this network makes pictures."));
  if (!services) return undefined;
  const given: Draft = selected === undefined ? {} : { prompt: selected };
  const asked = await askInOrder<Draft>(
    t("Generate image"),
    [askPrompt(t("What is to be seen in it?")), askService(app, services), askSize, askCount(app)],
    given,
  );
  if (!isComplete(asked)) return undefined;
  const { prompt, service, size, count } = asked;
  return { provider: service.provider, prompt, count, ...(size === undefined ? {} : { size }) };
}

export async function askEdit(app: App, picture: vscode.Uri): Promise<EditRequest | undefined> {
  const services = await servicesOf(app, "image-editing", t("No provider on this network edits pictures."));
  if (!services) return undefined;
  const asked = await askInOrder<Draft>(
    t("Edit image: {0}", fileName(picture.path)),
    [askPrompt(t("What is to be changed?")), askService(app, services), askCount(app)],
    {},
  );
  if (!isComplete(asked)) return undefined;
  const { prompt, service, count } = asked;
  return { provider: service.provider, prompt, count, source: picture.fsPath };
}

interface Heard {
  readonly service: InferenceService;
  readonly format: TranscriptFormat;
}

export async function askTranscript(
  app: App,
  audio: vscode.Uri,
  facts: AudioFacts,
): Promise<
  { readonly provider: InferenceService["provider"]; readonly format: TranscriptFormat } | undefined
> {
  const services = await servicesOf(
    app,
    "speech-to-text",
    t("No provider on this network writes down speech."),
  );
  if (!services) return undefined;
  const known = knownOfServices(app);
  const costs = (service: InferenceService) => ({
    usual: usualCost(known.priced(service), facts),
    most: atMost(service, listedBy(app, service), (priced) => mostExpensive(priced, facts)),
  });
  const choices = speechChoices(services, facts, costs, known, t);
  const asked = await askInOrder<Partial<Heard>>(
    t("Transcribe: {0}", fileName(audio.path)),
    [
      async ({ service }, place) =>
        named(
          "service",
          await pick({
            ...place,
            placeholder: t("Which provider hears the recording?"),
            choices,
            active: service,
          }),
        ),
      async ({ service }, place) => {
        const offered = service && (await app.providers.modelInfo(service.provider, service.model));
        const choices = formatChoices(offered?.supportedFormats, t);
        return named("format", await pick({ ...place, placeholder: t("In which form?"), choices }));
      },
    ],
    {},
  );
  return asked?.service && asked.format
    ? { provider: asked.service.provider, format: asked.format }
    : undefined;
}

/** What is known of its own price without asking. */
function listedBy({ providers }: App, { provider, model }: InferenceService): ModelInfo | undefined {
  return providers.knownInfo(provider, model);
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
  const { priced } = knownOfServices(app);
  const price = (service: InferenceService) => {
    const { inputPrice, outputPrice } = priced(service);
    return inputPrice + outputPrice;
  };
  const services = listed().sort((a, b) => Number(price(a) - price(b)));
  if (services.length > 0) return services;
  void showInformation(none);
  return undefined;
}

/** By the accounts and lists as they were last read. */
function knownOfServices(app: App): KnownOfServices {
  const { accounts } = app;
  return {
    isOpen: ({ provider }) => {
      if (accounts.state.readAt === undefined) return undefined;
      const account = accounts.subAccount("inference", provider);
      return account !== undefined && spendable(account) >= providerReserve;
    },
    priced: (service) => pricedAs(service, listedBy(app, service)),
  };
}

function isComplete(draft: Draft | undefined): draft is Wished {
  return draft?.prompt !== undefined && draft.service !== undefined && draft.count !== undefined;
}

function named<K extends string, T>(name: K, reply: Reply<T>): Reply<Record<K, T>> {
  if (reply === undefined || reply === "back") return reply as Reply<never>;
  return { [name]: reply } as Record<K, T>;
}

function askPrompt(question: string): Question<Draft> {
  return ({ prompt = "" }, place) =>
    askText<Draft>({
      ...place,
      prompt: question,
      value: prompt,
      problem: (text) => {
        if (text.trim() === "") return t("A picture needs some words.");
        return text.trim().length > longestPrompt ? t("At most {0} characters.", longestPrompt) : undefined;
      },
      draft: (text) => ({ prompt: text }),
    });
}

function askService(app: App, services: readonly InferenceService[]): Question<Draft> {
  return async ({ service }, place) =>
    named(
      "service",
      await pick({
        ...place,
        placeholder: t("Which provider, for what price?"),
        choices: serviceChoices(services, knownOfServices(app), t),
        active: service,
      }),
    );
}

async function askSize({ size }: Draft, place: Place): Promise<Reply<Draft>> {
  return named(
    "size",
    await pick({ ...place, placeholder: t("How large?"), choices: sizeChoices(t), active: size }),
  );
}

function askCount(app: App): Question<Draft> {
  return async ({ service, count }, place) =>
    service &&
    named(
      "count",
      await pick({
        ...place,
        placeholder: t("How many? This is what they cost together."),
        choices: countChoices(knownOfServices(app).priced(service), t),
        active: count,
      }),
    );
}
