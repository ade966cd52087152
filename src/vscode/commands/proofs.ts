// Verification of providers and files.
import type { CommandTable } from "./command.js";

export const proofCommands = {
  "zgCompute.verifyProvider": { run: async (app, row) => (await app.proofs.load()).verifyProvider(row) },
} satisfies CommandTable;
