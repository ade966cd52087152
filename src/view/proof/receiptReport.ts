// What a receipt is about, and what it proves in one sentence.
import { neuron } from "../../domain/money.js";
import { networks } from "../../domain/networks.js";
import type {
  AnswerReceipt,
  ModelReceipt,
  ModelState,
  NeuronText,
  Receipt,
  Recheck,
} from "../../domain/receipt.js";
import type { ProofFactView } from "../../protocol/proof.js";
import { formatExact } from "../money/money.js";
import { receiptKind } from "./receiptRows.js";
import type { Translate } from "../translate.js";
import { verdictView } from "./verdictView.js";

/** Never more than what the checks say. */
export function receiptSentence(recheck: Recheck, t: Translate): string {
  const { receipt, word, level, reason, checks } = recheck;
  if (!receipt) return unreadSentence(checks, t);
  const isModel = receipt.kind === "model";
  const isOwnFailure = checks.some(({ id, status }) => (isModel || isDocument(id)) && status === "failed");
  if (isOwnFailure) return t("The receipt does not fit together. Do not rely on it.");
  const isSandbox = receipt.network.id === "sandbox";
  const ofSandbox = isSandbox ? t("In the sandbox this proves possession of a key, not an enclave.") : "";
  if (receipt.kind === "model") return [modelSentence(receipt, checks, t), ofSandbox].join(" ").trim();
  if (word === "proven") {
    const isPicturesWord = receipt.kind === "image" && receipt.response.base64 === undefined;
    const told = [
      signedSentence(receipt, checks, t),
      isPicturesWord ? t("That its pictures are in the bytes received is the receipt's own word.") : "",
      t("That it was the provider's key is the chain's word of then."),
      ofSandbox,
    ];
    return told.filter((sentence) => sentence !== "").join(" ");
  }
  if (reason === "noBytes")
    return t(
      "The provider's key signed something else than the plain hashes in this receipt, and the bytes were not kept.",
    );
  const verdict = {
    ...receipt.verdict,
    checks: receipt.verdict.checks.filter(({ id }) => id === "enclave"),
    checkedAt: 0,
    level: level ?? receipt.verdict.level,
    reason,
  };
  return verdictView(verdict, { t, isSandbox }).sentence;
}

/** A hash is no part of what was signed: what ties it to the check values is the file. */
function modelSentence({ file }: ModelReceipt, checks: Recheck["checks"], t: Translate): string {
  const isProven = (id: Recheck["checks"][number]["id"]) =>
    checks.some((check) => check.id === id && check.status === "proven");
  if (!isProven("model-file"))
    return t(
      "The key {0} signed these check values of something. That it is this model, an older receipt like this one does not show without the file.",
      file.signer,
    );
  const keyWord = t("That it was the provider's key is the chain's word of then.");
  const told = isProven("model-root")
    ? t("The key {0} signed this encrypted model, which is on this machine.", file.signer)
    : t(
        "The key {0} signed these check values of an encrypted model. That it is the file with this hash is not proven without the file.",
        file.signer,
      );
  return `${told} ${keyWord}`;
}

function unreadSentence(checks: Recheck["checks"], t: Translate): string {
  const later = checks.find(({ why }) => why === "laterSchema");
  return later
    ? t(
        "This receipt has the form {0}, which is newer than this version of 0G Compute knows. Update it to check the receipt.",
        later.right ?? "",
      )
    : t("This is no receipt that can be read.");
}

function signedSentence(
  { signed, request, response }: AnswerReceipt,
  checks: Recheck["checks"],
  t: Translate,
): string {
  const signer = signed?.signer ?? "";
  const [isSentKept, isReceivedKept] = [request.base64 !== undefined, response.base64 !== undefined];
  if (isReceivedKept && !isSentKept)
    return t("The key {0} signed these hashes; the bytes sent are not in the receipt.", signer);
  if (isSentKept && !isReceivedKept)
    return t("The key {0} signed these hashes; the bytes received are not in the receipt.", signer);
  if (!isSentKept)
    return t("The key {0} signed these hashes; the bytes themselves are not in the receipt.", signer);
  if (checks.some(({ why }) => why === "pictures"))
    return t("The key {0} signed this request and exactly the pictures in this answer.", signer);
  return checks.some(({ why }) => why === "rewritten")
    ? t("The key {0} signed this request and this answer, in other bytes that say the same.", signer)
    : t("The key {0} signed exactly these bytes.", signer);
}

function isDocument(id: Recheck["checks"][number]["id"]): boolean {
  return [
    ...["form", "digest", "about", "request-bytes", "response-bytes", "chain", "verdict", "known-signer"],
  ].includes(id);
}

/** What no byte in it shows is said to be its own word. `moment`: as this user reads a time. */
export function receiptFacts(
  receipt: Receipt,
  shown: Recheck["shown"],
  t: Translate,
  moment: (at: number) => string,
): readonly ProofFactView[] {
  const isModel = receipt.kind === "model";
  const { id, chainId } = receipt.network;
  const network = id === "custom" ? t("Custom") : networks[id].name;
  return [
    { label: shown?.includes("kind") ? t("Kind") : t("Says it is"), value: receiptKind(receipt.kind, t) },
    isModel
      ? { label: t("Says its base model is"), value: receipt.baseModel }
      : {
          label: shown?.includes("model") ? t("Model") : t("Says its model is"),
          value: receipt.model,
        },
    { label: t("Says it is by"), value: isModel ? receipt.provider : receipt.service.provider },
    { label: t("Says it is on"), value: t("{0}, chain {1}", network, chainId) },
    { label: t("Says it was made"), value: moment(Date.parse(receipt.madeAt)) },
    ...(isModel ? modelFacts(receipt, t) : []),
  ];
}

/** What the chain and the provider said then, and no file can prove: the receipt's own word, all of it. */
function modelFacts(receipt: ModelReceipt, t: Translate): readonly ProofFactView[] {
  const { task, state, datasetHash, modelRootHash, isCurrentSigner } = receipt;
  const { acknowledgedBy, agreedFee, fee } = receipt;
  const amount = (text: NeuronText | undefined) => text && formatExact(neuron(BigInt(text)), t);
  const facts: readonly (readonly [label: string, value: string | undefined])[] = [
    [t("Says its task is"), task],
    [t("Says how far it got"), stateText(state, t)],
    [t("Says its dataset is"), datasetHash],
    [t("Says its hash on the chain is"), modelRootHash],
    [
      t("Says its key is"),
      isCurrentSigner ? undefined : t("the one of the delivery; the service had another by then"),
    ],
    [t("Says the fee that was agreed is"), amount(agreedFee)],
    [t("Says the fee that the contract took is"), amount(fee)],
    [t("Says it was acknowledged by"), acknowledgedBy],
  ];
  return facts.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }]));
}

function stateText(state: ModelState, t: Translate): string {
  switch (state) {
    case "delivered":
      return t("delivered and checked");
    case "acknowledged":
      return t("acknowledged");
    case "settled":
      return t("paid for, its key published");
    case "penalty":
      return t("not acknowledged in time: a part of the fee was taken, and there is no key");
    case "abandoned":
      return t("given up by its provider: there is no key");
  }
}
