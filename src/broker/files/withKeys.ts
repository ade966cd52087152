// A file's proof compared with what the chain names now. A key that no provider names is no failure: the file may be of another network, or of
// another time.
import type { FileProof, FileStep, KeysOnChain, NamedKey } from "../../domain/fileProof.js";
import { sameAddress, type Address, type ProviderId } from "../../domain/ids.js";
import type { Receipt } from "../../domain/receipt.js";
import { signerStep } from "./checkModel.js";
import { checkQuoteFile, checkReportFile } from "./checkReportFile.js";

export function withKeys(proof: FileProof, chain: KeysOnChain, now: number): FileProof {
  switch (proof.kind) {
    case "receipt": {
      const { receipt } = proof.recheck;
      return receipt ? { ...proof, onChain: receiptStep(receipt, chain) } : proof;
    }
    case "report":
    case "quote": {
      const { report } = proof;
      const named = namedBy(chain, report.measures.signer);
      const { bytes, kind } = report;
      if (!named || !bytes) return { ...proof, onChain: namedStep(report.measures.signer, named) };
      const expected = { now, kind, signer: named.key, info: named.info };
      const check = proof.kind === "report" ? checkReportFile : checkQuoteFile;
      return { ...proof, report: check(bytes, expected), onChain: namedStep(named.key, named) };
    }
    case "model": {
      const { model } = proof;
      const named = namedBy(chain, model.signer);
      const steps = model.steps.map((step) =>
        step.why === "noKey" && named ? signerStep(model.signer, named.key) : step,
      );
      return { ...proof, model: { ...model, steps }, onChain: namedStep(model.signer, named) };
    }
    case "unknown":
      return proof;
  }
}

function namedBy({ keys }: KeysOnChain, key: string | undefined): NamedKey | undefined {
  return key === undefined ? undefined : keys.find((one) => sameAddress(one.key, key));
}

/** So says the node that was asked. */
function namedStep(right: string | undefined, named: NamedKey | undefined): FileStep {
  return named
    ? { id: "on-chain", status: "observed", left: named.provider, right: named.key }
    : { id: "on-chain", status: "not-checked", right, why: "notNamed" };
}

/** A receipt names its provider: whether that one still names the key that signed. */
function receiptStep(receipt: Receipt, { network, keys }: KeysOnChain): FileStep {
  const id = "on-chain";
  const [provider, right] = signedBy(receipt);
  if (receipt.network.id !== network) return { id, status: "not-checked", right, why: "otherNetwork" };
  const own = keys.filter((one) => sameAddress(one.provider, provider));
  if (own.length === 0) return { id, status: "not-checked", left: provider, right, why: "notNamed" };
  return right !== undefined && own.some(({ key }) => sameAddress(key, right))
    ? { id, status: "observed", left: provider, right }
    : { id, status: "not-checked", left: own[0]?.key, right, why: "otherKey" };
}

function signedBy(receipt: Receipt): readonly [provider: ProviderId, signer: Address | undefined] {
  return receipt.kind === "model"
    ? [receipt.provider, receipt.file.signer]
    : [receipt.service.provider, receipt.signed?.signer];
}
