// Pictures and transcripts.
import type { App } from "../app.js";
import type { CommandTable } from "./command.js";

/** A chunk of its own, loaded with the first of them. What is asked for, a picture or a recording leaves this machine, and files are written. */
const later =
  (step: "generate" | "edit" | "transcribe" | "showOrders") =>
  async ({ media }: App, subject?: unknown) =>
    (await media.load())[step](subject);

export const mediaCommands = {
  "zgCompute.generateImage": { needs: "trustAndWallet", run: later("generate") },
  "zgCompute.editImage": { needs: "trustAndWallet", run: later("edit") },
  "zgCompute.transcribe": { needs: "trustAndWallet", run: later("transcribe") },
  "zgCompute.pictureOrders": { needs: "wallet", run: later("showOrders") },
} satisfies CommandTable;
