// Pictures and transcripts in words: whom to ask and for how much, what came of it, and what its file is called.
import { providerReserve } from "../../domain/account.js";
import { type Neuron, neuron } from "../../domain/money.js";
import type { InferenceService } from "../../domain/provider.js";
import type { Picture } from "../../services/media/images.js";
import type { AudioFacts, TranscriptFormat } from "../../services/media/transcripts.js";
import { verdictWord, type Verdict } from "../../domain/verdict.js";
import { shortAddress } from "../address.js";
import type { Choice } from "../choice.js";
import { fileWords } from "../fileWords.js";
import { modelName } from "../providers/modelNames.js";
import { formatCost, formatOg } from "../money/money.js";
import { privacyIcon, privacyWord, shortPrice } from "../providers/providerRows.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";
import { verdictLabel, verdictSentence } from "../proof/verdictView.js";

const longestName = 48;
/** Names that Windows keeps for devices. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;

/** Of a file, from what was asked for. */
export function pictureName(prompt: string): string {
  const [first = "", ...others] = fileWords(prompt.toLowerCase());
  // Some scripts have no spaces: one word may be the whole sentence.
  let name = "";
  for (const { segment } of new Intl.Segmenter().segment(first)) {
    if (name.length + segment.length > longestName) break;
    name += segment;
  }
  for (const word of others) {
    if (name.length + word.length + 1 > longestName) break;
    name += `-${word}`;
  }
  return name === "" || reserved.test(name) ? "picture" : name;
}

export interface KnownOfServices {
  /** An account there holds what providers want to see; undefined: nobody knows. */
  readonly isOpen: (service: InferenceService) => boolean | undefined;
  /** At the prices that count. */
  readonly priced: (service: InferenceService) => InferenceService;
}

export function serviceChoices(
  services: readonly InferenceService[],
  { isOpen, priced }: KnownOfServices,
  t: Translate,
): Choice<InferenceService>[] {
  return services.map((service) => ({
    label: modelName(service, t),
    description: shortPrice(priced(service), t),
    detail: [
      shortAddress(service.provider),
      privacyWord(service.privacy, t),
      ...(isOpen(service) === false
        ? [t("needs {0} in your account there", formatOg(providerReserve, t))]
        : []),
    ].join(" · "),
    icon: privacyIcon(service.privacy),
    value: service,
  }));
}

export function sizeChoices(t: Translate): Choice<string>[] {
  const choice = (value: string, description: string): Choice<string> => ({
    label: value.replace("x", " × "),
    description,
    value,
  });
  return [
    choice("512x512", t("small")),
    choice("1024x1024", t("square")),
    choice("1024x1536", t("portrait")),
    choice("1536x1024", t("landscape")),
  ];
}

export function countChoices(
  { outputPrice }: Pick<InferenceService, "outputPrice">,
  t: Translate,
): Choice<number>[] {
  return [1, 2, 3, 4].map((value) => ({
    label: value === 1 ? t("1 picture") : t("{0} pictures", value),
    description: formatCost(neuron(outputPrice * BigInt(value)), t),
    value,
  }));
}

/** Those that the provider has; all where it does not tell, or tells of none that we know. */
export function formatChoices(
  offered: readonly string[] | undefined,
  t: Translate,
): Choice<TranscriptFormat>[] {
  const choice = (value: TranscriptFormat, label: string, detail: string): Choice<TranscriptFormat> => ({
    ...{ label, detail, value },
    description: `.${endingOf(value)}`,
  });
  const all = [
    choice("text", t("Text"), t("The words alone.")),
    choice("srt", t("Subtitles (SRT)"), t("For most video players.")),
    choice("vtt", t("Subtitles (WebVTT)"), t("For web pages.")),
    choice("json", t("JSON"), t("The words, and what was counted.")),
    choice("verbose_json", t("JSON with times"), t("Each passage with its beginning and end.")),
  ];
  const known = all.filter(({ value }) => offered?.includes(value) === true);
  return known.length > 0 ? known : all;
}

export function endingOf(format: TranscriptFormat): string {
  return format === "text" ? "txt" : format === "verbose_json" ? "json" : format;
}

/** Which provider, for what price: the length is known or guessed. What may have to be paid comes first: a row is cut at its end. */
export function speechChoices(
  services: readonly InferenceService[],
  { seconds, isExact }: AudioFacts,
  costs: (service: InferenceService) => { readonly usual: Neuron; readonly most: Neuron },
  known: KnownOfServices,
  t: Translate,
): Choice<InferenceService>[] {
  return serviceChoices(services, known, t).map((choice) => {
    const { usual, most } = costs(choice.value);
    const price = isExact
      ? t("{0} for {1}", formatCost(usual, t), duration(seconds, t))
      : t(
          "at most {0}, about {1} for some {2}",
          formatCost(most, t),
          formatCost(usual, t),
          duration(seconds, t),
        );
    return { ...choice, description: `${price} · ${choice.description ?? ""}` };
  });
}

function duration(seconds: number, t: Translate): string {
  return seconds < 90 ? t("{0} s", Math.max(1, Math.round(seconds))) : t("{0} min", Math.round(seconds / 60));
}

export interface SavedFacts {
  readonly what: string;
  /** False: it is in an editor, and in no file. */
  readonly isSaved?: boolean;
  readonly cost: Neuron;
  readonly isCostKnown: boolean;
  readonly verdict: Verdict;
  /** Of pictures: how many were ordered, and how many came. */
  readonly count?: { readonly ordered: number; readonly came: number };
}

/** What is told at the end; the verdict is part of it, and all of it where the check failed. */
export function savedText(
  { what, isSaved = true, cost, isCostKnown, verdict, count }: SavedFacts,
  t: Translate,
): string {
  const price = isCostKnown ? formatCost(cost, t) : t("{0} at most", formatCost(cost, t));
  const hasFailed = verdictWord(verdict) === "failed";
  const saved = hasFailed
    ? t("The check of {0} failed. {1} Cost: {2}.", what, verdictSentence(verdict, t), price)
    : isSaved
      ? savedWell(what, verdict, price, t)
      : t("{0} is not saved yet. {1}. {2}.", what, verdictLabel(verdict, t), price);
  return count && count.came !== count.ordered ? `${saved} ${countText(count, t)}` : saved;
}

function savedWell(what: string, verdict: Verdict, price: string, t: Translate): string {
  return verdict.isAskedAgain === true
    ? t(
        "Saved as {0}. {1}. Not proven yet: the signature is asked for again, and the receipt says what came of it.",
        what,
        price,
      )
    : t("Saved as {0}. {1}. {2}.", what, verdictLabel(verdict, t), price);
}

/** It could not be saved, and is open in an editor instead. */
export function unsavedTranscriptText(what: string, folder: string, t: Translate): string {
  return t(
    "The transcript of {0} was made and is paid for, and could not be saved in {1}. It is open in an editor: save it from there.",
    what,
    cleanText(folder, 300),
  );
}

/** Stopped by the user when it was on its way. */
export function stoppedTranscriptText(what: string, t: Translate): string {
  return t(
    "The transcription of {0} was stopped. The provider may bill it all the same, and what it wrote cannot be fetched.",
    what,
  );
}

function countText({ ordered, came }: NonNullable<SavedFacts["count"]>, t: Translate): string {
  return came < ordered
    ? t("{0} of {1} pictures came; the price is that of all that were ordered.", came, ordered)
    : t("{0} pictures came and {1} were ordered: the others are not saved.", came, ordered);
}

/** Decoded, a picture takes four bytes for each: more than this is not opened unasked, whatever stands behind its header. */
const mostPixels = 64_000_000;

export function isTooLarge({ width, height }: Pick<Picture, "width" | "height">): boolean {
  return width * height > mostPixels;
}

export function tooLargeText(what: string, { width, height }: Picture, t: Translate): string {
  return t("“{0}” says that it has {1} × {2} pixels, and is not opened by itself.", what, width, height);
}

/** In characters as one sees them: a family of several is one. */
const longestAlt = 100;

/** A link of Markdown; spaces and brackets in it are no end of it. */
export function markdownPicture(text: string, path: string): string {
  const words = text.replace(/[\s\\[\]`*_<>!]+/g, " ").trim();
  const alt = [...new Intl.Segmenter().segment(words)]
    .slice(0, longestAlt)
    .map(({ segment }) => segment)
    .join("");
  const target = path.split("/").map(encodeURIComponent).join("/");
  return `![${alt}](${target.replace(/[()]/g, (one) => (one === "(" ? "%28" : "%29"))})`;
}
