// The provider table's entry.
import type { ToProviderTableHost, ToProviderTablePanel } from "../../src/protocol/providerTable.js";
import { startPage } from "../panelPage.js";
import { ProviderTablePanel } from "./panel.js";
import "./providers.css";

export function startProviderTable(): void {
  startPage<ToProviderTablePanel, ToProviderTableHost>(({ kind, state }, context) =>
    kind === "state" ? new ProviderTablePanel({ ...context, strings: state.strings }) : undefined,
  );
}
