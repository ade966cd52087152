// What a receipt says of itself beside the bytes in it. Whoever forges one can write anything here: what can be compared is, and the rest is
// told as told.
import { sameAddress } from "../../domain/ids.js";
import { networks, type ContractAddresses } from "../../domain/networks.js";
import type { AnswerReceipt, Receipt, ReceiptCheck, Recheck } from "../../domain/receipt.js";
import { toldByBytes } from "./bodies.js";
import { compared } from "./compared.js";
import { answerReceiptId } from "./makeReceipt.js";

/** `left`: what the bytes say; undefined where they say nothing of it. */
interface Told {
  readonly why: "otherModel" | "otherKind" | "otherForm" | "otherChatId";
  readonly left: string | undefined;
  readonly right: string | undefined;
}

/** The first that contradicts the rest; where nothing does, what could be compared. `id`: the number as it is reckoned from what is written. */
export function aboutCheck(receipt: Pick<Receipt, "id">, id: string, told: readonly Told[]): ReceiptCheck {
  if (id !== receipt.id)
    return compared("about", false, { left: id, right: receipt.id, failedWhy: "otherId" });
  const known = told.filter(isKnown);
  const other = known.find(({ left, right }) => left !== right);
  if (other) return compared("about", false, { left: other.left, right: other.right, failedWhy: other.why });
  if (known.length === 0) return { id: "about", status: "not-checked", right: id, why: "idAlone" };
  return compared("about", true, { right: [id, ...known.map(({ right }) => right)].join("\n") });
}

function isKnown({ left }: Told): boolean {
  return left !== undefined;
}

/** With what of its own words the bytes in it say too. */
export function aboutAnswer(
  receipt: AnswerReceipt,
): Pick<Recheck, "shown"> & { readonly about: ReceiptCheck } {
  const { model, isStreamed, chatId, kind } = receipt;
  const bytes = toldByBytes(receipt);
  const told = {
    model: { why: "otherModel", left: bytes.model, right: model },
    kind: { why: "otherKind", left: bytes.kind, right: kind },
  } as const;
  const about = aboutCheck(receipt, answerReceiptId(receipt), [
    told.model,
    told.kind,
    { why: "otherForm", left: formText(bytes.isStreamed), right: formText(isStreamed) },
    { why: "otherChatId", left: isNamedInAnswer(receipt) ? bytes.id : undefined, right: chatId },
  ]);
  return {
    about,
    shown: (["model", "kind"] as const).filter((word) => told[word].left === told[word].right),
  };
}

/** An answer is kept under its own id where no header names another: with a model that signs by itself (spec inference.md 5.2). */
function isNamedInAnswer({ kind, providerClass, chatId }: AnswerReceipt): boolean {
  return kind === "answer" && providerClass === "separated" && chatId !== undefined;
}

function formText(isStreamed: boolean | undefined): string | undefined {
  if (isStreamed === undefined) return undefined;
  return isStreamed ? "streamed" : "plain";
}

/** Which chain and contract these are is known of the networks that have a name; of another one nothing is. */
export function networkCheck(
  { id, chainId, contract }: Receipt["network"],
  service: keyof ContractAddresses,
): ReceiptCheck | undefined {
  if (id === "custom") return undefined;
  const known = networks[id];
  if (known.chainId !== chainId) return otherChain("otherChain", String(known.chainId), String(chainId));
  const left = known.contracts[service];
  return sameAddress(left, contract) ? undefined : otherChain("otherContract", left, contract);
}

function otherChain(failedWhy: string, left: string, right: string): ReceiptCheck {
  return compared("chain", false, { left, right, failedWhy });
}
