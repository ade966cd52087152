// The verification page's entry.
import type { ToProofHost, ToProofPanel } from "../../src/protocol/proof.js";
import { startPage } from "../panelPage.js";
import "../panelPage.css";
import { ProofPanel } from "./panel.js";
import "./proof.css";

startPage<ToProofPanel, ToProofHost>(({ kind, state }, context) =>
  kind === "state" ? new ProofPanel({ ...context, strings: state.strings }) : undefined,
);
