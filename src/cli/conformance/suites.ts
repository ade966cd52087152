// Which kinds of vector files there are, and what runs their sections.
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
    notBuilt("belongs to proofs", ["attestation", "tdx_quote"]),
  ];
}

function notBuilt(reason: string, names: readonly string[]): Suite {
  const never = () => Promise.reject(new Error(reason));
  return { notBuilt: reason, sections: names.map((name) => ({ name, run: never })) };
}
