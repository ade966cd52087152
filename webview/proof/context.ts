// What every part of the page is handed: the way to the host and the words of its controls.
import type { ProofStrings, ToProofHost } from "../../src/protocol/proof.js";
import type { PageContext } from "../panelPage.js";

export interface ProofContext extends PageContext<ToProofHost> {
  readonly strings: ProofStrings;
}
