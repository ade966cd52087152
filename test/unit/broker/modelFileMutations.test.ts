// Bits of an encrypted model are turned, one at a time: header, ciphertext and tag, with the hash on the chain as it was and with a chain that
// agrees with the changed file. Each time it is refused by name, and nothing is left on the disk.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { keccak256 } from "ethers";
import { ComputeError } from "../../../src/domain/error.js";
import { Desk, provider, sayText, sealedModel, taskId } from "../../support/fineTuningDesk.js";

const headerSize = 77;
const signatureSize = 65;

describe("an encrypted model with one bit turned", function () {
  this.timeout(240_000);

  it("is refused by name, wherever it is and whatever the chain says", async () => {
    const desk = new Desk();
    try {
      const model = sealedModel(randomBytes(120));
      Object.assign(desk.says, { secret: model.secret, isSettled: true, isAcknowledged: true });
      const broker = await desk.open(sayText(404, "nobody asks"));
      const [file, output] = [desk.file("m.data"), desk.file("m.zip")];
      const counts = new Map<string, number>();
      let total = 0;
      const attempt = async (part: string, bytes: Buffer, root: string) => {
        writeFileSync(file, bytes);
        desk.says.root = root;
        const why = await broker.decryptModel(provider, taskId, file, output).then(() => "accepted", nameOf);
        counts.set(`${part}: ${why}`, (counts.get(`${part}: ${why}`) ?? 0) + 1);
        total++;
        assert.notEqual(why, "accepted", part);
        assert.deepEqual(readdirSync(desk.folder), ["m.data"], "no plaintext is left");
        return why;
      };
      for (let at = 0; at < model.bytes.length; at++)
        for (const bit of at === signatureSize - 1 ? [0, 1, 2, 3, 4, 5, 6, 7] : [at % 8]) {
          const changed = Buffer.from(model.bytes);
          changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
          assert.equal(await attempt("another hash", changed, model.keccak), "hash");
          const part = partOf(at, model.bytes.length);
          const why = await attempt(part, changed, keccak256(changed));
          // What the enclave signs are the tags; nonce and ciphertext are what the tags are of.
          assert.equal(why, part === "signature" || part === "tag" ? "signature" : "useless", `byte ${at}`);
        }
      const told = [...counts].map(([name, count]) => `${name} ${count}`).join(", ");
      console.log(`        ${total} bits turned, 0 silently accepted: ${told}`);
    } finally {
      desk.close();
    }
  });
});

function partOf(at: number, size: number): "signature" | "nonce" | "ciphertext" | "tag" {
  if (at < signatureSize) return "signature";
  if (at < headerSize) return "nonce";
  return at < size - 16 ? "ciphertext" : "tag";
}

function nameOf(error: unknown): string {
  if (!(error instanceof ComputeError)) throw error;
  return "why" in error.facts ? String(error.facts.why) : error.code;
}
