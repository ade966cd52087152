// Before the wallet or the network is switched: what would be left without anybody who watches it.
import { watched } from "../../services/fineTuning/leaving.js";
import { unwatchedText } from "../../view/leavingView.js";
import type { App } from "../app.js";
import { t } from "../translate.js";

/** True when nothing is under way, or the user wants to leave it. */
export async function mayLeave(app: App): Promise<boolean> {
  const question = unwatchedText(watched(app.fineTuning.runs).length, t);
  return question === undefined || app.dialogs.confirm(question);
}
