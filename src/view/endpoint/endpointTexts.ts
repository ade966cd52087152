// What the local endpoint says: to the user before a key is made, and to programs when it refuses them.
import { toComputeError, type ComputeError } from "../../domain/error.js";
import { networks, type NetworkId } from "../../domain/networks.js";
import type { ModelRoute } from "../../domain/modelNames.js";
import type { FailedAnswer } from "../../services/endpoint/answers.js";
import type { NewEndpointKeyFacts } from "../../services/endpoint/keys.js";
import type { Refusal } from "../../services/endpoint/refusal.js";
import type { Confirmation } from "../../services/ports.js";
import { shortAddress } from "../address.js";
import { lifetimeText } from "../apiKeys/apiKeyTexts.js";
import { errorView } from "../errors/errors.js";
import { modelName } from "../providers/modelNames.js";
import { formatExact } from "../money/money.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";
import { inTheEditor } from "../errors/inTheEditor.js";
import { verdictSentence } from "../proof/verdictView.js";

export interface EndpointTexts {
  create(facts: NewEndpointKeyFacts): Confirmation;
  refusal(refusal: Refusal): string;
  error(error: ComputeError): string;
}

export function createEndpointTexts(t: Translate, moment: (at: number) => string): EndpointTexts {
  return {
    create: (facts) => createConfirmation(facts, t, moment),
    refusal: (refusal) => refusalText(refusal, t),
    error: (error) => programText(error, t),
  };
}

/** Of an answer that a program has already: whoever reads it there sees nothing of this. */
export function failedAnswerText(
  { label, model, provider, verdict }: FailedAnswer & { readonly label: string },
  t: Translate,
): string {
  return t(
    "An answer of {0} at {1} to a program with the key “{2}” failed its check. {3}",
    modelName({ model }, t),
    shortAddress(provider),
    cleanText(label, 60),
    verdictSentence(verdict, t),
  );
}

export function failedCount(count: number, t: Translate): string {
  return count === 1
    ? t("1 answer to a program failed its check.")
    : t("{0} answers to programs failed their check.", count);
}

export function revokeConfirmation(label: string, t: Translate): Confirmation {
  return {
    title: t("Revoke the key “{0}”?", cleanText(label, 60)),
    detail: t(
      "Every program that has it is refused from now on, and it cannot be brought back. An answer that is under way still goes on to its end, and is paid.",
    ),
    confirmLabel: t("Revoke key"),
  };
}

const mostNamed = 6;

function createConfirmation(
  facts: NewEndpointKeyFacts,
  t: Translate,
  moment: (at: number) => string,
): Confirmation {
  const { label, budget, models, network, wallet } = facts;
  return {
    title: t("Create the key “{0}” for the local endpoint?", cleanText(label, 60)),
    detail: [
      t(
        "A program on this machine that has this key can ask for answers without another question, until {0} are spent with it in all. Your limit per provider holds for it as well.",
        formatExact(budget, t),
      ),
      t(
        "They are paid from your accounts with providers on {0}; your wallet “{1}” signs the short passes that providers ask for. No money is moved into those accounts, and no provider is accepted for you.",
        cleanText(network.name, 40),
        cleanText(wallet.name, 60),
      ),
      models ? t("It may use: {0}.", namesOf(models, t)) : t("It may use every model of the network."),
      lifetimeText(facts, t, moment),
      t(
        "What programs send goes to the providers of those models. Every answer is checked and gets a receipt.",
      ),
    ].join("\n\n"),
    confirmLabel: t("Create key"),
  };
}

function namesOf(models: readonly ModelRoute[], t: Translate): string {
  const names = models
    .slice(0, mostNamed)
    .map(({ model, provider }) => t("{0} of {1}", cleanText(model, 60), shortAddress(provider)));
  const more = models.length - names.length;
  return [...names, ...(more > 0 ? [t("{0} more", more)] : [])].join(", ");
}

/** Programs show it as it is: it says what to do, and where. */
function refusalText(refusal: Refusal, t: Translate): string {
  switch (refusal.kind) {
    case "foreignHost":
      return t("The local endpoint answers to 127.0.0.1 and localhost alone, with its own port.");
    case "foreignOrigin":
      return t(
        "Pages in a browser may not use the local endpoint, unless the setting {0} lists them.",
        "zgCompute.endpoint.allowedOrigins",
      );
    case "noKey":
      return t(
        "A key is missing: send it as “Authorization: Bearer zg-local-…”. “0G Compute: Create key for local endpoint” makes one.",
      );
    case "wrongKey":
      return t(
        "This key is not known, or was revoked. “0G Compute: Create key for local endpoint” makes another.",
      );
    case "expired":
      return t(
        "The key “{0}” has ended. “0G Compute: Create key for local endpoint” makes another.",
        cleanText(refusal.label, 60),
      );
    case "otherScope":
      return t(
        "The key “{0}” was made for another wallet or network ({1}) than the editor uses now. “0G Compute: Switch wallet” and “0G Compute: Switch network” go there; “0G Compute: Create key for local endpoint” makes another.",
        cleanText(refusal.label, 60),
        networkName(refusal.network),
      );
    case "unknownRoute":
      return t(
        "{0} {1} is not served here. There are GET /v1/models, POST /v1/chat/completions, /v1/images/generations, /v1/images/edits and /v1/audio/transcriptions, pictures as jobs under /v1/async, and GET /v1/verify/ with an answer's id, or POST /v1/verify.",
        cleanText(refusal.method, 10),
        cleanText(refusal.path, 80),
      );
    case "wrongMethod":
      return t(
        "{0} is not answered at {1}: use {2}.",
        cleanText(refusal.method, 10),
        cleanText(refusal.path, 80),
        refusal.takes,
      );
    case "sandboxStopped":
      return t("The sandbox was stopped. Run “0G Compute: Start sandbox” in VS Code.");
    case "bodyTooLarge":
      return t("The request is longer than 32 MB, and no provider takes more.");
    case "tooManyBodies":
      return t(
        "The requests that are under way here are too long together: 256 MB at most. Send this one again when others are answered.",
      );
    case "badBody":
      return badBodyText(refusal, t);
    case "unknownModel":
      return t(
        "No provider of this network serves the model “{0}” on this route. GET /v1/models lists those there are, each with its service_type.",
        modelText(refusal.model),
      );
    case "unknownNow":
      return t(
        "Nobody knows now who serves the model “{0}”: a provider that may do so does not tell its models.",
        modelText(refusal.model),
      );
    case "modelNotAllowed":
      return t(
        "This key may not use the model “{0}”. “0G Compute: Create key for local endpoint” makes one that may.",
        modelText(refusal.model),
      );
    case "unknownJob":
      return t(
        "No job of this key is known by the id “{0}”. They are kept for two days.",
        cleanText(refusal.id, 80),
      );
    case "unknownAnswer":
      return t(
        "No answer to this key has ended by the id “{0}” since the endpoint was started; one that still comes is checked at its end. “0G Compute: Show receipts” has older ones.",
        cleanText(refusal.id, 80),
      );
  }
}

/** A space around it would be seen by nobody, and makes it another name. */
function modelText(model: string): string {
  return cleanText(model === model.trim() ? model : JSON.stringify(model), 80);
}

function badBodyText({ why, name = "" }: Extract<Refusal, { kind: "badBody" }>, t: Translate): string {
  switch (why) {
    case "json":
      return t("The request is not a JSON object.");
    case "deep":
      return t("The request is nested deeper than any that a model understands.");
    case "fields":
      return t("The request has more fields than any that a model understands.");
    case "model":
      return t("The request names no model. GET /v1/models lists those there are.");
    case "messages":
      return t("The request has no list of messages.");
    case "form":
      return t(
        "The request is no form (multipart/form-data) that can be read in one way only: each field once, and nothing around the parts.",
      );
    case "id":
      return t("The request names no answer by its “id”.");
    case "file":
      return t("The form has no file named “file”.");
    case "twice":
      return t("The request has “{0}” twice, so nobody can say which one counts.", cleanText(name, 80));
    case "count":
      return t(
        "“{0}” is no whole number that counts here, so nobody can say what the answer may cost.",
        cleanText(name, 80),
      );
  }
}

/** The sentence of the editor, and what to run there. A program's user looks into no log. */
function programText(error: ComputeError, t: Translate): string {
  const { text, actions } = errorView(toComputeError(error), t);
  const [first] = actions.filter(({ id }) => id !== "retry" && id !== "zgCompute.showLog");
  const mend = first && inTheEditor(first, t);
  return mend === undefined ? text : `${text} ${mend}`;
}

function networkName(id: NetworkId): string {
  return id === "custom" ? "Custom" : networks[id].name;
}
