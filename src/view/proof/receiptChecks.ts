// The checks of a receipt in plain words. They differ from those of a fresh answer: nobody was asked, so the chain's word is that of then.
import type { ReceiptCheck, ReceiptCheckId } from "../../domain/receipt.js";
import type { Check } from "../../domain/verdict.js";
import type { CheckView } from "../../protocol.js";
import { checkView } from "./checkView.js";
import type { Translate } from "../translate.js";
import { plainLine } from "../text.js";

type DocumentCheckId = Exclude<ReceiptCheckId, Check["id"]>;

export function receiptCheckView(check: ReceiptCheck, t: Translate, isSandbox: boolean): CheckView {
  const { id, status, why } = check;
  if (isOfDocument(id)) return documentCheckView({ ...check, id }, t);
  const view = checkView({ ...check, id }, { t, isSandbox });
  if (why === "noBytes")
    return {
      ...view,
      explanation: t("The bytes are not in the receipt, and what was signed is not their plain hash."),
    };
  if (why === "recorded")
    return {
      ...view,
      explanation: t("Found when the receipt was made. What is in a file cannot prove it again."),
    };
  const passed = status === "proven" || status === "observed" ? passedOffline(id, why, t) : undefined;
  const told = passed === undefined ? view : { ...view, explanation: passed };
  if (id !== "signer") return told;
  const left = told.left && { ...told.left, label: t("Key named in the receipt") };
  return { ...told, label: t("Made by the key that the receipt names"), left };
}

const documentIds: readonly ReceiptCheckId[] = [
  "form",
  "digest",
  "about",
  "request-bytes",
  "response-bytes",
  "chain",
  "verdict",
  "model-root",
  "model-layout",
  "model-file",
  "known-signer",
];

function isOfDocument(id: ReceiptCheckId): id is DocumentCheckId {
  return documentIds.includes(id);
}

function passedOffline(id: Check["id"], why: string | undefined, t: Translate): string | undefined {
  if (id === "signer")
    return t("The key recovered from the signature is the one that the receipt says the chain named.");
  if (id === "routing")
    return t("The signed text names the company that the receipt says the provider announced.");
  if (id === "owner-acknowledged")
    return t("The network's operator accepted this key then; so says the receipt.");
  if (id === "user-acknowledged") return t("The user accepted this key then; so says the receipt.");
  if (why === "rewritten" || why === "pictures") return undefined;
  if (id === "request-hash") return t("The signed text holds the hash of the request in this receipt.");
  if (id === "response-hash") return t("The signed text holds the hash of the response in this receipt.");
  return undefined;
}

function documentCheckView(check: ReceiptCheck & { readonly id: DocumentCheckId }, t: Translate): CheckView {
  const { id, status, left, right } = check;
  const sides = sideLabels(id, t);
  const side = (label: string, value: string | undefined) =>
    value === undefined || value === "" ? undefined : { label, value: plainLine(value, 300) };
  return {
    status,
    statusLabel: checkView({ id: "signature", status }, { t, isSandbox: false }).statusLabel,
    label: label(id, t),
    explanation: explanation(check, t),
    left: side(sides.left, left),
    right: side(sides.right, right),
  };
}

function label(id: DocumentCheckId, t: Translate): string {
  switch (id) {
    case "form":
      return t("It is a receipt in its one form");
    case "digest":
      return t("It is as it was written");
    case "about":
      return t("It is about what its bytes say");
    case "request-bytes":
      return t("The bytes sent are those of the hash");
    case "response-bytes":
      return t("The bytes received are those of the hash");
    case "chain":
      return t("What the chain said then");
    case "verdict":
      return t("The same is found now as then");
    case "model-root":
      return t("The encrypted model has this hash");
    case "model-layout":
      return t("Size and chunks of the encrypted model fit each other");
    case "model-file":
      return t("The key signed the check values of an encrypted model");
    case "known-signer":
      return t("Signed by the key you named");
  }
}

function sideLabels(id: DocumentCheckId, t: Translate): { left: string; right: string } {
  switch (id) {
    case "form":
    case "known-signer":
    case "model-layout":
    case "model-file":
      return { left: t("Expected"), right: t("Found") };
    case "digest":
      return { left: t("SHA-256 of what is written"), right: t("Digest in the receipt") };
    case "about":
      return { left: t("By its bytes"), right: t("In the receipt") };
    case "request-bytes":
    case "response-bytes":
      return { left: t("SHA-256 of the bytes"), right: t("SHA-256 in the receipt") };
    case "model-root":
      return { left: t("Named on chain, says the receipt"), right: t("Hash of the file") };
    case "chain":
      return { left: t("Named on chain"), right: t("Block or value in the receipt") };
    case "verdict":
      return { left: t("Found then"), right: t("Found now") };
  }
}

function explanation(
  { id, status, why }: ReceiptCheck & { readonly id: DocumentCheckId },
  t: Translate,
): string {
  if (status === "not-checked") return notChecked(why, t);
  if (why === "otherFile") return t("The encrypted model that was compared is another one.");
  const isRight = status !== "failed";
  switch (id) {
    case "form":
      return isRight ? t("Every field is there, written the one way it is written.") : badForm(why, t);
    case "digest":
      return isRight
        ? t("Nothing was damaged since. Somebody who forges a receipt can reckon this anew.")
        : t("The receipt was changed or damaged since it was made.");
    case "about":
      return isRight
        ? t("What can be compared is the same. Provider, network and times are the receipt's own word.")
        : contradiction(why, t);
    case "request-bytes":
    case "response-bytes":
      return isRight
        ? t("The bytes in the receipt have the hash and the length it names.")
        : t("The bytes in the receipt have another hash or length than it names.");
    case "chain":
      return isRight
        ? t("Only the chain itself can prove this: look there, at this block.")
        : t("The receipt contradicts what is known of this network or model.");
    case "verdict":
      return isRight
        ? t("Judged again from what is in the receipt, the result is the same.")
        : t("Judged again from what is in the receipt, the result is another.");
    case "model-root":
      return isRight
        ? t("The encrypted model is at hand and has this hash.")
        : t("The receipt contradicts what is known of this network or model.");
    case "model-layout":
      return isRight
        ? t("A file of that size has just that many chunks.")
        : t("No file of that size has that many chunks.");
    case "model-file":
      if (isRight) return t("Of these check values this key signed the digest.");
      return why === "otherTags"
        ? t("What the key signed is something else than these check values.")
        : t("It was made by another key, or by none.");
    case "known-signer":
      return isRight ? t("It was made by this key.") : t("It was made by another key, or by none.");
  }
}

function notChecked(why: string | undefined, t: Translate): string {
  switch (why) {
    case "noBytes":
      return t("The receipt holds the hash alone; the bytes were not kept.");
    case "picturesElsewhere":
      return t(
        "Nothing in the receipt shows that the pictures were in the signed bytes, which was not looked at when it was made.",
      );
    case "idAlone":
      return t("No byte in the receipt tells what it is about: all it says of that is its own word.");
    case "laterSchema":
      return t("A later version wrote it, in a form that is not known here.");
    case "noFile":
      return t(
        "That the signed check values are of the file with this hash shows with the file alone: it is compared where it is at hand.",
      );
    case "noTags":
      return t(
        "The key signed this digest. Of what is not in the receipt, which is an older one: it may be of anything.",
      );
    case "interrupted":
      return t("The receipt was made before the answer was checked.");
    default:
      return t("The chain did not answer when the receipt was made.");
  }
}

function contradiction(why: string | undefined, t: Translate): string {
  switch (why) {
    case "otherModel":
      return t("The request in the receipt names another model.");
    case "otherKind":
      return t("The bytes in the receipt are of another kind of service.");
    case "otherForm":
      return t("The response in the receipt has another form.");
    case "otherChatId":
      return t("The response in the receipt has another id.");
    default:
      return t("The number of the receipt is not that of what is in it.");
  }
}

function badForm(why: string | undefined, t: Translate): string {
  switch (why) {
    case "otherSchema":
      return t("This is no receipt of a version that is known here.");
    case "badField":
      return t("A field is missing or cannot be what it should be.");
    case "tooMany":
    case "tooDeep":
      return t("There is far more in it than in any receipt; it was not read.");
    case "notCanonical":
      return t("It says what a receipt says, but was written in another way: it was changed since.");
    default:
      return t("This is no receipt.");
  }
}
