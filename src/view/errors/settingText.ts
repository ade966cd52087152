// Why a setting cannot be used, in words.
import type { ErrorFacts } from "../../domain/error.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

export function settingText(facts: ErrorFacts["badSetting"], t: Translate): string {
  return t("The setting {0} cannot be used: {1}", cleanText(facts.setting, 60), faultText(facts, t));
}

function faultText(facts: ErrorFacts["badSetting"], t: Translate): string {
  const { why, member, choices = [], min = 0, max = 0 } = facts;
  const value = cleanText(facts.value ?? "", 60);
  const name = cleanText(member ?? "", 60);
  switch (why) {
    case "choice":
      return t("not one of {0}.", cleanText(choices.join(", ")));
    case "object":
      return member === undefined ? t("not an object.") : t("“{0}” is not an object.", name);
    case "list":
      return t("not a list.");
    case "text":
      return t("“{0}” is not text.", name);
    case "flag":
      return t("neither true nor false.");
    case "decimalText":
      return t('not a decimal in quotes, such as "5".');
    case "amount":
      return t("not an amount of 0G such as 5 or 0.05.");
    case "positiveAmount":
      return t("“{0}” is not an amount above 0, in quotes.", name);
    case "positive":
      return t("not a number above 0, up to {0}.", max);
    case "whole":
      return member === undefined
        ? t("not a whole number from {0} to {1}.", min, max)
        : t("“{0}” is not a whole number from {1} on.", name, min);
    case "port":
      return t("neither 0 nor a whole number from {0} to {1}.", min, max);
    case "portTaken":
      return t("port {0} cannot be had ({1}).", facts.port ?? 0, value);
    case "url":
      return member === undefined ? t("not a URL.") : t("“{0}” is not a URL.", name);
    case "urls":
      return t("“{0}” is not a list of URLs.", name);
    case "noUrl":
      return t("“{0}” is empty.", name);
    case "urlScheme":
      return t("“{0}” must start with https:// (http:// only on this machine).", name);
    case "plainUrl":
      return t("not a plain https:// address, without a name, “?” and “#”.");
    case "origin":
      return t('not an origin such as "http://localhost:5173".');
    case "address":
      return member === undefined
        ? t("“{0}” is not an address.", value)
        : t("“{0}” is not an address.", name);
    case "twice":
      return t("“{0}” is there twice.", value);
    case "topUp":
      return t("“topUp” is more than “dailyCap”.");
    case "missing":
      return t("“{0}” is missing.", name);
    case "notSandbox":
      return t("not the sandbox.");
    case "noStorage":
      return t(
        "it names no “storageIndexer”, so this network has no 0G Storage. Add the address of its indexer, or send training data to the provider's enclave.",
      );
  }
}
