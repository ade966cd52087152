// Which kinds of vector files there are, and what runs their sections.
import { attestationSuite } from "./attestation.js";
import { contractsSuite } from "./contracts.js";
import { fineTuningSuite } from "./fineTuning.js";
import { inferenceSections } from "./inference.js";
import type { Suite } from "./runner.js";
import { storageSuite } from "./storage.js";

export function createSuites(): Suite[] {
  return [
    contractsSuite(),
    {
      sections: Object.entries(inferenceSections).map(([name, run]) => ({
        name,
        run,
      })),
    },
    fineTuningSuite(),
    storageSuite(),
    attestationSuite(),
  ];
}
