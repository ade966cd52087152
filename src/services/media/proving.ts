// What stands behind pictures and transcripts, as behind an answer of a chat.
import type { BilledExchange } from "../../broker/media/api.js";
import type { Neuron } from "../../domain/money.js";
import type { Answered } from "../chat/answering.js";
import { firstVerdict, type FirstVerdict, type FirstVerdictOptions } from "../chat/firstVerdict.js";
import type { PayingOptions } from "../money/paying.js";
import type { ProvidersService } from "../providers/providers.js";

export interface MediaOptions extends PayingOptions, FirstVerdictOptions {
  readonly providers: Pick<ProvidersService, "modelInfo">;
}

export interface Proof extends FirstVerdict {
  readonly cost: Neuron;
}

/** The receipt is written beside the check, and a signature that comes late is asked for again, after a reload too. */
export async function prove(options: MediaOptions, bought: Answered<BilledExchange>): Promise<Proof> {
  return { ...(await firstVerdict(options, bought)), cost: bought.cost };
}
