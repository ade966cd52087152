// What every part of the page is handed: the way to the host and the words of its controls.
import type { ProviderTableStrings, ToProviderTableHost } from "../../src/protocol/providerTable.js";
import type { PageContext } from "../panelPage.js";

export interface ProviderTableContext extends PageContext<ToProviderTableHost> {
  readonly strings: ProviderTableStrings;
}
