// The sheet of a conversation's settings: what stands in each field, what may stand there, and what is made of what somebody typed.
import {
  isNumberWithin,
  longestStop,
  longestSystemPrompt,
  mostStops,
  settingBounds,
  type ChatSettings,
  type SettingName,
} from "../domain/chatSettings.js";
import type { SettingField, SettingsView } from "../protocol.js";
import type { Translate } from "./translate.js";

export const settingNames = [
  "systemPrompt",
  "temperature",
  "topP",
  "maxTokens",
  "seed",
  "stop",
] as const satisfies readonly SettingName[];

export interface SettingsFacts {
  readonly settings?: ChatSettings;
  /** Typed, and not taken. */
  readonly refused: Readonly<Partial<Record<SettingName, string>>>;
  /** The longest answer a model may be asked for, and the usual one. */
  readonly answer: { readonly most: number; readonly usual: number };
  /** Of the models that are asked next, by name, those it is not sent to. */
  readonly ignoredBy: (name: SettingName) => readonly string[];
}

export function settingsView(facts: SettingsFacts, t: Translate): SettingsView {
  return {
    summary: settingsSummary(facts.settings, t),
    fields: settingNames.map((name) => field(name, facts, t)),
  };
}

function field(name: SettingName, facts: SettingsFacts, t: Translate): SettingField {
  const { settings, refused, answer, ignoredBy } = facts;
  const typed = refused[name];
  const value = settings?.[name];
  const ignoring = value === undefined ? [] : ignoredBy(name);
  const problem =
    typed !== undefined
      ? rule(name, answer.most, t)
      : ignoring.length > 0
        ? t("Not sent to {0}: its provider does not say that it takes this.", ignoring.join(", "))
        : undefined;
  return {
    name,
    label: settingLabel(name, t),
    hint: hint(name, answer, t),
    value: typed ?? (Array.isArray(value) ? value.join("\n") : String(value ?? "")),
    lines: name === "systemPrompt" ? 4 : name === "stop" ? 2 : 1,
    ...(problem === undefined ? {} : { problem }),
  };
}

export function settingLabel(name: SettingName, t: Translate): string {
  switch (name) {
    case "systemPrompt":
      return t("System prompt");
    case "temperature":
      return t("Temperature");
    case "topP":
      return t("Top p");
    case "maxTokens":
      return t("Longest answer");
    case "seed":
      return t("Seed");
    case "stop":
      return t("Stop at");
  }
}

function hint(name: SettingName, { most, usual }: SettingsFacts["answer"], t: Translate): string {
  switch (name) {
    case "systemPrompt":
      return t("Sent before everything else with each question, and paid for with it.");
    case "temperature":
      return t("0 to 2: how freely words are chosen.");
    case "topP":
      return t("0 to 1: from how much of the likely words.");
    case "maxTokens":
      return t("1 to {0} tokens; empty: {1}. The most an answer may cost follows from it.", most, usual);
    case "seed":
      return t("A whole number: the same one may give the same answer.");
    case "stop":
      return t("One text a line, {0} at most: the answer ends before it.", mostStops);
  }
}

/** What was typed is none of it. */
function rule(name: SettingName, mostTokens: number, t: Translate): string {
  switch (name) {
    case "systemPrompt":
      return t("Not taken: at most {0} characters.", longestSystemPrompt);
    case "stop":
      return t("Not taken: at most {0} texts of {1} characters.", mostStops, longestStop);
    case "maxTokens":
      return t("Not taken: a whole number from {0} to {1}.", 1, mostTokens);
    case "seed":
      return t("Not taken: a whole number from {0} to {1}.", 0, settingBounds.seed.most);
    case "temperature":
    case "topP":
      return t("Not taken: a number from {0} to {1}.", 0, settingBounds[name].most);
  }
}

/** "System prompt · temperature 0.2": beside the price, so that nobody asks with it unaware. */
export function settingsSummary(settings: ChatSettings | undefined, t: Translate): string {
  if (!settings) return "";
  const { systemPrompt, temperature, topP, maxTokens, seed, stop } = settings;
  const parts = [
    systemPrompt === undefined ? "" : t("system prompt"),
    temperature === undefined ? "" : t("temperature {0}", temperature),
    topP === undefined ? "" : t("top p {0}", topP),
    maxTokens === undefined ? "" : maxTokensText(maxTokens, t),
    seed === undefined ? "" : t("seed {0}", seed),
    stop === undefined ? "" : t("stops at texts of yours"),
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

function maxTokensText(count: number, t: Translate): string {
  return count === 1 ? t("at most 1 token") : t("at most {0} tokens", count);
}

/** What a typed text means, of an empty one: the provider's own choice. Undefined when it is nothing that is allowed. */
export function typedSetting(
  name: SettingName,
  typed: string,
  mostTokens: number,
): { readonly value: ChatSettings[SettingName] } | undefined {
  const text = typed.trim();
  if (text === "") return { value: undefined };
  if (name === "systemPrompt") return text.length <= longestSystemPrompt ? { value: text } : undefined;
  if (name === "stop") {
    const lines = typed.split(/\r?\n/).filter((line) => line !== "");
    const isRight = lines.length <= mostStops && lines.every((line) => line.length <= longestStop);
    return isRight ? { value: lines } : undefined;
  }
  const value = /^\d*[.,]?\d+$/.test(text) ? Number(text.replace(",", ".")) : NaN;
  const isRight = isNumberWithin(name, value) && (name !== "maxTokens" || value <= mostTokens);
  return isRight ? { value } : undefined;
}
