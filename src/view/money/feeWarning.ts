// A fee out of proportion is said where nobody overlooks it: in the question itself, and before everything else that is told.
import { isHighFee } from "../../domain/gasFee.js";
import type { Neuron } from "../../domain/money.js";
import type { Confirmation } from "../../services/ports.js";
import { formatCost } from "./money.js";
import type { Translate } from "../translate.js";

/** `moved`: what the transaction is about; 0 where no money moves but the fee. */
export function withFeeWarning(
  confirmation: Confirmation,
  fee: Neuron,
  moved: Neuron,
  t: Translate,
): Confirmation {
  if (!isHighFee(fee, moved)) return confirmation;
  const { title, detail } = confirmation;
  const warning = t(
    "The network's RPC server names this price, and it is far above the usual. Unless you expect it, cancel, and look at zgCompute.rpcUrls.",
  );
  return {
    ...confirmation,
    title: t("{0} The fee is unusually high: up to {1}!", title, formatCost(fee, t)),
    detail: `${warning}\n\n${detail}`,
  };
}
