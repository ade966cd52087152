// What the doctor's commands do: the entry of their chunk.
import { randomBytes } from "node:crypto";
import { Doctor } from "../../services/doctor.js";
import { lookAtDisk } from "../../system/diskSpace.js";
import type { App } from "../app.js";
import { showList } from "./doctorList.js";

export async function showDoctor(app: App): Promise<void> {
  await showList(app, createDoctor(app));
}

function createDoctor(app: App): Doctor {
  const { session, settings, sandbox, journal, transactions, apiKeys, secrets, clock, log } = app;
  return new Doctor({
    ...{ session, settings, sandbox, journal, transactions, apiKeys, secrets, clock, log },
    signer: async (...of) => (await app.proofs.load()).enclaves.look(...of),
    disk: () => lookAtDisk(app.storage.fsPath),
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
  });
}
