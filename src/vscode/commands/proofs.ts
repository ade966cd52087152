// Verification of providers and files.
import type { CommandTable } from "./command.js";

export const proofCommands = {
  "zgCompute.verifyProvider": { run: async (app, row) => (await app.proofs.load()).verifyProvider(row) },
  "zgCompute.verifyFile": { run: async (app, uri) => (await app.proofs.load()).verifyFile(uri) },
  "zgCompute.verifyActiveFile": { run: async (app) => (await app.proofs.load()).verifyActiveFile() },
} satisfies CommandTable;
