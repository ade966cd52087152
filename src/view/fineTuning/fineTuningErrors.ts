// The sentences about tasks, datasets and models; which error has which stands in errors.ts.
import type { ErrorFacts } from "../../domain/error.js";
import { shortAddress } from "../address.js";
import { ruleText } from "./datasetView.js";
import { cleanText, fileName } from "../text.js";
import type { Translate } from "../translate.js";

export function verificationText(
  { what, why, provider }: ErrorFacts["verificationFailed"],
  t: Translate,
): string {
  const name = provider === undefined ? "" : shortAddress(cleanText(provider, 60));
  switch (what) {
    case "answer":
      return t("What {0} sent does not match its signature.", name);
    case "image":
      return t(
        "What {0} sent as a picture is none. Nothing of it was saved; it may be billed all the same.",
        name,
      );
    case "dataset":
      return t("{0} received another file than was sent: its hash differs. No task was created.", name);
    case "storage":
      return t("The storage nodes sent other bytes than were asked for. Nothing was kept.");
    case "model":
      switch (why) {
        case "hash":
        case "proof":
          return t(
            "The model file is not the one {0} announced on the chain: its hash differs. It is not used.",
            name,
          );
        case "signature":
          return t("The model file is not signed by the enclave key of {0}. Nothing of it was kept.", name);
        case "structure":
          return t("The model file of {0} is damaged. Nothing of it was kept.", name);
      }
  }
}

export function datasetText(
  { path, problems, line, detail }: ErrorFacts["badDataset"],
  t: Translate,
): string {
  const text = datasetProblems(fileName(path), problems, line, t);
  const reason = ruleText(detail, t);
  return reason === undefined ? text : `${text} ${reason}`;
}

function datasetProblems(name: string, problems: number, line: number | undefined, t: Translate): string {
  if (line === undefined)
    return problems === 1
      ? t("{0} cannot be trained on: one problem.", name)
      : t("{0} cannot be trained on: {1} problems.", name, problems);
  return problems === 1
    ? t("{0} cannot be trained on: one problem, in line {1}.", name, line)
    : t("{0} cannot be trained on: {1} problems, the first in line {2}.", name, problems, line);
}

export function taskConflictText({ provider, why }: ErrorFacts["taskConflict"], t: Translate): string {
  const name = shortAddress(cleanText(provider, 60));
  switch (why) {
    case "unfinished":
      return t("You have an unfinished task at {0}; it takes one at a time.", name);
    case "queueFull":
      return t("The queue of {0} is full. Try again later, or choose another provider.", name);
    case "busy":
      return t("{0} is working on other tasks. Start again and choose to wait in its queue.", name);
    case "tooLate":
      return t("The task can no longer be cancelled: its training has begun.");
    case "notDelivered":
      return t("The model is not delivered yet.");
  }
}

export function keyMissingText({ provider, why }: ErrorFacts["keyMissing"], t: Translate): string {
  const name = shortAddress(cleanText(provider, 60));
  switch (why) {
    case "notAcknowledged":
      return t("The key comes after the model is acknowledged.");
    case "notSettled":
      return t(
        "{0} has not settled the task yet; the key comes with the settlement, usually within minutes.",
        name,
      );
    case "penalty":
      return t(
        "The model was not acknowledged in time: {0} kept the penalty, and its key will never come.",
        name,
      );
    case "abandoned":
      return t("{0} gave this task up: nothing was paid, and there is no key.", name);
    case "useless":
      return t(
        "The key that {0} published does not open the model: it is for another wallet, or is no key. The model's file is whole, but nothing else opens it.",
        name,
      );
  }
}
